"""Who speaks in a conversation: the bot, or a person."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.snapshot import Owner
from bot.inbox.table import conversation, message
from catalog.column import Timestamp
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
    """A conversation in which a person answers, or is to look at something."""

    id: str
    last_inbound_at: datetime | None
    owner: Owner = Owner.AGENT
    attention: str | None = None  #: What to look at: `image`, `voice` ...


async def handed_over(
    connection: AsyncConnection, tenant_id: str
) -> tuple[OwnedChat, ...]:
    """Return the tenant's chats that need a person, the longest waiting first.

    A person has them, or is to look at what the bot could not.
    """
    columns = (
        conversation.c.id,
        conversation.c.last_inbound_at,
        conversation.c.owner,
        conversation.c.attention,
    )
    rows = await connection.execute(
        select(*columns)
        .where(
            conversation.c.tenant_id == tenant_id,
            or_(
                conversation.c.owner == Owner.AGENT,
                conversation.c.attention.is_not(None),
            ),
        )
        .order_by(conversation.c.last_inbound_at, conversation.c.id)
    )
    return tuple(OwnedChat(*row[:2], Owner(row.owner), row.attention) for row in rows)


async def attend(
    connection: AsyncConnection,
    raised: Mapping[str, str | None],
    *,
    ordered: Collection[str] = (),
    now: datetime,
) -> None:
    """Note what a person is to look at, by conversation: None is nothing new.

    The newest kind counts, and the conversation waits since its first. Where an order
    was placed, nobody need look any more at what came before.
    """
    done = sorted(ordered)
    if done:
        await connection.execute(
            update(conversation)
            .where(conversation.c.id.in_(done), conversation.c.attention.is_not(None))
            .values(attention=None, attention_at=None)
        )
    new = {each: kind for each, kind in raised.items() if kind is not None}
    if new:
        since = func.coalesce(conversation.c.attention_at, literal(now, Timestamp))
        await connection.execute(
            update(conversation)
            .where(conversation.c.id == bindparam("row_id"))
            .values(attention=bindparam("kind"), attention_at=since),
            [{"row_id": each, "kind": new[each]} for each in sorted(new)],
        )


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
        update(conversation)
        .where(*mine)
        .values(owner=owner, owner_id=owner_id, attention=None, attention_at=None)
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
