"""A database that another test had is as good as a new one."""

import asyncpg
import pytest
from sqlalchemy import func, select

from bot.db import Database
from catalog.table import tenant
from tests.database_pool import Lending
from tests.databases import add_test_tenant


async def test_what_a_test_wrote_is_gone(lending: Lending) -> None:
    with lending.lent() as url:
        database = Database.open(url)
        await add_test_tenant(database)
        left_open = await asyncpg.connect(url)
        await left_open.execute("BEGIN; SELECT 1 FROM tenant FOR UPDATE")
        await database.close()
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
        await left_open.execute("SELECT 1")
    with lending.lent() as again:
        assert again == url
        database = Database.open(again)
        async with database.reading() as connection:
            count = select(func.count()).select_from(tenant)
            assert (await connection.execute(count)).scalar_one() == 0
        await database.close()


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE mine (id int)",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC, pg_database_owner",
        (
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET"
            " default_transaction_read_only = on', current_database()); END $$"
        ),
    ],
)
async def test_a_changed_database_is_nobody_else_s(
    lending: Lending, change: str
) -> None:
    with lending.lent() as url:
        connection = await asyncpg.connect(url)
        await connection.execute(change)
        await connection.close()
    with lending.lent() as other:
        assert other != url


async def test_two_tests_never_share_one(lending: Lending) -> None:
    with lending.lent() as one, lending.lent() as two:
        assert one != two
