"""Orders that their customers cancel: in the same transaction as the turn that says so.

The order must still be as far as it was when the customer was told that it is
cancelled: one that moved on meanwhile makes the turn run again.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.announcing import overdue_key
from bot.worker.judging import Outcome, id_of
from orders import Order, OrderState
from orders.cancelling import tell_sinks
from orders.moving import move_order
from orders.outbox.store import cancel
from orders.store import StoredOrder
from orders.table import order as order_table

_SAID = "the customer cancelled it"


async def moved_on(
    connection: AsyncConnection, outcomes: Sequence[Outcome]
) -> frozenset[str]:
    """Return the conversations whose order to cancel is further than it was.

    The others' orders stay as they are until the commit.
    """
    further = {
        id_of(outcome)
        for outcome, order in _cancelled(outcomes)
        if await _state(connection, outcome, order) != order.state
    }
    return frozenset(further)


async def cancel_orders(
    connection: AsyncConnection, outcomes: Sequence[Outcome], now: datetime
) -> None:
    """Cancel what turns cancel; the caller has asked `moved_on`."""
    for outcome, order in _cancelled(outcomes):
        tenant_id = outcome.loaded.tenant.id
        await move_order(
            connection,
            StoredOrder(order, tenant_id, id_of(outcome)),
            OrderState.CANCELLED,
            actor=f"contact:{outcome.loaded.contact.id}",
            message=_SAID,
            now=now,
        )
        await tell_sinks(
            connection,
            tenant_id=tenant_id,
            order_id=order.id,
            now=now,
        )
        await cancel(
            connection,
            tenant_id=tenant_id,
            unique_keys=[overdue_key(order.id)],
            now=now,
        )


def _cancelled(outcomes: Sequence[Outcome]) -> list[tuple[Outcome, Order]]:
    """Return the orders to cancel, in the order that everybody locks them in."""
    found = [(o, o.decision.cancelled) for o in outcomes]
    wanted = [(o, order) for o, order in found if order is not None]
    return sorted(wanted, key=lambda each: each[1].id)


async def _state(
    connection: AsyncConnection, outcome: Outcome, order: Order
) -> str | None:
    found = await connection.execute(
        select(order_table.c.state)
        .where(
            order_table.c.id == order.id,
            order_table.c.tenant_id == outcome.loaded.tenant.id,
        )
        .with_for_update()
    )
    state: str | None = found.scalar()
    return state
