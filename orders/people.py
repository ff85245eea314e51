"""People who buy for a customer, in the database. Nothing here commits.

A company has several; a person who writes to the shop is also a contact of a channel.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.table import customer_contact


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who buys for a customer."""

    id: str
    customer_id: str
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    role: str | None = None  #: In the shop's own words: "buyer", "accounts".
    contact_id: str | None = None  #: Who writes as this person, if anybody does.
    created_at: datetime | None = None  #: None: not stored yet.


class ContactTaken(Exception):
    """The contact is a person of a customer already."""


async def add_person(
    connection: AsyncConnection, tenant_id: str, person: Person, *, now: datetime
) -> None:
    """Store a person of a customer of the tenant's. Raises ContactTaken."""
    if person.contact_id is not None:
        taken = await connection.execute(
            select(customer_contact.c.customer_id).where(
                customer_contact.c.tenant_id == tenant_id,
                customer_contact.c.contact_id == person.contact_id,
            )
        )
        if (other := taken.scalar()) is not None:
            raise ContactTaken(f"{person.contact_id!r} buys for the customer {other}")
    await connection.execute(
        insert(customer_contact).values(
            id=person.id,
            tenant_id=tenant_id,
            customer_id=person.customer_id,
            contact_id=person.contact_id,
            name=person.name,
            phone=person.phone,
            email=person.email,
            role=person.role,
            created_at=now,
        )
    )


async def people_of(
    connection: AsyncConnection, tenant_id: str, customer_id: str
) -> Sequence[Person]:
    """Return the people of a customer, the first one first."""
    rows = await connection.execute(
        select(customer_contact)
        .where(
            customer_contact.c.tenant_id == tenant_id,
            customer_contact.c.customer_id == customer_id,
        )
        .order_by(customer_contact.c.created_at, customer_contact.c.id)
    )
    return [
        Person(
            row.id,
            row.customer_id,
            row.name,
            row.phone,
            row.email,
            row.role,
            row.contact_id,
            row.created_at,
        )
        for row in rows
    ]


async def drop_person(
    connection: AsyncConnection, tenant_id: str, customer_id: str, person_id: str
) -> bool:
    """Take a person off a customer; False: the customer had no such person."""
    gone = await connection.execute(
        delete(customer_contact).where(
            customer_contact.c.tenant_id == tenant_id,
            customer_contact.c.customer_id == customer_id,
            customer_contact.c.id == person_id,
        )
    )
    return gone.rowcount == 1
