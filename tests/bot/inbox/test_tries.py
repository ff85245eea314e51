"""Tries of a password, counted in the database."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event, select

from bot.db import Database
from bot.domain.rate import Rate
from bot.inbox.people_table import sign_in_try as tries
from bot.inbox.tries import count_try, purge_tries

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
RATE = Rate(every=60, burst=10)


async def tried(database: Database, now: datetime, name: str = "ana") -> float:
    async with database.transaction() as connection:
        return await count_try(connection, name, RATE, now=now)


async def test_tries_are_counted_until_they_are_over_and_forgotten(
    database: Database,
) -> None:
    seen = [await tried(database, NOON) for _ in range(12)]
    assert seen == [60 * n for n in range(10)] + [600, 600]
    later = NOON + timedelta(seconds=RATE.window)
    for moment, gone in ((later - timedelta(seconds=1), 0), (later, 1)):
        async with database.transaction() as connection:
            assert await purge_tries(connection, now=moment) == gone
    assert await tried(database, later) == 0


async def test_who_tries_again_just_as_that_is_forgotten_is_let_try(
    sqlite_database: Database,
) -> None:
    await tried(sqlite_database, NOON)
    async with sqlite_database.transaction() as connection:

        def forget(after: Any, _cursor: object, statement: str, *_: object) -> None:
            if statement.startswith("INSERT"):
                after.execute(tries.delete())

        event.listen(connection.sync_connection, "after_cursor_execute", forget)
        later = NOON + timedelta(hours=1)
        assert await count_try(connection, "ana", RATE, now=later) == 0


async def test_what_is_over_goes_while_others_try(database: Database) -> None:
    for number in range(45):
        await tried(database, NOON, f"made up {number}")
    later = NOON + timedelta(seconds=RATE.window)
    left = []
    for name in ("ana", "ben", "cem"):
        await tried(database, later, name)
        left.append(await _rows(database))
    assert left == [26, 7, 3]
    assert await tried(database, later) == RATE.every  # Who still counts, still counts.


async def test_who_tries_waits_for_nobody_who_forgets_the_same(
    postgres_database: Database,
) -> None:
    for number in range(3):
        await tried(postgres_database, NOON, f"made up {number}")
    later = NOON + timedelta(seconds=RATE.window)
    async with asyncio.timeout(10), postgres_database.transaction() as connection:
        assert await count_try(connection, "ana", RATE, now=later) == 0
        assert await tried(postgres_database, later, "ben") == 0
    assert await _rows(postgres_database) == 2


async def _rows(database: Database) -> int:
    async with database.reading() as connection:
        return len((await connection.execute(select(tries))).all())
