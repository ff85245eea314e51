"""Flows on PostgreSQL: asyncpg itself, each statement once for all its rows."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

import asyncpg

from bot.db.flow import Ask, Flow, LostRace, Row
from bot.db.unavailable import (
    BROKEN,
    REFUSING,
    RETRIES,
    TRANSIENT,
    DatabaseUnavailable,
)

T = TypeVar("T")

_CONNECT_SECONDS = 10
_COMMAND_SECONDS = 30
#: ON CONFLICT names one unique index of a table. Whoever inserts the same row at the
#: same moment may be noticed at another one first: the next try finds the row.
_NOT_UNIQUE = "23505"


class PostgresDriver:
    """Runs flows on a few connections of its own. Connects at the first one."""

    def __init__(self, dsn: str, *, size: int) -> None:
        self._dsn = dsn
        self._size = size
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    async def run(self, flow: Callable[[], Flow[T]]) -> T:
        for attempt in range(RETRIES + 1):
            try:
                return await self._run(flow)
            except LostRace:
                if attempt == RETRIES:
                    raise
            except asyncpg.PostgresError as error:
                lost = error.sqlstate in TRANSIENT or error.sqlstate == _NOT_UNIQUE
                if lost and attempt < RETRIES:
                    continue
                if str(error.sqlstate).startswith(REFUSING):
                    raise DatabaseUnavailable(
                        f"the database refuses: {error}"
                    ) from None
                raise
            except BROKEN as error:
                raise DatabaseUnavailable(
                    f"the database cannot be reached: {error}"
                ) from error
        raise AssertionError("the last attempt returns or raises")

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    async def _run(self, flow: Callable[[], Flow[T]]) -> T:
        pool = await self._connected()
        async with (
            pool.acquire(timeout=_CONNECT_SECONDS) as connection,
            connection.transaction(),
        ):
            return await _drive(connection, flow())

    async def _connected(self) -> asyncpg.Pool:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._dsn,
                    min_size=0,
                    max_size=self._size,
                    timeout=_CONNECT_SECONDS,
                    command_timeout=_COMMAND_SECONDS,
                )
            return self._pool


async def _drive(connection: asyncpg.Connection, flow: Flow[T]) -> T:
    try:
        ask = next(flow)
        while True:
            ask = flow.send(await _answer(connection, ask))
    except StopIteration as done:
        result: T = done.value
        return result


async def _answer(connection: asyncpg.Connection, ask: Ask) -> Sequence[Row]:
    columns = [list(column) for column in zip(*ask.rows, strict=True)]
    answer: Sequence[Row] = await connection.fetch(ask.sql, *columns, *ask.scalars)
    return answer
