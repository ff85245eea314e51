"""One state of the whole database, to be read for as long as it takes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from bot.db.database import _available
from bot.db.unavailable import DatabaseUnavailable


@asynccontextmanager
async def snapshot(url: str) -> AsyncIterator[AsyncConnection]:
    """Yield a connection that sees what was committed before its first query.

    Nobody who writes waits for it. On SQLite it is a read transaction in WAL mode
    (SQLite's online backup would begin again whenever another process commits); the
    WAL file grows meanwhile. On PostgreSQL it is REPEATABLE READ, read only. Statements
    have no time limit. Raises DatabaseUnavailable.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = _sqlite(url)
    else:
        engine = create_async_engine(
            parsed.set(drivername="postgresql+asyncpg"),
            poolclass=NullPool,
            isolation_level="REPEATABLE READ",
            execution_options={"postgresql_readonly": True},
            hide_parameters=True,
        )
    try:
        async with _available(), engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


def _sqlite(url: str) -> AsyncEngine:
    # To read a file that is not there would make it.
    if not Path(make_url(url).database or "").is_file():
        raise DatabaseUnavailable(f"there is no database {make_url(url).database}")
    engine = create_async_engine(
        make_url(url).set(drivername="sqlite+aiosqlite"),
        poolclass=NullPool,
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("busy_timeout=60000", "query_only=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine
