"""A tenant's customers: listed, read, corrected. Nothing here commits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.table import tenant
from orders.codec import load_address
from orders.domain.draft import Address
from orders.table import customer, customer_address


class ExternalIdTaken(Exception):
    """Another customer of the tenant has this id of the merchant's system."""

    def __init__(self, external_id: str, customer_id: str) -> None:
        super().__init__(f"{external_id!r} is the customer {customer_id}")
        self.customer_id = customer_id


@dataclass(frozen=True, slots=True)
class Customer:
    """Who buys."""

    id: str
    contact_id: str | None
    name: str | None
    external_id: str | None
    phone: str | None
    email: str | None
    tax_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CustomerAddress:
    """Where a customer had something delivered."""

    id: str
    address: Address
    is_default: bool
    created_at: datetime


async def list_customers(
    connection: AsyncConnection,
    tenant_id: str,
    *,
    search: str | None = None,
    external_id: str | None = None,
    contact_id: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[Sequence[Customer], int]:
    """Return the tenant's customers, newest first, and how many there are.

    `search` is a part of a name, a phone number or an e-mail address.
    """
    mine: list[ColumnElement[bool]] = [customer.c.tenant_id == tenant_id]
    if external_id is not None:
        mine.append(customer.c.external_id == external_id)
    if contact_id is not None:
        mine.append(customer.c.contact_id == contact_id)
    if search is not None:
        parts = (customer.c.name, customer.c.phone, customer.c.email)
        mine.append(or_(*(each.icontains(search, autoescape=True) for each in parts)))
    total = await connection.execute(
        select(func.count()).select_from(customer).where(*mine)
    )
    rows = await connection.execute(
        select(customer)
        .where(*mine)
        .order_by(customer.c.created_at.desc(), customer.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [_customer(row) for row in rows], total.scalar_one()


async def load_customer(
    connection: AsyncConnection, tenant_id: str, customer_id: str
) -> Customer | None:
    """Return the tenant's customer, or None: another tenant's is none."""
    rows = await connection.execute(
        select(customer).where(
            customer.c.id == customer_id, customer.c.tenant_id == tenant_id
        )
    )
    row = rows.one_or_none()
    return None if row is None else _customer(row)


async def change_customer(
    connection: AsyncConnection,
    tenant_id: str,
    customer_id: str,
    given: Mapping[str, str | None],
) -> Customer | None:
    """Set the given fields; None empties one. None: the tenant has no such customer.

    Orders that were placed keep what they say. Raises ExternalIdTaken.
    """
    found = await connection.execute(
        select(customer.c.id)
        .where(customer.c.id == customer_id, customer.c.tenant_id == tenant_id)
        .with_for_update()
    )
    if found.scalar() is None:
        return None
    wanted = given.get("external_id")
    if wanted is not None:
        # Two that take the same id at once follow one another. SQLite has one writer.
        await connection.execute(
            select(tenant.c.id)
            .where(tenant.c.id == tenant_id)
            .with_for_update(key_share=True)
        )
        other = await connection.execute(
            select(customer.c.id).where(
                customer.c.tenant_id == tenant_id,
                customer.c.external_id == wanted,
                customer.c.id != customer_id,
            )
        )
        if (taken := other.scalar()) is not None:
            raise ExternalIdTaken(wanted, taken)
    if given:
        await connection.execute(
            update(customer).where(customer.c.id == customer_id).values(dict(given))
        )
    return await load_customer(connection, tenant_id, customer_id)


async def addresses_of(
    connection: AsyncConnection, tenant_id: str, customer_id: str
) -> Sequence[CustomerAddress]:
    """Return the customer's addresses, the default one first, then the newest."""
    rows = await connection.execute(
        select(customer_address)
        .where(
            customer_address.c.customer_id == customer_id,
            customer_address.c.tenant_id == tenant_id,
        )
        .order_by(
            customer_address.c.is_default.desc(),
            customer_address.c.created_at.desc(),
            customer_address.c.id,
        )
    )
    return [
        CustomerAddress(row.id, load_address(row.body), row.is_default, row.created_at)
        for row in rows
    ]


def _customer(row: Row[Any]) -> Customer:
    return Customer(
        id=row.id,
        contact_id=row.contact_id,
        name=row.name,
        external_id=row.external_id,
        phone=row.phone,
        email=row.email,
        tax_id=row.tax_id,
        created_at=row.created_at,
    )
