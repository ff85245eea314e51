"""The outbox in the database: append, claim, settle. Nothing here commits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    RowMapping,
    Select,
    bindparam,
    exists,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.table import outbox, outbox_attempt


class Topic(StrEnum):
    REPLY = "reply"
    EVENT = "event"
    TIMER = "timer"


class State(StrEnum):
    DUE = "due"
    DONE = "done"
    PARKED = "parked"  #: Refused, or given up: a human looks at it.
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Item:
    """Something to append. Items of one lane are delivered one after the other."""

    tenant_id: str
    shard: int
    topic: Topic
    unique_key: str  #: For ever: the receiver's idempotency key, or a timer's name.
    payload: Mapping[str, Any]
    due_at: datetime
    lane: str | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A claimed item: ours until `lease_until`, while the fence is this one."""

    id: int
    tenant_id: str
    topic: Topic
    lane: str | None
    unique_key: str
    payload: Mapping[str, Any]
    fence: int
    attempts: int  #: This one counted.
    lease_until: datetime
    created_at: datetime
    unknown_since: datetime | None
    resends: int
    interrupted: bool  #: The attempt before this one never ended: a crash.


class Outcome(StrEnum):
    DONE = "done"
    RETRY = "retry"
    UNKNOWN = "unknown"
    PARKED = "parked"
    CANCELLED = "cancelled"
    WAITED = "waited"  #: Still no news, or paused: nothing was sent, nothing counts.


@dataclass(frozen=True, slots=True)
class Settled:
    """How an attempt ended, and when to look again (RETRY, UNKNOWN, WAITED)."""

    item: Due
    outcome: Outcome
    at: datetime
    again_at: datetime | None = None
    error: str | None = None
    provider_id: str | None = None
    unknown_since: datetime | None = field(default=None)


async def append(
    connection: AsyncConnection, items: Sequence[Item], *, now: datetime
) -> None:
    """Write items in the caller's transaction; a key that is there already stays."""
    if not items:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    rows = [
        {
            "tenant_id": item.tenant_id,
            "shard": item.shard,
            "topic": item.topic,
            "lane": item.lane,
            "unique_key": item.unique_key,
            "payload": dict(item.payload),
            "state": State.DUE,
            "due_at": item.due_at,
            "created_at": now,
        }
        for item in items
    ]
    await connection.execute(dialect.insert(outbox).on_conflict_do_nothing(), rows)


async def cancel(
    connection: AsyncConnection,
    *,
    tenant_id: str,
    unique_keys: Sequence[str],
    now: datetime,
) -> None:
    """Cancel items that are not done yet, such as a timer that is not needed."""
    await connection.execute(
        update(outbox)
        .where(
            outbox.c.tenant_id == tenant_id,
            outbox.c.unique_key.in_(unique_keys),
            outbox.c.state == State.DUE,
        )
        .values(state=State.CANCELLED, done_at=now)
    )


async def cancel_lane(
    connection: AsyncConnection, *, lane: str, now: datetime
) -> tuple[Mapping[str, Any], ...]:
    """Cancel what waits in a lane and is not being sent now; return its payloads."""
    gone = await connection.execute(
        update(outbox)
        .where(
            outbox.c.lane == lane,
            outbox.c.state == State.DUE,
            or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= now),
            outbox.c.unknown_since.is_(None),
        )
        .values(state=State.CANCELLED, done_at=now)
        .returning(outbox.c.payload)
    )
    return tuple(gone.scalars())


async def claim(
    connection: AsyncConnection,
    *,
    now: datetime,
    lease: timedelta,
    limit: int,
) -> tuple[Due, ...]:
    """Take due items, the first of every lane, and open an attempt for each.

    Committing this is what makes a crash visible: an attempt without an end.
    """
    due = await connection.execute(_due_ids(now, limit))
    taken = [row.id for row in due]
    if not taken:
        return ()
    until = now + lease
    result = await connection.execute(
        update(outbox)
        .where(outbox.c.id.in_(taken))
        .values(
            lease_until=until,
            fence=outbox.c.fence + 1,
            attempts=outbox.c.attempts + 1,
        )
        .returning(*outbox.c)
    )
    rows = sorted(result.mappings().all(), key=lambda row: row["id"])
    interrupted = await _open_attempts(connection, taken)
    await connection.execute(
        insert(outbox_attempt),
        [
            # The fence: it never goes back, as the count of attempts may.
            {"outbox_id": row["id"], "number": row["fence"], "started_at": now}
            for row in rows
        ],
    )
    return tuple(_due(row, until, interrupted) for row in rows)


def _due_ids(now: datetime, limit: int) -> Select[tuple[int]]:
    earlier = outbox.alias("earlier")
    is_first = ~exists().where(
        earlier.c.lane == outbox.c.lane,
        earlier.c.state == State.DUE,
        earlier.c.id < outbox.c.id,
    )
    return (
        select(outbox.c.id)
        .where(
            outbox.c.state == State.DUE,
            outbox.c.due_at <= now,
            or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= now),
            or_(outbox.c.lane.is_(None), is_first),
        )
        .order_by(outbox.c.due_at, outbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=outbox)
    )


async def _open_attempts(connection: AsyncConnection, ids: Sequence[int]) -> set[int]:
    """Return the items whose last attempt never ended."""
    found = await connection.execute(
        select(outbox_attempt.c.outbox_id).where(
            outbox_attempt.c.outbox_id.in_(ids),
            outbox_attempt.c.ended_at.is_(None),
        )
    )
    return set(found.scalars())


def _due(row: RowMapping, until: datetime, interrupted: set[int]) -> Due:
    return Due(
        id=row["id"],
        tenant_id=row["tenant_id"],
        topic=Topic(row["topic"]),
        lane=row["lane"],
        unique_key=row["unique_key"],
        payload=row["payload"],
        fence=row["fence"],
        attempts=row["attempts"],
        lease_until=until,
        created_at=row["created_at"],
        unknown_since=row["unknown_since"],
        resends=row["resends"],
        interrupted=row["id"] in interrupted,
    )


async def renew(
    connection: AsyncConnection, item: Due, *, now: datetime, lease: timedelta
) -> bool:
    """Prolong one item's lease; False when it is no longer ours."""
    return await _held(connection, item, lease_until=now + lease)


async def prolong(
    connection: AsyncConnection,
    items: Sequence[Due],
    *,
    now: datetime,
    lease: timedelta,
) -> frozenset[int]:
    """Prolong the leases of items that are being sent right now; return whose it did.

    It never waits: an item that somebody settles in this moment needs no lease.
    """
    held = await connection.execute(
        select(outbox.c.id, outbox.c.fence)
        .where(
            outbox.c.id.in_([item.id for item in items]),
            outbox.c.state == State.DUE,
        )
        .order_by(outbox.c.id)
        .with_for_update(skip_locked=True)
    )
    fences = {item.id: item.fence for item in items}
    ours = frozenset(row.id for row in held if fences[row.id] == row.fence)
    if ours:
        await connection.execute(
            update(outbox)
            .where(outbox.c.id.in_(sorted(ours)))
            .values(lease_until=now + lease)
        )
    return ours


async def mark_resend(
    connection: AsyncConnection, item: Due, *, now: datetime, lease: timedelta
) -> bool:
    """Note that an item of unknown outcome is sent once more, and prolong its lease.

    False when it is no longer ours.
    """
    return await _held(
        connection,
        item,
        lease_until=now + lease,
        unknown_since=now,
        resends=item.resends + 1,
    )


async def _held(connection: AsyncConnection, item: Due, **values: object) -> bool:
    """Change an item that is still ours."""
    result = await connection.execute(
        update(outbox)
        .where(
            outbox.c.id == item.id,
            outbox.c.fence == item.fence,
            outbox.c.state == State.DUE,
        )
        .values(**values)
    )
    return result.rowcount == 1


_STATES = {
    Outcome.DONE: State.DONE,
    Outcome.PARKED: State.PARKED,
    Outcome.CANCELLED: State.CANCELLED,
}


async def settle(
    connection: AsyncConnection, batch: Sequence[Settled]
) -> frozenset[int]:
    """Write how attempts ended; return the ids that were still ours."""
    order = sorted(batch, key=lambda settled: settled.item.id)
    held = await connection.execute(
        select(outbox.c.id, outbox.c.fence)
        .where(outbox.c.id.in_([s.item.id for s in order]))
        .where(outbox.c.state == State.DUE)
        .order_by(outbox.c.id)
        .with_for_update()
    )
    fences = {row.id: row.fence for row in held}
    ours = [s for s in order if fences.get(s.item.id) == s.item.fence]
    if ours:
        await connection.execute(_ITEM_ENDS, [_item_end(s) for s in ours])
        await connection.execute(_ATTEMPT_ENDS, [_attempt_end(s) for s in ours])
    return frozenset(s.item.id for s in ours)


_ITEM_ENDS = (
    update(outbox)
    .where(outbox.c.id == bindparam("row_id"))
    .values(
        state=bindparam("new_state"),
        due_at=bindparam("again_at"),
        lease_until=None,
        attempts=bindparam("counted"),
        unknown_since=bindparam("since"),
        resends=bindparam("sent_again"),
        error=bindparam("why"),
        done_at=bindparam("ended"),
    )
)
_ATTEMPT_ENDS = (
    update(outbox_attempt)
    .where(
        outbox_attempt.c.outbox_id == bindparam("row_id"),
        outbox_attempt.c.ended_at.is_(None),
    )
    .values(
        ended_at=bindparam("at"),
        outcome=bindparam("how"),
        error=bindparam("why"),
        provider_id=bindparam("provider"),
    )
)


def _item_end(settled: Settled) -> dict[str, Any]:
    return {
        "row_id": settled.item.id,
        "new_state": _STATES.get(settled.outcome, State.DUE),
        "again_at": settled.again_at or settled.at,
        # What sent nothing must not use up the attempts of what could.
        "counted": settled.item.attempts - (settled.outcome is Outcome.WAITED),
        "since": settled.unknown_since,
        "sent_again": settled.item.resends,
        "why": settled.error,
        "ended": settled.at if settled.outcome in _STATES else None,
    }


def _attempt_end(settled: Settled) -> dict[str, Any]:
    return {
        "row_id": settled.item.id,
        "at": settled.at,
        "how": settled.outcome,
        "why": settled.error,
        "provider": settled.provider_id,
    }


async def next_due(connection: AsyncConnection, now: datetime) -> datetime | None:
    """Return when the next item becomes due, None when none lies ahead."""
    result = await connection.execute(
        select(outbox.c.due_at)
        .where(outbox.c.state == State.DUE, outbox.c.due_at > now)
        .order_by(outbox.c.due_at)
        .limit(1)
    )
    moment: datetime | None = result.scalar()
    return moment
