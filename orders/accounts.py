"""Accounts found or made for a call, in its transaction. Nothing here commits.

Whoever makes an account locks its tenant first and looks again: first orders of one
external id that come at the same time make one account. An error leaves nothing, when
it is raised through the transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.table import tenant
from orders.codec import dump_address
from orders.domain.accounts import (
    Account,
    AccountRefused,
    Create,
    Decision,
    Found,
    Use,
    Wanted,
    address_of,
    decide,
)
from orders.domain.draft import Address
from orders.domain.ids import Face, Kind
from orders.ids import resolve_id
from orders.table import customer, customer_address

NewId = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class ResolvedAccount:
    """Whose order it is, and where it goes: ids of ours."""

    account: Account
    address_id: str | None
    created: bool = False
    warnings: tuple[str, ...] = ()


async def resolve_account(
    connection: AsyncConnection,
    tenant_id: str,
    wanted: Wanted,
    *,
    face: Face | None = None,
    address_text: str = "",
    phone: str | None = None,
    email: str | None = None,
    needs_address: bool = True,
    new_id: NewId,
    now: datetime,
) -> ResolvedAccount:
    """Return the account that a call means, made if the rules say so.

    With a face, `account_id` and `address_id` are its ids; without, ours. Of a new
    account the address text makes the first address, phone and e-mail are kept; of
    one that is there nothing is changed. Raises AccountRefused.
    """
    ours = await _ours(connection, tenant_id, wanted, face)
    decision = await _hurried(connection, tenant_id, wanted, ours)
    if not isinstance(decision, Use):
        # Two that make one at once follow one another. SQLite has one writer.
        await connection.execute(
            select(tenant.c.id)
            .where(tenant.c.id == tenant_id)
            .with_for_update(key_share=True)
        )
        decision = await _decided(connection, tenant_id, wanted, ours)
    if isinstance(decision, Use):
        address_id = (
            await _address(connection, tenant_id, decision.account.id, ours.address_id)
            if needs_address
            else None
        )
        return ResolvedAccount(decision.account, address_id, warnings=decision.warnings)
    made = _Made(decision, address_text, phone, email)
    return await _make(connection, tenant_id, made, new_id=new_id, now=now)


@dataclass(frozen=True, slots=True)
class _Made:
    """A new account and what is kept with it."""

    create: Create
    address_text: str
    phone: str | None
    email: str | None


async def _make(
    connection: AsyncConnection,
    tenant_id: str,
    made: _Made,
    *,
    new_id: NewId,
    now: datetime,
) -> ResolvedAccount:
    account = Account(new_id("customer"), made.create.name, made.create.external_id)
    await connection.execute(
        insert(customer).values(
            id=account.id,
            tenant_id=tenant_id,
            name=account.name,
            external_id=account.external_id,
            phone=made.phone,
            email=made.email,
            created_at=now,
            updated_at=now,
        )
    )
    address_id = new_id("address")
    await connection.execute(
        insert(customer_address).values(
            id=address_id,
            tenant_id=tenant_id,
            customer_id=account.id,
            body=dump_address(Address(made.address_text)),
            is_default=True,
            created_at=now,
        )
    )
    return ResolvedAccount(account, address_id, created=True)


async def _ours(
    connection: AsyncConnection, tenant_id: str, wanted: Wanted, face: Face | None
) -> Wanted:
    """Return what was wanted with ids of ours; one that nobody knows stays as it is."""
    if face is None:
        return wanted
    account_id, address_id = wanted.account_id, wanted.address_id
    if account_id is not None:
        account_id = await resolve_id(
            connection, tenant_id, face, Kind.CUSTOMER, account_id
        )
    if address_id is not None:
        address_id = await resolve_id(
            connection, tenant_id, face, Kind.ADDRESS, address_id
        )
    # What is unknown there is unknown here: no id of ours is empty.
    return replace(
        wanted,
        account_id=""
        if wanted.account_id is not None and not account_id
        else account_id,
        address_id=""
        if wanted.address_id is not None and not address_id
        else address_id,
    )


async def _hurried(
    connection: AsyncConnection, tenant_id: str, wanted: Wanted, ours: Wanted
) -> Decision | None:
    """Decide without waiting for anybody; None: look again when nobody makes one.

    An account that is made between one look and the next is found by its name and not
    by its id, which looks like somebody else's.
    """
    try:
        return await _decided(connection, tenant_id, wanted, ours)
    except AccountRefused:
        return None


async def _decided(
    connection: AsyncConnection, tenant_id: str, wanted: Wanted, ours: Wanted
) -> Decision:
    """Decide by what is there now; messages name ids as the caller knows them."""
    found = Found(
        by_id=await _one(connection, tenant_id, customer.c.id == ours.account_id)
        if ours.account_id
        else None,
        by_external_id=await _one(
            connection, tenant_id, customer.c.external_id == wanted.external_id
        )
        if wanted.external_id is not None
        else None,
        by_name=await _some(connection, tenant_id, customer.c.name == wanted.name)
        if wanted.name is not None
        else (),
    )
    return decide(wanted, found)


async def _one(
    connection: AsyncConnection, tenant_id: str, which: ColumnElement[bool]
) -> Account | None:
    found = await _some(connection, tenant_id, which)
    return found[0] if found else None


async def _some(
    connection: AsyncConnection, tenant_id: str, which: ColumnElement[bool]
) -> tuple[Account, ...]:
    """Return the first two: more of one name are as ambiguous."""
    rows = await connection.execute(
        select(customer.c.id, customer.c.name, customer.c.external_id)
        .where(customer.c.tenant_id == tenant_id, which)
        .order_by(customer.c.id)
        .limit(2)
    )
    return tuple(Account(row.id, row.name, row.external_id) for row in rows)


async def _address(
    connection: AsyncConnection,
    tenant_id: str,
    customer_id: str,
    wanted: str | None,
) -> str | None:
    rows = await connection.execute(
        select(customer_address.c.id, customer_address.c.is_default)
        .where(
            customer_address.c.tenant_id == tenant_id,
            customer_address.c.customer_id == customer_id,
        )
        .order_by(customer_address.c.created_at, customer_address.c.id)
    )
    known = rows.all()
    default = next((row.id for row in known if row.is_default), None)
    return address_of(wanted, [row.id for row in known], default)
