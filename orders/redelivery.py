"""Telling a sink of an order once more: the same event, with the same id.

Nothing here commits.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.domain.events import SinkAccount, SinkState, provisioning_events
from orders.outbox.store import Item, State, Topic, append
from orders.table import outbox


class SinkPaused(Exception):
    """Nothing is sent to a sink that is paused."""


async def redeliver(
    connection: AsyncConnection,
    sink: SinkAccount,
    order_id: str,
    *,
    shard: int,
    now: datetime,
) -> int:
    """Let a sink be told of an order (again) now; return the id of the outbox item.

    A sink that was added after the order was placed is told of it, too. What is on its
    way already stays so. The caller has seen that the order is the tenant's. Raises
    SinkPaused.
    """
    if sink.state is SinkState.PAUSED:
        raise SinkPaused(f"the sink {sink.id} is paused: activate it first")
    (event,) = provisioning_events(order_id, sink.tenant_id, [sink])
    await append(
        connection,
        [
            Item(
                tenant_id=sink.tenant_id,
                shard=shard,
                topic=Topic.EVENT,
                lane=event.lane,
                unique_key=event.unique_key,
                payload=event.payload,
                due_at=now,
            )
        ],
        now=now,
    )
    mine = (
        outbox.c.tenant_id == sink.tenant_id,
        outbox.c.unique_key == event.unique_key,
    )
    found = await connection.execute(select(outbox.c.id).where(*mine).with_for_update())
    item_id: int = found.scalar_one()
    await connection.execute(
        update(outbox)
        .where(outbox.c.id == item_id, outbox.c.state != State.DUE)
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
    return item_id
