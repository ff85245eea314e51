"""The whole product in one process, with the simulator at its other end.

Everything is real: database, HTTP server, webhooks, signatures, provider client, sink.
Only time is short: a debounce of 20 ms and leases of one second.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bot.demo import DemoShop, add_shop, simulator_of
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
from bot.web.application import build
from bot.wiring import running
from catalog import Product
from catalog.store import upsert_products
from orders import Draft, Order, Shop
from orders.codec import load_draft
from orders.outbox.store import State, Topic
from orders.store import last_orders
from orders.table import draft, order, outbox
from tests.goods import GOODS

SECRET_KEY = "test-secret-key-0123456789abcdef-0123456789"
#: No step of a test takes longer than this, seconds.
PATIENCE = 20.0


@dataclass(frozen=True)
class House:
    """A running shop, its customers and its ERP."""

    runtime: Runtime
    shop: DemoShop
    tenant_id: str
    simulator: Simulator
    erp: DemoErp

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
            while await self._unsettled():  # noqa: ASYNC110 (a database cannot ring)
                await asyncio.sleep(0.01)
        await self.simulator.settled()

    async def _unsettled(self) -> bool:
        async with self.runtime.database.reading() as connection:
            waiting = await connection.execute(
                select(func.count()).where(conversation.c.ready_at.is_not(None))
            )
            if waiting.scalar_one():
                return True
            unsent = await connection.execute(
                select(func.count()).where(
                    outbox.c.state == State.DUE, outbox.c.topic != Topic.TIMER
                )
            )
            return bool(unsent.scalar_one())

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
        """Return rows of a table."""
        query = select(table).filter_by(**equal)
        async with self.runtime.database.reading() as connection:
            return (await connection.execute(query)).all()

    async def orders(self) -> Sequence[Any]:
        """Return the stored orders, oldest first."""
        query = select(order).order_by(order.c.number)
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
        query = select(analysis).order_by(analysis.c.started_at, analysis.c.id)
        async with self.runtime.database.reading() as connection:
            return (await connection.execute(query)).all()


@asynccontextmanager
async def open_house(
    database_url: str,
    folder: Path,
    *,
    redis_url: str | None = None,
    readers: Sequence[Reader] | None = None,
    goods: Sequence[Product] = GOODS,
    rules: Shop | None = None,
    settings: Mapping[str, Any] | None = None,
    workers: int = 1,
) -> AsyncIterator[House]:
    """Run a shop on a migrated database until the block ends."""
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
    shop = DemoShop.of(Sealer(SECRET_KEY), url)
    async with AsyncExitStack() as stack:
        runtime = await stack.enter_async_context(
            running(Settings(**values), readers=readers)
        )
        tenant_id = await add_shop(runtime, shop, rules=rules or Shop())
        await stack.enter_async_context(upkeep(runtime))
        for _ in range(workers):
            await stack.enter_async_context(working(runtime))
        simulator, erp = simulator_of(
            shop,
            clock=runtime.clock,
            new_id=lambda: runtime.new_id("sim"),
            delays=Delays(0, 0, 0),
        )
        erp.provisioning_seconds = 0
        app = build(runtime)
        add_simulator(app, simulator, erp=erp, reading=runtime.database.reading)
        await stack.enter_async_context(listening(app, listener))
        house = House(runtime, shop, tenant_id, simulator, erp)
        await house.stock(goods)
        yield house
