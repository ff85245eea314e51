"""SQLAlchemy's dialect for aiosqlite, with one trip to SQLite's thread for a statement.

SQLAlchemy opens a cursor, executes, fetches and closes it: four trips, and each wakes
two threads that want the interpreter's lock. Of what a turn takes on SQLite that was
more than a third. Here a statement and its rows are one trip, and a connection that is
in no transaction is not rolled back. Results that are streamed go the long way.
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, cast

from sqlalchemy.connectors.asyncio import AsyncIODBAPIConnection, AsyncIODBAPICursor
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
    SQLiteDialect_aiosqlite,
)

from bot.db.compiled import Alike

#: The name of the driver in URLs.
DRIVER = "sqlite+onetrip"

#: What a statement tells beside its rows: description, rowcount, lastrowid.
_Told = tuple[Sequence[Any] | None, int, int | None]
_Work = Callable[[sqlite3.Connection, str, Any], tuple[Sequence[Any], _Told]]


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """The rows of one statement, fetched when it was executed."""

    __slots__ = ("_told",)
    _told: _Told

    def _make_new_cursor(
        self, connection: AsyncIODBAPIConnection
    ) -> AsyncIODBAPICursor:
        del connection
        self._told = (None, -1, None)
        return cast("AsyncIODBAPICursor", None)

    def _aenter_cursor(self, cursor: AsyncIODBAPICursor) -> AsyncIODBAPICursor:
        return cursor

    @property
    def description(self) -> Any:  # noqa: ANN401  # as the base has it
        return self._told[0]

    @property
    def rowcount(self) -> int:
        return self._told[1]

    @property
    def lastrowid(self) -> int:
        return self._told[2] or 0

    async def _execute_async(
        self,
        operation: str,
        parameters: Any,  # noqa: ANN401  # as the base has it
    ) -> None:
        await self._trip(_executed, operation, parameters)

    async def _executemany_async(
        self,
        operation: str,
        seq_of_parameters: Any,  # noqa: ANN401  # as the base has it
    ) -> None:
        await self._trip(_executed_many, operation, seq_of_parameters)

    async def _trip(self, work: _Work, operation: str, parameters: object) -> None:
        connection = cast("Any", self._connection)
        async with self._adapt_connection._execute_mutex:  # noqa: SLF001  # as the base
            raw = connection._conn  # noqa: SLF001  # as SQLAlchemy's own dialect does
            rows, self._told = await connection._execute(  # noqa: SLF001  # likewise
                work, raw, operation, parameters
            )
            self._rows = deque(rows)

    async def _async_soft_close(self) -> None:
        """Nothing is open."""

    def close(self) -> None:
        self._rows.clear()


def _executed(
    connection: sqlite3.Connection, operation: str, parameters: Sequence[Any] | None
) -> tuple[Sequence[Any], _Told]:
    cursor = connection.cursor()
    try:
        cursor.execute(operation, parameters or ())
        return _taken(cursor)
    finally:
        cursor.close()


def _executed_many(
    connection: sqlite3.Connection, operation: str, parameters: Sequence[Any]
) -> tuple[Sequence[Any], _Told]:
    cursor = connection.cursor()
    try:
        cursor.executemany(operation, parameters)
        return _taken(cursor)
    finally:
        cursor.close()


def _taken(cursor: sqlite3.Cursor) -> tuple[Sequence[Any], _Told]:
    rows = cursor.fetchall() if cursor.description else ()
    return rows, (cursor.description, cursor.rowcount, cursor.lastrowid)


class _Connection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ()
    _cursor_cls = _Cursor

    def rollback(self) -> None:
        # Whoever goes away while a statement is under way has the connection closed.
        raw = getattr(self._connection, "_connection", None)
        if raw is not None and raw.in_transaction:
            super().rollback()


class _Dbapi(AsyncAdapt_aiosqlite_dbapi):
    def connect(
        self,
        *arg: Any,  # noqa: ANN401  # as the base has it
        **kw: Any,  # noqa: ANN401  # as the base has it
    ) -> _Connection:
        adapted = super().connect(*arg, **kw)
        return _Connection(self, adapted._connection)  # noqa: SLF001  # as its base


class OneTripDialect(Alike, SQLiteDialect_aiosqlite):
    """SQLite by aiosqlite, one trip for a statement."""

    driver = "onetrip"
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> _Dbapi:
        return _Dbapi(__import__("aiosqlite"), __import__("sqlite3"))


registry.register("sqlite.onetrip", __name__, "OneTripDialect")
