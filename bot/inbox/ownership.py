"""Who speaks in a conversation: the bot, or a person."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.snapshot import Owner
from bot.inbox.table import conversation, message
from orders.outbox.store import cancel_lane

#: In a payload: news of an order, an agent's words, the line with which the bot goes.
_WANTED = ("notice", "by_agent", "last_word")


def lane_of(conversation_id: str) -> str:
    """Return the outbox lane in which a conversation's replies keep their order."""
    return f"conversation:{conversation_id}"


async def take_over(
    connection: AsyncConnection,
    tenant_id: str,
    conversation_id: str,
    *,
    user_id: str,
    now: datetime,
) -> bool:
    """Let a person speak: the bot's undelivered replies are cancelled.

    Returns False when the tenant has no such conversation.
    """
    return await _set(connection, tenant_id, conversation_id, Owner.AGENT, user_id, now)


async def hand_back(
    connection: AsyncConnection,
    tenant_id: str,
    conversation_id: str,
    *,
    now: datetime,
) -> bool:
    """Let the bot speak again. False when the tenant has no such conversation."""
    return await _set(connection, tenant_id, conversation_id, Owner.BOT, None, now)


@dataclass(frozen=True, slots=True)
class OwnedChat:
    """A conversation in which a person answers."""

    id: str
    last_inbound_at: datetime | None


async def handed_over(
    connection: AsyncConnection, tenant_id: str
) -> tuple[OwnedChat, ...]:
    """Return the tenant's chats that a person has, the longest waiting first."""
    rows = await connection.execute(
        select(conversation.c.id, conversation.c.last_inbound_at)
        .where(
            conversation.c.tenant_id == tenant_id,
            conversation.c.owner == Owner.AGENT,
        )
        .order_by(conversation.c.last_inbound_at, conversation.c.id)
    )
    return tuple(OwnedChat(row.id, row.last_inbound_at) for row in rows)


async def _set(  # noqa: PLR0917 (private; two callers above)
    connection: AsyncConnection,
    tenant_id: str,
    conversation_id: str,
    owner: Owner,
    owner_id: str | None,
    now: datetime,
) -> bool:
    mine = (
        conversation.c.id == conversation_id,
        conversation.c.tenant_id == tenant_id,
    )
    # The row lock makes this wait for a turn that is being saved, and a turn that is
    # saved later sees the new owner and is thrown away.
    found = await connection.execute(
        select(conversation.c.id).where(*mine).with_for_update()
    )
    if found.scalar() is None:
        return False
    await connection.execute(
        update(conversation).where(*mine).values(owner=owner, owner_id=owner_id)
    )
    if owner is Owner.AGENT:
        gone = await cancel_lane(
            connection, lane=lane_of(conversation_id), keep=_WANTED, now=now
        )
        await connection.execute(
            update(message)
            .where(message.c.id.in_([payload["message_id"] for payload in gone]))
            .values(state="cancelled")
        )
    return True
