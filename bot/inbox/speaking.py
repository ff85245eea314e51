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

from bot.domain.message import OutboundMessage
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
    agent: str | None = None  #: Who wrote it: `user:ID` or `key:ID`; None: the bot.


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
        "sent_at": now,
        "received_at": now,
    }


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
        },
        due_at=now,
    )
