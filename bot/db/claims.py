"""Who works on which conversation: the claim, written by hand for each engine.

The database alone decides. A claim takes due conversations, fairly between tenants,
hides them for the length of a lease and raises their fence; whatever the worker writes
later is valid only while the fence is still its own.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import DateTime, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.column import from_micros, to_micros


@dataclass(frozen=True, slots=True)
class Claim:
    """A conversation that is ours until `lease_until`.

    The turn owns the messages with `seq` up to and including this one.
    """

    conversation_id: str
    tenant_id: str
    fence: int
    rev: int
    seq: int
    attempts: int  #: This one counted: a process that dies in it cannot take it back.
    supersedes: int
    ready_at: datetime


# Every tenant gets its first turn before any tenant gets its second one; turns that a
# tenant has in flight here already (`busy`) count.
_SQLITE = text(
    """
UPDATE conversation
SET lease_until = :until, fence = fence + 1, attempts = attempts + 1,
  waiting_since = NULL
WHERE id IN (
  SELECT id FROM (
    SELECT c.id, c.ready_at,
      row_number() OVER (PARTITION BY c.tenant_id ORDER BY c.ready_at)
        + coalesce(b.turns, 0) AS place
    FROM conversation c
    LEFT JOIN (SELECT key AS tenant_id, value AS turns FROM json_each(:busy)) b
      ON b.tenant_id = c.tenant_id
    WHERE c.ready_at <= :now AND (c.lease_until IS NULL OR c.lease_until <= :now)
  )
  WHERE place <= :cap ORDER BY place, ready_at LIMIT :room
)
RETURNING id, tenant_id, fence, rev, seq, attempts, supersedes, ready_at"""
)

# The tenants with due work are found by hopping over the index, one look-up each: a
# tenant with a backlog of 100,000 conversations costs as much as one with ten.
_POSTGRESQL = text(
    """
WITH RECURSIVE waiting(tenant_id) AS (
  (SELECT tenant_id FROM conversation WHERE ready_at IS NOT NULL
   ORDER BY tenant_id LIMIT 1)
  UNION ALL
  SELECT (SELECT c.tenant_id FROM conversation c
          WHERE c.ready_at IS NOT NULL AND c.tenant_id > w.tenant_id
          ORDER BY c.tenant_id LIMIT 1)
  FROM waiting w WHERE w.tenant_id IS NOT NULL
), candidate AS (
  SELECT due.id
  FROM waiting w
  LEFT JOIN json_each_text(CAST(:busy AS json)) b ON b.key = w.tenant_id
  CROSS JOIN LATERAL (
    SELECT first.id, first.ready_at,
      row_number() OVER (ORDER BY first.ready_at)
        + coalesce(CAST(b.value AS int), 0) AS place
    FROM (
      SELECT c.id, c.ready_at FROM conversation c
      WHERE c.tenant_id = w.tenant_id AND c.ready_at <= :now
        AND (c.lease_until IS NULL OR c.lease_until <= :now)
      ORDER BY c.ready_at LIMIT CAST(:cap AS int)
    ) first
  ) due
  WHERE w.tenant_id IS NOT NULL AND due.place <= CAST(:cap AS int)
  ORDER BY due.place, due.ready_at LIMIT CAST(:room AS int)
), locked AS (
  SELECT c.id FROM conversation c JOIN candidate USING (id)
  WHERE c.ready_at <= :now AND (c.lease_until IS NULL OR c.lease_until <= :now)
  ORDER BY c.id FOR UPDATE OF c SKIP LOCKED
)
UPDATE conversation
SET lease_until = :until, fence = conversation.fence + 1,
  attempts = conversation.attempts + 1, waiting_since = NULL
FROM locked WHERE conversation.id = locked.id
RETURNING conversation.id, tenant_id, fence, rev, seq, attempts, supersedes, ready_at"""
).bindparams(
    bindparam("now", type_=DateTime(timezone=True)),
    bindparam("until", type_=DateTime(timezone=True)),
)

# A heartbeat never waits: a row that somebody works on right now is renewed next time.
# A lease that was given up meanwhile stays so: nobody would end it again.
_RENEW_SQLITE = text(
    """
UPDATE conversation SET lease_until = :until
WHERE id IN (SELECT c.id FROM json_each(:live) l JOIN conversation c
             ON c.id = l.key AND c.fence = l.value
             WHERE c.lease_until IS NOT NULL)
RETURNING id"""
)
_RENEW_POSTGRESQL = text(
    """
WITH mine AS (
  SELECT c.id FROM json_each_text(CAST(:live AS json)) l
  JOIN conversation c ON c.id = l.key AND c.fence = CAST(l.value AS bigint)
  WHERE c.lease_until IS NOT NULL
  ORDER BY c.id FOR UPDATE OF c SKIP LOCKED
)
UPDATE conversation SET lease_until = :until
FROM mine WHERE conversation.id = mine.id
RETURNING conversation.id"""
).bindparams(bindparam("until", type_=DateTime(timezone=True)))

# Between leases the earliest moment at which something may be claimed.
_NEXT = {
    "sqlite": text(
        "SELECT min(max(ready_at, coalesce(lease_until, 0))) FROM conversation"
        " WHERE ready_at IS NOT NULL"
    ),
    "postgresql": text(
        "SELECT min(greatest(ready_at, lease_until)) FROM conversation"
        " WHERE ready_at IS NOT NULL"
    ),
}


class Claims:
    """Claims, renews and looks ahead, on one engine."""

    def __init__(self, dialect: str, *, lease: timedelta, tenant_cap: int) -> None:
        self._sqlite = dialect == "sqlite"
        self._dialect = dialect
        self._lease = lease
        self._cap = tenant_cap

    async def claim(
        self,
        connection: AsyncConnection,
        *,
        room: int,
        busy: Mapping[str, int],
        now: datetime,
    ) -> tuple[Claim, ...]:
        """Take up to `room` due ones; `busy`: our turns in flight by tenant."""
        statement = _SQLITE if self._sqlite else _POSTGRESQL
        result = await connection.execute(
            statement,
            {
                "now": self._bind(now),
                "until": self._bind(now + self._lease),
                "busy": json.dumps(dict(busy)),
                "cap": self._cap,
                "room": room,
            },
        )
        return tuple(
            Claim(
                row.id,
                row.tenant_id,
                row.fence,
                row.rev,
                row.seq,
                row.attempts,
                row.supersedes,
                from_micros(row.ready_at) if self._sqlite else row.ready_at,
            )
            for row in result
        )

    async def renew(
        self, connection: AsyncConnection, claims: Sequence[Claim], now: datetime
    ) -> frozenset[str]:
        """Prolong the leases that are still ours; return their conversations."""
        statement = _RENEW_SQLITE if self._sqlite else _RENEW_POSTGRESQL
        result = await connection.execute(
            statement,
            {
                "live": json.dumps({c.conversation_id: c.fence for c in claims}),
                "until": self._bind(now + self._lease),
            },
        )
        return frozenset(result.scalars())

    async def next_due(self, connection: AsyncConnection) -> datetime | None:
        """Return when the next conversation can be claimed, None when none waits."""
        moment: Any = (await connection.execute(_NEXT[self._dialect])).scalar()
        if moment is None:
            return None
        due: datetime = from_micros(moment) if self._sqlite else moment
        return due

    def _bind(self, moment: datetime) -> int | datetime:
        return to_micros(moment) if self._sqlite else moment
