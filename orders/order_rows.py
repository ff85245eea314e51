"""Orders as rows: read, and found by their id. Nothing here commits."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.codec import load_order as read_order
from orders.domain.entity_version import require_version
from orders.domain.order import FulfilmentStatus, Order, OrderState, PaymentStatus
from orders.table import order


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """An order and whose it is."""

    order: Order
    tenant_id: str
    conversation_id: str | None


class OrderGone(LookupError):
    """There is no such order of that tenant."""


#: What `stored_order` reads.
ORDER_COLUMNS = (
    order.c.id,
    order.c.tenant_id,
    order.c.conversation_id,
    order.c.number,
    order.c.customer_id,
    order.c.state,
    order.c.external_id,
    order.c.checkout_url,
    order.c.body,
    order.c.payment_status,
    order.c.fulfilment_status,
    order.c.refunded_total,
    order.c.entity_version,
    order.c.updated_at,
)


def _order(row: Row[Any]) -> Order:
    """Return the order as placed, with what has changed since."""
    return replace(
        read_order(row.body),
        number=row.number,
        customer_id=row.customer_id,
        state=OrderState(row.state),
        external_id=row.external_id,
        checkout_url=row.checkout_url,
        payment_status=PaymentStatus(row.payment_status),
        fulfilment_status=FulfilmentStatus(row.fulfilment_status),
        refunded_total=row.refunded_total,
        entity_version=row.entity_version,
        updated_at=row.updated_at,
    )


def stored_order(row: Row[Any]) -> StoredOrder:
    """Return the order of a row of `ORDER_COLUMNS`."""
    return StoredOrder(_order(row), row.tenant_id, row.conversation_id)


async def last_orders(
    connection: AsyncConnection, conversation_ids: Collection[str]
) -> dict[str, Order]:
    """Return each conversation's newest order, if it has one."""
    age = func.row_number().over(
        partition_by=order.c.conversation_id,
        order_by=(order.c.placed_at.desc(), order.c.number.desc()),
    )
    aged = (
        select(*ORDER_COLUMNS, age.label("age"))
        .where(order.c.conversation_id.in_(sorted(conversation_ids)))
        .subquery()
    )
    rows = await connection.execute(select(aged).where(aged.c.age == 1))
    return {row.conversation_id: _order(row) for row in rows}


async def load_order(
    connection: AsyncConnection, tenant_id: str, order_id: str
) -> StoredOrder | None:
    """Return the tenant's order, or None: another tenant's order is none."""
    rows = await connection.execute(_one_order(tenant_id, order_id))
    row = rows.one_or_none()
    if row is None:
        return None
    return stored_order(row)


async def order_of_draft(
    connection: AsyncConnection, tenant_id: str, draft_id: str
) -> StoredOrder | None:
    """Return the order that the tenant's draft became, or None."""
    query: Select[Any] = select(*ORDER_COLUMNS).where(
        order.c.draft_id == draft_id, order.c.tenant_id == tenant_id
    )
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else stored_order(row)


def _one_order(tenant_id: str, order_id: str) -> Select[Any]:
    return select(*ORDER_COLUMNS).where(
        order.c.id == order_id, order.c.tenant_id == tenant_id
    )


async def lock_order(
    connection: AsyncConnection,
    stored: StoredOrder,
    *,
    expected_version: int | None = None,
) -> Order:
    """Return the order as it is in the database; nobody changes it until the commit.

    Raises OrderGone, or VersionConflict when it is not at the expected version.
    """
    found = await connection.execute(
        _one_order(stored.tenant_id, stored.order.id).with_for_update()
    )
    row = found.one_or_none()
    if row is None:
        raise OrderGone(f"tenant {stored.tenant_id} has no order {stored.order.id}")
    require_version(f"order {row.id}", expected_version, row.entity_version)
    return _order(row)


async def write_order(
    connection: AsyncConnection, changed: Order, *, now: datetime
) -> Order:
    """Store what changed of a locked order; return it with its next version."""
    raised = replace(changed, entity_version=changed.entity_version + 1, updated_at=now)
    await connection.execute(
        update(order)
        .where(order.c.id == raised.id)
        .values(
            state=raised.state,
            external_id=raised.external_id,
            checkout_url=raised.checkout_url,
            payment_status=raised.payment_status,
            fulfilment_status=raised.fulfilment_status,
            refunded_total=raised.refunded_total,
            entity_version=raised.entity_version,
            updated_at=now,
        )
    )
    return raised
