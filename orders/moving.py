"""An order moves on: its state, its history, its stock, and who hears of it.

Nothing here commits.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from orders.domain.lifecycle import Unchanged, after
from orders.domain.order import FulfilmentStatus, Order, OrderState
from orders.domain.standing import fulfilment_in, payment_in
from orders.history import OrderMove
from orders.holding import all_left, settle_stock
from orders.order_rows import lock_order, write_order
from orders.steps import take_step
from orders.store import StoredOrder


async def move_order(
    connection: AsyncConnection,
    stored: StoredOrder,
    target: OrderState,
    *,
    actor: str,
    message: str | None = None,
    external_id: str | None = None,
    checkout_url: str | None = None,
    responsible: str | None = None,
    for_good: bool = False,
    now: datetime,
    expected_version: int | None = None,
) -> Order:
    """Return the order, moved on; a repeat changes no more than its id and link.

    The state is the one in the database, locked, not the one of `stored`. Its stock is
    settled as `orders.holding` says; `for_good` says of a failed provisioning that
    nobody will try again. What the state tells of payment and fulfilment is stored
    with it, and told by the same row of the history. Raises IllegalMove, OrderGone,
    StockGone or VersionConflict.
    """
    before = await lock_order(connection, stored, expected_version=expected_version)
    moved = replace(
        before,
        state=target,
        external_id=external_id or before.external_id,
        checkout_url=checkout_url or before.checkout_url,
    )
    if isinstance(after(before.state, target), Unchanged):
        if moved != before:
            moved = await write_order(connection, moved, now=now)
        return moved
    moved = replace(
        moved,
        payment_status=payment_in(target, moved.payment_status),
        fulfilment_status=fulfilment_in(target, moved.fulfilment_status),
    )
    moved = await write_order(connection, moved, now=now)
    step = OrderMove(target, actor, message, now, responsible=responsible)
    await take_step(connection, stored.tenant_id, moved, step)
    await settle_stock(connection, moved.id, before.state, target, for_good=for_good)
    if moved.fulfilment_status is FulfilmentStatus.FULFILLED:
        await all_left(connection, moved.id)
    return moved
