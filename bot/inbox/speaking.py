"""What is said in a conversation: stored as messages and put into the outbox.

The caller holds the row lock of every conversation named, so the numbers it passes stay
true until its commit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.message import OutboundMessage, OutImage
from bot.domain.outgoing import OutTemplate
from bot.domain.snapshot import Subject
from bot.inbox.ownership import lane_of
from bot.inbox.table import message
from orders.outbox.store import Item, Topic, append


@dataclass(frozen=True, slots=True)
class Said:
    """Messages for one conversation, in order.

    `key` names the occasion for ever: the same occasion is never said twice.
    """

    tenant_id: str
    shard: int
    channel_id: str
    conversation_id: str
    seq: int  #: Of the conversation's last message so far.
    key: str
    messages: tuple[OutboundMessage, ...]
    analysis_id: str | None = None
    last_word: bool = False  #: Sent even if the bot is to be silent from now on.
    notice: bool = False  #: News of an order: sent although a person has the chat.
    despite_stop: bool = False  #: The tenant tells it to those who said STOP, too.
    unasked: bool = False  #: Nobody wrote: pointless once the customer's day is over.
    promotional: bool = False  #: No service: sent only with a recorded opt-in.
    not_before: datetime | None = None  #: The end of quiet hours, for what may wait.
    agent: str | None = None  #: Who wrote it: `user:ID` or `key:ID`; None: the bot.
    #: What is sent instead of the first once the customer may not be written to freely.
    outside: OutTemplate | None = None
    about: tuple[Subject, ...] = ()  #: What it is about, for answers to it.


async def speak(
    connection: AsyncConnection,
    batch: Sequence[Said],
    *,
    new_id: Callable[[str], str],
    now: datetime,
) -> None:
    """Store the messages and let the outbox send them, each conversation in order."""
    rows, items = [], []
    for said in batch:
        for position, each in enumerate(said.messages, start=1):
            row = _row(said, position, each, new_id("msg"), now)
            rows.append(row)
            items.append(_item(said, position, each, row["id"], now))
    if rows:
        await connection.execute(insert(message), rows)
        await append(connection, items, now=now)


def _row(
    said: Said, position: int, each: OutboundMessage, message_id: str, now: datetime
) -> dict[str, Any]:
    return {
        "id": message_id,
        "tenant_id": said.tenant_id,
        "channel_id": said.channel_id,
        "conversation_id": said.conversation_id,
        "seq": said.seq + position,
        "direction": "out",
        "event": "message",
        "kind": each.content.type,
        "content": each.content.model_dump(mode="json"),
        "state": "queued",
        "analysis_id": said.analysis_id,
        "actor": said.agent,
        "about": [s.model_dump(exclude_none=True) for s in _subjects(said, each)],
        "sent_at": now,
        "received_at": now,
    }


def _subjects(said: Said, each: OutboundMessage) -> tuple[Subject, ...]:
    """Return what a message is about: a picture, only what it shows."""
    content = each.content
    if isinstance(content, OutImage) and content.product is not None:
        return (Subject(product=content.product, variant=content.variant),)
    return said.about


def _item(
    said: Said, position: int, each: OutboundMessage, message_id: str, now: datetime
) -> Item:
    return Item(
        tenant_id=said.tenant_id,
        shard=said.shard,
        topic=Topic.REPLY,
        lane=lane_of(said.conversation_id),
        unique_key=f"reply:{said.key}:{position}",
        payload={
            "message_id": message_id,
            "channel_id": said.channel_id,
            "conversation_id": said.conversation_id,
            "message": each.model_dump(mode="json"),
            "last_word": said.last_word,
            "notice": said.notice,
            "by_agent": said.agent is not None,
            **_held_back(said, now),
            **_outside(said, position),
        },
        due_at=now,
    )


def _outside(said: Said, position: int) -> dict[str, Any]:
    if said.outside is None or position != 1:
        return {}
    return {"outside": said.outside.model_dump(mode="json")}


def _held_back(said: Said, now: datetime) -> dict[str, Any]:
    """Return what only a few payloads have: most are answers, and there are many."""
    marks = {
        "unasked": said.unasked,
        "despite_stop": said.despite_stop,
        "promotional": said.promotional,
    }
    held: dict[str, Any] = {name: True for name, has in marks.items() if has}
    if said.not_before is not None and said.not_before > now:
        held["not_before"] = said.not_before.isoformat()
    return held
