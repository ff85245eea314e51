"""What the outbox delivers: replies to people, events to sinks, timers to ourselves."""

import contextlib
from collections.abc import Awaitable, Mapping, Sequence
from datetime import timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import DatabaseUnavailable
from bot.domain.account import Unsealable
from bot.domain.snapshot import Tenant
from bot.inbox.accounts import load_tenants
from bot.runtime import Runtime
from bot.worker.remembering import StoredMemory
from bot.worker.replying import Replies
from bot.worker.standing import Standings
from bot.worker.subjects import OrderNews, subject_of
from bot.worker.telling import announcement
from bot.worker.timers import TIMERS, Fire
from orders import Order, OrderState
from orders.domain.event_names import ORDER_CANCELLED, ORDER_UPDATED
from orders.domain.events import SinkAccount, SinkState
from orders.domain.lifecycle import IllegalMove
from orders.domain.retry import EVENTS, RetryPolicy
from orders.moving import move_order
from orders.outbox.delivery import (
    Closed,
    Refused,
    Unavailable,
    Waiting,
    Withdrawn,
)
from orders.outbox.relay import Handler, Send
from orders.outbox.store import Due, Outcome, Settled, Topic
from orders.outbox.transcript import keep_with
from orders.provisioning.envelope import Event
from orders.provisioning.redacting import redacted_for
from orders.provisioning.sink import SinkDelivery, SinkTenant
from orders.sinks import awaits_sink, load_sink, pause_sink
from orders.store import history, load_order

_log = structlog.get_logger(__name__)


def handlers(runtime: Runtime, standings: Standings) -> Mapping[Topic, Handler]:
    """Return who delivers which topic."""
    return {
        Topic.REPLY: Replies(runtime, standings),
        Topic.EVENT: Events(runtime),
        Topic.TIMER: Timers(runtime),
    }


_PROVISIONING = {
    Outcome.DONE: OrderState.PROVISIONING,
    Outcome.PARKED: OrderState.PROVISIONING_FAILED,
}
#: Nobody has it yet; failed: a person had it sent once more.
_UNDELIVERED = frozenset({OrderState.CONFIRMED, OrderState.PROVISIONING_FAILED})


#: What is told of an order that a sink has already: it moves nothing.
_LATER = frozenset({ORDER_CANCELLED, ORDER_UPDATED})


class Events:
    """Orders and alarms to the merchant's systems: the event id tells repetitions."""

    idempotent = True
    policy = EVENTS

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def prepare(self, item: Due) -> Send:
        runtime, payload = self._runtime, item.payload
        try:
            async with runtime.database.reading() as connection:
                sink = await load_sink(connection, item.tenant_id, payload["sink_id"])
                if sink is None:
                    raise Withdrawn("the sink is gone")
                entry = (await load_tenants(connection, [item.tenant_id]))[
                    item.tenant_id
                ]
                tenant = _sink_tenant(entry.tenant)
                news = await subject_of(connection, item, sink, entry, tenant)
        except DatabaseUnavailable as error:
            raise Unavailable(str(error)) from None
        if sink.state is not SinkState.ACTIVE:
            raise Waiting(f"the sink is {sink.state}", waits_for=awaits_sink(sink.id))
        try:
            secret = runtime.open_secret(sink.secret)
            secret_before = _secret_before(runtime, sink)
        except Unsealable as error:
            raise Waiting(str(error)) from None
        secrets, now = (secret, secret_before), runtime.clock()
        if isinstance(news, Event):
            call = announcement(news, sink, secrets=secrets, now=now)
            return lambda: self._send(sink, runtime.announcer.tell(call))
        delivery = _delivery(runtime, item, sink, news, tenant=tenant, secrets=secrets)
        sinks = runtime.public_sinks if sink.public_only else runtime.sinks

        async def send() -> str | None:
            keep_with(redacted_for(delivery.order))
            return await self._send(sink, sinks[sink.kind].deliver(delivery))

        return send

    async def _send(self, sink: SinkAccount, call: Awaitable[str | None]) -> str | None:
        """Send it; return what the order is called there, if that was answered.

        A sink that takes nothing from us any more is paused. That is one that answers
        401 (it does not know our signature) or 410 (it is gone): the first such answer
        suffices, because nothing is lost by waiting. Its events wait until somebody
        activates it.
        """
        try:
            return await call
        except Closed as error:
            reason = f"it answers HTTP {error.status}"
            try:
                await self._pause(sink.id, reason)
            except DatabaseUnavailable:
                raise Waiting(str(error)) from None
            raise Waiting(
                f"the sink is paused: {error}", waits_for=awaits_sink(sink.id)
            ) from None

    async def _pause(self, sink_id: str, reason: str) -> None:
        runtime = self._runtime
        paused = await runtime.database.retried(
            lambda connection: pause_sink(
                connection, sink_id, reason=reason, now=runtime.clock()
            )
        )
        if paused:
            runtime.metrics.pauses.labels("sink").inc()
            _log.error("sink_paused", sink=sink_id, reason=reason)

    async def news(self, connection: AsyncConnection, item: Due) -> str | None:
        del connection, item
        return None

    async def record(
        self, connection: AsyncConnection, settled: Sequence[Settled]
    ) -> None:
        """Move the order: accepted, or refused, and then a person must look."""
        of_orders = [s for s in settled if "order_id" in s.item.payload]
        for s in sorted(of_orders, key=lambda s: s.item.payload["order_id"]):
            target = _PROVISIONING.get(s.outcome)
            if s.provider_id is not None:
                # The order is there, and nobody will call back to say so.
                target = OrderState.PROVISIONED
            if target is None or s.item.payload.get("type") in _LATER:
                continue
            stored = await load_order(
                connection, s.item.tenant_id, s.item.payload["order_id"]
            )
            # A fast sink calls back before we have written that it accepted.
            if stored is None or stored.order.state not in _UNDELIVERED:
                continue
            if await _failed_meanwhile(connection, stored.order, s.item):
                continue
            # It may do so at this very moment, too: its word counts, and the delivery
            # is no less done for it.
            with contextlib.suppress(IllegalMove):
                await move_order(
                    connection,
                    stored,
                    target,
                    actor=f"sink:{s.item.payload['sink_id']}",
                    message=s.error,
                    external_id=s.provider_id,
                    now=s.at,
                )


def _delivery(
    runtime: Runtime,
    item: Due,
    sink: SinkAccount,
    news: OrderNews,
    *,
    tenant: SinkTenant,
    secrets: tuple[str, str | None],
) -> SinkDelivery:
    return SinkDelivery(
        event_id=item.unique_key,
        url=sink.url,
        secret=secrets[0],
        secret_before=secrets[1],
        order=news.order,
        tenant=tenant,
        sent_at=runtime.clock(),
        cancelled_at=news.cancelled_at,
        options=sink.options,
        memory=StoredMemory(runtime, sink),
        conversation_id=news.conversation_id,
        sales_channel=news.sales_channel,
        step=news.step,
        around=news.around,
    )


async def _failed_meanwhile(
    connection: AsyncConnection, order: Order, item: Due
) -> bool:
    """Return whether the sink took an order and has reported already that it fails.

    An older failure is what a person had it sent once more for.
    """
    if order.state is not OrderState.PROVISIONING_FAILED or item.due_at is None:
        return False
    steps = await history(connection, order.id)
    failed = [step.at for step in steps if step.state is order.state]
    return bool(failed) and max(failed) >= item.due_at


def _secret_before(runtime: Runtime, sink: SinkAccount) -> str | None:
    """Return the old secret while it signs, too."""
    until = sink.secret_before_until
    if sink.secret_before is None or until is None or until <= runtime.clock():
        return None
    return runtime.open_secret(sink.secret_before)


def _sink_tenant(tenant: Tenant) -> SinkTenant:
    return SinkTenant(
        id=tenant.id,
        name=tenant.name,
        timezone=tenant.timezone,
        currency=tenant.currency,
        country=tenant.country,
    )


class Timers:
    """Things that must happen later: `bot.worker.timers` says what."""

    idempotent = True
    policy = RetryPolicy(
        attempts=20, base=timedelta(seconds=2), ceiling=timedelta(hours=1)
    )

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def prepare(self, item: Due) -> Send:
        fire = TIMERS.get(item.payload.get("kind"))
        if fire is None:
            raise Refused(f"nothing is known to do for the timer {item.unique_key}")
        return lambda: self._fire(fire, item)

    async def _fire(self, fire: Fire, item: Due) -> None:
        try:
            await fire(self._runtime, item)
        except DatabaseUnavailable as error:
            raise Unavailable(str(error)) from None

    async def news(self, connection: AsyncConnection, item: Due) -> str | None:
        del connection, item
        return None

    async def record(
        self, connection: AsyncConnection, settled: Sequence[Settled]
    ) -> None:
        del connection, settled
