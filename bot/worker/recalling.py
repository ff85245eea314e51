"""What a few turns need beside the rest: what a reaction is on, a draft of before."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Join, Row, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.message import Reaction
from bot.domain.snapshot import TurnMessage
from bot.inbox.table import conversation, message
from orders import Draft
from orders.codec import load_draft
from orders.table import draft


def within(conversation_ids: Collection[str]) -> Join:
    """Return the messages of the channels that conversations are on.

    With the event and the provider's id that names one message, found by the index that
    keeps it from being stored twice; who asks compares its conversation.
    """
    channels = (
        select(conversation.c.tenant_id, conversation.c.channel_id)
        .where(conversation.c.id.in_(sorted(conversation_ids)))
        .distinct()
        .subquery()
    )
    same = (
        message.c.tenant_id == channels.c.tenant_id,
        message.c.channel_id == channels.c.channel_id,
    )
    return channels.join(message, and_(*same))


async def buttons_reacted_to(
    connection: AsyncConnection, rows: Mapping[str, Sequence[Any]]
) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Return the buttons under messages of ours that reactions are on.

    By conversation and by the provider's id of the message. `rows` are the loaded
    messages of each conversation.
    """
    wanted = [
        (conversation_id, row.content["target"])
        for conversation_id, loaded in rows.items()
        for row in loaded
        if row.state == "pending" and row.content.get("type") == "reaction"
    ]
    if not wanted:
        return {}
    found = await connection.execute(
        select(message.c.conversation_id, message.c.provider_id, message.c.content)
        .select_from(within({conversation_id for conversation_id, _ in wanted}))
        .where(
            message.c.event == "message",
            message.c.direction == "out",
            message.c.provider_id.in_(sorted({target for _, target in wanted})),
        )
    )
    return {
        (row.conversation_id, row.provider_id): tuple(
            button["id"] for button in row.content.get("buttons", ())
        )
        for row in found
    }


def with_buttons(
    messages: Sequence[TurnMessage],
    conversation_id: str,
    buttons: Mapping[tuple[str, str], tuple[str, ...]],
) -> tuple[TurnMessage, ...]:
    """Return a turn's messages, reactions with the buttons that they are on."""
    return tuple(
        replace(m, reacted_to=buttons.get((conversation_id, m.content.target), ()))
        if isinstance(m.content, Reaction)
        else m
        for m in messages
    )


async def drafts_put_away(
    connection: AsyncConnection, rows: Sequence[Row[Any]]
) -> Mapping[str, Draft]:
    """Return the drafts that conversations put away and have not told yet."""
    wanted = {row.memory["put_away"] for row in rows if row.memory.get("put_away")}
    if not wanted:
        return {}
    found = await connection.execute(
        select(draft.c.conversation_id, draft.c.body).where(draft.c.id.in_(wanted))
    )
    return {row.conversation_id: load_draft(row.body) for row in found}
