"""A shop of version 0.1.0 goes on with this one, and both may run side by side."""

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, select, update

from bot.db import Database
from bot.db.migrating import migrating
from bot.demo import DemoShop, simulator_of
from bot.migrations.upgrade import AtHead, Behind, state, upgrade, upgrade_on
from bot.runtime import Runtime
from bot.sealing import Sealer
from bot.serving import bind, listening, upkeep, working
from bot.settings import Settings
from bot.simulator.app import add_simulator
from bot.simulator.phone import Phone
from bot.simulator.reports import Delays
from bot.simulator.simulator import Simulator
from bot.web.application import build
from bot.wiring import running
from orders.table import order, sink
from tests.bot.migrations import filled
from tests.bot.migrations.filling import PROPOSED, SECRET_KEY, UNANSWERED

FIRST = "0001"


@pytest.fixture(params=["sqlite", "postgresql"])
def first_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/first.db"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


async def as_left_by_the_first_version(url: str) -> None:
    async with migrating(url) as connection:
        await connection.run_sync(upgrade_on, FIRST)
        await connection.run_sync(filled.insert)


async def written_by_the_first_version_at_todays_schema(url: str) -> None:
    """Its process runs on while the database is migrated: it writes what it knows."""
    async with migrating(url) as connection:
        await connection.run_sync(upgrade_on)
        await connection.run_sync(filled.insert)


def told(rows: Iterable[object]) -> list[str]:
    """Return rows in one order; PostgreSQL has another one, of JSON's keys, too."""
    return sorted(json.dumps(row, sort_keys=True, default=str) for row in rows)


# -- nothing is lost ------------------------------------------------------------------


async def test_the_file_fills_every_table_of_the_first_version(first_url: str) -> None:
    async with migrating(first_url) as connection:
        await connection.run_sync(upgrade_on, FIRST)
        names = await connection.run_sync(lambda at: inspect(at).get_table_names())
    assert set(names) - {"alembic_version"} == set(filled.TABLES)
    assert all(table["rows"] for table in filled.TABLES.values())
    assert filled.FILLED["revision"] == FIRST


async def test_an_upgrade_loses_nothing_that_was_stored(first_url: str) -> None:
    await as_left_by_the_first_version(first_url)
    before = await upgrade(first_url)
    assert isinstance(before, Behind)
    assert before.current == FIRST
    async with migrating(first_url) as connection:
        for name in filled.TABLES:
            kept = await connection.run_sync(filled.rows, name)
            assert told(kept) == told(filled.expected(name))
    database = Database.open(first_url)
    assert await state(database) == AtHead(before.head)
    await database.close()


# -- and it goes on -------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """Today's program on a shop of the first version, and the phones around it."""

    runtime: Runtime
    simulator: Simulator

    def phone(self, wa_id: str) -> Phone:
        return self.simulator.phone(wa_id, f"Customer {wa_id[-1]}")

    async def orders(self) -> list[Any]:
        async with self.runtime.database.reading() as connection:
            found = await connection.execute(select(order).order_by(order.c.number))
            return list(found.all())


@asynccontextmanager
async def continued(url: str, folder: Path) -> AsyncIterator[World]:
    """Run today's web and worker, half a minute after the last thing that happened."""
    behind = datetime.now(UTC) - filled.last_moment()  # noqa: TID251  # moves a clock
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

        def clock() -> datetime:
            return datetime.now(UTC) - behind  # noqa: TID251  # moves a clock

        runtime = await stack.enter_async_context(running(settings, clock=clock))
        shop = DemoShop.of(Sealer(SECRET_KEY), here)
        async with runtime.database.transaction() as connection:
            await connection.execute(update(sink).values(url=shop.sink_url))
        simulator, erp = simulator_of(
            shop,
            clock=clock,
            new_id=lambda: runtime.new_id("sim"),
            delays=Delays(0, 0, 0),
        )
        await stack.enter_async_context(upkeep(runtime))
        app = build(runtime)
        add_simulator(app, simulator, erp=erp)
        await stack.enter_async_context(listening(app, listener))
        world = World(runtime, simulator)
        # The phone must know its number before anything is sent to it.
        world.phone(UNANSWERED)
        await stack.enter_async_context(working(runtime))
        yield world


WAYS = {
    "migrated": as_left_by_the_first_version,
    "written at today's schema": written_by_the_first_version_at_todays_schema,
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_chats_of_the_first_version_go_on_to_their_orders(
    way: Any, first_url: str, tmp_path: Path
) -> None:
    await way(first_url)
    await upgrade(first_url)
    async with continued(first_url, tmp_path) as world:
        # What nobody had answered is answered.
        waiting = world.phone(UNANSWERED)
        await waiting.expects("Bagel", within=30)
        # The summary that was shown by the first version is confirmed.
        ben = world.phone(PROPOSED)
        await ben.say("yes")
        await ben.expects("accepted", within=30)
        # A new customer's message becomes an order, too.
        new = world.phone("905550000009")
        await new.say("2 almond croissants, pick-up")
        await new.expects("Total", within=30)
        await new.say("yes")
        await new.expects("accepted", within=30)
        placed = await world.orders()
    assert [each.number for each in placed] == [1, 2, 3]
    assert [each.state for each in placed] == ["provisioned"] * 3


# -- one version apart ----------------------------------------------------------------


def columns(connection: Connection) -> Mapping[tuple[str, str], Any]:
    inspector = inspect(connection)
    return {
        (table, each["name"]): each
        for table in inspector.get_table_names()
        for each in inspector.get_columns(table)
    }


def unique(connection: Connection) -> set[tuple[str, frozenset[str]]]:
    """Return what must be unique: what an old program's ON CONFLICT relies on."""
    inspector = inspect(connection)
    found = set()
    for table in filled.TABLES:
        names: list[Any] = [
            c["column_names"] for c in inspector.get_unique_constraints(table)
        ]
        names += [
            i["column_names"] for i in inspector.get_indexes(table) if i["unique"]
        ]
        names.append(inspector.get_pk_constraint(table)["constrained_columns"])
        found |= {(table, frozenset(str(each) for each in some)) for some in names}
    return found


async def test_what_the_first_version_knows_is_still_there_as_it_was(
    first_url: str,
) -> None:
    async with migrating(first_url) as connection:
        await connection.run_sync(upgrade_on, FIRST)
        before = await connection.run_sync(columns)
        unique_before = await connection.run_sync(unique)
        await connection.run_sync(upgrade_on)
        after = await connection.run_sync(columns)
        unique_after = await connection.run_sync(unique)
    for place, column in before.items():
        assert place in after, (
            "a running program of the last version reads and writes it"
        )
        assert str(after[place]["type"]) == str(column["type"]), place
        assert after[place]["nullable"] >= column["nullable"], place
    old_tables = {table for table, _ in before}
    for place in after.keys() - before.keys():
        if place[0] in old_tables:
            column = after[place]
            assert column["nullable"] or column["default"] is not None, (
                f"{place}: the last version inserts rows without it"
            )
    assert unique_before <= unique_after
    stricter = {
        (table, some)
        for table, some in unique_after - unique_before
        if all((table, name) in before for name in some)
    }
    assert not stricter, "the last version may insert what these refuse"
