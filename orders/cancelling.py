"""Sinks that have an order are told that it is cancelled. Nothing here commits."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.domain.event_names import ORDER_CANCELLED, ORDER_PLACED
from orders.domain.events import Outgoing, cancelled_event, placed_key
from orders.domain.routing import hears, is_new
from orders.outbox.store import Item, State, Topic, append
from orders.sinks import load_sinks
from orders.table import outbox


async def tell_sinks(
    connection: AsyncConnection,
    *,
    tenant_id: str,
    order_id: str,
    by_callback: bool = False,
    now: datetime,
) -> None:
    """Let every sink that was told of an order hear that it is cancelled, once.

    What no sink was told yet is withdrawn when it is looked at, and this with it.
    `by_callback`: a merchant's system has said so; those that ask for no more than
    orders know of it already.
    """
    sinks = (await load_sinks(connection, [tenant_id]))[tenant_id]
    keys = [
        placed_key(order_id, each.id)
        for each in sinks
        if hears(each, ORDER_CANCELLED) and (is_new(each) or not by_callback)
    ]
    rows = await connection.execute(
        select(outbox)
        .where(
            outbox.c.tenant_id == tenant_id,
            outbox.c.unique_key.in_(keys),
            outbox.c.state.in_((State.DONE, State.DUE)),
        )
        .order_by(outbox.c.id)
        # Whoever would send one that lies there looks at the order after our commit.
        .with_for_update()
    )
    items = [
        _item(tenant_id, row.shard, cancelled_event(told), now)
        for row in rows
        if row.payload.get("type") == ORDER_PLACED and _perhaps_sent(row)
        for told in [Outgoing(row.unique_key, row.lane, row.payload)]
    ]
    await append(connection, items, now=now)


def _perhaps_sent(row: Row[Any]) -> bool:
    return row.state == State.DONE or row.attempts > 0 or row.lease_until is not None


def _item(tenant_id: str, shard: int, event: Outgoing, now: datetime) -> Item:
    return Item(
        tenant_id=tenant_id,
        shard=shard,
        topic=Topic.EVENT,
        lane=event.lane,
        unique_key=event.unique_key,
        payload=event.payload,
        due_at=now,
    )


async def was_told(connection: AsyncConnection, tenant_id: str, key: str) -> bool:
    """Return whether an event arrived at its sink."""
    found = await connection.execute(
        select(outbox.c.id).where(
            outbox.c.tenant_id == tenant_id,
            outbox.c.unique_key == key,
            outbox.c.state == State.DONE,
        )
    )
    return found.first() is not None
