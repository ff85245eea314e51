"""One conversation for a person or a program that acts in it, and what is said then."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.message import Alias, OutboundMessage
from bot.domain.snapshot import Asked, Contact, Memory, Owner, Tenant
from bot.inbox.accounts import load_tenants
from bot.inbox.pausing import awaits_window
from bot.inbox.speaking import Said, speak
from bot.inbox.table import channel, contact, conversation
from orders import Shop
from orders.outbox.store import wake


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation, with what is needed to act in it."""

    id: str
    tenant: Tenant
    shop: Shop
    shard: int
    channel_id: str
    channel_kind: str
    contact: Contact
    owner: Owner
    owner_id: str | None
    language: str | None
    memory: Memory
    seq: int  #: Of its last message.
    last_inbound_at: datetime | None


async def lock_chat(
    connection: AsyncConnection, tenant_id: str, conversation_id: str
) -> Chat | None:
    """Return the tenant's conversation, nobody else's until the commit; or None.

    It waits for a turn that is being saved. Lock conversations before drafts and
    orders, as everybody does.
    """
    found = await connection.execute(
        select(
            conversation,
            contact.c.name,
            contact.c.opted_out,
            channel.c.kind.label("channel_kind"),
        )
        .join(contact, contact.c.id == conversation.c.contact_id)
        .join(channel, channel.c.id == conversation.c.channel_id)
        .where(
            conversation.c.id == conversation_id,
            conversation.c.tenant_id == tenant_id,
        )
        .with_for_update(of=conversation)
    )
    row = found.one_or_none()
    if row is None:
        return None
    entry = (await load_tenants(connection, [tenant_id]))[tenant_id]
    address = Alias.model_validate(row.address)
    return Chat(
        id=row.id,
        tenant=entry.tenant,
        shop=entry.shop,
        shard=row.shard,
        channel_id=row.channel_id,
        channel_kind=row.channel_kind,
        contact=Contact(
            id=row.contact_id,
            name=row.name,
            phone=f"+{address.value}" if address.value.isdigit() else None,
            address=address,
            opted_out=row.opted_out,
        ),
        owner=Owner(row.owner),
        owner_id=row.owner_id,
        language=row.language,
        memory=Memory.model_validate(row.memory),
        seq=row.seq,
        last_inbound_at=row.last_inbound_at,
    )


async def say(
    connection: AsyncConnection,
    chat: Chat,
    messages: Sequence[OutboundMessage],
    *,
    key: str,
    agent: str | None = None,
    new_id: Callable[[str], str],
    now: datetime,
) -> Chat:
    """Say something in a locked chat; return the chat after it.

    `key` names the occasion for ever. `agent` is the person who wrote it; without one
    it is news that the customer hears whoever has the chat.
    """
    said = Said(
        tenant_id=chat.tenant.id,
        shard=chat.shard,
        channel_id=chat.channel_id,
        conversation_id=chat.id,
        seq=chat.seq,
        key=key,
        messages=tuple(messages),
        notice=agent is None,
        agent=agent,
    )
    await speak(connection, [said], new_id=new_id, now=now)
    after = replace(chat, seq=chat.seq + len(messages))
    values: dict[str, Any] = {"seq": after.seq}
    if agent is not None:
        values["answered_at"] = now
        # What is before it in the queue, and waits for the end of the night.
        await wake(connection, [awaits_window(chat.id)], now=now)
    await connection.execute(
        update(conversation).where(conversation.c.id == chat.id).values(**values)
    )
    return after


async def remember_question(
    connection: AsyncConnection, chat: Chat, asked: Asked | None
) -> None:
    """Let the bot remember what a person asked for, so that it hears the answer."""
    memory = chat.memory.model_copy(update={"asked": asked})
    await connection.execute(
        update(conversation)
        .where(conversation.c.id == chat.id)
        .values(memory=memory.model_dump(mode="json"))
    )


async def forget_question(connection: AsyncConnection, chat: Chat) -> None:
    """Let the bot forget what it asked last: somebody else has settled it."""
    memory = chat.memory.model_copy(update={"asked": None, "last_line": None})
    await connection.execute(
        update(conversation)
        .where(conversation.c.id == chat.id)
        .values(memory=memory.model_dump(mode="json"))
    )
