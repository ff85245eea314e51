"""A tenant's customers: listed, read, made, corrected. Nothing here commits.

A customer is who buys, a person or a company. Numbers and names of theirs are stored as
those of their orders are, and go with them when somebody is forgotten.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.table import tenant
from orders.codec import dump_address, load_address, storable
from orders.domain.draft import Address
from orders.domain.entity_version import require_version
from orders.table import customer, customer_address


class ExternalIdTaken(Exception):
    """Another customer of the tenant has this id of the merchant's system."""

    def __init__(self, external_id: str, customer_id: str) -> None:
        super().__init__(f"{external_id!r} is the customer {customer_id}")
        self.customer_id = customer_id


@dataclass(frozen=True, slots=True)
class Document:
    """A number that an authority gave, such as a CPF."""

    kind: str
    number: str
    country: str | None = None  #: ISO 3166-1 alpha-2


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
    first_name: str | None = None
    last_name: str | None = None
    gender: str | None = None  #: In the words of whoever told it.
    birth_date: str | None = None  #: ISO 8601
    #: Of the phone number, where it was given in parts; else None: it tells them.
    phone_country_code: str | None = None
    phone_area_code: str | None = None
    phone_number: str | None = None
    business: bool | None = None  #: Whether it is a company; None: nobody said.
    company: str | None = None
    tax_office: str | None = None
    state_tax_id: str | None = None
    documents: tuple[Document, ...] = ()
    #: What a system said of them beside all that, by face; kept as given.
    data: Mapping[str, object] = field(default_factory=dict)
    entity_version: int = 1  #: Raised by every change.
    updated_at: datetime | None = None


#: What may be told of a customer, and changed.
FIELDS = frozenset(
    {
        *("name", "external_id", "phone", "email", "tax_id", "first_name"),
        *("last_name", "gender", "birth_date", "phone_country_code"),
        *("phone_area_code", "phone_number", "business", "company", "tax_office"),
        *("state_tax_id", "documents", "data"),
    }
)


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


async def add_customer(
    connection: AsyncConnection,
    tenant_id: str,
    customer_id: str,
    given: Mapping[str, object],
    *,
    now: datetime,
) -> Customer:
    """Store a customer with the given fields of `FIELDS`.

    Raises ExternalIdTaken.
    """
    await _claim(connection, tenant_id, customer_id, given)
    await connection.execute(
        insert(customer).values(
            id=customer_id,
            tenant_id=tenant_id,
            created_at=now,
            updated_at=now,
            **_values(given),
        )
    )
    made = await load_customer(connection, tenant_id, customer_id)
    if made is None:
        raise LookupError(f"customer {customer_id} was stored and is not there")
    return made


async def change_customer(
    connection: AsyncConnection,
    tenant_id: str,
    customer_id: str,
    given: Mapping[str, object],
    *,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> Customer | None:
    """Set the given fields; None empties one. None: the tenant has no such customer.

    Orders that were placed keep what they say. Raises ExternalIdTaken, or
    VersionConflict when it is not at the expected version.
    """
    found = await connection.execute(
        select(customer.c.entity_version)
        .where(customer.c.id == customer_id, customer.c.tenant_id == tenant_id)
        .with_for_update()
    )
    version = found.scalar()
    if version is None:
        return None
    require_version(f"customer {customer_id}", expected_version, version)
    await _claim(connection, tenant_id, customer_id, given)
    if given:
        stamp: dict[str, object] = {} if now is None else {"updated_at": now}
        await connection.execute(
            update(customer)
            .where(customer.c.id == customer_id)
            .values(entity_version=version + 1, **stamp, **_values(given))
        )
    return await load_customer(connection, tenant_id, customer_id)


async def _claim(
    connection: AsyncConnection,
    tenant_id: str,
    customer_id: str,
    given: Mapping[str, object],
) -> None:
    wanted = given.get("external_id")
    if not isinstance(wanted, str):
        return
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


def _values(given: Mapping[str, object]) -> dict[str, object]:
    """Return the columns. Raises KeyError for what is no field of a customer."""
    if unknown := set(given) - FIELDS:
        raise KeyError(f"customers have no {', '.join(sorted(unknown))}")
    values = {name: storable(value) for name, value in given.items()}
    documents = given.get("documents")
    if isinstance(documents, list | tuple):
        values["documents"] = [
            storable({"kind": d.kind, "number": d.number, "country": d.country})
            for d in documents
            if isinstance(d, Document)
        ]
    return values


# -- addresses ------------------------------------------------------------------------


async def add_address(
    connection: AsyncConnection,
    tenant_id: str,
    customer_id: str,
    address: Address,
    *,
    address_id: str,
    is_default: bool | None = None,
    now: datetime,
) -> CustomerAddress:
    """Store an address of a customer; the default one is no longer the one before.

    `is_default` None: the first one is. The caller knows that the customer is the
    tenant's.
    """
    await connection.execute(
        select(customer.c.id).where(customer.c.id == customer_id).with_for_update()
    )
    mine = (
        customer_address.c.customer_id == customer_id,
        customer_address.c.tenant_id == tenant_id,
    )
    if is_default is None:
        there = await connection.execute(
            select(customer_address.c.id).where(*mine).limit(1)
        )
        is_default = there.first() is None
    if is_default:
        await connection.execute(
            update(customer_address).where(*mine).values(is_default=False)
        )
    await connection.execute(
        insert(customer_address).values(
            id=address_id,
            tenant_id=tenant_id,
            customer_id=customer_id,
            body=dump_address(address),
            is_default=is_default,
            created_at=now,
        )
    )
    return CustomerAddress(address_id, address, is_default, now)


async def load_address_of(
    connection: AsyncConnection, tenant_id: str, address_id: str
) -> tuple[str, Address] | None:
    """Return whose address it is, a customer's id, and the address; None: no such."""
    rows = await connection.execute(
        select(customer_address.c.customer_id, customer_address.c.body).where(
            customer_address.c.id == address_id,
            customer_address.c.tenant_id == tenant_id,
        )
    )
    row = rows.one_or_none()
    return None if row is None else (row.customer_id, load_address(row.body))


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
    kept = row._mapping  # noqa: SLF001  # SQLAlchemy's own way to a row's names
    plain = {name: kept[name] for name in FIELDS - {"documents", "data"}}
    return Customer(
        id=row.id,
        contact_id=row.contact_id,
        created_at=row.created_at,
        documents=tuple(
            Document(each["kind"], each["number"], each.get("country"))
            for each in row.documents or ()
        ),
        data=row.data or {},
        entity_version=row.entity_version,
        updated_at=row.updated_at,
        **plain,
    )
