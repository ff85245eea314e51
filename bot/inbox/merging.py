"""Two contacts that are one person become one contact, with everything they had.

One transaction does it all, and locks in the order of keys: contacts, conversations,
replies, drafts. What the other one was stays as an empty shell that names the one that
goes on: whoever held its id (a turn that runs, a webhook that is being stored) finds
nothing of its own any more and begins again. Nothing here commits.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.intake import conversation_of
from bot.inbox.audit import audited
from bot.inbox.merging_chats import NOBODY, merge_chats
from bot.inbox.table import alias_past, contact, contact_alias, conversation
from catalog.alias_table import learnt_alias
from catalog.aliases import alias_of, id_of
from catalog.table import tenant
from orders.table import customer, customer_address, customer_contact, order

#: What is known of a customer, and completed by what another one had.
_PERSON: Final = ("name", "external_id", "phone", "email", "tax_id")
#: Every table that names contacts or conversations, and that a merge takes along.
MERGED_TABLES: Final = frozenset(
    {
        *("contact_alias", "alias_past", "conversation", "message", "analysis"),
        *("draft", "order", "customer", "customer_contact", "learnt_alias"),
        *("conversation_label", "conversation_read", "note"),
    }
)


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did, in ids and numbers."""

    contact_id: str  #: Has everything now.
    other_id: str
    messages: int  #: That came over.
    put_away: str | None = None  #: The draft that was open, too.


class CannotMerge(ValueError):
    """These contacts cannot be one, and why."""


async def merge_contacts(
    connection: AsyncConnection,
    tenant_id: str,
    first_id: str,
    second_id: str,
    *,
    why: str,
    actor: str,
    audit_id: str | None,
    now: datetime,
) -> Merged:
    """Merge two contacts of one channel; the older one goes on.

    `why` is what is written down as the reason: words of ours, no ids of persons.
    `audit_id` None: the caller writes it down (the API does that by itself).
    Raises CannotMerge.
    """
    kept, other = await _locked(connection, tenant_id, first_id, second_id)
    chats = await _locked_chats(connection, tenant_id, kept, other, now)
    moved = await merge_chats(connection, *chats, actor=actor, now=now)
    await _aliases(connection, kept.id, other.id)
    await _customers(connection, tenant_id, kept.id, other.id)
    await _learnt(connection, tenant_id, kept.id, other.id)
    await _people(connection, kept, other, now)
    merged = Merged(kept.id, other.id, moved.messages, moved.put_away)
    if audit_id is not None:
        await audited(
            connection,
            id=audit_id,
            tenant_id=tenant_id,
            actor=actor,
            action="merge_contacts",
            target=kept.id,
            details={
                "merged": other.id,
                "why": why,
                "messages": moved.messages,
                "put_away": moved.put_away,
            },
            now=now,
        )
    return merged


async def _locked(
    connection: AsyncConnection, tenant_id: str, first_id: str, second_id: str
) -> tuple[Row[Any], Row[Any]]:
    """Return the one that goes on, and the other one; nobody else changes them."""
    if first_id == second_id:
        raise CannotMerge("a contact cannot be merged with itself")
    found = await connection.execute(
        select(contact)
        .where(
            contact.c.tenant_id == tenant_id, contact.c.id.in_([first_id, second_id])
        )
        .order_by(contact.c.id)
        .with_for_update()
    )
    rows = found.all()
    if len(rows) != len({first_id, second_id}):
        raise CannotMerge("the shop has no such contact")
    if any(row.erased_at is not None for row in rows):
        raise CannotMerge("nothing is left of a contact that was erased")
    if any(row.merged_into is not None for row in rows):
        raise CannotMerge("one of them was merged already: see its `merged_into`")
    if rows[0].channel_id != rows[1].channel_id:
        raise CannotMerge("they wrote on different channels: a reply has one address")
    kept, other = sorted(rows, key=lambda row: (row.created_at, row.id))
    return kept, other


async def _locked_chats(
    connection: AsyncConnection,
    tenant_id: str,
    kept: Row[Any],
    other: Row[Any],
    now: datetime,
) -> tuple[Row[Any], Row[Any]]:
    """Return both conversations, locked. One that is not there is made, empty.

    A webhook that is being stored would make it otherwise, beside what we do.
    """
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    shard = select(tenant.c.shard).where(tenant.c.id == tenant_id)
    await connection.execute(
        dialect.insert(conversation).on_conflict_do_nothing(),
        [
            {
                "id": conversation_of(each.id),
                "tenant_id": tenant_id,
                "channel_id": each.channel_id,
                "contact_id": each.id,
                "shard": (await connection.execute(shard)).scalar_one(),
                "address": dict(NOBODY),
                "memory": {},
                "created_at": now,
            }
            for each in sorted((kept, other), key=lambda row: str(row.id))
        ],
    )
    mine = conversation.c.contact_id.in_([kept.id, other.id])
    found = await connection.execute(
        select(conversation)
        .where(conversation.c.tenant_id == tenant_id, mine)
        .order_by(conversation.c.id)
        .with_for_update()
    )
    by_contact = {row.contact_id: row for row in found}
    return by_contact[kept.id], by_contact[other.id]


async def _aliases(connection: AsyncConnection, kept_id: str, other_id: str) -> None:
    for table in (contact_alias, alias_past):
        await connection.execute(
            update(table)
            .where(table.c.contact_id == other_id)
            .values(contact_id=kept_id)
        )


async def _people(
    connection: AsyncConnection, kept: Row[Any], other: Row[Any], now: datetime
) -> None:
    """Complete the one, and let the other point to it. A STOP is never lost."""
    stopped = kept.opted_out or other.opted_out
    opted = kept if kept.opted_in_at else other
    changed = [
        each.identity_changed_at for each in (kept, other) if each.identity_changed_at
    ]
    await connection.execute(
        update(contact)
        .where(contact.c.id == kept.id)
        .values(
            name=kept.name or other.name,
            opted_out=stopped,
            opted_in_at=None if stopped else opted.opted_in_at,
            opted_in_how=None if stopped else opted.opted_in_how,
            identity_hash=other.identity_hash or kept.identity_hash,
            identity_changed_at=max(changed, default=None),
        )
    )
    # What was merged into the other one before is now in this one.
    await connection.execute(
        update(contact)
        .where(contact.c.merged_into == other.id)
        .values(merged_into=kept.id)
    )
    await connection.execute(
        update(contact)
        .where(contact.c.id == other.id)
        .values(
            name=None,
            opted_out=True,  # Nothing is ever sent to a shell.
            opted_in_at=None,
            opted_in_how=None,
            merged_into=kept.id,
            merged_at=now,
        )
    )


async def _customers(
    connection: AsyncConnection, tenant_id: str, kept_id: str, other_id: str
) -> None:
    """Let one customer buy: the one of the contact that goes on, completed.

    Two that the merchant's systems know by different ids stay two; the other one
    stays that of the merged contact.
    """
    found = await connection.execute(
        select(customer)
        .where(
            customer.c.tenant_id == tenant_id,
            customer.c.contact_id.in_([kept_id, other_id]),
        )
        .order_by(customer.c.id)
        .with_for_update()
    )
    rows = {row.contact_id: row for row in found}
    await _deputies(connection, tenant_id, kept_id, other_id)
    kept, other = rows.get(kept_id), rows.get(other_id)
    if other is None:
        return
    if kept is None:
        await connection.execute(
            update(customer).where(customer.c.id == other.id).values(contact_id=kept_id)
        )
    elif not (kept.external_id and other.external_id):
        await _complete(connection, kept, other)


async def _deputies(
    connection: AsyncConnection, tenant_id: str, kept_id: str, other_id: str
) -> None:
    """Let them write for the customer for whom the other one wrote, if for nobody."""
    mine = customer_contact.c.tenant_id == tenant_id
    there = await connection.execute(
        select(customer_contact.c.id).where(
            mine, customer_contact.c.contact_id == kept_id
        )
    )
    if there.first() is None:
        await connection.execute(
            update(customer_contact)
            .where(mine, customer_contact.c.contact_id == other_id)
            .values(contact_id=kept_id)
        )


async def _complete(
    connection: AsyncConnection, kept: Row[Any], other: Row[Any]
) -> None:
    await connection.execute(
        update(customer).where(customer.c.id == other.id).values(external_id=None)
    )
    await connection.execute(
        update(customer)
        .where(customer.c.id == kept.id)
        .values({name: getattr(kept, name) or getattr(other, name) for name in _PERSON})
    )
    await connection.execute(
        update(order).where(order.c.customer_id == other.id).values(customer_id=kept.id)
    )
    theirs = select(func.count()).where(customer_address.c.customer_id == kept.id)
    values: dict[str, Any] = {"customer_id": kept.id}
    if (await connection.execute(theirs)).scalar_one():
        values["is_default"] = False
    await connection.execute(
        update(customer_address)
        .where(customer_address.c.customer_id == other.id)
        .values(values)
    )


async def _learnt(
    connection: AsyncConnection, tenant_id: str, kept_id: str, other_id: str
) -> None:
    """Take along what the other one calls things; what both taught stays once."""
    found = await connection.execute(
        select(learnt_alias)
        .where(
            learnt_alias.c.tenant_id == tenant_id,
            learnt_alias.c.contact_id == other_id,
        )
        .order_by(learnt_alias.c.id)
    )
    for row in found.all():
        new_id = id_of(tenant_id, replace(alias_of(row), owner=kept_id))
        there = await connection.execute(
            select(learnt_alias.c.id).where(learnt_alias.c.id == new_id)
        )
        mine = learnt_alias.c.id == row.id
        if there.scalar() is None:
            values = {"id": new_id, "contact_id": kept_id}
            await connection.execute(update(learnt_alias).where(mine).values(values))
        else:
            await connection.execute(delete(learnt_alias).where(mine))
