"""Flows on SQLite: statements in the event loop's own thread, the commit beside it.

A statement of a flow takes microseconds and touches pages in memory. Handed to another
thread, each one waits for the interpreter's lock, up to five milliseconds when the loop
is busy: measured, 0.19 instead of 0.25 of a bare handler. What really waits is the
commit, for the disk; it runs in a thread. A lock that another process holds is waited
for without blocking.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from bot.db.flow import Ask, Flow, Row
from bot.db.unavailable import DatabaseUnavailable

T = TypeVar("T")

#: Between tries to get the write lock that another process holds, seconds.
_PAUSE = 0.002
_STATEMENTS = 32  #: Prepared statements that are kept.


class SqliteDriver:
    """Runs flows one after the other: its owner lets in one at a time."""

    def __init__(self, path: str, pragmas: Sequence[str], *, patience: float) -> None:
        """`patience`: seconds to wait for another process's write."""
        self._path = path
        self._pragmas = pragmas
        self._patience = patience
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-commit")
        self._connection: sqlite3.Connection | None = None

    async def run(self, flow: Callable[[], Flow[T]]) -> T:
        try:
            connection = self._connected()
            await self._begin(connection)
            try:
                result = _drive(connection, flow())
                await self._commit(connection)
            finally:
                if connection.in_transaction:
                    connection.rollback()
        except sqlite3.OperationalError as error:
            raise DatabaseUnavailable(f"the database failed: {error}") from error
        return result

    async def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._thread.shutdown()

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = sqlite3.connect(
                self._path,
                isolation_level=None,
                check_same_thread=False,  # the commit's thread never works beside ours
                cached_statements=_STATEMENTS,
            )
            for pragma in self._pragmas:
                connection.execute(f"PRAGMA {pragma}")
            # `_begin` waits; waiting inside SQLite would block the loop.
            connection.execute("PRAGMA busy_timeout=0")
            self._connection = connection
        return self._connection

    async def _begin(self, connection: sqlite3.Connection) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                busy = error.sqlite_errorcode == sqlite3.SQLITE_BUSY
                if not busy or loop.time() > deadline:
                    raise
            else:
                return
            await asyncio.sleep(_PAUSE)

    async def _commit(self, connection: sqlite3.Connection) -> None:
        loop = asyncio.get_running_loop()
        committed = loop.run_in_executor(self._thread, connection.commit)
        try:
            await asyncio.shield(committed)
        except asyncio.CancelledError:
            # The connection is nobody else's until the disk has answered.
            await asyncio.wait([committed])
            raise


def _drive(connection: sqlite3.Connection, flow: Flow[T]) -> T:
    try:
        ask = next(flow)
        while True:
            ask = flow.send(_answer(connection, ask))
    except StopIteration as done:
        result: T = done.value
        return result


def _answer(connection: sqlite3.Connection, ask: Ask) -> Sequence[Row]:
    parameters = [(*row, *ask.scalars) for row in ask.rows]
    if not ask.answers:
        connection.executemany(ask.sql, parameters)
        return ()
    found: list[Row] = []
    for each in parameters:
        found += connection.execute(ask.sql, each).fetchall()
    return found
