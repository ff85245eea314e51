"""Many shops in one process: what each of them costs is paid once.

Shops share the database, the server and the worker, as merchants of one deployment do,
and nothing else: each one has its own number, catalog, rules, customers and ERP.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.demo import NAME, DemoShop
from bot.sealing import Sealer
from bot.simulator.graph import graph_app, speak_for
from catalog import Product
from orders import Shop
from tests.goods import GOODS
from tests.house import SECRET_KEY, House, Premises, open_premises

#: Long enough for every burst however busy the machine is; others talk meanwhile.
_SETTINGS: Mapping[str, Any] = {"debounce_seconds": 0.25, "debounce_max_seconds": 2.0}


@dataclass(frozen=True, slots=True)
class _DemoShop(DemoShop):
    place: int = 0

    @property
    def sink_url(self) -> str:
        return f"{self.url}/erp/{self.place}/orders"


class Mall:
    """A process that serves many shops."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._graph = graph_app()
        self._erps: dict[int, Any] = {}
        self._places = 0

    def serve(self, app: web.Application) -> None:
        app.add_subapp("/graph/", self._graph)
        app.router.add_post("/erp/{place}/orders", self._ordered)

    async def _ordered(self, request: web.Request) -> web.Response:
        erp, body = self._erps[int(request.match_info["place"])], await request.read()
        if not erp.is_authentic(request.headers, body):
            return web.json_response({"error": "not signed"}, status=401)
        status, word = await erp.take(request.headers["webhook-id"], body)
        return web.json_response({"message": word}, status=status)

    async def shop(
        self, rules: Shop | None = None, goods: Sequence[Product] = GOODS
    ) -> House:
        """Return a new shop; it is open in `visited`."""
        self._places += 1
        place, premises = self._places, self._premises
        secrets = DemoShop.of(Sealer(f"{SECRET_KEY}{place}"), premises.url)
        number = replace(secrets.number, phone_number_id=str(106_540_000_000 + place))
        shop = _DemoShop(
            url=premises.url,
            sealer=Sealer(SECRET_KEY),
            number=number,
            verify_token=secrets.verify_token,
            erp_key=secrets.erp_key,
            erp_secret=secrets.erp_secret,
            place=place,
        )
        house = await premises.found(shop, rules, goods, name=f"{NAME} {place}")
        self._erps[place] = house.erp
        speak_for(self._graph, house.simulator)
        house.runtime.directories.forget()
        return house


@asynccontextmanager
async def open_mall(
    database_url: str, folder: Path, **premises: Any
) -> AsyncIterator[Mall]:
    """Run a process for many shops. What there is to say is said to `open_premises`."""
    settings = {**_SETTINGS, **premises.pop("settings", {})}
    async with open_premises(
        database_url, folder, settings=settings, **premises
    ) as process:
        mall = Mall(process)
        await process.open_doors(mall.serve)
        yield mall


@asynccontextmanager
async def visited(house: House) -> AsyncIterator[House]:
    """Run the phones and the ERP of a mall's shop until the block ends."""
    async with house.simulator.running(), house.erp.running():
        yield house
