"""What needs a person, and what comes back: listed, tried again, opened once more.

Nothing here commits.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.outbox.store import State, Topic
from orders.table import outbox


@dataclass(frozen=True, slots=True)
class Parked:
    """Something that was refused or given up, and that nobody sends by itself."""

    id: int
    tenant_id: str
    topic: Topic
    unique_key: str
    payload: Mapping[str, Any]
    attempts: int
    #: It was sent twice and nobody knows of either: sent again, it may arrive twice.
    may_have_arrived: bool
    error: str | None
    created_at: datetime
    parked_at: datetime | None


async def list_parked(
    connection: AsyncConnection,
    tenant_id: str | None = None,
    *,
    topic: Topic | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[Sequence[Parked], int]:
    """Return what is parked, newest first, and how many there are.

    `tenant_id` None asks as an operator, for all tenants.
    """
    mine = _parked(tenant_id)
    if topic is not None:
        mine.append(outbox.c.topic == topic)
    total = await connection.execute(
        select(func.count()).select_from(outbox).where(*mine)
    )
    rows = await connection.execute(
        select(outbox)
        .where(*mine)
        .order_by(outbox.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [_entry(row) for row in rows], total.scalar_one()


async def retry_parked(
    connection: AsyncConnection,
    tenant_id: str | None = None,
    *,
    ids: Collection[int] | None = None,
    topic: Topic | None = None,
    now: datetime,
) -> Sequence[Parked]:
    """Let parked items be sent again as if for the first time; return as they were.

    `ids` None: all of the tenant (None: of every tenant). What is not parked, must rest
    longer, or is another tenant's, is not among the answer.
    """
    mine = [*_parked(tenant_id), outbox.c.due_at <= now]
    if ids is not None:
        mine.append(outbox.c.id.in_(sorted(ids)))
    if topic is not None:
        mine.append(outbox.c.topic == topic)
    rows = await connection.execute(
        select(outbox).where(*mine).order_by(outbox.c.id).with_for_update()
    )
    found = [_entry(row) for row in rows]
    if found:
        await connection.execute(
            update(outbox)
            .where(outbox.c.id.in_([each.id for each in found]))
            .values(
                state=State.DUE,
                due_at=now,
                lease_until=None,
                attempts=0,
                resends=0,
                unknown_since=None,
                waits_for=None,
                error=None,
                done_at=None,
            )
        )
    return found


async def reopen(
    connection: AsyncConnection,
    item_id: int,
    *,
    due_at: datetime,
    error: str,
    payload: Mapping[str, Any] | None = None,
) -> None:
    """Let an item that was delivered be sent again: it did not arrive after all.

    Its attempts count on, so that this comes to an end.
    """
    words = {} if payload is None else {"payload": dict(payload)}
    await connection.execute(
        update(outbox)
        .where(outbox.c.id == item_id, outbox.c.state == State.DONE)
        .values(state=State.DUE, due_at=due_at, done_at=None, error=error, **words)
    )


async def park(
    connection: AsyncConnection,
    item_id: int,
    *,
    now: datetime,
    error: str,
    rest: timedelta = timedelta(0),
) -> None:
    """Show an item that was delivered to a person: it did not arrive after all.

    Nobody may try it again before it had its `rest`.
    """
    await connection.execute(
        update(outbox)
        .where(outbox.c.id == item_id, outbox.c.state == State.DONE)
        .values(state=State.PARKED, done_at=now, due_at=now + rest, error=error)
    )


def _parked(tenant_id: str | None) -> list[Any]:
    mine = [outbox.c.state == State.PARKED]
    if tenant_id is not None:
        mine.append(outbox.c.tenant_id == tenant_id)
    return mine


def _entry(row: Row[Any]) -> Parked:
    return Parked(
        id=row.id,
        tenant_id=row.tenant_id,
        topic=Topic(row.topic),
        unique_key=row.unique_key,
        payload=row.payload,
        attempts=row.attempts,
        may_have_arrived=row.resends > 0,
        error=row.error,
        created_at=row.created_at,
        parked_at=row.done_at,
    )
