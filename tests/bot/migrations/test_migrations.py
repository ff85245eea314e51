"""Migrations build exactly what the table modules say, and know where they are."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from bot.db import Database, DatabaseUnavailable
from bot.db.migrating import migrating
from bot.migrations.comparing import METADATA, OPTIONS
from bot.migrations.upgrade import (
    Ahead,
    AtHead,
    Behind,
    SchemaIsNewer,
    state,
    upgrade,
)

#: Everything that the engines know about a schema, one query per kind of thing. Unlike
#: Alembic's comparison it sees defaults, partial indexes and storage settings as well.
_POSTGRESQL = """
SELECT table_name, column_name, data_type, character_maximum_length, is_nullable,
       column_default, is_identity
  FROM information_schema.columns WHERE table_schema = 'public';
SELECT indexdef FROM pg_indexes WHERE schemaname = 'public';
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
 WHERE connamespace = 'public'::regnamespace AND contype <> 'n';
SELECT relname, relkind::text, reloptions::text FROM pg_class
 WHERE relnamespace = 'public'::regnamespace
"""
_SQLITE = """
SELECT m.name, c.name, c.type, c."notnull", c.dflt_value, c.pk
  FROM sqlite_master m, pragma_table_xinfo(m.name) c WHERE m.type = 'table';
SELECT name, sql FROM sqlite_master WHERE type = 'index';
SELECT m.name, i."unique", i.origin, i.partial,
       (SELECT group_concat(c.name) FROM pragma_index_info(i.name) c)
  FROM sqlite_master m, pragma_index_list(m.name) i WHERE m.type = 'table';
SELECT m.name, f."table", f."from", f."to", f.on_delete
  FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'
"""


def schema(connection: Connection) -> list[str]:
    """Return one line for every fact about the schema, Alembic's own table aside."""
    queries = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL
    facts = [
        " | ".join(" ".join(str(value).split()) for value in row)
        for query in queries.split(";")
        for row in connection.execute(text(query))
    ]
    return sorted(
        fact
        for fact in facts
        # SQLite numbers the indexes it makes itself in the order of a table's text.
        if "alembic_version" not in fact and "sqlite_autoindex" not in fact
    )


def differences(connection: Connection) -> object:
    options = dict(OPTIONS)
    metadata = options.pop("target_metadata")
    context = MigrationContext.configure(connection, opts=options)
    return compare_metadata(context, metadata)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/folder/that/is/made/empty.db"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


async def test_the_migrations_build_what_the_tables_say(empty_url: str) -> None:
    await upgrade(empty_url)
    async with migrating(empty_url) as connection:
        migrated = await connection.run_sync(schema)
        await connection.run_sync(METADATA.drop_all)
        await connection.run_sync(METADATA.create_all)
        created = await connection.run_sync(schema)
    assert migrated == created
    assert len(created) > 200


async def test_alembic_finds_no_difference(database_url: str) -> None:
    async with migrating(database_url) as connection:
        assert await connection.run_sync(differences) == []


async def test_the_work_queue_keeps_half_empty_pages(postgres_url: str) -> None:
    async with migrating(postgres_url) as connection:
        facts = await connection.run_sync(schema)
    assert "conversation | r | {fillfactor=50}" in facts


async def test_an_empty_database_is_behind_and_an_upgrade_brings_it_to_the_head(
    empty_url: str,
) -> None:
    before = await upgrade(empty_url)
    assert isinstance(before, Behind)
    assert before.current is None
    database = Database.open(empty_url)
    assert await state(database) == AtHead(before.head)
    await database.close()


async def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    async with migrating(database_url) as connection:
        before = await connection.run_sync(schema)
    assert isinstance(await upgrade(database_url), AtHead)
    async with migrating(database_url) as connection:
        assert await connection.run_sync(schema) == before


async def test_old_code_refuses_a_newer_schema(database_url: str) -> None:
    async with migrating(database_url) as connection:
        newer = "UPDATE alembic_version SET version_num = '9999'"
        await connection.execute(text(newer))
    database = Database.open(database_url)
    found = await state(database)
    await database.close()
    assert isinstance(found, Ahead)
    assert found.current == "9999"
    with pytest.raises(SchemaIsNewer, match=r"9999.*run the newer version"):
        await upgrade(database_url)


async def test_a_failed_migration_leaves_no_trace(empty_url: str) -> None:
    impossible = pytest.raises((DBAPIError, DatabaseUnavailable))
    with impossible:
        async with migrating(empty_url) as connection:
            await connection.execute(text("CREATE TABLE half (done INTEGER)"))
            await connection.execute(text("DROP TABLE other"))
    async with migrating(empty_url) as connection:
        assert await connection.run_sync(schema) == []


async def test_a_migration_may_not_leave_rows_that_point_nowhere(
    sqlite_url: str,
) -> None:
    broken = pytest.raises(RuntimeError, match=r"'app'.*missing row of 'tenant'")
    with broken:
        async with migrating(sqlite_url) as connection:
            orphan = (
                "INSERT INTO app (id, tenant_id, secret, verify_token, created_at)"
                " VALUES ('a', 'nobody', 's', 'v', 0)"
            )
            await connection.execute(text(orphan))


async def test_state_says_when_there_is_no_database(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/no/such/folder/file.db")
    with pytest.raises(DatabaseUnavailable):
        await state(database)
    await database.close()
