"""Delivers what is due: claim, deliver outside any transaction, settle.

What is claimed carries an open attempt, so a crash while sending shows. For a topic
whose receiver cannot tell a repetition (a message to a person), such an attempt counts
as "it may have arrived": we wait for news, resend once, wait again, and park it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from orders.domain.retry import RetryPolicy, next_attempt
from orders.outbox.delivery import (
    OutcomeUnknown,
    Refused,
    Unavailable,
    Waiting,
    Withdrawn,
)
from orders.outbox.store import (
    Due,
    Outcome,
    Settled,
    Topic,
    claim,
    mark_resend,
    prolong,
    renew,
    settle,
)

Transaction = Callable[[], AbstractAsyncContextManager[AsyncConnection]]


class Handler(Protocol):
    """Delivers the items of one topic."""

    #: The receiver tells repetitions by the unique key: repeating is harmless.
    idempotent: bool
    policy: RetryPolicy

    async def deliver(self, item: Due) -> str | None:
        """Deliver, and return the receiver's id for it, if it has one.

        Raises only what `orders.outbox.delivery` names. May be called again for the
        same item (at least once).
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
    pause: timedelta = timedelta(seconds=30)  #: Between looks at a paused target.


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
        settle_one: Callable[[Settled], Awaitable[bool]] | None = None,
    ) -> None:
        self._transaction = transaction
        self._handlers = handlers
        self._clock = clock
        self._jitter = jitter
        self._patience = patience
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

    async def _settle_alone(self, settled: Settled) -> bool:
        return (await self.settle([settled]))[0]

    async def _attempt(self, handler: Handler, item: Due) -> Settled | None:
        if handler.idempotent or not (item.interrupted or item.unknown_since):
            return await self._send(handler, item)
        verdict = await self._await_news(handler, item)
        if verdict is not None:
            return verdict
        return await self._send_again(handler, item)

    async def _send_again(self, handler: Handler, item: Due) -> Settled | None:
        """Send it the second and last time, unless it is no longer ours."""
        now = self._clock()
        # Written down first: a crash while sending must not earn it a third time.
        async with self._transaction() as connection:
            if not await mark_resend(
                connection, item, now=now, lease=self._patience.lease
            ):
                return None
        again = replace(
            item,
            lease_until=now + self._patience.lease,
            unknown_since=now,
            resends=item.resends + 1,
        )
        sent = await self._send(handler, again)
        if sent is not None and sent.outcome is Outcome.WAITED:
            # Nothing was sent, so the second time is still to come.
            return replace(sent, item=item, unknown_since=item.unknown_since)
        return sent

    async def _send(self, handler: Handler, item: Due) -> Settled | None:
        """Send it, unless it is no longer ours."""
        if not await self._still_ours(item):
            return None
        try:
            provider_id = await handler.deliver(item)
        except (Refused, Withdrawn) as error:
            refused = isinstance(error, Refused)
            how = Outcome.PARKED if refused else Outcome.CANCELLED
            return self._end(item, how, str(error))
        except Waiting as error:
            return self._wait(item, str(error))
        except Unavailable as error:
            return self._again(handler, item, error)
        except OutcomeUnknown as error:
            return self._unknown(handler, item, str(error))
        return Settled(item, Outcome.DONE, self._clock(), provider_id=provider_id)

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

    async def _still_ours(self, item: Due) -> bool:
        """Before sending: a process that slept past its lease must not send."""
        now = self._clock()
        if now < item.lease_until - self._patience.lease / 2:
            return True
        async with self._transaction() as connection:
            return await renew(connection, item, now=now, lease=self._patience.lease)

    def _wait(self, item: Due, why: str) -> Settled:
        now = self._clock()
        return Settled(
            item,
            Outcome.WAITED,
            now,
            again_at=now + self._patience.pause,
            unknown_since=item.unknown_since,
            error=why,
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
