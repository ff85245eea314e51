"""A step of an order: into its history, and to the sinks that hear of it.

Nothing here commits. Events of one order and one sink are delivered one by one.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.table import tenant
from orders.domain.event_names import ORDER_PLACED, ORDER_UPDATED
from orders.domain.events import SinkAccount, placed_key
from orders.domain.order import Order, OrderState
from orders.domain.routing import has_route, hears
from orders.history import MoveKind, OrderMove, add_move
from orders.outbox.store import Item, State, Topic, append
from orders.sinks import load_sinks
from orders.table import outbox

#: Steps that are no news: we take them ourselves, or another event tells them.
_UNTOLD = frozenset({OrderState.PROVISIONING, OrderState.CANCELLED})


async def take_step(
    connection: AsyncConnection, tenant_id: str, moved: Order, step: OrderMove
) -> None:
    """Write a step into an order's history, and let the sinks know.

    `moved` is the order after it, stored already. Ring the outbox's bell after the
    commit, or they hear of it a moment later.
    """
    await add_move(connection, tenant_id, moved.id, step)
    if step.kind is MoveKind.STATE and step.state in _UNTOLD:
        return
    await _tell(connection, tenant_id, moved, step)


async def _tell(
    connection: AsyncConnection, tenant_id: str, moved: Order, step: OrderMove
) -> None:
    sinks = (await load_sinks(connection, [tenant_id]))[tenant_id]
    listening = [each for each in sinks if hears(each, ORDER_UPDATED)]
    if not listening:
        return
    shards = await connection.execute(
        select(tenant.c.shard).where(tenant.c.id == tenant_id)
    )
    shard = shards.scalar_one()
    told = await placed_rows(connection, tenant_id, moved.id, listening)
    having = {row.unique_key for row in told}
    items = []
    for sink in listening:
        key = placed_key(moved.id, sink.id)
        # One that hears of no placed orders hears of what follows all the same.
        unasked = not hears(sink, ORDER_PLACED) and not has_route(sink)
        if key in having or unasked:
            of = {"of": key} if key in having else {}
            payload = {**_payload(tenant_id, sink.id, moved, step), **of}
            items.append(
                Item(
                    tenant_id=tenant_id,
                    shard=shard,
                    topic=Topic.EVENT,
                    lane=key,
                    unique_key=f"order:{moved.id}:v{moved.entity_version}:sink:{sink.id}",
                    payload=payload,
                    due_at=step.at,
                )
            )
    await append(connection, items, now=step.at)


async def placed_rows(
    connection: AsyncConnection,
    tenant_id: str,
    order_id: str,
    sinks: Sequence[SinkAccount],
) -> Sequence[Row[Any]]:
    """Return the events of a placed order that were sent or wait, oldest first."""
    rows = await connection.execute(
        select(outbox)
        .where(
            outbox.c.tenant_id == tenant_id,
            outbox.c.unique_key.in_([placed_key(order_id, each.id) for each in sinks]),
            outbox.c.state.in_((State.DONE, State.DUE)),
        )
        .order_by(outbox.c.id)
    )
    return rows.all()


def _payload(
    tenant_id: str, sink_id: str, moved: Order, step: OrderMove
) -> dict[str, object]:
    """Return what names the step, and how the order stood right after it."""
    is_state = step.kind is MoveKind.STATE
    return {
        "type": ORDER_UPDATED,
        "tenant_id": tenant_id,
        "order_id": moved.id,
        "sink_id": sink_id,
        "at": step.at.isoformat(),
        "kind": step.kind.value,
        "value": step.state.value if is_state else step.value or "",
        "state": moved.state.value,
        "payment_status": moved.payment_status.value,
        "fulfilment_status": moved.fulfilment_status.value,
        "refunded_total": moved.refunded_total,
        "external_id": moved.external_id,
        "entity_version": moved.entity_version,
    }
