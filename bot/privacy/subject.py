"""Whose data it is: a contact, and all the ids under which rows tell of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import CompoundSelect, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.table import alias_past, contact, contact_alias, conversation
from orders.table import customer, draft, order


@dataclass(frozen=True, slots=True)
class Subject:
    """One contact: a person on one channel of one tenant."""

    tenant_id: str
    contact_id: str
    channel_id: str
    aliases: tuple[str, ...]
    conversation_ids: tuple[str, ...]
    customer_ids: tuple[str, ...]
    draft_ids: tuple[str, ...]
    order_ids: tuple[str, ...]
    merged_ids: tuple[str, ...] = ()  #: Contacts that turned out to be the same person.

    @property
    def contact_ids(self) -> tuple[str, ...]:
        """Return the contact, and those that were merged into it."""
        return (self.contact_id, *self.merged_ids)

    @property
    def ids(self) -> tuple[str, ...]:
        """Return every id of ours that stands for the person or their things."""
        return (
            *self.contact_ids,
            *self.conversation_ids,
            *self.customer_ids,
            *self.draft_ids,
            *self.order_ids,
        )


async def contacts_known_as(
    connection: AsyncConnection, tenant_id: str, wanted: str
) -> tuple[str, ...]:
    """Return the tenant's contacts with that id, or else with that phone number.

    A phone number is read as its digits: `+90 555 111 22 33`. A person who wrote to
    several channels is several contacts.
    """
    by_id = await connection.execute(
        select(contact.c.id).where(
            contact.c.tenant_id == tenant_id, contact.c.id == wanted
        )
    )
    if found := tuple(by_id.scalars()):
        return found
    digits = "".join(filter(str.isdigit, wanted))
    if not digits:
        return ()
    by_phone = await connection.execute(
        select(contact_alias.c.contact_id)
        .where(
            contact_alias.c.tenant_id == tenant_id,
            contact_alias.c.value.in_((digits, f"+{digits}")),
        )
        .distinct()
        .order_by(contact_alias.c.contact_id)
    )
    return tuple(by_phone.scalars())


async def load_subject(
    connection: AsyncConnection, tenant_id: str, contact_id: str
) -> Subject | None:
    """Return everything that the contact is known by; None: the tenant has none.

    Of one that was merged into another it is everything of that one.
    """
    found = await connection.execute(
        select(contact.c.channel_id, contact.c.merged_into).where(
            contact.c.id == contact_id, contact.c.tenant_id == tenant_id
        )
    )
    row = found.one_or_none()
    if row is None:
        return None
    channel_id, contact_id = row.channel_id, row.merged_into or contact_id
    merged = await _ids(
        connection,
        select(contact.c.id)
        .where(contact.c.merged_into == contact_id)
        .order_by(contact.c.id),
    )
    people = (contact_id, *merged)
    conversations = await _ids(
        connection,
        select(conversation.c.id).where(
            conversation.c.contact_id.in_(people),
            conversation.c.channel_id == channel_id,
        ),
    )
    customers = await _ids(
        connection,
        select(customer.c.id).where(
            customer.c.tenant_id == tenant_id, customer.c.contact_id.in_(people)
        ),
    )
    return Subject(
        tenant_id=tenant_id,
        contact_id=contact_id,
        channel_id=channel_id,
        aliases=await _aliases(connection, contact_id),
        conversation_ids=conversations,
        customer_ids=customers,
        draft_ids=await _ids(
            connection,
            select(draft.c.id).where(draft.c.conversation_id.in_(conversations)),
        ),
        order_ids=await _orders(connection, tenant_id, conversations, customers),
        merged_ids=merged,
    )


async def _aliases(connection: AsyncConnection, contact_id: str) -> tuple[str, ...]:
    """Return what a person is known by, and was known by before."""
    return await _ids(
        connection,
        select(contact_alias.c.value)
        .where(contact_alias.c.contact_id == contact_id)
        .union(select(alias_past.c.value).where(alias_past.c.contact_id == contact_id)),
    )


async def _orders(
    connection: AsyncConnection,
    tenant_id: str,
    conversations: Sequence[str],
    customers: Sequence[str],
) -> tuple[str, ...]:
    """Return the orders of a chat, and those that were made for its customer."""
    return await _ids(
        connection,
        select(order.c.id).where(
            order.c.tenant_id == tenant_id,
            or_(
                order.c.conversation_id.in_(conversations),
                order.c.customer_id.in_(customers),
            ),
        ),
    )


async def _ids(
    connection: AsyncConnection, query: Select[str] | CompoundSelect[str]
) -> tuple[str, ...]:
    return tuple((await connection.execute(query)).scalars())
