"""What waits in the outbox: written, cancelled, woken. Nothing here commits.

How it is claimed and sent is in `orders.outbox.attempts`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import or_, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.table import outbox


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
    attempts: int  #: Begun so far, and not taken back.
    lease_until: datetime
    created_at: datetime
    unknown_since: datetime | None
    resends: int
    interrupted: bool  #: An attempt was begun and never ended: a crash.
    waits_for: str | None = None  #: What it waited for when it was last looked at.
    due_at: datetime | None = None  #: When it was due as it was claimed.


class Outcome(StrEnum):
    DONE = "done"
    RETRY = "retry"
    UNKNOWN = "unknown"
    PARKED = "parked"
    CANCELLED = "cancelled"
    WAITED = "waited"  #: No news, or paused: nothing arrived, nothing counts.


@dataclass(frozen=True, slots=True)
class Settled:
    """How an item ended, and when to look again (RETRY, UNKNOWN, WAITED).

    PARKED: from when on a person may try it again; None: at once.

    `item` is stored as it is here: with the attempts and resends that count.
    """

    item: Due
    outcome: Outcome
    at: datetime
    again_at: datetime | None = None
    error: str | None = None
    provider_id: str | None = None
    unknown_since: datetime | None = None
    waits_for: str | None = None  #: The name under which `wake` finds it.
    payload: Mapping[str, Any] | None = None  #: Replaces the item's, unless None.
    #: What was said, as JSON: see `orders.outbox.transcript`.
    exchanges: Sequence[Mapping[str, object]] = ()


async def append(
    connection: AsyncConnection, items: Sequence[Item], *, now: datetime
) -> None:
    """Write items in the caller's transaction; a key that is there already stays."""
    if not items:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    rows = [_row(item, now) for item in items]
    await connection.execute(dialect.insert(outbox).on_conflict_do_nothing(), rows)


async def put(
    connection: AsyncConnection, items: Sequence[Item], *, now: datetime
) -> None:
    """Write items in the caller's transaction; a key that is there begins anew.

    That moves a timer, whether it waits, has fired or was cancelled. Whoever delivers
    the old one in this moment does so, and its end is not written any more.
    """
    if not items:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    rows = sorted(
        (_row(item, now) for item in items),
        key=lambda row: (row["tenant_id"], row["unique_key"]),
    )
    statement = dialect.insert(outbox)
    # When it was made stays: what is swept by age is found by the order of the ids.
    names = ("topic", "lane", "payload", "state", "due_at")
    anew: dict[str, Any] = {name: statement.excluded[name] for name in names}
    # The fence never goes back: attempts are numbered by it.
    anew |= {"fence": outbox.c.fence + 1, "attempts": 0, "resends": 0}
    anew |= dict.fromkeys(("lease_until", "unknown_since", "waits_for"))
    anew |= dict.fromkeys(("error", "done_at"))
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=[outbox.c.tenant_id, outbox.c.unique_key], set_=anew
        ),
        rows,
    )


def _row(item: Item, now: datetime) -> dict[str, Any]:
    return {
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
    connection: AsyncConnection,
    *,
    lane: str,
    keep: Collection[str] = (),
    now: datetime,
) -> tuple[Mapping[str, Any], ...]:
    """Cancel what waits in a lane and is not being sent now; return its payloads.

    `keep`: names in payloads; what has one of them true goes on waiting.
    """
    kept = [outbox.c.payload[name].as_boolean().is_not(true()) for name in keep]
    gone = await connection.execute(
        update(outbox)
        .where(
            outbox.c.lane == lane,
            outbox.c.state == State.DUE,
            or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= now),
            outbox.c.unknown_since.is_(None),
            *kept,
        )
        .values(state=State.CANCELLED, done_at=now)
        .returning(outbox.c.payload)
    )
    return tuple(gone.scalars())


async def waits_behind(connection: AsyncConnection, item: Due, *, mark: str) -> bool:
    """Return whether something whose payload has the mark waits behind in its lane."""
    found = await connection.execute(
        select(outbox.c.id)
        .where(
            outbox.c.lane == item.lane,
            outbox.c.state == State.DUE,
            outbox.c.id > item.id,
            outbox.c.payload[mark].as_boolean().is_(true()),
        )
        .limit(1)
    )
    return found.first() is not None


async def wake(
    connection: AsyncConnection, names: Collection[str], *, now: datetime
) -> int:
    """Let what waits for one of the names be looked at now; return how many do.

    It never waits: an item that somebody settles in this moment is looked at later.
    """
    found = await connection.execute(
        select(outbox.c.id)
        .where(outbox.c.waits_for.in_(sorted(names)), outbox.c.state == State.DUE)
        .order_by(outbox.c.id)
        .with_for_update(skip_locked=True)
    )
    ids = list(found.scalars())
    if ids:
        await connection.execute(
            update(outbox).where(outbox.c.id.in_(ids)).values(due_at=now)
        )
    return len(ids)


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
