"""The product as its users run it: webs and workers as processes of their own.

In the test's process is only the world around it, that is the simulator with its phones
and the merchant's ERP, and a look into the database.
"""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path
from random import Random
from typing import Any

from aiohttp.typedefs import Handler, Middleware
from aiohttp.web import Application, Request, StreamResponse, middleware
from sqlalchemy import Select, func, select

from bot.db import DatabaseUnavailable
from bot.demo import DemoShop, add_shop
from bot.inbox.ownership import lane_of
from bot.inbox.table import analysis, conversation, message
from bot.runtime import Runtime
from bot.sealing import Sealer
from bot.serving import bind, listening
from bot.settings import Settings
from bot.simulator.app import add_simulator
from bot.simulator.erp import DemoErp
from bot.simulator.phone import Phone
from bot.simulator.reports import Delays
from bot.simulator.simulator import Simulator
from bot.wiring import running
from catalog.store import upsert_products
from orders import Shop
from orders.outbox.store import State, Topic
from orders.table import outbox
from tests.chaos.front import Front
from tests.chaos.program import Program
from tests.goods import GOODS

SECRET_KEY = "test-secret-key-0123456789abcdef-0123456789"
#: Seconds. Long enough that a busy machine's pauses do not end one by themselves.
LEASE = 2.0
#: Of every counted product there is more than anybody buys.
PLENTY = Decimal(100_000)
#: What is on its way; timers may lie far ahead.
WAITING = (outbox.c.state == State.DUE, outbox.c.topic != Topic.TIMER)
#: Meta repeats for days; the world around a plant has that patience too.
_RETRIES = (0.1, *[0.25] * 400)


@dataclass
class Witness:
    """What arrived outside: the only honest judge of what was sent twice."""

    #: (phone, our key) of each reply, in the order of arrival.
    replies: list[tuple[str, str]] = field(default_factory=list)
    #: (event id, order id) of each provisioning call.
    events: list[tuple[str, str]] = field(default_factory=list)
    media_calls: int = 0
    #: Closed: whoever asks for media waits in front of it.
    media: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Plant:
    """A shop with its processes, its customers and its ERP."""

    runtime: Runtime
    simulator: Simulator
    erp: DemoErp
    front: Front
    witness: Witness
    webs: tuple[Program, ...]
    workers: tuple[Program, ...]

    @property
    def programs(self) -> tuple[Program, ...]:
        return (*self.webs, *self.workers)

    @property
    def kills(self) -> int:
        return sum(each.kills for each in self.programs)

    def phone(self, number: int = 1) -> Phone:
        """Return one of the customers' phones."""
        return self.simulator.phone(f"90555{number:07}", f"Customer {number}")

    async def rows(self, query: Select[Any]) -> Sequence[Any]:
        """Return what the database has; it may have been away since the last look."""
        for _ in range(2):
            with contextlib.suppress(DatabaseUnavailable):
                async with self.runtime.database.reading() as connection:
                    found: Sequence[Any] = (await connection.execute(query)).all()
                    return found
        raise AssertionError("the database is gone")

    async def count(self, table: Any, *conditions: Any) -> int:
        """Return how many rows of a table fulfil the conditions."""
        query = select(func.count()).select_from(table).where(*conditions)
        ((number,),) = await self.rows(query)
        return int(number)

    async def until(
        self, holds: Callable[[], Awaitable[object]], *, within: float = 30
    ) -> float:
        """Return how many seconds it took until something was true."""
        began = time.monotonic()
        async with asyncio.timeout(within):
            while not await holds():  # noqa: ASYNC110  # a database rings no bell
                await asyncio.sleep(0.02)
        return time.monotonic() - began

    async def settle(self, *, within: float = 60) -> None:
        """Return when nothing is left to handle, to send, to report or to call."""
        async with asyncio.timeout(within):
            for _ in range(2):  # What is reported at the end may cause more.
                while await self._is_busy():  # noqa: ASYNC110  # as above
                    await asyncio.sleep(0.05)
                await self.simulator.settled()
                await self.erp.settled()

    async def _is_busy(self) -> bool:
        return bool(
            await self.count(conversation, conversation.c.ready_at.is_not(None))
            or await self.count(outbox, *WAITING)
        )

    async def story(self, phone: Phone) -> str:
        """Return what is stored of a phone's conversation: to find out why."""
        chats = await self.rows(select(conversation))
        names = {phone.wa_id, phone.person.user_id}
        ids = {each.id for each in chats if each.address["value"] in names}
        lines = [f"{each._asdict()}" for each in chats if each.id in ids]
        for table in (message, analysis):
            rows = await self.rows(
                select(table)
                .where(table.c.conversation_id.in_(ids))
                .order_by(table.c.id)
            )
            lines += [f"{table.name} {row._asdict()}" for row in rows]
        items = await self.rows(
            select(outbox)
            .where(outbox.c.lane.in_([lane_of(each) for each in ids]))
            .order_by(outbox.c.id)
        )
        lines += [f"outbox {row._asdict()}" for row in items]
        mine = [key for to, key in self.witness.replies if to in names]
        return "\n".join([*lines, f"arrived: {mine}"])

    async def stop(self) -> None:
        """Ask everything that runs to stop; each must do so in time and end well."""
        running = [each for each in self.programs if each.is_running]
        await asyncio.gather(*(each.terminate() for each in running))


@asynccontextmanager
async def open_plant(
    database_url: str,
    folder: Path,
    *,
    redis_url: str | None = None,
    webs: int = 1,
    workers: int = 1,
    asleep: Collection[str] = (),
    web: Sequence[str] = ("serve", "--no-worker"),
    seed: int = 0,
    **settings: object,
) -> AsyncIterator[Plant]:
    """Run a shop on a migrated database until the block ends.

    `asleep`: programs that are only started later; `web`: the words that start a web.
    """
    async with AsyncExitStack() as stack:
        listener = bind("127.0.0.1", 0)
        outside = f"http://127.0.0.1:{listener.getsockname()[1]}"
        common: dict[str, object] = {
            "DATABASE_URL": database_url,
            "MEDIA_DIR": folder / "media",
            "SECRET_KEY": SECRET_KEY,
            "READER": "rules",
            "GRAPH_API_URL": f"{outside}/graph",
            "DEBOUNCE_SECONDS": 0.02,
            "DEBOUNCE_MAX_SECONDS": 0.2,
            "LEASE_SECONDS": LEASE,
            "UNKNOWN_WAIT_SECONDS": 1.5,
            "STOP_SECONDS": 5,
            "DATABASE_POOL_SIZE": 4,
            **({"REDIS_URL": redis_url} if redis_url else {}),
            **settings,
        }
        ports = _free_ports(webs)
        front = Front(ports, Random(seed))
        await stack.enter_async_context(front.running())
        runtime = await stack.enter_async_context(
            running(Settings(database_url=database_url, secret_key=SECRET_KEY))
        )
        shop = DemoShop.of(Sealer(SECRET_KEY), outside)
        await _furnish(runtime, shop)
        simulator, erp = _world(replace(shop, url=front.url), runtime)
        witness = Witness()
        witness.media.set()
        app = Application(middlewares=[_watched_by(witness)])
        add_simulator(app, simulator, erp=erp)
        await stack.enter_async_context(listening(app, listener))
        plant = Plant(
            runtime,
            simulator,
            erp,
            front,
            witness,
            webs=tuple(
                Program(
                    f"web{number}",
                    web,
                    says="listening",
                    settings={**common, "PORT": port},
                    folder=folder,
                )
                for number, port in enumerate(ports, start=1)
            ),
            workers=tuple(
                Program(
                    f"worker{number}",
                    ("worker",),
                    says="working",
                    settings=common,
                    folder=folder,
                )
                for number in range(1, workers + 1)
            ),
        )
        awake = [each for each in plant.programs if each.name not in asleep]
        for each in plant.programs:
            stack.callback(each.end)
        for each in awake:
            each.begin()
        for each in awake:
            await each.up()
        yield plant


async def _furnish(runtime: Runtime, shop: DemoShop) -> None:
    tenant_id = await add_shop(runtime, shop, rules=Shop())
    goods = [
        replace(each, stock=PLENTY) if not each.variants else each for each in GOODS
    ]
    async with runtime.database.transaction() as connection:
        await upsert_products(
            connection, tenant_id, goods, new_id=runtime.new_id, now=runtime.clock()
        )


def _world(shop: DemoShop, runtime: Runtime) -> tuple[Simulator, DemoErp]:
    simulator = Simulator(
        shop.number,
        f"{shop.url}/webhooks/whatsapp",
        clock=runtime.clock,
        new_id=lambda: runtime.new_id("sim"),
        delays=Delays(0, 0, 0),
        retries=_RETRIES,
    )
    erp = DemoErp(
        url=shop.url,
        key=shop.erp_key,
        secret=shop.erp_secret,
        clock=runtime.clock,
        provisioning_seconds=0,
        retries=_RETRIES,
    )
    return simulator, erp


def _watched_by(witness: Witness) -> Middleware:
    @middleware
    async def watch(request: Request, handler: Handler) -> StreamResponse:
        # Workers also ask about the account itself, now and then: that is no media.
        asks = "fields" in request.query or request.path.endswith("/debug_token")
        if request.method == "GET" and request.path.startswith("/graph/") and not asks:
            witness.media_calls += 1
            await witness.media.wait()
        answer = await handler(request)
        if request.method != "POST" or answer.status != HTTPStatus.OK:
            return answer
        if request.path.endswith("/messages"):
            body = await request.json()
            if key := body.get("biz_opaque_callback_data"):
                witness.replies.append((body.get("to") or body["recipient"], key))
        elif request.path == "/erp/orders":
            order_id = (await request.json())["objectId"]
            witness.events.append((request.headers["webhook-id"], order_id))
        return answer

    return watch


def _free_ports(number: int) -> tuple[int, ...]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = tuple(int(probe.getsockname()[1]) for probe in probes)
    for probe in probes:
        probe.close()
    return ports
