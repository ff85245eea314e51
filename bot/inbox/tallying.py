"""Counting webhooks in memory, and adding them up in the database once a minute."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import case, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import Database, DatabaseUnavailable
from bot.inbox.health_table import channel_vitals, webhook_tally

_log = structlog.get_logger(__name__)

#: How often numbers are written, seconds.
EVERY = 60.0
SLOT = timedelta(minutes=5)
_KEPT = timedelta(days=2)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class _Count:
    taken: int = 0
    refused: int = 0


class Tally:
    """The webhooks of one process. Counting is two steps in memory."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._counts: defaultdict[tuple[str, datetime, str], _Count]
        self._counts = defaultdict(_Count)
        self._heard: dict[str, tuple[str, datetime]] = {}

    def took(self, subject: str, tenant_id: str) -> None:
        """Count a webhook that proved to come from this app or gateway."""
        self._counts[subject, self._slot(), tenant_id].taken += 1

    def refused(self, subject: str, tenant_id: str) -> None:
        """Count one that claimed to, and did not prove it."""
        self._counts[subject, self._slot(), tenant_id].refused += 1

    def heard(self, channel_id: str, tenant_id: str, at: datetime) -> None:
        """Note when a customer wrote to a channel; no clock of theirs goes ahead."""
        known = self._heard.get(channel_id)
        newest = max(known[1], at) if known else at
        self._heard[channel_id] = tenant_id, min(newest, self._clock())

    async def flush(self) -> None:
        """Write what was counted; what cannot be written is counted on.

        Raises DatabaseUnavailable and what the database says.
        """
        counts, heard = self._counts, self._heard
        if not counts and not heard:
            return
        self._counts, self._heard = defaultdict(_Count), {}
        try:
            await self._database.retried(
                lambda connection: _write(connection, counts, heard, self._clock())
            )
        except BaseException:
            for name, count in counts.items():
                self._counts[name].taken += count.taken
                self._counts[name].refused += count.refused
            self._heard = heard | self._heard
            raise

    async def run(self) -> None:
        """Write once a minute until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.flush()
            except (DatabaseUnavailable, DBAPIError) as error:
                _log.warning("tally_not_written", error=str(error))

    def _slot(self) -> datetime:
        now = self._clock()
        return now - (now - _EPOCH) % SLOT


async def _write(
    connection: AsyncConnection,
    counts: dict[tuple[str, datetime, str], _Count],
    heard: dict[str, tuple[str, datetime]],
    now: datetime,
) -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    if counts:
        rows: list[dict[str, Any]] = [
            {
                "subject": subject,
                "slot": slot,
                "tenant_id": tenant_id,
                "taken": counts[subject, slot, tenant_id].taken,
                "refused": counts[subject, slot, tenant_id].refused,
            }
            for subject, slot, tenant_id in sorted(counts)
        ]
        add = dialect.insert(webhook_tally)
        await connection.execute(
            add.on_conflict_do_update(
                index_elements=[webhook_tally.c.subject, webhook_tally.c.slot],
                set_={
                    name: webhook_tally.c[name] + add.excluded[name]
                    for name in ("taken", "refused")
                },
            ),
            rows,
        )
    if heard:
        note = dialect.insert(channel_vitals)
        before, after = channel_vitals.c.heard_at, note.excluded.heard_at
        newest = case((before > after, before), else_=after)
        await connection.execute(
            note.on_conflict_do_update(
                index_elements=[channel_vitals.c.channel_id],
                set_={"heard_at": newest},
            ),
            [
                {"channel_id": name, "tenant_id": heard[name][0], "heard_at": at}
                for name, (_, at) in sorted(heard.items())
            ],
        )
    await connection.execute(
        delete(webhook_tally).where(webhook_tally.c.slot < now - _KEPT)
    )
