"""Claiming, beginning and ending deliveries in the database. Nothing here commits.

A claim only leases. What leaves the process is begun first: a committed attempt without
an end is what a crash while sending leaves behind, and nothing else leaves one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
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
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.column import Json
from orders.outbox.store import Due, Outcome, Settled, State, Topic
from orders.table import outbox, outbox_attempt


@dataclass(frozen=True, slots=True)
class Start:
    """An attempt that is about to be made."""

    item: Due
    resend: bool = False  #: The one time that an unknown outcome is sent again.


async def claim(
    connection: AsyncConnection,
    *,
    now: datetime,
    lease: timedelta,
    limit: int,
) -> tuple[Due, ...]:
    """Take due items, the first of every lane. Nothing is begun by that."""
    due = await connection.execute(_due_ids(now, limit))
    taken = [row.id for row in due]
    if not taken:
        return ()
    until = now + lease
    result = await connection.execute(
        update(outbox)
        .where(outbox.c.id.in_(taken))
        .values(lease_until=until, fence=outbox.c.fence + 1)
        .returning(*outbox.c)
    )
    rows = sorted(result.mappings().all(), key=lambda row: row["id"])
    interrupted = await _open_attempts(connection, taken)
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
    """Return the items of which an attempt never ended."""
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
        waits_for=row["waits_for"],
        due_at=row["due_at"],
    )


async def begin(
    connection: AsyncConnection,
    starts: Sequence[Start],
    *,
    now: datetime,
    lease: timedelta,
) -> tuple[Due | None, ...]:
    """Open an attempt for each item that is still ours, with a whole lease ahead.

    Returns the items as they are now, in the order given, None for what is not ours.
    To be committed right before sending: a process that dies in between has to be
    taken for one that died after it.
    """
    held = await connection.execute(
        select(outbox.c.id, outbox.c.fence)
        .where(outbox.c.id.in_([start.item.id for start in starts]))
        .where(outbox.c.state == State.DUE)
        .order_by(outbox.c.id)
        .with_for_update()
    )
    fences = {row.id: row.fence for row in held}
    ours = [s for s in starts if fences.get(s.item.id) == s.item.fence]
    if ours:
        await _open(connection, ours, now=now, until=now + lease)
    begun = {s.item.id: _begun(s, now=now, until=now + lease) for s in ours}
    return tuple(begun.get(s.item.id) for s in starts)


async def _open(
    connection: AsyncConnection,
    starts: Sequence[Start],
    *,
    now: datetime,
    until: datetime,
) -> None:
    ids = [s.item.id for s in starts]
    await connection.execute(
        update(outbox)
        .where(outbox.c.id.in_(ids))
        .values(lease_until=until, attempts=outbox.c.attempts + 1)
    )
    # In the same transaction: a crash while resending must not earn a third time.
    if again := [s.item.id for s in starts if s.resend]:
        await connection.execute(
            update(outbox)
            .where(outbox.c.id.in_(again))
            .values(unknown_since=now, resends=outbox.c.resends + 1)
        )
    if cut := [s.item.id for s in starts if s.item.interrupted]:
        await connection.execute(
            update(outbox_attempt)
            .where(
                outbox_attempt.c.outbox_id.in_(cut),
                outbox_attempt.c.ended_at.is_(None),
            )
            .values(ended_at=now, outcome=Outcome.UNKNOWN, error="it was cut off")
        )
    await connection.execute(
        insert(outbox_attempt),
        [
            # The fence: it never goes back, as the count of attempts may.
            {"outbox_id": s.item.id, "number": s.item.fence, "started_at": now}
            for s in starts
        ],
    )


def _begun(start: Start, *, now: datetime, until: datetime) -> Due:
    item = start.item
    return replace(
        item,
        lease_until=until,
        attempts=item.attempts + 1,
        unknown_since=now if start.resend else item.unknown_since,
        resends=item.resends + start.resend,
        interrupted=False,
    )


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


_STATES = {
    Outcome.DONE: State.DONE,
    Outcome.PARKED: State.PARKED,
    Outcome.CANCELLED: State.CANCELLED,
}


async def settle(
    connection: AsyncConnection, batch: Sequence[Settled]
) -> frozenset[int]:
    """Write how items ended; return the ids of those that were still ours.

    One that was woken while we found that it still waits is looked at again at once.
    """
    order = sorted(batch, key=lambda settled: settled.item.id)
    held = await connection.execute(
        select(outbox.c.id, outbox.c.fence, outbox.c.due_at)
        .where(outbox.c.id.in_([s.item.id for s in order]))
        .where(outbox.c.state == State.DUE)
        .order_by(outbox.c.id)
        .with_for_update()
    )
    rows = {row.id: row for row in held}
    ours = [
        _unless_woken(settled, rows[settled.item.id].due_at)
        for settled in order
        if settled.item.id in rows and rows[settled.item.id].fence == settled.item.fence
    ]
    if ours:
        await connection.execute(_ITEM_ENDS, [_item_end(s) for s in ours])
        await connection.execute(_ATTEMPT_ENDS, [_attempt_end(s) for s in ours])
    reworded = [s for s in ours if s.payload is not None]
    if reworded:
        await connection.execute(
            _REWORDED,
            [{"row_id": s.item.id, "words": dict(s.payload or {})} for s in reworded],
        )
    return frozenset(s.item.id for s in ours)


def _unless_woken(settled: Settled, due_at: datetime) -> Settled:
    was_due = settled.item.due_at
    if settled.outcome is not Outcome.WAITED or was_due in (None, due_at):
        return settled
    return replace(settled, again_at=settled.at)


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
        waits_for=bindparam("awaited"),
        error=bindparam("why"),
        done_at=bindparam("ended"),
    )
)
_REWORDED = (
    update(outbox)
    .where(outbox.c.id == bindparam("row_id"))
    .values(payload=bindparam("words", type_=Json))
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
        exchanges=bindparam("said", type_=Json),
    )
)


def _item_end(settled: Settled) -> dict[str, Any]:
    return {
        "row_id": settled.item.id,
        "new_state": _STATES.get(settled.outcome, State.DUE),
        "again_at": settled.again_at or settled.at,
        "counted": settled.item.attempts,
        "since": settled.unknown_since,
        "sent_again": settled.item.resends,
        "awaited": settled.waits_for,
        "why": settled.error,
        "ended": settled.at if settled.outcome in _STATES else None,
    }


def _attempt_end(settled: Settled) -> dict[str, Any]:
    # Nothing was begun since a crash: what is open is the attempt that was cut off.
    is_cut = settled.item.interrupted and settled.outcome is not Outcome.DONE
    return {
        "row_id": settled.item.id,
        "at": settled.at,
        "how": Outcome.UNKNOWN if is_cut else settled.outcome,
        "why": settled.error,
        "provider": settled.provider_id,
        "said": list(settled.exchanges) or None,
    }
