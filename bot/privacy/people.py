"""Contacts as people and programs look at them: found, listed, read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.table import (
    alias_past,
    channel,
    contact,
    contact_alias,
    conversation,
)
from orders.table import customer


@dataclass(frozen=True, slots=True)
class ContactEntry:
    """A person on a channel."""

    id: str
    channel_id: str
    channel_kind: str
    name: str | None
    opted_out: bool
    created_at: datetime
    erased_at: datetime | None
    conversation_id: str | None
    customer_id: str | None
    last_inbound_at: datetime | None
    aliases: tuple[tuple[str, str], ...]  #: Kind and value.
    opted_in_at: datetime | None = None  #: To more than their own orders ...
    opted_in_how: str | None = None  #: ... and how they did.
    merged_into: str | None = None  #: The contact that has everything now ...
    merged_at: datetime | None = None  #: ... since then.
    merged_ids: tuple[str, ...] = ()  #: Those that were merged into this one.
    #: Kind, value, and until when: what somebody else may have by now.
    past: tuple[tuple[str, str, datetime], ...] = ()
    identity_changed_at: datetime | None = None  #: Another phone since then.


async def list_contacts(
    connection: AsyncConnection,
    tenant_id: str,
    *,
    search: str | None = None,
    channel_id: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[Sequence[ContactEntry], int]:
    """Return the tenant's contacts, newest first, and how many there are.

    `search` is a part of a name, or the beginning of a phone number or another alias.
    """
    mine = _conditions(tenant_id, search, channel_id)
    total = await connection.execute(
        select(func.count()).select_from(contact).where(*mine)
    )
    rows = await connection.execute(
        _entries()
        .where(*mine)
        .order_by(contact.c.created_at.desc(), contact.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return await _with_aliases(connection, rows.all()), total.scalar_one()


async def find_contact(
    connection: AsyncConnection, tenant_id: str, contact_id: str
) -> ContactEntry | None:
    """Return the tenant's contact with that id, or None."""
    rows = await connection.execute(
        _entries().where(contact.c.id == contact_id, contact.c.tenant_id == tenant_id)
    )
    found = await _with_aliases(connection, rows.all())
    return found[0] if found else None


async def names_of_contacts(
    connection: AsyncConnection, tenant_id: str, ids: Collection[str]
) -> Mapping[str, str]:
    """Return the names of the tenant's contacts with these ids that have one."""
    rows = await connection.execute(
        select(contact.c.id, contact.c.name).where(
            contact.c.tenant_id == tenant_id, contact.c.id.in_(sorted(ids))
        )
    )
    return {row.id: row.name for row in rows if row.name}


def _conditions(
    tenant_id: str, search: str | None, channel_id: str | None
) -> list[ColumnElement[bool]]:
    mine = [contact.c.tenant_id == tenant_id, contact.c.merged_into.is_(None)]
    if channel_id is not None:
        mine.append(contact.c.channel_id == channel_id)
    if search is not None:
        alias = "".join(filter(str.isdigit, search)) or search
        named = select(contact_alias.c.contact_id).where(
            contact_alias.c.tenant_id == tenant_id,
            contact_alias.c.value.startswith(alias, autoescape=True),
        )
        mine.append(
            or_(
                contact.c.name.icontains(search, autoescape=True),
                contact.c.id.in_(named),
            )
        )
    return mine


def _entries() -> Select[Any]:
    return (
        select(
            contact,
            channel.c.kind.label("channel_kind"),
            conversation.c.id.label("conversation_id"),
            conversation.c.last_inbound_at,
            customer.c.id.label("customer_id"),
        )
        .join(channel, channel.c.id == contact.c.channel_id)
        .outerjoin(
            conversation,
            (conversation.c.channel_id == contact.c.channel_id)
            & (conversation.c.contact_id == contact.c.id),
        )
        .outerjoin(
            customer,
            (customer.c.tenant_id == contact.c.tenant_id)
            & (customer.c.contact_id == contact.c.id),
        )
    )


async def _with_aliases(
    connection: AsyncConnection, rows: Sequence[Row[Any]]
) -> Sequence[ContactEntry]:
    known: Mapping[str, list[tuple[str, str]]] = {row.id: [] for row in rows}
    past, merged = await _before(connection, sorted(known))
    if known:
        found = await connection.execute(
            select(contact_alias)
            .where(contact_alias.c.contact_id.in_(sorted(known)))
            .order_by(contact_alias.c.kind, contact_alias.c.value)
        )
        for each in found:
            known[each.contact_id].append((each.kind, each.value))
    return [
        ContactEntry(
            id=row.id,
            channel_id=row.channel_id,
            channel_kind=row.channel_kind,
            name=row.name,
            opted_out=row.opted_out,
            created_at=row.created_at,
            erased_at=row.erased_at,
            conversation_id=row.conversation_id,
            customer_id=row.customer_id,
            last_inbound_at=row.last_inbound_at,
            aliases=tuple(known[row.id]),
            opted_in_at=row.opted_in_at,
            opted_in_how=row.opted_in_how,
            merged_into=row.merged_into,
            merged_at=row.merged_at,
            merged_ids=tuple(merged[row.id]),
            past=tuple(past[row.id]),
            identity_changed_at=row.identity_changed_at,
        )
        for row in rows
    ]


async def _before(
    connection: AsyncConnection, contact_ids: Sequence[str]
) -> tuple[Mapping[str, list[tuple[str, str, datetime]]], Mapping[str, list[str]]]:
    """Return what people were known by before, and who was merged into them."""
    past: Mapping[str, list[tuple[str, str, datetime]]]
    past = {contact_id: [] for contact_id in contact_ids}
    merged: Mapping[str, list[str]] = {contact_id: [] for contact_id in contact_ids}
    left = await connection.execute(
        select(alias_past)
        .where(alias_past.c.contact_id.in_(contact_ids))
        .order_by(alias_past.c.until, alias_past.c.kind, alias_past.c.value)
    )
    for each in left:
        past[each.contact_id].append((each.kind, each.value, each.until))
    shells = await connection.execute(
        select(contact.c.id, contact.c.merged_into)
        .where(contact.c.merged_into.in_(contact_ids))
        .order_by(contact.c.id)
    )
    for each in shells:
        merged[each.merged_into].append(each.id)
    return past, merged
