"""What tests get in place of a migration is what the migration makes."""

import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.db.migrating import migrating
from bot.migrations.upgrade import AtHead, upgrade
from tests import migrated

_SQLITE = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2"
_COLUMNS = """
SELECT table_name, column_name, ordinal_position, data_type, column_default, is_nullable
FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 3
"""
_INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
_CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2
"""
_LOOK = {"sqlite": (_SQLITE,), "postgresql": (_COLUMNS, _INDEXES, _CONSTRAINTS)}
Emptied = Callable[[], Awaitable[str]]


@pytest.fixture(params=["sqlite", "postgresql"])
def emptied(request: pytest.FixtureRequest, tmp_path: Path) -> Emptied:
    """Return what makes a database empty and returns its URL."""
    is_file, numbers = request.param == "sqlite", itertools.count()
    url = "" if is_file else request.getfixturevalue("empty_postgres_url")

    async def empty() -> str:
        if is_file:
            return f"sqlite:///{tmp_path}/{next(numbers)}.db"
        async with migrating(url) as connection:
            await connection.execute(text("DROP SCHEMA public CASCADE"))
            await connection.execute(text("CREATE SCHEMA public"))
        return str(url)

    return empty


async def seen(url: str) -> list[Any]:
    looks = (*_LOOK[url.partition(":")[0]], "SELECT * FROM alembic_version")
    async with migrating(url) as connection:
        found = [await connection.execute(text(each)) for each in looks]
    return [[tuple(row) for row in rows] for rows in found]


async def test_the_next_empty_database_gets_what_alembic_makes(
    emptied: Emptied, migrations: migrated.Memory
) -> None:
    url = await emptied()
    with migrated.alembic_itself():
        await upgrade(url)
    made = await seen(url)
    if (url.partition(":")[0], "head") not in migrations.said:
        await upgrade(await emptied())
    url = await emptied()
    await upgrade(url)
    assert await seen(url) == made
    assert isinstance(await upgrade(url), AtHead)
