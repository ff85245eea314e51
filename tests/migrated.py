"""Migrating many empty databases: what became of the first is what the next ones get.

Alembic takes half a second of a processor for some two hundred statements, the same
ones for every empty database. The first one of a test process is migrated by it; the
next ones get the same schema, in their own transactions. Whatever is not empty is left
to Alembic, and so is everything in `tests/bot/migrations`.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, func, inspect, select, table
from sqlalchemy.util import await_only

from bot.migrations import upgrade

_ASKS = re.compile(r"\s*(SELECT|PRAGMA (main|temp)\.)", re.IGNORECASE)
_HAS_ANYTHING = {
    "sqlite": "SELECT count(*) FROM sqlite_master",
    "postgresql": "SELECT count(*) FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace",
}


@contextmanager
def remembered() -> Iterator["Memory"]:
    """Until the block ends, let migrations of empty databases take no time."""
    memory = Memory()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(upgrade, "command", SimpleNamespace(upgrade=memory.upgrade))
        yield memory


@contextmanager
def alembic_itself() -> Iterator[None]:
    """Until the block ends, let Alembic migrate what is migrated."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(upgrade, "command", command)
        yield


class Memory:
    """What to say to an empty database, by engine and revision."""

    def __init__(self) -> None:
        self.said: dict[tuple[str, str], Sequence[str]] = {}

    def upgrade(self, config: Config, to: str) -> None:
        """Migrate as `alembic.command.upgrade` does, quicker if that can be."""
        connection: Connection = config.attributes["connection"]
        engine = connection.dialect.name
        if connection.exec_driver_sql(_HAS_ANYTHING[engine]).scalar():
            command.upgrade(config, to)
        elif said := self.said.get((engine, to)):
            _say(connection, said)
        else:
            with _listening(connection) as heard:
                command.upgrade(config, to)
            said = _made(connection) if engine == "sqlite" else heard
            self.said[engine, to] = said


@contextmanager
def _listening(connection: Connection) -> Iterator[Sequence[str]]:
    said: list[str] = []

    def hear(
        _: object, __: object, statement: str, parameters: object, *___: object
    ) -> None:
        if not _ASKS.match(statement):
            assert not parameters, f"cannot be said again alone: {statement}"
            said.append(statement)

    event.listen(connection, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(connection, "before_cursor_execute", hear)


def _made(connection: Connection) -> Sequence[str]:
    """Return what makes a SQLite database like this one: it reads all at each ALTER."""
    made = (
        "SELECT sql FROM sqlite_master"
        " WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
    )
    statements = connection.exec_driver_sql(made).scalars().all()
    for name in inspect(connection).get_table_names():
        rows = select(func.count()).select_from(table(name))
        found = connection.execute(rows).scalar()
        assert found == (name == "alembic_version"), f"a migration fills {name}"
    at = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return [*statements, f"INSERT INTO alembic_version VALUES ('{at}')"]


def _say(connection: Connection, said: Sequence[str]) -> None:
    """Say all at once: a way to SQLite's thread for each takes longer than they do."""
    driver = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":
        await_only(driver.execute(";\n".join(said)))  # type: ignore[union-attr]  # asyncpg's own connection
        return

    def run() -> None:
        for statement in said:
            driver._conn.execute(statement)  # type: ignore[union-attr]  # noqa: SLF001  # in its own thread

    await_only(driver._execute(run))  # type: ignore[union-attr]  # noqa: SLF001  # aiosqlite has no word for it
