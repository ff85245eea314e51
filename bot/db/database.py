"""The only place that opens or commits a transaction."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import asyncpg
from sqlalchemy import Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.db.compiled import POSTGRESQL, REMEMBERED
from bot.db.flow import Driver, Flow
from bot.db.postgres_driver import PostgresDriver
from bot.db.sqlite_dialect import DRIVER
from bot.db.sqlite_driver import SqliteDriver
from bot.db.unavailable import (
    BROKEN,
    REFUSING,
    RETRIES,
    TRANSIENT,
    DatabaseUnavailable,
)

T = TypeVar("T")

#: How long SQLite waits for another process's write, seconds.
_PATIENCE = 10.0
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
)
#: So that SQLite, and PostgreSQL, refuse whatever would change anything.
_LOOKING = ("query_only=ON",)
_LOOKING_ONLY = {"default_transaction_read_only": "on"}
#: Connections to PostgreSQL for flows: one commits while the other one writes.
_DRIVEN = 2


class Database:
    """One database: SQLite (several processes of one host) or PostgreSQL.

    A writing transaction on SQLite begins with BEGIN IMMEDIATE, so that what it read
    is still true when it writes; on PostgreSQL it locks the rows it decides about.
    """

    def __init__(
        self, engine: AsyncEngine, readers: AsyncEngine, driver: Driver
    ) -> None:
        self._engine = engine
        self._readers = readers
        self._driver = driver
        self.dialect = engine.dialect.name  #: `sqlite` or `postgresql`
        # SQLite has one writer at a time. Waiting here is fair and costs nothing;
        # waiting in SQLite's busy handler polls with growing sleeps.
        self._turnstile = asyncio.Lock() if self.dialect == "sqlite" else None

    @classmethod
    def open(
        cls,
        url: str,
        *,
        pool_size: int = 8,
        patience: float = _PATIENCE,
        read_only: bool = False,
    ) -> "Database":
        """Return the database at an SQLAlchemy URL. Connects on first use.

        `patience`: seconds that a write to SQLite waits for another process's write.
        `read_only`: it refuses whatever would change anything, flows included.
        """
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            parsed = parsed.set(drivername=DRIVER)
            # Errors are logged: what was to be stored must not stand in them.
            engine, readers = (
                create_async_engine(
                    parsed,
                    pool_size=size,
                    max_overflow=0,
                    hide_parameters=True,
                    execution_options=REMEMBERED,
                )
                for size in (1, 4)
            )
            pragmas = _LOOKING if read_only else _PRAGMAS
            for each, begin in ((engine, "BEGIN IMMEDIATE"), (readers, "BEGIN")):
                _prepare_sqlite(each, begin, patience, pragmas)
            file = SqliteDriver(str(parsed.database), pragmas, patience=patience)
            return cls(engine, readers, file)
        parsed = parsed.set(drivername=POSTGRESQL)
        engine = create_async_engine(
            parsed,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=10,
            hide_parameters=True,
            execution_options=REMEMBERED,
            connect_args={
                "timeout": 10,
                "command_timeout": 30,
                "server_settings": _LOOKING_ONLY if read_only else {},
            },
        )
        dsn = parsed.set(drivername="postgresql")
        if read_only:
            dsn = dsn.update_query_dict(_LOOKING_ONLY)
        driver = PostgresDriver(dsn.render_as_string(hide_password=False), size=_DRIVEN)
        return cls(engine, engine, driver)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Commit if the block succeeds, roll back if it raises.

        Raises DatabaseUnavailable when the database cannot be reached or commit.
        """
        if self._turnstile is None:
            async with _available(), self._engine.begin() as connection:
                yield connection
            return
        async with self._turnstile, _available(), self._engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection for reading.

        On SQLite all its statements see one state of the data; on PostgreSQL (READ
        COMMITTED) each sees what was committed before it: what depends on several is
        checked again when it is saved.
        """
        async with _available(), self._readers.connect() as connection:
            yield connection

    async def retried(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Run `work` in a transaction, again after a deadlock or a failed race."""
        for _ in range(RETRIES):
            try:
                async with self.transaction() as connection:
                    return await work(connection)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in TRANSIENT:
                    raise
        async with self.transaction() as connection:
            return await work(connection)

    async def run(self, flow: Callable[[], Flow[T]]) -> T:
        """Run a flow in a transaction of its own: see `bot.db.flow.Driver`."""
        if self._turnstile is None:
            return await self._driver.run(flow)
        async with self._turnstile:
            return await self._driver.run(flow)

    async def close(self) -> None:
        """Close every connection."""
        await self._driver.close()
        await self._engine.dispose()
        await self._readers.dispose()


@asynccontextmanager
async def _available() -> AsyncIterator[None]:
    try:
        yield
    except (*BROKEN, NoConnectionFree) as error:
        raise DatabaseUnavailable(f"the database cannot be reached: {error}") from error
    except asyncpg.PostgresError as error:
        # Only while connecting: SQLAlchemy wraps what a statement raises.
        if not str(error.sqlstate).startswith(REFUSING):
            raise
        raise DatabaseUnavailable(f"the database refuses: {error}") from error
    except OperationalError as error:
        raise DatabaseUnavailable(f"the database failed: {error.orig}") from error
    except DBAPIError as error:
        # SQLAlchemy does not take every way in which a connection breaks for one.
        broken = isinstance(getattr(error.orig, "__cause__", None), BROKEN)
        if broken or error.connection_invalidated:
            raise DatabaseUnavailable("the database closed the connection") from error
        if str(getattr(error.orig, "sqlstate", None)).startswith(REFUSING):
            raise DatabaseUnavailable(f"the database refuses: {error.orig}") from error
        raise


def _prepare_sqlite(
    engine: AsyncEngine, begin: str, patience: float, pragmas: Sequence[str]
) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        # The driver's own transaction handling starts transactions too late.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (f"busy_timeout={int(patience * 1000)}", *pragmas):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)
