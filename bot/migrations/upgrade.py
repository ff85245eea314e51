"""Bring a database to the schema of this version, and say how far it is."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import Database
from bot.db.migrating import migrating


@dataclass(frozen=True, slots=True)
class AtHead:
    """The schema is the one that this version works with."""

    revision: str


@dataclass(frozen=True, slots=True)
class Behind:
    """The schema is older, or there is none yet: `upgrade` helps."""

    current: str | None  #: None: an empty database.
    head: str


@dataclass(frozen=True, slots=True)
class Ahead:
    """A newer version of the software made this schema: old code must not touch it."""

    current: str
    head: str


State = AtHead | Behind | Ahead


class SchemaIsNewer(Exception):
    """The database was migrated by a newer version; nothing was changed."""

    def __init__(self, found: Ahead) -> None:
        super().__init__(
            f"the database is at revision {found.current}, which this version (its last"
            f" is {found.head}) does not know: run the newer version, or restore the"
            " backup made before it"
        )


async def upgrade(database_url: str) -> State:
    """Migrate to this version's schema and return the state found before.

    All or nothing: one transaction. Processes that try together wait for each other.
    Raises SchemaIsNewer when a newer version was here.
    """
    async with migrating(database_url) as connection:
        return await connection.run_sync(_upgrade)


async def state(database: Database) -> State:
    """Return how the schema of an open database compares with this version's."""
    async with database.reading() as connection:
        return await state_of(connection)


async def state_of(connection: AsyncConnection) -> State:
    """Return the same on a connection."""
    return await connection.run_sync(_state)


def state_on(connection: Connection) -> State:
    """Return the same, for callers that are inside `run_sync`."""
    return _state(connection)


def upgrade_on(connection: Connection, to: str = "head") -> None:
    """Migrate up to a revision inside the caller's transaction."""
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def knows(revision: str) -> bool:
    """Return whether this version has a migration of that name."""
    return revision in _migrations()[1]


def configuration() -> Config:
    """Return Alembic's settings: no file, the migrations lie in this package."""
    config = Config()
    # A percent sign in the path would be taken for a placeholder.
    folder = str(files("bot.migrations")).replace("%", "%%")
    config.set_main_option("script_location", folder)
    config.set_main_option("path_separator", "os")
    return config


@cache
def _migrations() -> tuple[str | None, frozenset[str]]:
    """Return the last migration of this version, and all: reading them is slow."""
    scripts = ScriptDirectory.from_config(configuration())
    revisions = frozenset(script.revision for script in scripts.walk_revisions())
    return scripts.get_current_head(), revisions


def _upgrade(connection: Connection) -> State:
    found = _state(connection)
    if isinstance(found, Ahead):
        raise SchemaIsNewer(found)
    if isinstance(found, Behind):
        upgrade_on(connection)
    return found


def _state(connection: Connection) -> State:
    head, known = _migrations()
    if head is None:
        raise RuntimeError("this installation lacks its migrations: install it again")
    current = MigrationContext.configure(connection).get_current_revision()
    if current == head:
        return AtHead(head)
    if current is not None and current not in known:
        return Ahead(current, head)
    return Behind(current, head)
