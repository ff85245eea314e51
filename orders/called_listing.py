"""Orders that calls of a face made, with the bodies that made them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.domain.ids import Face
from orders.domain.order import Order
from orders.order_rows import ORDER_COLUMNS, stored_order
from orders.table import order, order_call


@dataclass(frozen=True, slots=True)
class CalledOrder:
    """An order, and the body of the call that made it."""

    order: Order
    raw: Mapping[str, object]


async def called_orders(
    connection: AsyncConnection,
    tenant_id: str,
    face: Face,
    channel: str,
    *,
    key: str | None = None,
    limit: int,
    offset: int = 0,
) -> tuple[Sequence[CalledOrder], int]:
    """Return the orders of a face's channel, newest first, and how many there are.

    `key`: only the one that was made with it. Orders of people who were forgotten are
    left out: of them there is no body any more.
    """
    mine = [
        order_call.c.tenant_id == tenant_id,
        order_call.c.face == face,
        order_call.c.channel == channel,
        order_call.c.raw.is_not(None),
    ]
    if key is not None:
        mine.append(order_call.c.key == key)
    joined = order_call.join(order, order.c.id == order_call.c.order_id)
    total = await connection.execute(
        select(func.count()).select_from(joined).where(*mine)
    )
    query: Select[Any] = (
        select(*ORDER_COLUMNS, order_call.c.raw)
        .select_from(joined)
        .where(*mine)
        .order_by(order_call.c.at.desc(), order_call.c.order_id.desc())
        .limit(limit)
        .offset(offset)
    )
    rows = await connection.execute(query)
    found = [CalledOrder(stored_order(row).order, row.raw) for row in rows]
    return found, total.scalar_one()
