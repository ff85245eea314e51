"""The whole product in one process, with the simulator at its other end.

Everything is real: database, HTTP server, webhooks, signatures, provider client, sink.
Only time is short: a debounce of 20 ms and leases of one second; and it may be moved.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from aiohttp import web
from sqlalchemy import select

from bot.demo import NAME, DemoShop, add_shop, simulator_of
from bot.ident import utc_now
from bot.inbox.table import analysis, conversation, message
from bot.reading.reader import Reader
from bot.runtime import Runtime
from bot.sealing import Sealer
from bot.serving import bind, listening, upkeep, working
from bot.settings import Settings
from bot.simulator.app import add_simulator
from bot.simulator.bubble import Bubble
from bot.simulator.erp import DemoErp
from bot.simulator.phone import Phone
from bot.simulator.reports import Delays
from bot.simulator.simulator import Simulator
from bot.simulator.webhooks import of_echo
from bot.web.application import build
from bot.wiring import running
from catalog import Product
from catalog.store import upsert_products
from orders import Draft, Order, Shop
from orders.codec import load_draft
from orders.store import last_orders
from orders.table import draft, order
from tests.goods import GOODS
from tests.stillness import Stillness

SECRET_KEY = "test-secret-key-0123456789abcdef-0123456789"
#: No step of a test takes longer than this, seconds.
PATIENCE = 30.0


@dataclass
class Clock:
    """The time of a house: the machine's, and as much later as a test says."""

    ahead: timedelta = field(default=timedelta())

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


@dataclass(frozen=True)
class House:
    """A running shop, its customers and its ERP."""

    runtime: Runtime
    shop: DemoShop
    tenant_id: str
    simulator: Simulator
    erp: DemoErp
    clock: Clock
    stillness: Stillness

    def phone(self, wa_id: str = "905551112233", name: str = "Ana") -> Phone:
        """Return a customer's phone."""
        return self.simulator.phone(wa_id, name)

    async def settle(self) -> None:
        """Return when nothing is left to handle, to send or to report."""
        await self.rest()
        await self.erp.settled()
        await self.rest()

    async def rest(self) -> None:
        """Return when the product has nothing to do; the ERP may still be at work."""
        async with asyncio.timeout(PATIENCE):
            await self.stillness.of(self.tenant_id)
        await self.simulator.settled()

    async def later(self, by: timedelta) -> None:
        """Let time pass, for everybody in this process; return when all that is done.

        Begin with nothing under way: leases would end.
        """
        await self.settle()
        self.clock.ahead += by
        self.runtime.turn_bell.ring()
        self.runtime.outbox_bell.ring()
        await self.settle()

    async def shop_writes(
        self,
        phone: Phone,
        text: str,
        *,
        wamid: str | None = None,
        at: datetime | None = None,
    ) -> None:
        """Write to a customer in the shop's own app, past the product."""
        network = self.simulator.network
        content = {"type": "text", "text": {"body": text}}
        at, named = at or self.runtime.clock(), wamid or network.new_wamid()
        echo = of_echo(network.number, phone.person, named, at, content)
        assert await self.simulator.post(echo) == HTTPStatus.OK

    async def hears(self, phone: Phone, seen: int) -> tuple[Bubble, ...]:
        """Return what the phone received after its first `seen` messages."""
        await self.settle()
        return phone.inbox[seen:]

    async def change(self, sku: str, **changes: Any) -> None:
        """Change a product in the catalog, as the merchant does."""
        (product,) = [each for each in GOODS if each.sku == sku]
        await self.stock([replace(product, **changes)])

    async def stock(self, products: Sequence[Product]) -> None:
        """Put products into the catalog."""
        async with self.runtime.database.transaction() as connection:
            await upsert_products(
                connection,
                self.tenant_id,
                products,
                new_id=self.runtime.new_id,
                now=self.runtime.clock(),
            )

    async def rows(self, table: Any, **equal: Any) -> Sequence[Any]:
        """Return the shop's rows of a table, all where it has no column for shops."""
        mine = {"tenant_id": self.tenant_id} if "tenant_id" in table.c else {}
        query = select(table).filter_by(**mine, **equal)
        async with self.runtime.database.reading() as connection:
            return (await connection.execute(query)).all()

    async def orders(self) -> Sequence[Any]:
        """Return the stored orders, oldest first."""
        mine = order.c.tenant_id == self.tenant_id
        query = select(order).where(mine).order_by(order.c.number)
        async with self.runtime.database.reading() as connection:
            return (await connection.execute(query)).all()

    async def order_of(self, phone: Phone) -> Order | None:
        """Return the newest order of a phone's conversation."""
        chat = await self.chat(phone)
        async with self.runtime.database.reading() as connection:
            return (await last_orders(connection, [chat.id])).get(chat.id)

    async def chat(self, phone: Phone) -> Any:
        """Return the conversation of a phone."""
        chats = await self.rows(conversation)
        mine = [
            each
            for each in chats
            if each.address["value"] in (phone.wa_id, phone.person.user_id)
        ]
        return mine[0]

    async def draft(self, phone: Phone) -> Draft:
        """Return the newest draft of a phone's conversation."""
        chat = await self.chat(phone)
        drafts = await self.rows(draft, conversation_id=chat.id)
        return load_draft(max(drafts, key=lambda row: (row.created_at, row.id)).body)

    async def messages(self, phone: Phone) -> Sequence[Any]:
        """Return every message of a phone's conversation, in order."""
        chat = await self.chat(phone)
        query = (
            select(message)
            .where(message.c.conversation_id == chat.id)
            .order_by(message.c.seq)
        )
        async with self.runtime.database.reading() as connection:
            return (await connection.execute(query)).all()

    async def analyses(self) -> Sequence[Any]:
        """Return the records of all turns, oldest first."""
        mine = analysis.c.tenant_id == self.tenant_id
        query = (
            select(analysis).where(mine).order_by(analysis.c.started_at, analysis.c.id)
        )
        async with self.runtime.database.reading() as connection:
            return (await connection.execute(query)).all()


@dataclass(frozen=True, slots=True)
class Premises:
    """A running process without any shop: see `tests.mall` for more than one."""

    runtime: Runtime
    url: str
    clock: Clock
    stillness: Stillness
    #: Call it with what is served beside the product, to begin serving.
    open_doors: Callable[[Callable[[web.Application], None]], Any]

    async def found(
        self,
        shop: DemoShop,
        rules: Shop | None,
        goods: Sequence[Product],
        *,
        name: str = NAME,
    ) -> House:
        """Return a new shop; nobody serves its simulator and its ERP yet."""
        runtime = self.runtime
        given = rules or Shop()
        tenant_id = await add_shop(runtime, shop, rules=given, name=name)
        simulator, erp = simulator_of(
            shop,
            clock=runtime.clock,
            new_id=lambda: runtime.new_id("sim"),
            delays=Delays(0, 0, 0),
        )
        erp.provisioning_seconds = 0
        house = House(
            runtime, shop, tenant_id, simulator, erp, self.clock, self.stillness
        )
        await house.stock(goods)
        return house


@asynccontextmanager
async def open_premises(
    database_url: str,
    folder: Path,
    *,
    redis_url: str | None = None,
    readers: Sequence[Reader] | None = None,
    settings: Mapping[str, Any] | None = None,
    workers: int = 1,
) -> AsyncIterator[Premises]:
    """Run the product on a migrated database until the block ends."""
    listener = bind("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    values: dict[str, Any] = {
        "database_url": database_url,
        "redis_url": redis_url,
        "media_dir": folder / "media",
        "secret_key": SECRET_KEY,
        "graph_api_url": f"{url}/graph",
        "public_url": url,
        "debounce_seconds": 0.02,
        "debounce_max_seconds": 0.2,
        "lease_seconds": 1,
        "unknown_wait_seconds": 0.6,
        "stop_seconds": 5,
        **(settings or {}),
    }
    clock = Clock()
    async with AsyncExitStack() as stack:
        runtime = await stack.enter_async_context(
            running(Settings(**values), readers=readers, clock=clock)
        )
        stillness = Stillness(runtime.database, database_url, clock)
        stack.push_async_callback(stillness.close)
        await stack.enter_async_context(upkeep(runtime))

        async def open_doors(beside: Callable[[web.Application], None]) -> None:
            for _ in range(workers):
                await stack.enter_async_context(working(runtime))
            app = build(runtime)
            beside(app)
            await stack.enter_async_context(listening(app, listener))

        yield Premises(runtime, url, clock, stillness, open_doors)


@asynccontextmanager
async def open_house(
    database_url: str,
    folder: Path,
    *,
    goods: Sequence[Product] = GOODS,
    rules: Shop | None = None,
    prepare: Callable[[web.Application], None] | None = None,
    **premises: Any,
) -> AsyncIterator[House]:
    """Run one shop on a migrated database until the block ends.

    `prepare` is given the application before it serves. What else there is to say is
    said to `open_premises`.
    """
    async with open_premises(database_url, folder, **premises) as process:
        shop = DemoShop.of(Sealer(SECRET_KEY), process.url)
        house = await process.found(shop, rules, goods)

        def beside(app: web.Application) -> None:
            reading = process.runtime.database.reading
            add_simulator(app, house.simulator, erp=house.erp, reading=reading)
            if prepare is not None:
                prepare(app)

        await process.open_doors(beside)
        yield house
