"""Fill a database with something in every table, and write it to a file.

For whoever releases: run it from a checkout of the release, and commit what it writes.

    python -m tests.bot.migrations.filling tests/bot/migrations/filled_0001.json

A later version must migrate it without losing anything, and go on with its chats.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import JSON, BigInteger, Text, cast, func, insert, select, text
from sqlalchemy import type_coerce as coerce

from bot.demo import DemoShop, add_shop, simulator_of
from bot.inbox.table import analysis, conversation
from bot.migrations.comparing import METADATA
from bot.migrations.upgrade import upgrade
from bot.runtime import Runtime
from bot.sealing import Sealer
from bot.serving import bind, listening, upkeep, working
from bot.settings import Settings
from bot.simulator.actions import sample
from bot.simulator.app import add_simulator
from bot.simulator.bubble import Bubble
from bot.simulator.erp import DemoErp
from bot.simulator.phone import Phone
from bot.simulator.reports import Delays
from bot.simulator.simulator import Simulator
from bot.web.application import build
from bot.wiring import running
from catalog.column import Exact
from catalog.store import upsert_products
from orders import Shop
from orders.outbox.store import State, Topic
from orders.table import customer, customer_address, outbox
from tests.goods import GOODS

SECRET_KEY = "test-secret-key-0123456789abcdef-0123456789"
#: The phone whose order waits for a yes, and the one that nobody has answered yet.
PROPOSED, UNANSWERED = "905550000002", "905550000005"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    runtime: Runtime
    simulator: Simulator
    erp: DemoErp

    def phone(self, wa_id: str) -> Phone:
        return self.simulator.phone(wa_id, f"Customer {wa_id[-1]}")


@asynccontextmanager
async def opened(url: str, folder: Path) -> AsyncIterator[Place]:
    """Run a shop on an empty database, without a worker."""
    await upgrade(url)
    async with AsyncExitStack() as stack:
        listener = bind("127.0.0.1", 0)
        here = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = Settings(
            database_url=url,
            secret_key=SECRET_KEY,
            media_dir=folder / "media",
            graph_api_url=f"{here}/graph",
            reader="rules",
            debounce_seconds=0.02,
        )
        runtime = await stack.enter_async_context(running(settings))
        shop = DemoShop.of(Sealer(SECRET_KEY), here)
        tenant_id = await add_shop(runtime, shop, rules=Shop(delivery_fee=2500))
        async with runtime.database.transaction() as connection:
            await upsert_products(
                connection, tenant_id, GOODS, new_id=runtime.new_id, now=NOW
            )
        await stack.enter_async_context(upkeep(runtime))
        app = build(runtime)
        simulator, erp = simulator_of(
            shop,
            clock=runtime.clock,
            new_id=lambda: runtime.new_id("sim"),
            delays=Delays(0, 0, 0),
        )
        add_simulator(app, simulator, erp=erp)
        await stack.enter_async_context(listening(app, listener))
        yield Place(runtime, simulator, erp)


async def fill(place: Place) -> None:
    """Let customers do what fills tables."""
    async with working(place.runtime):
        await _an_order_that_was_delivered_to_the_erp(place.phone("905550000001"))
        await _a_summary_that_waits_for_a_yes(place.phone(PROPOSED))
        await _a_picture_that_nobody_can_read(place.phone("905550000003"))
        await _somebody_who_wants_no_more(place.phone("905550000004"))
        await _a_body_that_nobody_understands(place.phone("905550000001"))
        await _settled(place)
    await place.phone(UNANSWERED).say("hi, 3 tea and a bagel please, I pick it up")
    await _a_customer_of_a_face(place.runtime)


async def _an_order_that_was_delivered_to_the_erp(ana: Phone) -> None:
    await ana.say("hi, 2 latte with oat milk and 0.5 kg feta pls")
    await ana.tap("Pick-up", on=await ana.expects("Latte", within=20))
    await ana.tap("Confirm", on=await ana.expects("Total", within=20))
    await ana.expects("accepted", within=30)


async def _a_summary_that_waits_for_a_yes(ben: Phone) -> None:
    await ben.say("4 almond croissants please")
    await ben.tap("Pick-up", on=await ben.expects("Almond", within=20))
    await ben.expects("Total", within=20)


async def _a_picture_that_nobody_can_read(eve: Phone) -> None:
    await eve.send_image(sample("cup.jpg"))
    await eve.expects(_anything, within=20)


def _anything(_: Bubble) -> bool:
    return True


async def _somebody_who_wants_no_more(dan: Phone) -> None:
    await dan.say("STOP")
    await dan.expects(_anything, within=20)


async def _a_body_that_nobody_understands(ana: Phone) -> None:
    await ana.post({"object": "whatsapp_business_account", "entry": "?"})


async def _a_customer_of_a_face(runtime: Runtime) -> None:
    """Fill the tables that only later rooms write to, and a turn that failed."""
    async with runtime.database.transaction() as connection:
        chat = (await connection.execute(select(conversation).limit(1))).one()
        mine = {"tenant_id": chat.tenant_id, "created_at": NOW}
        known = (await connection.execute(select(customer.c.id))).scalars().all()
        if not known:
            known = ["customer_1"]
            row = {"id": known[0], "contact_id": chat.contact_id, "name": "Ada", **mine}
            await connection.execute(insert(customer).values(row))
        row = {
            "id": "address_1",
            "customer_id": known[0],
            "body": {"text": "Lale Sokak 5", "city": "İstanbul"},
            "is_default": True,
            **mine,
        }
        await connection.execute(insert(customer_address).values(row))
        failed = {
            "id": "analysis_failed",
            "tenant_id": chat.tenant_id,
            "conversation_id": chat.id,
            "from_seq": 1,
            "to_seq": 1,
            "status": "failed",
            "trigger": "message",
            "source_type": "text",
            "result": {},
            "usage": {},
            "trace": [],
            "attempts": 5,
            "max_attempts": 5,
            "error": "ValueError: made for this file",
            "started_at": NOW,
            "ended_at": NOW,
        }
        await connection.execute(insert(analysis).values(failed))


async def _settled(place: Place) -> None:
    async def rests() -> bool:
        async with place.runtime.database.reading() as connection:
            chats = await connection.execute(
                select(func.count()).where(conversation.c.ready_at.is_not(None))
            )
            items = await connection.execute(
                select(func.count()).where(
                    outbox.c.state == State.DUE, outbox.c.topic != Topic.TIMER
                )
            )
            return not chats.scalar_one() and not items.scalar_one()

    async with asyncio.timeout(60):
        for _ in range(2):
            while not await rests():  # noqa: ASYNC110  # a database rings no bell
                await asyncio.sleep(0.05)
            await place.simulator.settled()
            await place.erp.settled()


async def dump(runtime: Runtime) -> Mapping[str, Any]:
    """Return every row of every table, in values that JSON has."""
    tables: dict[str, Any] = {}
    async with runtime.database.reading() as connection:
        version = await connection.execute(text("SELECT * FROM alembic_version"))
        for table in METADATA.sorted_tables:
            columns = [
                cast(c, Text)
                if isinstance(c.type, JSON)
                else coerce(c, BigInteger)
                if isinstance(c.type, Exact)
                else c
                for c in table.c
            ]
            rows = await connection.execute(
                select(*columns).order_by(*table.primary_key)
            )
            tables[table.name] = {
                "columns": [c.name for c in table.c],
                "rows": [[_plain(value) for value in row] for row in rows],
            }
        return {"revision": version.scalar_one(), "tables": tables}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def written(filled: Mapping[str, Any]) -> str:
    """Return it as JSON with a row in each line."""
    tables = []
    for name, table in filled["tables"].items():
        rows = ",\n   ".join(
            json.dumps(row, ensure_ascii=False) for row in table["rows"]
        )
        columns = json.dumps(table["columns"])
        tables.append(f' "{name}": {{"columns": {columns},\n  "rows": [\n   {rows}]}}')
    body = ",\n".join(tables)
    return f'{{"revision": "{filled["revision"]}",\n"tables": {{\n{body}\n}}}}\n'


async def main() -> str:
    with TemporaryDirectory() as name:
        folder = Path(name)
        async with opened(f"sqlite:///{folder}/filled.db", folder) as place:
            await fill(place)
            filled = await dump(place.runtime)
    empty = [name for name, table in filled["tables"].items() if not table["rows"]]
    if empty:
        raise SystemExit(f"nothing fills {empty}")
    return written(filled)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(asyncio.run(main()), encoding="utf-8")
