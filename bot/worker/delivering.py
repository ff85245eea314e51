"""What the outbox delivers: replies to people, events to sinks, timers to ourselves."""

import contextlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import DatabaseUnavailable
from bot.domain.message import OutboundMessage
from bot.domain.snapshot import Owner, Tenant
from bot.inbox.accounts import ChannelState, load_tenants
from bot.inbox.directory import ChannelEntry
from bot.inbox.table import message, message_status
from bot.runtime import Runtime
from bot.worker.standing import Standings
from bot.worker.timers import TIMERS
from orders import OrderState
from orders.domain.events import SinkState
from orders.domain.lifecycle import IllegalMove
from orders.domain.retry import RetryPolicy
from orders.outbox.delivery import Refused, Unavailable, Waiting, Withdrawn
from orders.outbox.relay import Handler
from orders.outbox.store import Due, Outcome, Settled, Topic
from orders.provisioning.sink import SinkDelivery, SinkTenant
from orders.sinks import load_sink
from orders.store import load_order, move_order


def handlers(runtime: Runtime, standings: Standings) -> Mapping[Topic, Handler]:
    """Return who delivers which topic."""
    return {
        Topic.REPLY: Replies(runtime, standings),
        Topic.EVENT: Events(runtime),
        Topic.TIMER: Timers(runtime),
    }


class Replies:
    """Messages to customers. The bot's silence is judged here, when it is sent."""

    idempotent = False
    policy = RetryPolicy(
        attempts=12, base=timedelta(seconds=1), ceiling=timedelta(minutes=10)
    )

    def __init__(self, runtime: Runtime, standings: Standings) -> None:
        self._runtime = runtime
        self._standings = standings

    async def deliver(self, item: Due) -> str | None:
        payload = item.payload
        try:
            entry = await self._look(payload)
        except DatabaseUnavailable as error:
            # Nothing was sent, and saying so keeps it from counting as unknown.
            raise Unavailable(str(error)) from None
        if entry is None:
            raise Refused("the channel was removed")
        if entry.state is not ChannelState.ACTIVE:
            raise Waiting(f"the channel is {entry.state}")
        channel = self._runtime.channels[entry.kind]
        return await channel.send(
            entry.account,
            OutboundMessage.model_validate(payload["message"]),
            callback=item.unique_key,
        )

    async def _look(self, payload: Mapping[str, Any]) -> ChannelEntry | None:
        """Return the channel. Raises Withdrawn when nobody wants the message now."""
        standing = await self._standings.of(payload["conversation_id"])
        if standing is None:
            raise Withdrawn("the conversation is gone")
        if not payload.get("last_word"):
            if standing.opted_out:
                raise Withdrawn("the customer said STOP")
            may = payload.get("by_agent") or payload.get("notice")
            if standing.owner is Owner.AGENT and not may:
                raise Withdrawn("a person answers in this conversation")
        return await self._runtime.directories.channel(payload["channel_id"])

    async def news(self, connection: AsyncConnection, item: Due) -> str | None:
        found = await connection.execute(
            select(message_status.c.provider_id)
            .where(
                message_status.c.callback == item.unique_key,
                message_status.c.tenant_id == item.tenant_id,
            )
            .limit(1)
        )
        provider_id: str | None = found.scalar()
        return provider_id

    async def record(
        self, connection: AsyncConnection, settled: Sequence[Settled]
    ) -> None:
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


_PROVISIONING = {
    Outcome.DONE: OrderState.PROVISIONING,
    Outcome.PARKED: OrderState.PROVISIONING_FAILED,
}


class Events:
    """Orders to the merchant's systems. Receivers tell repetitions by the event id."""

    idempotent = True
    policy = RetryPolicy(
        attempts=20, base=timedelta(seconds=2), ceiling=timedelta(hours=1)
    )

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def deliver(self, item: Due) -> str | None:
        payload = item.payload
        try:
            async with self._runtime.database.reading() as connection:
                sink = await load_sink(connection, item.tenant_id, payload["sink_id"])
                stored = await load_order(
                    connection, item.tenant_id, payload["order_id"]
                )
                tenants = await load_tenants(connection, [item.tenant_id])
        except DatabaseUnavailable as error:
            raise Unavailable(str(error)) from None
        if sink is None or stored is None:
            raise Withdrawn("the sink or the order is gone")
        if sink.state is not SinkState.ACTIVE:
            raise Waiting(f"the sink is {sink.state}")
        await self._runtime.sinks[sink.kind].deliver(
            SinkDelivery(
                event_id=item.unique_key,
                url=sink.url,
                secret=self._runtime.open_secret(sink.secret),
                order=stored.order,
                tenant=_sink_tenant(tenants[item.tenant_id].tenant),
                sent_at=self._runtime.clock(),
            )
        )
        return None

    async def news(self, connection: AsyncConnection, item: Due) -> str | None:
        del connection, item
        return None

    async def record(
        self, connection: AsyncConnection, settled: Sequence[Settled]
    ) -> None:
        """Move the order: accepted, or refused, and then a person must look."""
        for s in sorted(settled, key=lambda s: s.item.payload["order_id"]):
            target = _PROVISIONING.get(s.outcome)
            if target is None:
                continue
            stored = await load_order(
                connection, s.item.tenant_id, s.item.payload["order_id"]
            )
            # A fast sink calls back before we have written that it accepted.
            if stored is None or stored.order.state is not OrderState.CONFIRMED:
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
                    now=s.at,
                )


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

    async def deliver(self, item: Due) -> str | None:
        fire = TIMERS.get(item.payload.get("kind"))
        if fire is None:
            raise Refused(f"nothing is known to do for the timer {item.unique_key}")
        try:
            await fire(self._runtime, item)
        except DatabaseUnavailable as error:
            raise Unavailable(str(error)) from None
        return None

    async def news(self, connection: AsyncConnection, item: Due) -> str | None:
        del connection, item
        return None

    async def record(
        self, connection: AsyncConnection, settled: Sequence[Settled]
    ) -> None:
        del connection, settled
