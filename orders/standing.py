"""Orders paid, fulfilled and given back, in the database. Nothing here commits.

Each change is a row of the order's history and raises its version. Whoever calls with
`expected_version` is refused when somebody else was first.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.domain.lifecycle import Unchanged, after
from orders.domain.order import FulfilmentStatus, Order, PaymentStatus
from orders.domain.standing import (
    Part,
    fulfilment_of_parts,
    parts_to_fulfil,
    refunded_after,
)
from orders.history import MoveKind, OrderMove
from orders.holding import let_leave
from orders.order_rows import StoredOrder, lock_order, write_order
from orders.steps import take_step
from orders.table import order_line


async def set_payment(
    connection: AsyncConnection,
    stored: StoredOrder,
    status: PaymentStatus,
    *,
    actor: str,
    message: str | None = None,
    expected_version: int | None = None,
    now: datetime,
) -> Order:
    """Note how far the order is paid; a repeat changes nothing.

    Raises IllegalMove, OrderGone or VersionConflict.
    """
    held = await lock_order(connection, stored, expected_version=expected_version)
    if isinstance(after(held.payment_status, status), Unchanged):
        return held
    moved = await write_order(connection, replace(held, payment_status=status), now=now)
    step = OrderMove(held.state, actor, message, now, MoveKind.PAYMENT, status)
    await take_step(connection, stored.tenant_id, moved, step)
    return moved


async def fulfil(
    connection: AsyncConnection,
    stored: StoredOrder,
    quantities: Mapping[str, Decimal] | None = None,
    *,
    actor: str,
    message: str | None = None,
    expected_version: int | None = None,
    now: datetime,
) -> Order:
    """Note what has left the house, by line id; None: all that is still open.

    That part leaves the stock, too. The order's state is the caller's to move on: see
    `state_after_fulfilment`. All that was open having left already changes nothing.
    Raises BadPart, IllegalMove, OrderGone or VersionConflict.
    """
    held = await lock_order(connection, stored, expected_version=expected_version)
    parts = (await load_parts(connection, [held.id]))[held.id]
    leaving = parts_to_fulfil(parts, quantities)
    if not leaving:
        return held
    for line_id, much in leaving.items():
        part = parts[line_id]
        parts[line_id] = replace(part, fulfilled=part.fulfilled + much)
    status = fulfilment_of_parts(parts)
    after(held.fulfilment_status, status)
    await let_leave(connection, held.id, leaving)
    moved = replace(held, fulfilment_status=status)
    moved = await write_order(connection, moved, now=now)
    step = OrderMove(
        held.state, actor, message, now, MoveKind.FULFILMENT, status, parts=leaving
    )
    await take_step(connection, stored.tenant_id, moved, step)
    return moved


async def give_back(
    connection: AsyncConnection,
    stored: StoredOrder,
    *,
    actor: str,
    message: str | None = None,
    expected_version: int | None = None,
    now: datetime,
) -> Order:
    """Note that the goods came back. The stock stays: who counts them puts them back.

    Raises IllegalMove, OrderGone or VersionConflict.
    """
    held = await lock_order(connection, stored, expected_version=expected_version)
    status = FulfilmentStatus.RETURNED
    if isinstance(after(held.fulfilment_status, status), Unchanged):
        return held
    moved = replace(held, fulfilment_status=status)
    moved = await write_order(connection, moved, now=now)
    step = OrderMove(held.state, actor, message, now, MoveKind.FULFILMENT, status)
    await take_step(connection, stored.tenant_id, moved, step)
    return moved


async def refund(
    connection: AsyncConnection,
    stored: StoredOrder,
    amount: int | None = None,
    *,
    actor: str,
    message: str | None = None,
    expected_version: int | None = None,
    now: datetime,
) -> Order:
    """Note money given back, minor units; None: all that is left. We pay nothing out.

    The state is the caller's to move on to `refunded` once all of it is. Raises
    BadRefund, IllegalMove (it was never paid), OrderGone or VersionConflict.
    """
    held = await lock_order(connection, stored, expected_version=expected_version)
    total, status = refunded_after(held, amount)
    after(held.payment_status, status)
    moved = replace(held, refunded_total=total, payment_status=status)
    moved = await write_order(connection, moved, now=now)
    step = OrderMove(
        held.state,
        actor,
        message,
        now,
        MoveKind.REFUND,
        status,
        amount=total - held.refunded_total,
    )
    await take_step(connection, stored.tenant_id, moved, step)
    return moved


async def load_parts(
    connection: AsyncConnection, order_ids: Collection[str]
) -> dict[str, dict[str, Part]]:
    """Return how much of each line was ordered and has left, by order and line id."""
    rows = await connection.execute(
        select(order_line)
        .where(order_line.c.order_id.in_(sorted(order_ids)))
        .order_by(order_line.c.order_id, order_line.c.line_id)
    )
    parts: dict[str, dict[str, Part]] = {order_id: {} for order_id in order_ids}
    for row in rows:
        part = Part(row.line_id, row.quantity, row.fulfilled)
        parts[row.order_id][row.line_id] = part
    return parts
