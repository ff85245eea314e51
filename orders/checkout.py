"""A checkout that others run changes a placed order. Nothing here commits."""

from datetime import datetime

from sqlalchemy import bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.codec import dump_order
from orders.domain.checkout import CheckoutChange, checked_out
from orders.domain.order import Order
from orders.history import MoveKind, OrderMove
from orders.order_rows import StoredOrder, lock_order, write_order
from orders.steps import take_step
from orders.table import order, order_line

#: What moved, in the history.
CHECKOUT = "checkout"


async def check_out(
    connection: AsyncConnection,
    stored: StoredOrder,
    change: CheckoutChange,
    *,
    actor: str,
    responsible: str,
    now: datetime,
) -> tuple[Order, bool]:
    """Return the order with its checkout as it is now, and whether that is new.

    A repeat changes nothing. Raises IllegalMove or OrderGone.
    """
    held = await lock_order(connection, stored)
    wanted = checked_out(held, change)
    if wanted == held:
        return held, False
    moved = await write_order(connection, wanted, now=now)
    await connection.execute(
        update(order)
        .where(order.c.id == moved.id)
        .values(body=dump_order(moved), grand_total=moved.grand_total)
    )
    await connection.execute(
        update(order_line)
        .where(
            order_line.c.order_id == bindparam("of"),
            order_line.c.line_id == bindparam("line"),
        )
        .values(total=bindparam("much")),
        [{"of": moved.id, "line": e.id, "much": e.total} for e in moved.lines],
    )
    step = OrderMove(
        moved.state,
        actor,
        None,
        now,
        MoveKind.CONTENTS,
        CHECKOUT,
        responsible=responsible,
    )
    await take_step(connection, stored.tenant_id, moved, step)
    return moved, True
