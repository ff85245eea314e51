"""A database that goes away is unavailable, whatever was being done at that moment."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import asyncpg
import pytest
from sqlalchemy import text

from bot.db import Database, DatabaseUnavailable
from bot.db.flow import Ask, Flow


def two_steps() -> Flow[None]:
    yield Ask("SELECT 1", ())
    yield Ask("SELECT 2", ())


async def by_flow(database: Database) -> None:
    await database.run(two_steps)


async def by_transaction(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("SELECT 1"))
        await connection.execute(text("SELECT 2"))


async def by_reading(database: Database) -> None:
    async with database.reading() as connection:
        await connection.execute(text("SELECT 1"))
        await connection.execute(text("SELECT 2"))


# SQLAlchemy leaves a connection that is cut while it sets it up to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_connection_that_is_cut_at_any_moment_is_unavailable(
    postgres_database: Database, postgres_url: str
) -> None:
    ended: Counter[str] = Counter()
    cutting = asyncio.Event()

    async def work(way: Callable[[Database], Awaitable[None]]) -> None:
        while not cutting.is_set() or ended["done"] < 10:
            try:
                await way(postgres_database)
                ended["done"] += 1
            except DatabaseUnavailable:
                ended["unavailable"] += 1
            await asyncio.sleep(0)

    async def cut() -> None:
        admin = await asyncpg.connect(postgres_url)
        for _ in range(150):
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
                " pid <> pg_backend_pid() AND datname = current_database()"
            )
            await asyncio.sleep(0.003)
        await admin.close()
        cutting.set()

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for way in (by_flow, by_flow, by_transaction, by_reading):
            group.create_task(work(way))
        group.create_task(cut())
    assert ended["unavailable"]


def renaming() -> Flow[None]:
    yield Ask("UPDATE tenant SET name = 'x'", ())


async def test_a_database_that_is_opened_to_read_refuses_whatever_would_change_it(
    database_url: str,
) -> None:
    looking = Database.open(database_url, read_only=True)

    async def change() -> None:
        async with looking.transaction() as connection:
            await connection.execute(text("UPDATE tenant SET name = 'x'"))

    try:
        for work in (change, lambda: looking.run(renaming)):
            with pytest.raises(Exception, match=r"read.?only"):
                await work()
        async with looking.reading() as connection:
            assert (await connection.execute(text("SELECT * FROM tenant"))).all() == []
    finally:
        await looking.close()
