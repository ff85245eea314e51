"""Replies to customers: judged when they are sent, and what a refusal asks of us."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy import bindparam, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.channel import Account, Channel
from bot.channels.failure import Action, SendRefused, SendUnavailable
from bot.db import DatabaseUnavailable
from bot.db.batcher import BatcherFull
from bot.domain.message import DeliveryState, OutboundMessage, OutImage
from bot.domain.snapshot import Owner
from bot.inbox.accounts import ChannelState
from bot.inbox.directory import ChannelEntry
from bot.inbox.outside import is_template, reworded
from bot.inbox.pausing import (
    awaits_channel,
    awaits_window,
    channel_standing,
    pause_channel,
)
from bot.inbox.table import message, message_status
from bot.runtime import Runtime
from bot.worker.rationing import Rations
from bot.worker.standing import Standing, Standings
from orders.domain.retry import RetryPolicy
from orders.outbox.delivery import (
    DeliveryError,
    Refused,
    Reworded,
    Unavailable,
    Waiting,
    Withdrawn,
)
from orders.outbox.relay import Send
from orders.outbox.store import Due, Outcome, Settled, waits_behind

_log = structlog.get_logger(__name__)

#: So long a reply waits for a customer who does not write.
_PATIENCE = timedelta(days=30)
#: So long after their last word customers may be written to in quiet hours, too.
_AWAKE = timedelta(hours=1)
#: In a payload: it was sent once more after its media could not be fetched.
SENT_AGAIN = "sent_again"
#: After so long that is done.
MOMENT = timedelta(seconds=5)
_NONE = timedelta(0)
#: The longest pause after too many messages to one customer.
_LONGEST_PAIR_PAUSE = timedelta(minutes=10)
#: So long, in seconds, a picture beside words may take: those wait behind it.
_BESIDE_SECONDS = 8
#: With one of these, a message arrived, whatever else is said of it.
ARRIVED = (DeliveryState.DELIVERED, DeliveryState.READ, DeliveryState.PLAYED)


def pair_pause(attempts: int) -> timedelta:
    """Return how long to leave a customer alone, after so many attempts before.

    4^n seconds, as Meta's Cloud API reference says of its error 131056.
    """
    return min(timedelta(seconds=4 ** min(attempts, 10)), _LONGEST_PAIR_PAUSE)


class Replies:
    """Messages to customers. The bot's silence is judged here, when it is sent."""

    idempotent = False
    policy = RetryPolicy(
        attempts=12, base=timedelta(seconds=1), ceiling=timedelta(minutes=10)
    )

    def __init__(self, runtime: Runtime, standings: Standings) -> None:
        self._runtime = runtime
        self._standings = standings
        self._rations = Rations(runtime)

    async def prepare(self, item: Due) -> Send:
        try:
            return await self._prepare(item)
        except (DatabaseUnavailable, BatcherFull) as error:
            raise Unavailable(str(error)) from None

    async def _prepare(self, item: Due) -> Send:
        payload = item.payload
        standing = await self._standings.of(payload["conversation_id"])
        if standing is None:
            raise Withdrawn("the conversation is gone")
        _judge(standing, payload)
        if _is_quiet(standing, payload, self._runtime.clock()):
            await self._keep_quiet(item, standing)
        entry = await self._channel(payload["channel_id"])
        channel = self._runtime.channels[entry.kind]
        if _is_held(standing, payload, channel, self._runtime.clock()):
            if (template := reworded(payload)) is not None:
                raise Reworded(_OUTSIDE, payload=template)
            if payload.get("unasked"):
                raise Withdrawn("nobody asked for it, and the customer is gone")
            if self._runtime.clock() - item.created_at >= _PATIENCE:
                raise Refused("the customer did not write for 30 days")
            raise Waiting(
                "24 hours since the customer wrote: it waits until they write again",
                waits_for=awaits_window(standing.conversation_id),
            )
        try:
            words = OutboundMessage.model_validate(payload["message"])
        except ValidationError:
            raise Refused("nobody can read what was to be said") from None
        # While it waited, the number may have become somebody else's.
        words = words.model_copy(update={"to": standing.address})
        sending = _Sending(self._runtime, item, words, standing, entry.account, channel)
        pace = channel.pace.at_most(entry.per_second)
        await self._rations.take(
            payload["channel_id"],
            payload["conversation_id"],
            pace,
            unasked=bool(payload.get("unasked")),
        )
        return sending.send

    async def _keep_quiet(self, item: Due, standing: Standing) -> None:
        """Raise Waiting, unless a person writes to the customer all the same.

        What that person said waits behind this.
        """
        async with self._runtime.database.reading() as connection:
            if await waits_behind(connection, item, mark="by_agent"):
                return
        raise Waiting(
            "the shop's quiet hours: it waits for their end",
            waits_for=awaits_window(standing.conversation_id),
        )

    async def _channel(self, channel_id: str) -> ChannelEntry:
        """Return a channel that sends. Raises Refused or Waiting."""
        directories = self._runtime.directories
        entry = await directories.channel(channel_id)
        if entry is not None and entry.state is ChannelState.ACTIVE:
            return entry
        # Our copy may be older than its activation, which woke us.
        async with self._runtime.database.reading() as connection:
            stored = await channel_standing(connection, channel_id)
        if stored is None:
            raise Refused("the channel was removed")
        if entry is None:
            # The directory leaves out what does not open, not only what is gone.
            raise Waiting("its access token does not open: see `chatorder doctor`")
        if stored.state is ChannelState.ACTIVE:
            raise Waiting("the channel was activated a moment ago")
        raise Waiting(
            f"the channel is paused: {stored.reason or 'by a person'}",
            waits_for=awaits_channel(channel_id),
        )

    async def news(self, connection: AsyncConnection, item: Due) -> str | None:
        # A failure that was acted on is of an earlier send: its news prove nothing of
        # this one, unless that one arrived after all.
        failed = message_status.alias("failed")
        is_past = exists().where(
            failed.c.channel_id == message_status.c.channel_id,
            failed.c.provider_id == message_status.c.provider_id,
            failed.c.state == DeliveryState.FAILED,
            failed.c.acted_at.is_not(None),
        )
        found = await connection.execute(
            select(message_status.c.provider_id)
            .where(
                message_status.c.callback == item.unique_key,
                message_status.c.tenant_id == item.tenant_id,
                or_(message_status.c.state.in_(ARRIVED), ~is_past),
            )
            .limit(1)
        )
        provider_id: str | None = found.scalar()
        return provider_id

    async def record(
        self, connection: AsyncConnection, settled: Sequence[Settled]
    ) -> None:
        await self._reword(connection, settled)
        states = {
            Outcome.DONE: "sent",
            Outcome.PARKED: "failed",
            Outcome.CANCELLED: "cancelled",
        }
        rows = [
            {
                "row_id": s.item.payload["message_id"],
                "new_state": states[s.outcome],
                "given_id": s.provider_id,
                "now": s.at,
            }
            for s in settled
            if s.outcome in states
        ]
        if rows:
            await connection.execute(
                update(message)
                .where(message.c.id == bindparam("row_id"))
                .values(
                    state=bindparam("new_state"),
                    provider_id=bindparam("given_id"),
                    sent_at=bindparam("now"),
                ),
                sorted(rows, key=lambda row: str(row["row_id"])),
            )

    async def _reword(
        self, connection: AsyncConnection, settled: Sequence[Settled]
    ) -> None:
        """Let people see what the customer really gets to see."""
        contents = {
            s.item.payload["message_id"]: s.payload["message"]["content"]
            for s in settled
            if s.payload is not None
            and s.payload["message"] != s.item.payload["message"]
        }
        for message_id, content in sorted(contents.items()):
            await connection.execute(
                update(message)
                .where(message.c.id == message_id)
                .values(kind=content["type"], content=content)
            )


def _judge(standing: Standing, payload: Mapping[str, Any]) -> None:
    """Raise Withdrawn when nobody wants the message now."""
    if payload.get("last_word"):
        return
    if standing.opted_out and not payload.get("despite_stop"):
        raise Withdrawn("the customer said STOP")
    if payload.get("promotional") and not standing.opted_in:
        raise Withdrawn("it is no service, and no opt-in of the customer is recorded")
    may = payload.get("by_agent") or payload.get("notice")
    if standing.owner is Owner.AGENT and not may:
        raise Withdrawn("a person answers in this conversation")


def _is_quiet(standing: Standing, payload: Mapping[str, Any], now: datetime) -> bool:
    """Return whether nobody asked for it, in the shop's quiet hours.

    Who wrote within the hour is awake, and told at once.
    """
    not_before = payload.get("not_before")
    if not_before is None or datetime.fromisoformat(not_before) <= now:
        return False
    wrote = standing.last_inbound_at
    return wrote is None or now - wrote >= _AWAKE


def _is_held(
    standing: Standing, payload: Mapping[str, Any], channel: Channel, now: datetime
) -> bool:
    """Return whether the customer must write before this may be sent.

    When we do not know when they wrote, the provider does.
    """
    wrote = standing.last_inbound_at
    if is_template(payload):
        return False
    if payload.get(_HELD_AT, _FREE) == _mark(wrote):
        return True
    if channel.window is None or wrote is None:
        return False
    return now >= wrote + channel.window


_OUTSIDE = "24 hours since the customer wrote: it is said by a template"
#: In a payload: the customer's last word when the provider found the window closed.
_HELD_AT, _FREE = "held_at", "not held"


def _mark(wrote: datetime | None) -> str | None:
    return None if wrote is None else wrote.isoformat()


def held_since(payload: Mapping[str, Any], wrote: datetime | None) -> dict[str, Any]:
    """Return the payload of a reply that waits for a newer word of the customer."""
    return {**payload, _HELD_AT: _mark(wrote)}


@dataclass(frozen=True, slots=True)
class _Sending:
    """A reply that was judged and may go, and what a refusal of it asks of us."""

    runtime: Runtime
    item: Due
    words: OutboundMessage
    standing: Standing
    account: Account
    channel: Channel

    async def send(self) -> str:
        """Send it. Raises what `orders.outbox.delivery` names."""
        content = self.words.content
        if isinstance(content, OutImage) and content.beside:
            return await self._send_beside()
        try:
            return await self.channel.send(
                self.account, self.words, callback=self.item.unique_key
            )
        except SendUnavailable as error:
            if error.action is not Action.SLOW_PAIR:
                raise
            pause = max(pair_pause(self.item.attempts), error.retry_after or _NONE)
            raise Unavailable(str(error), retry_after=pause) from None
        except SendRefused as error:
            match error.action:
                case Action.PAUSE_CHANNEL:
                    raise await self._pause(error) from None
                case Action.HOLD_FOR_WINDOW:
                    raise self._hold(error) from None
                case Action.PLAIN_TEXT:
                    raise self._reword(error) from None
                case Action.ONCE_MORE if not self.item.payload.get(SENT_AGAIN):
                    raise self._repeat(error) from None
                case Action.ONCE_MORE:
                    raise self._reword(error) from None
                case _:
                    raise

    async def _send_beside(self) -> str:
        """Send a picture that words do without. Raises Withdrawn, whatever happened.

        The words behind it find out for themselves what is wrong with a channel.
        """
        try:
            async with asyncio.timeout(_BESIDE_SECONDS):
                return await self.channel.send(
                    self.account, self.words, callback=self.item.unique_key
                )
        except (DeliveryError, TimeoutError) as error:
            why = str(error) or "it took too long"
            raise Withdrawn(f"a picture, and its words go on: {why}") from None

    async def _pause(self, error: SendRefused) -> Waiting:
        channel_id = self.account.channel_id
        try:
            await pause_for(self.runtime, channel_id, str(error), lost=error.lost)
        except DatabaseUnavailable:
            return Waiting(str(error))
        return Waiting(f"the channel is paused: {error}")

    def _hold(self, error: SendRefused) -> DeliveryError:
        payload = self.item.payload
        if (template := reworded(payload)) is not None:
            return Reworded(_OUTSIDE, payload=template)
        return Waiting(
            str(error),
            waits_for=awaits_window(self.standing.conversation_id),
            payload=held_since(payload, self.standing.last_inbound_at),
        )

    def _repeat(self, error: SendRefused) -> Reworded:
        payload = {**self.item.payload, SENT_AGAIN: True}
        return Reworded(str(error), payload=payload, after=MOMENT)

    def _reword(self, error: SendRefused) -> DeliveryError:
        plain = self.channel.plain(self.words)
        if plain is None:
            return error
        payload = {**self.item.payload, "message": plain.model_dump(mode="json")}
        return Reworded(f"said again as plain text: {error}", payload=payload)


async def pause_for(
    runtime: Runtime, channel_id: str, reason: str, *, lost: bool = False
) -> None:
    """Pause a channel of which its provider takes nothing. Said once, not each time.

    `lost`: only until its gateway says that it is connected again. Raises
    DatabaseUnavailable.
    """
    paused = await runtime.database.retried(
        lambda connection: pause_channel(
            connection,
            channel_id,
            reason=reason,
            now=runtime.clock(),
            refused=True,
            lost=lost,
        )
    )
    if paused:
        runtime.metrics.pauses.labels("channel").inc()
        _log.error("channel_paused", channel=channel_id, reason=reason)
    runtime.directories.forget()
