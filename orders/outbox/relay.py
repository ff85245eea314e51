"""Delivers what is due: claim, prepare, begin, send outside any transaction, settle.

A claim only leases, so whoever dies before sending leaves nothing behind. Right before
the send an attempt is committed: one without an end tells of a crash. For a topic whose
receiver cannot tell a repetition (a message to a person), such an attempt counts as "it
may have arrived": we wait for news, resend once, wait again, and park it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from orders.domain.retry import RetryPolicy, next_attempt
from orders.outbox.attempts import Start, begin, claim, prolong, settle
from orders.outbox.delivery import (
    DeliveryError,
    OutcomeUnknown,
    Refused,
    Reworded,
    Unavailable,
    Waiting,
    Withdrawn,
)
from orders.outbox.store import Due, Outcome, Settled, Topic
from orders.outbox.transcript import listening

_log = structlog.get_logger(__name__)

Transaction = Callable[[], AbstractAsyncContextManager[AsyncConnection]]
#: Sends what was prepared, and returns the receiver's id for it, if it has one. Raises
#: only what `orders.outbox.delivery` names; anything else is taken for OutcomeUnknown.
Send = Callable[[], Awaitable[str | None]]


class Handler(Protocol):
    """Delivers the items of one topic."""

    #: The receiver tells repetitions by the unique key: repeating is harmless.
    idempotent: bool
    policy: RetryPolicy

    async def prepare(self, item: Due) -> Send:
        """Judge whether and how to send, and return what sends; nothing leaves yet.

        Raises Waiting, Withdrawn, Refused or Unavailable, and then no attempt is begun
        nor counted; anything else is a defect, and counts, so that it is given up and
        seen in the end. What it returns is called at most once, after the attempt was
        committed; the same item may come again (at least once).
        """
        ...

    async def news(self, connection: AsyncConnection, item: Due) -> str | None:
        """Return the receiver's id when there is proof that the item arrived."""
        ...

    async def record(
        self, connection: AsyncConnection, settled: Sequence[Settled]
    ) -> None:
        """Write what the endings mean elsewhere, in the transaction that settles."""
        ...


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a lease is, and how we wait when an outcome is unknown."""

    lease: timedelta
    wait: timedelta = timedelta(seconds=60)  #: For news, before the one resend.
    look: timedelta = timedelta(seconds=5)  #: Between looks for news.
    pause: timedelta = timedelta(seconds=30)  #: Between looks at what must wait.
    #: Between looks at what somebody wakes: only for a wake-up that got lost.
    nap: timedelta = timedelta(minutes=10)


class Relay:
    """The loop body that every worker runs. It holds no state between calls."""

    def __init__(
        self,
        transaction: Transaction,
        handlers: Mapping[Topic, Handler],
        *,
        clock: Callable[[], datetime],
        jitter: Callable[[], float],
        patience: Patience,
        begin_one: Callable[[Start], Awaitable[Due | None]] | None = None,
        settle_one: Callable[[Settled], Awaitable[bool]] | None = None,
    ) -> None:
        """`begin_one` and `settle_one` may do what they do for many at once.

        `begin_one` raises Unavailable when it cannot tell: then nothing is sent.
        """
        self._transaction = transaction
        self._handlers = handlers
        self._clock = clock
        self._jitter = jitter
        self._patience = patience
        self._begin_one = begin_one or self._begin_alone
        self._settle_one = settle_one or self._settle_alone

    async def claim(self, limit: int) -> tuple[Due, ...]:
        """Take what is due, up to `limit`."""
        async with self._transaction() as connection:
            return await claim(
                connection,
                now=self._clock(),
                lease=self._patience.lease,
                limit=limit,
            )

    async def prolong(self, items: Sequence[Due]) -> None:
        """Keep items ours while they are being sent, however long that takes."""
        async with self._transaction() as connection:
            await prolong(
                connection, items, now=self._clock(), lease=self._patience.lease
            )

    async def deliver(self, item: Due) -> None:
        """Bring one claimed item to an end, and settle it."""
        handler = self._handlers[item.topic]
        settled = await self._attempt(handler, item)
        if settled is not None:
            await self._settle_one(settled)

    async def once(self, limit: int = 20) -> int:
        """Deliver one batch; return how many items it had."""
        batch = await self.claim(limit)
        await asyncio.gather(*(self.deliver(item) for item in batch))
        return len(batch)

    async def begin(
        self, connection: AsyncConnection, starts: Sequence[Start]
    ) -> tuple[Due | None, ...]:
        """Begin attempts in the caller's transaction; None for what is not ours."""
        return await begin(
            connection, starts, now=self._clock(), lease=self._patience.lease
        )

    async def settle(self, batch: Sequence[Settled]) -> Sequence[bool]:
        """Settle a batch in one transaction; True for those that were still ours."""
        async with self._transaction() as connection:
            return await self.write(connection, batch)

    async def write(
        self, connection: AsyncConnection, batch: Sequence[Settled]
    ) -> Sequence[bool]:
        """Settle a batch in the caller's transaction; True for what was still ours."""
        ours = await settle(connection, batch)
        for topic, handler in self._handlers.items():
            mine = [s for s in batch if s.item.id in ours and s.item.topic == topic]
            if mine:
                await handler.record(connection, mine)
        return [s.item.id in ours for s in batch]

    async def _begin_alone(self, start: Start) -> Due | None:
        async with self._transaction() as connection:
            (begun,) = await self.begin(connection, [start])
        return begun

    async def _settle_alone(self, settled: Settled) -> bool:
        return (await self.settle([settled]))[0]

    async def _attempt(self, handler: Handler, item: Due) -> Settled | None:
        if handler.idempotent or not (item.interrupted or item.unknown_since):
            return await self._send(handler, Start(item))
        verdict = await self._await_news(handler, item)
        if verdict is not None:
            return verdict
        return await self._send(handler, Start(item, resend=True))

    async def _send(self, handler: Handler, start: Start) -> Settled | None:
        """Send it, unless it need not be sent or is no longer ours."""
        try:
            send = await handler.prepare(start.item)
        except DeliveryError as error:
            return self._unsent(handler, start.item, error)
        except Exception as error:  # noqa: BLE001 (a defect must not go on for ever)
            return self._broken(handler, start.item, error)
        try:
            begun = await self._begin_one(start)
        except DeliveryError as error:
            return self._unsent(handler, start.item, error)
        if begun is None:
            return None
        return await self._sent(handler, start.item, begun, send)

    async def _sent(
        self, handler: Handler, item: Due, begun: Due, send: Send
    ) -> Settled:
        """Send it and return how it ended; `item` is as it was before it was begun."""
        with listening() as transcript:
            settled = await self._sent_now(handler, item, begun, send)
        return replace(settled, exchanges=transcript.kept())

    async def _sent_now(
        self, handler: Handler, item: Due, begun: Due, send: Send
    ) -> Settled:
        try:
            provider_id = await send()
        except Waiting as error:
            # It did not arrive: neither the attempt nor the one resend is used up.
            return self._wait(replace(item, interrupted=False), error)
        except DeliveryError as error:
            return self._ended(handler, begun, error)
        except Exception as error:  # noqa: BLE001 (it may have been sent before)
            _log_defect("sending_broke", begun)
            return self._unknown(handler, begun, type(error).__name__)
        return Settled(begun, Outcome.DONE, self._clock(), provider_id=provider_id)

    async def _await_news(self, handler: Handler, item: Due) -> Settled | None:
        """Return how it ends without sending; None: send it once more."""
        now = self._clock()
        async with self._transaction() as connection:
            provider_id = await handler.news(connection, item)
        if provider_id is not None:
            return Settled(item, Outcome.DONE, now, provider_id=provider_id)
        since = item.unknown_since or now
        if now < since + self._patience.wait:
            return Settled(
                item,
                Outcome.WAITED,
                now,
                again_at=min(now + self._patience.look, since + self._patience.wait),
                unknown_since=since,
                error="it may have been sent: waiting for news of it",
            )
        if item.resends:
            return self._end(
                item,
                Outcome.PARKED,
                "sent twice, and no news of either: look whether it arrived",
            )
        return None

    def _unsent(self, handler: Handler, item: Due, error: DeliveryError) -> Settled:
        """Return how it ends when nothing was sent: no attempt is used up by that."""
        match error:
            case Waiting():
                return self._wait(item, error)
            case Unavailable():
                now = self._clock()
                return Settled(
                    item,
                    Outcome.RETRY,
                    now,
                    again_at=now + (error.retry_after or handler.policy.base),
                    error=str(error),
                    unknown_since=item.unknown_since,
                )
            case _:
                # In another form, too, it is the one resend of what may have arrived.
                ended = self._ended(handler, item, error)
                return replace(ended, unknown_since=item.unknown_since)

    def _broken(self, handler: Handler, item: Due, error: Exception) -> Settled:
        """Return how it ends when judging it broke: tried again, and given up."""
        _log_defect("preparing_broke", item)
        counted = replace(item, attempts=item.attempts + 1)
        # What was sent before may still have arrived: that stays known.
        return replace(
            self._again(handler, counted, Unavailable(type(error).__name__)),
            unknown_since=item.unknown_since,
        )

    def _ended(self, handler: Handler, item: Due, error: DeliveryError) -> Settled:
        match error:
            case Withdrawn():
                return self._end(item, Outcome.CANCELLED, str(error))
            case Unavailable():
                return self._again(handler, item, error)
            case Reworded():
                return self._reword(item, error)
            case OutcomeUnknown():
                return self._unknown(handler, item, str(error))
            case Refused():
                parked = self._end(item, Outcome.PARKED, str(error))
                return replace(parked, again_at=parked.at + error.rest)
            case _:  # Something that nobody told us about.
                return self._end(item, Outcome.PARKED, str(error))

    def _wait(self, item: Due, error: Waiting) -> Settled:
        now, patience = self._clock(), self._patience
        # Who wakes it finds it by the name only once that is written: a wake-up
        # between our look and that would be missed, so we look again soon.
        is_known = error.waits_for is not None and item.waits_for == error.waits_for
        return Settled(
            item,
            Outcome.WAITED,
            now,
            again_at=now + (patience.nap if is_known else patience.pause),
            unknown_since=item.unknown_since,
            error=str(error),
            waits_for=error.waits_for,
            payload=error.payload,
        )

    def _reword(self, item: Due, error: Reworded) -> Settled:
        now = self._clock()
        return Settled(
            item,
            Outcome.RETRY,
            now,
            again_at=now + error.after,
            error=str(error),
            payload=error.payload,
        )

    def _again(self, handler: Handler, item: Due, error: Unavailable) -> Settled:
        now = self._clock()
        at = next_attempt(handler.policy, item.attempts, now, self._jitter())
        if at is None:
            why = f"given up after {item.attempts} attempts: {error}"
            return self._end(item, Outcome.PARKED, why)
        if error.retry_after is not None:
            at = max(at, now + error.retry_after)
        return Settled(item, Outcome.RETRY, now, again_at=at, error=str(error))

    def _unknown(self, handler: Handler, item: Due, error: str) -> Settled:
        if handler.idempotent:
            return self._again(handler, item, Unavailable(error))
        now = self._clock()
        return Settled(
            item,
            Outcome.UNKNOWN,
            now,
            again_at=now + min(self._patience.look, self._patience.wait),
            unknown_since=now,
            error=error,
        )

    def _end(self, item: Due, outcome: Outcome, error: str) -> Settled:
        return Settled(item, outcome, self._clock(), error=error)


def _log_defect(event: str, item: Due) -> None:
    """Log the exception that is being handled: it is not one of a delivery."""
    _log.exception(event, item=item.id, topic=item.topic, tenant=item.tenant_id)
