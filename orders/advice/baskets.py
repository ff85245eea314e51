"""Orders as advice sees them: baskets."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.domain.money import to_major
from orders.advice.domain.basket import Basket, Bought
from orders.domain.order import OrderState
from orders.table import order, order_line

#: What was taken back was not bought.
_NOT_BOUGHT = (OrderState.CANCELLED.value, OrderState.REFUNDED.value)
#: A shop's latest orders tell its market; some 11,000 take three seconds to learn.
MOST_ORDERS = 10_000
#: Of one customer.
_MOST_OWN = 1_000
_ROWS = 500


@dataclass(frozen=True, slots=True)
class OwnOrders:
    """A customer's baskets, and what their orders are called elsewhere."""

    baskets: tuple[Basket, ...]
    names: Mapping[str, str]  #: External id or number -> our id.


async def newest_order(connection: AsyncConnection, tenant_id: str) -> int:
    """Return the number of the shop's newest order; 0: it has none."""
    found = await connection.execute(
        select(func.max(order.c.number)).where(order.c.tenant_id == tenant_id)
    )
    return found.scalar() or 0


async def shop_baskets(
    connection: AsyncConnection, tenant_id: str, *, most: int = MOST_ORDERS
) -> list[Basket]:
    """Return a shop's latest orders as baskets, newest first."""
    query = _orders(tenant_id).order_by(order.c.number.desc()).limit(most)
    return await _baskets(connection, query)


async def own_orders(
    connection: AsyncConnection, tenant_id: str, customer_id: str
) -> OwnOrders:
    """Return what a customer ordered."""
    query = (
        _orders(tenant_id)
        .where(order.c.customer_id == customer_id)
        .order_by(order.c.number.desc())
        .limit(_MOST_OWN)
    )
    chosen = query.subquery()
    rows = await connection.execute(
        select(chosen.c.id, chosen.c.number, chosen.c.external_id)
    )
    names: dict[str, str] = {}
    for row in rows:
        names[str(row.number)] = row.id
        if row.external_id is not None:
            names[row.external_id] = row.id
    return OwnOrders(tuple(await _baskets(connection, query)), names)


def _orders(tenant_id: str) -> Select[Any]:
    return select(
        order.c.id,
        order.c.number,
        order.c.external_id,
        order.c.customer_id,
        order.c.conversation_id,
        order.c.currency,
        order.c.placed_at,
    ).where(order.c.tenant_id == tenant_id, order.c.state.not_in(_NOT_BOUGHT))


async def _baskets(connection: AsyncConnection, query: Select[Any]) -> list[Basket]:
    chosen = query.subquery()
    result = await connection.stream(
        select(
            chosen, order_line.c.product_id, order_line.c.quantity, order_line.c.total
        )
        .join(order_line, order_line.c.order_id == chosen.c.id)
        # A line that was written by hand is no product.
        .where(order_line.c.product_id != "")
        .order_by(chosen.c.number.desc(), order_line.c.line_id)
    )
    found: list[Basket] = []
    lines: list[Bought] = []
    last: Row[Any] | None = None
    async for rows in result.partitions(_ROWS):
        for row in rows:
            if last is not None and row.id != last.id:
                found.append(_basket(last, lines))
                lines = []
            lines.append(_bought(row))
            last = row
    if last is not None:
        found.append(_basket(last, lines))
    return found


def _basket(row: Row[Any], lines: list[Bought]) -> Basket:
    # Who has no account is known by their chat.
    who = row.customer_id or row.conversation_id or row.id
    return Basket(row.id, who, row.placed_at, tuple(lines))


def _bought(row: Row[Any]) -> Bought:
    total = to_major(row.total, row.currency)
    price = total / row.quantity if row.quantity else Decimal(0)
    return Bought(row.product_id, row.quantity, price)
