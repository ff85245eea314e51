"""Echoes of our own sends as proof that they arrived, whose outcome nobody told us.

A gateway hands nothing of ours back with its news: what it repeats of a message is its
words, its chat and its id there. Nothing here commits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.intake_echoes import is_ours
from bot.domain.message import DeliveryState
from bot.inbox.ownership import lane_of
from bot.inbox.table import contact_alias, conversation, message, message_status
from orders.outbox.store import State
from orders.table import outbox, outbox_attempt

#: The clocks of a gateway and ours may differ by so much; it tells whole seconds.
_SKEW = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Echo:
    """What a gateway says was sent from its account; `content` is JSON."""

    provider_id: str
    aliases: tuple[tuple[str, str], ...]  #: (kind, value) of whom it was sent to.
    content: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Send:
    """A send whose end nobody told us: its tenant and its key in the outbox."""

    tenant_id: str
    unique_key: str


async def proven(
    connection: AsyncConnection, channel_id: str, echo: Echo
) -> Send | None:
    """Return the send that an echo repeats and that nobody has told us the end of.

    The oldest with these words, of the chat's sends that were begun before the echo;
    None: it is of no such send.
    """
    known = exists().where(
        message.c.channel_id == channel_id,
        message.c.provider_id == echo.provider_id,
        message.c.event == "message",
    )
    told = exists().where(
        message_status.c.tenant_id == outbox.c.tenant_id,
        message_status.c.callback == outbox.c.unique_key,
    )
    begun = (
        select(func.min(outbox_attempt.c.started_at))
        .where(outbox_attempt.c.outbox_id == outbox.c.id)
        .scalar_subquery()
    )
    chats = await _chats(connection, channel_id, echo)
    if not chats:
        return None
    rows = await connection.execute(
        select(outbox.c.tenant_id, outbox.c.unique_key, outbox.c.payload)
        .where(
            outbox.c.lane.in_([lane_of(each) for each in chats]),
            outbox.c.state == State.DUE,
            begun <= echo.sent_at + _SKEW,
            ~known,
            ~told,
        )
        .order_by(outbox.c.id)
    )
    for row in rows:
        if is_ours(echo.content, [_words(row.payload)]):
            return Send(row.tenant_id, row.unique_key)
    return None


async def note(
    connection: AsyncConnection,
    channel_id: str,
    echo: Echo,
    send: Send,
    *,
    now: datetime,
) -> None:
    """Write down that a send arrived, under the id that its echo has."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    await connection.execute(
        dialect.insert(message_status)
        .values(
            channel_id=channel_id,
            provider_id=echo.provider_id,
            state=DeliveryState.SENT,
            tenant_id=send.tenant_id,
            at=echo.sent_at,
            callback=send.unique_key,
            received_at=now,
        )
        .on_conflict_do_nothing()
    )


async def _chats(
    connection: AsyncConnection, channel_id: str, echo: Echo
) -> Sequence[str]:
    if not echo.aliases:
        return ()
    mine = [
        and_(contact_alias.c.kind == kind, contact_alias.c.value == value)
        for kind, value in echo.aliases
    ]
    found = await connection.execute(
        select(conversation.c.id)
        .join(contact_alias, contact_alias.c.contact_id == conversation.c.contact_id)
        .where(contact_alias.c.channel_id == channel_id, or_(*mine))
        .distinct()
    )
    return found.scalars().all()


def _words(payload: Mapping[str, Any]) -> str:
    content = payload["message"]["content"]
    return str(content.get("body") or content.get("caption") or "")
