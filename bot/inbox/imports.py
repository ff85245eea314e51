"""Product files that came through the API: imported in the background, one by one."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog

from bot.db import Database
from bot.inbox.news import LocalNews, News, What
from catalog import jobs
from catalog.importing import (
    BadFeed,
    ImportCancelled,
    Order,
    Pace,
    run_import,
    sweep,
)

_log = structlog.get_logger(__name__)


class Imports:
    """Runs the imports that this process has taken in, in their order.

    A file is on this machine only: what this process cannot finish fails, and says so.
    """

    def __init__(
        self,
        database: Database,
        *,
        new_id: Callable[[str], str],
        clock: Callable[[], datetime],
        pace: Pace | None = None,
        news: News | None = None,
    ) -> None:
        self._database = database
        self._new_id = new_id
        self._clock = clock
        self._pace = pace or Pace()
        self._news = news or LocalNews()
        self._waiting: deque[tuple[Order, Path]] = deque()
        self._arrived = asyncio.Event()

    def accept(self, order: Order, path: Path) -> None:
        """Take over a queued import and its file, which is deleted at the end."""
        self._waiting.append((order, path))
        self._arrived.set()

    async def run(self) -> None:
        """Import until cancelled; what waits then is given up."""
        keeping = asyncio.create_task(self._keep_alive())
        try:
            while True:
                await self._arrived.wait()
                while self._waiting:
                    await self._import(*self._waiting[0])
                    self._waiting.popleft()
                self._arrived.clear()
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            for _, path in self._waiting:
                path.unlink(missing_ok=True)

    async def _import(self, order: Order, path: Path) -> None:
        log = _log.bind(tenant=order.tenant_id, id=order.id)
        try:
            report = await run_import(
                self._database,
                order,
                path,
                new_id=self._new_id,
                clock=self._clock,
                pace=self._pace,
            )
        except (BadFeed, ImportCancelled) as error:
            log.info("import_ended", stored=False, why=type(error).__name__)
        except Exception:
            log.exception("import_failed")
        else:
            log.info("import_ended", stored=report.stored, mistakes=report.mistakes)
        finally:
            self._news.tell(order.tenant_id, None, What.IMPORT)
            path.unlink(missing_ok=True)  # noqa: ASYNC240  # at once, also when stopped

    async def _keep_alive(self) -> None:
        """Renew the leases of those that wait; fail those of processes that died."""
        while True:
            try:
                await sweep(self._database, self._clock())
                for order, _ in list(self._waiting)[1:]:
                    await self._renew(order.id)
            except Exception as error:  # noqa: BLE001 (the database may be back soon)
                _log.warning("imports_not_renewed", error=type(error).__name__)
            await asyncio.sleep(self._pace.lease.total_seconds() / 3)

    async def _renew(self, import_id: str) -> None:
        until = self._clock() + self._pace.lease
        await self._database.retried(
            lambda connection: jobs.renew(
                connection, import_id, jobs.Standing(), lease_until=until
            )
        )
