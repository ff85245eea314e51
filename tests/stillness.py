"""Waiting until shops have nothing left to do, however many shops wait together."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from sqlalchemy import make_url, text

from bot.db import Database
from catalog.column import to_micros

#: Shops with a turn that waits or runs, something to be sent, or a timer that is due;
#: what waits for somebody to do something is not waited for.
_BUSY = """
SELECT tenant_id FROM conversation WHERE ready_at IS NOT NULL
UNION
SELECT tenant_id FROM outbox
WHERE state = 'due' AND (topic <> 'timer' AND waits_for IS NULL OR due_at <= :now)
"""
#: Between two looks into the database, seconds: a database cannot ring.
_PAUSE = 0.008


class Stillness:
    """Looks into a database as long as somebody waits: once for all who do.

    A SQLite file is read past the product's own connections, which costs no thread.
    """

    def __init__(
        self, database: Database, url: str, clock: Callable[[], datetime]
    ) -> None:
        path = make_url(url).database
        is_file = database.dialect == "sqlite" and path
        self._file = sqlite3.connect(str(path)) if is_file else None
        self._database = database
        self._clock = clock
        self._query = text(_BUSY)
        self._known: set[str] = set()
        self._version: int | None = None  #: Of the file when that was looked up.
        self._waiting: list[tuple[str, asyncio.Future[None]]] = []
        self._looking: asyncio.Task[None] | None = None

    async def of(self, tenant_id: str) -> None:
        """Return when a shop has nothing to do any more."""
        still: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((tenant_id, still))
        self._version = None
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        await still

    async def close(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking
        if self._file is not None:
            self._file.close()

    async def _look(self) -> None:
        while self._waiting:
            # Who comes during a look waits for the next one.
            asked, self._waiting = self._waiting, []
            try:
                busy = await self._busy()
            except Exception as error:  # noqa: BLE001  # theirs who wait
                for _, still in asked:
                    if not still.done():
                        still.set_exception(error)
                continue
            for tenant_id, still in asked:
                if tenant_id in busy:
                    self._waiting.append((tenant_id, still))
                elif not still.done():
                    still.set_result(None)
            # Those who gave up are not waited for.
            self._waiting = [each for each in self._waiting if not each[1].done()]
            await asyncio.sleep(_PAUSE)

    async def _busy(self) -> set[str]:
        if self._file is not None:
            # Until somebody writes, who was busy is busy; time only adds others.
            (version,) = self._file.execute("PRAGMA data_version").fetchone()
            if version != self._version:
                now = {"now": to_micros(self._clock())}
                self._known = {row[0] for row in self._file.execute(_BUSY, now)}
                self._version = version
            return self._known
        async with self._database.reading() as connection:
            found = await connection.execute(self._query, {"now": self._clock()})
            return {row.tenant_id for row in found}
