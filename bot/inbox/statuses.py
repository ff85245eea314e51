"""How far our messages got: one state out of news that race, repeat and come early."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.message import DeliveryState
from bot.inbox.ownership import lane_of
from bot.inbox.table import message, message_status
from catalog.column import unindexed
from orders.outbox.store import State, Topic
from orders.table import outbox

#: Worst first. What arrived did not fail, whatever else is said; what failed was sent.
_RANK: Mapping[DeliveryState, int] = {
    DeliveryState.SENT: 1,
    DeliveryState.FAILED: 2,
    DeliveryState.DELIVERED: 3,
    DeliveryState.READ: 4,
    DeliveryState.PLAYED: 5,
}


@dataclass(frozen=True, slots=True)
class MessageState:
    """How far an outbound message got.

    `state` is `queued`, `cancelled` or a `DeliveryState`; `at` is when the provider
    said so, None before it was sent. `error_code` and `error` are told of `failed`.
    """

    state: str
    at: datetime | None = None
    error_code: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class MessageEntry:
    """One message of a conversation, without its words; `state` of ours."""

    id: str
    seq: int
    direction: str
    kind: str
    at: datetime
    state: MessageState


def further(one: DeliveryState, other: DeliveryState) -> DeliveryState:
    """Return the state that two pieces of news amount to."""
    return max(one, other, key=_RANK.__getitem__)


def fold(news: Iterable[DeliveryState]) -> DeliveryState | None:
    """Return what all the news amount to, in whatever order and however often."""
    return max(news, key=_RANK.__getitem__, default=None)


async def states_of(
    connection: AsyncConnection, tenant_id: str, message_ids: Collection[str]
) -> dict[str, MessageState]:
    """Return how far the tenant's outbound messages with these ids got.

    News that came before we knew the provider's id are found by our own key. Inbound
    messages and those of other tenants are not in the answer.
    """
    found = await connection.execute(
        select(
            message.c.id,
            message.c.channel_id,
            message.c.conversation_id,
            message.c.provider_id,
            message.c.state,
        ).where(
            unindexed(message.c.tenant_id) == tenant_id,
            message.c.id.in_(sorted(message_ids)),
            message.c.direction == "out",
        )
    )
    messages = found.all()
    news = await _news(connection, tenant_id, messages)
    return {row.id: _state(row.state, news[row.id]) for row in messages}


async def list_messages(
    connection: AsyncConnection,
    tenant_id: str,
    conversation_id: str,
    *,
    limit: int = 50,
) -> Sequence[MessageEntry]:
    """Return the newest messages of the tenant's conversation, oldest first."""
    newest = await connection.execute(
        select(message)
        .where(
            message.c.tenant_id == tenant_id,
            message.c.conversation_id == conversation_id,
        )
        .order_by(message.c.seq.desc())
        .limit(limit)
    )
    rows = newest.all()[::-1]
    states = await states_of(connection, tenant_id, [row.id for row in rows])
    return [
        MessageEntry(
            row.id,
            row.seq,
            row.direction,
            row.kind,
            row.sent_at,
            states.get(row.id, MessageState(row.state)),
        )
        for row in rows
    ]


async def _news(
    connection: AsyncConnection,
    tenant_id: str,
    messages: Sequence[Row[*tuple[Any, ...]]],
) -> Mapping[str, Sequence[Row[*tuple[Any, ...]]]]:
    by_provider = {
        (row.channel_id, row.provider_id): row.id
        for row in messages
        if row.provider_id is not None
    }
    unnamed = [row for row in messages if row.provider_id is None]
    by_key = await _keys(connection, tenant_id, unnamed) if unnamed else {}
    news: defaultdict[str, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    if not by_provider and not by_key:
        return news
    rows = await connection.execute(
        select(message_status).where(
            message_status.c.tenant_id == tenant_id,
            or_(
                and_(
                    message_status.c.channel_id.in_({c for c, _ in by_provider}),
                    message_status.c.provider_id.in_({p for _, p in by_provider}),
                ),
                # A failure that was acted on is that of an earlier send.
                and_(
                    message_status.c.callback.in_(sorted(by_key)),
                    message_status.c.acted_at.is_(None),
                ),
            ),
        )
    )
    for row in rows:
        known = by_provider.get((row.channel_id, row.provider_id))
        owner = known or by_key.get(row.callback)
        if owner is not None:
            news[owner].append(row)
    return news


async def _keys(
    connection: AsyncConnection,
    tenant_id: str,
    messages: Sequence[Row[*tuple[Any, ...]]],
) -> dict[str, str]:
    """Return our key -> message id of messages of which no provider's id is stored."""
    lanes = sorted({lane_of(row.conversation_id) for row in messages})
    wanted = {row.id for row in messages}
    keys: dict[str, str] = {}
    # One query each, so that each has its index.
    for state in (State.DUE, State.PARKED):
        rows = await connection.execute(
            select(outbox.c.unique_key, outbox.c.payload).where(
                outbox.c.tenant_id == tenant_id,
                outbox.c.topic == Topic.REPLY,
                outbox.c.lane.in_(lanes),
                outbox.c.state == state,
            )
        )
        keys |= {
            row.unique_key: row.payload["message_id"]
            for row in rows
            if row.payload["message_id"] in wanted
        }
    return keys


def _state(stored: str, news: Sequence[Row[*tuple[Any, ...]]]) -> MessageState:
    """Return the state of a message, given what we did with it and what was said."""
    last = max(news, key=lambda row: _RANK[DeliveryState(row.state)], default=None)
    if last is None:
        return MessageState(stored)
    said = DeliveryState(last.state)
    if stored == DeliveryState.FAILED:
        said = further(said, DeliveryState.FAILED)
    if said is not DeliveryState.FAILED:
        return MessageState(said, last.at)
    if last.state != DeliveryState.FAILED:
        return MessageState(said)
    return MessageState(said, last.at, last.error_code, last.error_title)
