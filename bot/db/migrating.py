"""A connection for changing the schema, alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from sqlalchemy import URL, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from bot.db.database import _available
from bot.db.private import make_private_file, make_private_folder

#: Any number, as long as every process takes the same: "chat" in ASCII.
_LOCK = 0x63686174


@asynccontextmanager
async def migrating(url: str) -> AsyncIterator[AsyncConnection]:
    """Yield the only connection that changes this schema now; commit at the end.

    Creates a SQLite file and its folder, for their owner only. A second process waits
    for the first. There is no time limit for a statement: a migration of a big table
    takes as long as it takes. Raises DatabaseUnavailable.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = _sqlite(parsed)
    else:
        engine = create_async_engine(
            parsed.set(drivername="postgresql+asyncpg"), poolclass=NullPool
        )
    try:
        async with _available(), _beginning(engine) as connection:
            if engine.dialect.name == "postgresql":
                lock = text("SELECT pg_advisory_xact_lock(:lock)")
                await connection.execute(lock, {"lock": _LOCK})
            yield connection
            if engine.dialect.name == "sqlite":
                await _check_foreign_keys(connection)
    finally:
        await engine.dispose()


@asynccontextmanager
async def _beginning(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    if engine.dialect.name == "sqlite" and engine.url.database:
        _make_private(engine.url.database)
    async with engine.begin() as connection:
        yield connection


def _make_private(name: str) -> None:
    """Make folder and file: SQLite would let everybody read what customers wrote.

    Its files beside that one, the log among them, get the mode of the file.
    """
    path = Path(name)
    make_private_folder(path.parent)
    if name != ":memory:":
        with suppress(OSError):  # SQLite says better what is wrong
            make_private_file(path)


def _sqlite(url: URL) -> AsyncEngine:
    engine = create_async_engine(
        url.set(drivername="sqlite+aiosqlite"), poolclass=NullPool
    )

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        # Foreign keys stay unenforced here: SQLite changes a table by copying and
        # dropping it, and dropping would take the rows that point to it along.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("busy_timeout=60000", "journal_mode=WAL", "synchronous=FULL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: object) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # type: ignore[attr-defined]  # a Connection: the event is untyped

    return engine


async def _check_foreign_keys(connection: AsyncConnection) -> None:
    broken = (await connection.execute(text("PRAGMA foreign_key_check"))).first()
    if broken is not None:
        raise RuntimeError(
            f"the migration would leave a row of {broken[0]!r} that points to a missing"
            f" row of {broken[2]!r}; nothing was changed"
        )
