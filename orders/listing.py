"""A tenant's orders, a part of the list at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.paging import Paged
from orders.domain.order import OrderState
from orders.store import ORDER_COLUMNS, StoredOrder, stored_order
from orders.table import order

#: More than these no order's number has.
_DIGITS = 18


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders; None: whichever."""

    state: OrderState | None = None
    conversation_id: str | None = None
    customer_id: str | None = None
    number: int | None = None
    external_id: str | None = None
    placed_from: datetime | None = None
    placed_before: datetime | None = None
    search: str | None = None  #: A number, or a part of a name, a phone or an id.


async def list_orders(
    connection: AsyncConnection,
    tenant_id: str,
    wanted: OrderFilter,
    *,
    limit: int,
    offset: int = 0,
) -> tuple[Sequence[StoredOrder], int]:
    """Return the tenant's orders, newest first, and how many there are."""
    mine = [order.c.tenant_id == tenant_id, *_conditions(wanted)]
    query: Select[Any] = (
        select(*ORDER_COLUMNS)
        .where(*mine)
        .order_by(order.c.placed_at.desc(), order.c.number.desc())
        .limit(limit)
        .offset(offset)
    )
    rows = await connection.execute(query)
    found = [stored_order(row) for row in rows]
    count = select(func.count()).select_from(order).where(*mine)
    return found, await Paged(limit, offset).total(connection, len(found), count)


def _conditions(wanted: OrderFilter) -> list[ColumnElement[bool]]:
    same = {
        "state": wanted.state,
        "conversation_id": wanted.conversation_id,
        "customer_id": wanted.customer_id,
        "number": wanted.number,
        "external_id": wanted.external_id,
    }
    found = [
        order.c[name] == value for name, value in same.items() if value is not None
    ]
    if wanted.placed_from is not None:
        found.append(order.c.placed_at >= wanted.placed_from)
    if wanted.placed_before is not None:
        found.append(order.c.placed_at < wanted.placed_before)
    if wanted.search is not None:
        found.append(_found_by(wanted.search.strip()))
    return found


def _found_by(words: str) -> ColumnElement[bool]:
    """Return the condition of orders that a search means: `12`, `#12`, `yilmaz`."""
    named = [order.c.body[name].as_string() for name in ("name", "phone", "company")]
    parts = [
        each.icontains(words, autoescape=True)
        for each in (*named, order.c.external_id, order.c.id)
    ]
    digits = words.removeprefix("#")
    if digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS:
        parts.append(order.c.number == int(digits))
    return or_(*parts)
