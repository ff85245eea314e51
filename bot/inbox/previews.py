"""What a list shows of a conversation's messages: the last one, and what is unread."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ScalarSelect, and_, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.agents_table import conversation_read
from bot.inbox.table import conversation, message

#: More are not counted: a list shows "99+".
MOST_UNREAD: Final = 99
_SHOWN = 200
_WORDS = ("text", "body", "caption", "title")
#: What somebody said; edits, deletes and ticks of the clock are about messages.
_SAID = ("message", "echo")


@dataclass(frozen=True, slots=True)
class Preview:
    """The last message of a conversation, in short."""

    text: str | None  #: Its words, when it has some: at most 200 characters.
    kind: str
    direction: str  #: `in` or `out`.
    actor: str | None  #: Who wrote it for the shop; None: the bot, or the customer.
    at: datetime


async def previews_of(
    connection: AsyncConnection, conversation_ids: Sequence[str]
) -> Mapping[str, Preview]:
    """Return the last message of each conversation that has one."""
    found = await connection.execute(
        select(message).where(
            message.c.id.in_(
                select(_last()).where(conversation.c.id.in_(conversation_ids))
            )
        )
    )
    return {
        row.conversation_id: Preview(
            _words(row.content),
            row.content.get("kind", row.kind),  # Of a file: which.
            row.direction,
            row.actor,
            row.sent_at,
        )
        for row in found
    }


def _last() -> ScalarSelect[Any]:
    return (
        select(message.c.id)
        .where(
            message.c.conversation_id == conversation.c.id,
            message.c.event.in_(_SAID),
        )
        .order_by(message.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )


def _words(content: Mapping[str, object]) -> str | None:
    for name in _WORDS:
        words = content.get(name)
        if isinstance(words, str) and words:
            return words[:_SHOWN]
    return None


async def unread_of(
    connection: AsyncConnection, conversation_ids: Sequence[str], user_id: str | None
) -> Mapping[str, int]:
    """Return how many messages of its customer a user has not seen, at most 99.

    None, a program, has nothing unread.
    """
    if user_id is None:
        return {}
    new = (
        select(literal(1))
        .where(
            message.c.conversation_id == conversation.c.id,
            message.c.seq > func.coalesce(conversation_read.c.seq, 0),
            message.c.direction == "in",
            message.c.event == "message",
        )
        .limit(MOST_UNREAD)
        .correlate(conversation, conversation_read)
        .subquery()
    )
    count = select(func.count()).select_from(new).scalar_subquery()
    found = await connection.execute(
        select(conversation.c.id, count.label("unread"))
        .select_from(
            conversation.outerjoin(
                conversation_read,
                and_(
                    conversation_read.c.conversation_id == conversation.c.id,
                    conversation_read.c.user_id == user_id,
                ),
            )
        )
        .where(conversation.c.id.in_(conversation_ids))
    )
    return {row.id: row.unread for row in found}
