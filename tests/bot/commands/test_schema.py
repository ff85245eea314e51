"""A program and a schema that do not fit: said in one line, and nothing is touched."""

from pathlib import Path

import pytest
from sqlalchemy import text

from bot.db.migrating import migrating
from bot.migrations.upgrade import upgrade_on
from tests import nursery
from tests.bot.commands.conftest import SECRET_KEY, Ran
from tests.databases import apart
from tests.image import clean_environment


async def at_revision(url: str, revision: str) -> None:
    async with migrating(url) as connection:
        await connection.run_sync(upgrade_on, revision)


async def set_revision(url: str, revision: str) -> None:
    async with migrating(url) as connection:
        change = text("UPDATE alembic_version SET version_num = :revision")
        await connection.execute(change, {"revision": revision})


async def revision_of(url: str) -> str:
    async with migrating(url) as connection:
        found = await connection.execute(text("SELECT * FROM alembic_version"))
        return str(found.scalar_one())


def started(url: str, *words: str) -> Ran:
    """Run a role as its own process: it changes how its process logs."""
    done = nursery.run(
        words,
        environment={
            **clean_environment(),
            "CHATORDER_DATABASE_URL": url,
            "CHATORDER_SECRET_KEY": SECRET_KEY,
            "CHATORDER_PORT": "0",
        },
        folder=Path(__file__).parent,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("role", ["serve", "worker"])
def test_on_an_older_postgresql_every_role_says_what_to_run(
    empty_postgres_url: str, role: str
) -> None:
    apart(at_revision(empty_postgres_url, "0001"))
    refused = started(empty_postgres_url, role)
    assert refused.code == 1
    assert "is at revision 0001: run `chatorder migrate` first" in refused.err
    assert "Traceback" not in refused.err
    assert apart(revision_of(empty_postgres_url)) == "0001"
    assert started(empty_postgres_url, "migrate").code == 0
    assert apart(revision_of(empty_postgres_url)) != "0001"


@pytest.mark.parametrize("command", ["serve", "worker", "migrate"])
def test_an_old_program_touches_no_newer_schema(
    database_url: str, command: str
) -> None:
    apart(set_revision(database_url, "9999"))
    refused = started(database_url, command)
    assert refused.code == 1
    assert "at revision 9999, which this version" in refused.err
    assert "run the newer version, or restore the backup" in refused.err
    assert "Traceback" not in refused.err
    assert apart(revision_of(database_url)) == "9999"
