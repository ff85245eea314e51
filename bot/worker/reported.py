"""Messages that a provider took and then could not deliver: what that asks of us.

A status `failed` carries a code of the same table as a refusal, and is acted on in the
same way: once, in one transaction, by whichever worker finds it first.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Row, exists, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.channel import Channel
from bot.channels.failure import Action, SendRefused, SendUnavailable
from bot.domain.message import DeliveryState, OutboundMessage
from bot.inbox.pausing import pause_channel
from bot.inbox.table import channel, conversation, message, message_status
from bot.runtime import Runtime
from bot.worker.replying import (
    ARRIVED,
    MOMENT,
    SENT_AGAIN,
    Replies,
    held_since,
    pair_pause,
)
from orders.domain.retry import next_attempt
from orders.outbox.parked import park, reopen
from orders.outbox.store import State
from orders.table import outbox, outbox_attempt

_log = structlog.get_logger(__name__)

#: What failed longer ago than this is history: nobody waits for it any more.
_NEWS = timedelta(days=1)


async def act_on_failures(runtime: Runtime, *, limit: int = 64) -> int:
    """Act on failures that were reported; return how many.

    Raises DatabaseUnavailable.
    """
    acted = await runtime.database.retried(
        lambda connection: _act_on_some(connection, runtime, limit)
    )
    if any(done == Action.PAUSE_CHANNEL for _, done in acted):
        runtime.directories.forget()
    for row, done in acted:
        runtime.metrics.failures.labels(done).inc()
        _log.warning(
            "message_failed_later",
            channel=row.channel_id,
            message=row.provider_id,
            code=row.error_code,
            action=done,
        )
    if acted:
        runtime.outbox_bell.ring()
    return len(acted)


async def _act_on_some(
    connection: AsyncConnection, runtime: Runtime, limit: int
) -> Sequence[tuple[Row[Any], str]]:
    now = runtime.clock()
    rows = await connection.execute(
        select(message_status, channel.c.kind)
        .join(channel, channel.c.id == message_status.c.channel_id)
        .where(
            message_status.c.state == DeliveryState.FAILED,
            message_status.c.acted_at.is_(None),
            message_status.c.received_at > now - _NEWS,
        )
        .order_by(message_status.c.received_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=message_status)
    )
    acted = []
    for row in rows.all():
        done = await _tried(connection, runtime, row, now)
        if done is None:
            continue
        acted.append((row, done))
        await connection.execute(
            update(message_status)
            .where(
                message_status.c.channel_id == row.channel_id,
                message_status.c.provider_id == row.provider_id,
                message_status.c.state == row.state,
            )
            .values(acted_at=now)
        )
    return acted


async def _tried(
    connection: AsyncConnection, runtime: Runtime, row: Row[Any], now: datetime
) -> str | None:
    """Act on a failure; one that we cannot act on costs nobody else theirs."""
    try:
        return await _act(connection, runtime, row, now)
    except DBAPIError:
        raise
    except Exception:  # noqa: BLE001  # whatever it is: the next news wait behind it
        _log.exception("failure_not_acted_on", message=row.provider_id)
        return "broken"


async def _act(
    connection: AsyncConnection, runtime: Runtime, row: Row[Any], now: datetime
) -> str | None:
    """Do what a failure asks for and say what; None: not yet."""
    if await _arrived(connection, row):
        return "arrived"
    kind = runtime.channels[row.kind]
    failure = kind.failure(row.error_code)
    item = await _item(connection, row)
    if item is not None and item.state == State.DUE:
        return None  # It is being sent, or we have not heard yet that it was.
    if failure.action is Action.PAUSE_CHANNEL:
        paused = await pause_channel(
            connection, row.channel_id, reason=str(failure), now=now, refused=True
        )
        if paused:
            runtime.metrics.pauses.labels("channel").inc()
            _log.error("channel_paused", channel=row.channel_id, reason=str(failure))
    if item is None or item.state != State.DONE or not await _is_last(connection, row):
        return str(failure.action)
    await _return(connection, runtime, kind, item, failure, failed_at=row.at)
    return str(failure.action)


async def _arrived(connection: AsyncConnection, row: Row[Any]) -> bool:
    found = await connection.execute(
        select(
            exists().where(
                message_status.c.channel_id == row.channel_id,
                message_status.c.provider_id == row.provider_id,
                message_status.c.state.in_(ARRIVED),
            )
        )
    )
    return bool(found.scalar())


async def _item(connection: AsyncConnection, row: Row[Any]) -> Row[Any] | None:
    """Return the outbox item of a message, locked; None when it is not ours."""
    sent = select(outbox_attempt.c.outbox_id).where(
        outbox_attempt.c.provider_id == row.provider_id
    )
    found = await connection.execute(
        select(outbox)
        .where(
            outbox.c.tenant_id == row.tenant_id,
            outbox.c.unique_key == row.callback
            if row.callback
            else outbox.c.id.in_(sent),
        )
        .with_for_update()
    )
    return found.one_or_none()


async def _is_last(connection: AsyncConnection, row: Row[Any]) -> bool:
    """Return whether the news is of the last send of its message."""
    found = await connection.execute(
        select(message.c.id).where(
            message.c.tenant_id == row.tenant_id,
            message.c.channel_id == row.channel_id,
            message.c.provider_id == row.provider_id,
            message.c.direction == "out",
        )
    )
    return found.first() is not None


async def _return(
    connection: AsyncConnection,
    runtime: Runtime,
    kind: Channel,
    item: Row[Any],
    failure: SendRefused | SendUnavailable,
    *,
    failed_at: datetime,
) -> None:
    """Send a message again, now or later and in another form, or show it to people."""
    now = runtime.clock()
    due_at: datetime | None = now
    payload: Mapping[str, Any] = item.payload
    match failure.action:
        case _ if payload["message"]["content"].get("beside"):
            due_at = None  # What it goes along with is said, or being said.
        case Action.PAUSE_CHANNEL:
            pass
        case Action.HOLD_FOR_WINDOW:
            wrote = await _last_word(connection, payload["conversation_id"])
            # Who wrote after it failed has opened the window again.
            if wrote is None or wrote <= failed_at:
                payload = held_since(payload, wrote)
        case Action.ONCE_MORE if not payload.get(SENT_AGAIN):
            due_at, payload = now + MOMENT, {**payload, SENT_AGAIN: True}
        case Action.PLAIN_TEXT | Action.ONCE_MORE:
            plain = kind.plain(OutboundMessage.model_validate(payload["message"]))
            if plain is None:
                due_at = None
            else:
                payload = {**payload, "message": plain.model_dump(mode="json")}
        case Action.RETRY | Action.SLOW_DOWN | Action.SLOW_PAIR:
            due_at = _again_at(runtime, item, failure, now)
        case _:
            due_at = None
    error = str(failure)
    if due_at is None:
        rest = failure.rest if isinstance(failure, SendRefused) else timedelta(0)
        await park(connection, item.id, now=now, error=error, rest=rest)
    else:
        await reopen(connection, item.id, due_at=due_at, error=error, payload=payload)
    await _mark(connection, payload, parked=due_at is None)


def _again_at(
    runtime: Runtime,
    item: Row[Any],
    failure: SendRefused | SendUnavailable,
    now: datetime,
) -> datetime | None:
    """Return when to send it again, None when it was tried often enough."""
    tries = max(1, item.attempts)
    due_at = next_attempt(Replies.policy, tries, now, runtime.jitter())
    if due_at is None:
        return None
    if failure.action is Action.SLOW_PAIR:
        due_at = max(due_at, now + pair_pause(tries - 1))
    asked = isinstance(failure, SendUnavailable) and failure.retry_after
    return max(due_at, now + asked) if asked else due_at


async def _last_word(
    connection: AsyncConnection, conversation_id: str
) -> datetime | None:
    found = await connection.execute(
        select(conversation.c.last_inbound_at).where(
            conversation.c.id == conversation_id
        )
    )
    moment: datetime | None = found.scalar()
    return moment


async def _mark(
    connection: AsyncConnection, payload: Mapping[str, Any], *, parked: bool
) -> None:
    """Let people see what became of the message, and what it says now."""
    content = payload["message"]["content"]
    values: dict[str, Any] = {"kind": content["type"], "content": content}
    # Its next send gets another id; the news of this one are those of the past.
    values |= (
        {"state": "failed"} if parked else {"state": "queued", "provider_id": None}
    )
    await connection.execute(
        update(message).where(message.c.id == payload["message_id"]).values(**values)
    )
