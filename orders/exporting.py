"""Which orders other systems of the merchant have taken, in the database."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.domain.order import OrderState
from orders.outbox.store import State
from orders.table import order_move, outbox, sink

#: The actor of a move that a sink made.
_BY_SINK = "sink:"
_TAKEN = (OrderState.PROVISIONING, OrderState.PROVISIONED)


async def taken_by_sinks(
    connection: AsyncConnection, tenant_id: str, order_ids: Collection[str]
) -> frozenset[str]:
    """Return which of these orders a sink has taken: its system answered 2xx."""
    moved = await connection.scalars(
        select(order_move.c.order_id).where(
            order_move.c.tenant_id == tenant_id,
            order_move.c.order_id.in_(sorted(order_ids)),
            order_move.c.state.in_(_TAKEN),
            order_move.c.actor.startswith(_BY_SINK),
        )
    )
    # One that came in shipped does not move: its event tells.
    sinks = await connection.scalars(
        select(sink.c.id).where(sink.c.tenant_id == tenant_id)
    )
    keys = {f"order:{o}:sink:{s}": o for s in sinks for o in order_ids}
    done = await connection.scalars(
        select(outbox.c.unique_key).where(
            outbox.c.tenant_id == tenant_id,
            outbox.c.unique_key.in_(sorted(keys)),
            outbox.c.state == State.DONE,
        )
    )
    return frozenset(moved) | {keys[each] for each in done}
