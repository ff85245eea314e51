"""A statement on SQLite is one trip to its thread, and still tells everything."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.db import Database
from bot.db.sqlite_dialect import DRIVER

thing = Table(
    "thing",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", String(20), unique=True),
)


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(f"{DRIVER}:///{tmp_path / 'one.db'}", pool_size=1)
    async with engine.begin() as connection:
        await connection.run_sync(thing.metadata.create_all)
    yield engine
    await engine.dispose()


async def test_rows_ids_and_counts_come_back(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        added = await connection.execute(insert(thing).values(name="tea"))
        assert added.inserted_primary_key == (1,)
        many = [{"name": "latte"}, {"name": "cake"}]
        await connection.execute(insert(thing), many)
        returned = await connection.execute(
            insert(thing).values(name="simit").returning(thing.c.id)
        )
        assert returned.scalar_one() == 4
        changed = await connection.execute(thing.update().values(name=thing.c.name))
        assert changed.rowcount == 4
        found = await connection.execute(select(thing).order_by(thing.c.id))
        assert [row.name for row in found] == ["tea", "latte", "cake", "simit"]
        assert (await connection.execute(select(thing))).keys() == ["id", "name"]


async def test_what_is_streamed_is_not_held_in_memory(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(insert(thing), [{"name": str(n)} for n in range(50)])
        streamed = await connection.stream(select(thing.c.id).order_by(thing.c.id))
        assert [row.id async for row in streamed] == list(range(1, 51))


async def test_errors_are_those_of_the_database(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(insert(thing).values(name="tea"))
        with pytest.raises(IntegrityError):
            await connection.execute(insert(thing).values(name="tea"))
        with pytest.raises(OperationalError):
            await connection.execute(text("SELECT nothing FROM nowhere"))


async def test_what_was_not_committed_is_gone(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(insert(thing).values(name="tea"))
    async with engine.connect() as connection:
        assert (await connection.execute(select(thing))).all() == []


async def test_a_statement_is_one_trip(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(select(thing))
        raw: Any = (await connection.get_raw_connection()).driver_connection
        trips = _counted(raw)
        (await connection.execute(select(thing))).all()
        assert trips == ["_executed"]


async def test_who_goes_away_while_waiting_for_a_lock_keeps_none(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'two.db'}"
    first, second = Database.open(url), Database.open(url)
    write = text("CREATE TABLE IF NOT EXISTS t (n INTEGER)")

    async def wait() -> None:
        async with second.transaction() as connection:
            await connection.execute(write)

    async with first.transaction() as connection:
        await connection.execute(write)
        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0.05)
        waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    async with asyncio.timeout(5), first.transaction() as connection:
        await connection.execute(write)
    await wait()
    await first.close()
    await second.close()


def _counted(raw: Any) -> list[str]:
    """Return the names of what the connection's thread is asked to do from now on."""
    asked: list[str] = []
    there = raw._execute  # noqa: SLF001  # the trips themselves

    async def counted(work: Any, *args: Any) -> Any:
        asked.append(getattr(work, "__name__", "?"))
        return await there(work, *args)

    raw._execute = counted  # noqa: SLF001  # the trips themselves
    return asked
