"""The outbox as people look at it: what went, what waits, and each try.

Payloads are not shown: they may hold what was said to a customer. Nothing commits.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.outbox.store import State, Topic
from orders.outbox.transcript import Exchange
from orders.table import outbox, outbox_attempt


@dataclass(frozen=True, slots=True)
class Seen:
    """Something that leaves the process, or left it."""

    id: int
    topic: Topic
    unique_key: str
    state: State
    order_id: str | None
    sink_id: str | None
    conversation_id: str | None
    message_id: str | None
    attempts: int
    error: str | None
    created_at: datetime
    due_at: datetime
    done_at: datetime | None
    waits_for: str | None
    type: str | None  #: Of an event: a name of `orders.domain.event_names`.


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to deliver it."""

    number: int
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    error: str | None
    exchanges: Sequence[Exchange]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which items; None: whichever."""

    topic: Topic | None = None
    state: State | None = None
    order_id: str | None = None
    sink_id: str | None = None


async def list_items(
    connection: AsyncConnection,
    tenant_id: str,
    wanted: Wanted,
    *,
    before: int | None = None,
    limit: int,
) -> tuple[Sequence[Seen], int | None]:
    """Return the tenant's items, newest first, and the id to go on before."""
    mine = [outbox.c.tenant_id == tenant_id, *_conditions(wanted)]
    if before is not None:
        mine.append(outbox.c.id < before)
    rows = await connection.execute(
        _items().where(*mine).order_by(outbox.c.id.desc()).limit(limit + 1)
    )
    found = [_seen(row) for row in rows]
    return found[:limit], found[limit - 1].id if len(found) > limit else None


async def find_item(
    connection: AsyncConnection, tenant_id: str, item_id: int
) -> Seen | None:
    """Return the tenant's item with that id, or None."""
    rows = await connection.execute(
        _items().where(outbox.c.id == item_id, outbox.c.tenant_id == tenant_id)
    )
    row = rows.one_or_none()
    return None if row is None else _seen(row)


async def states_of(
    connection: AsyncConnection, tenant_id: str, unique_keys: Collection[str]
) -> Mapping[str, State]:
    """Return in which state the tenant's items of these names are, those there are."""
    rows = await connection.execute(
        select(outbox.c.unique_key, outbox.c.state).where(
            outbox.c.tenant_id == tenant_id,
            outbox.c.unique_key.in_(sorted(unique_keys)),
        )
    )
    return {row.unique_key: State(row.state) for row in rows}


async def attempts_of(
    connection: AsyncConnection, item_ids: Collection[int], *, limit: int = 100
) -> Mapping[int, Sequence[Attempt]]:
    """Return the newest tries of each of these items, newest first."""
    newest = func.row_number().over(
        partition_by=outbox_attempt.c.outbox_id,
        order_by=outbox_attempt.c.number.desc(),
    )
    ranked = (
        select(outbox_attempt, newest.label("place"))
        .where(outbox_attempt.c.outbox_id.in_(sorted(item_ids)))
        .subquery()
    )
    rows = await connection.execute(
        select(ranked)
        .where(ranked.c.place <= limit)
        .order_by(ranked.c.outbox_id, ranked.c.place)
    )
    found: dict[int, list[Attempt]] = {each: [] for each in item_ids}
    for row in rows:
        found[row.outbox_id].append(_attempt(row))
    return found


def _attempt(row: Row[Any]) -> Attempt:
    return Attempt(
        row.number,
        row.started_at,
        row.ended_at,
        row.outcome,
        row.error,
        [Exchange(**each) for each in row.exchanges or ()],
    )


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    payload = outbox.c.payload
    same: list[tuple[ColumnElement[Any], object]] = [
        (outbox.c.topic, wanted.topic),
        (outbox.c.state, wanted.state),
        (payload["order_id"].as_string(), wanted.order_id),
        (payload["sink_id"].as_string(), wanted.sink_id),
    ]
    return [column == value for column, value in same if value is not None]


_NAMED = ("order_id", "sink_id", "conversation_id", "message_id", "type")


def _items() -> Select[Any]:
    named = [outbox.c.payload[name].as_string().label(name) for name in _NAMED]
    return select(
        outbox.c.id,
        outbox.c.topic,
        outbox.c.unique_key,
        outbox.c.state,
        outbox.c.attempts,
        outbox.c.error,
        outbox.c.created_at,
        outbox.c.due_at,
        outbox.c.done_at,
        outbox.c.waits_for,
        *named,
    )


def _seen(row: Row[Any]) -> Seen:
    return Seen(
        id=row.id,
        topic=Topic(row.topic),
        unique_key=row.unique_key,
        state=State(row.state),
        order_id=row.order_id,
        sink_id=row.sink_id,
        conversation_id=row.conversation_id,
        message_id=row.message_id,
        attempts=row.attempts,
        error=row.error,
        created_at=row.created_at,
        due_at=row.due_at,
        done_at=row.done_at,
        waits_for=row.waits_for,
        type=row.type if row.topic == Topic.EVENT else None,
    )
