"""What happens when a timer fires: one row for each kind.

A timer may fire twice when a process dies, so each one does its work in one transaction
that finds nothing to do the second time.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.ticking import CLOCK
from bot.inbox.announcing import PROVISIONING_OVERDUE
from bot.inbox.clock import Tick, hear_tick
from bot.inbox.overdue import PROVISIONING, announce_overdue
from bot.notices import ask_people, lock_conversation
from bot.privacy.media import DROP_MEDIA
from bot.privacy.retention import RETENTION
from bot.runtime import Runtime
from bot.worker.forgetting import drop_media, retention
from orders import OrderState
from orders.outbox.store import Due
from orders.store import load_order, note_order

_log = structlog.get_logger(__name__)

#: What happens when a timer fires.
Fire = Callable[[Runtime, Due], Awaitable[None]]

#: The merchant's system has not said what became of the order.
_UNANSWERED = frozenset({OrderState.CONFIRMED, OrderState.PROVISIONING})


async def provisioning_overdue(runtime: Runtime, item: Due) -> None:
    """Mark an order that no sink has answered for, where people look.

    That is its history, its conversation, and a sink that hears of it.
    """
    order_id, now = item.payload["order_id"], runtime.clock()
    waited = timedelta(seconds=runtime.settings.provisioning_overdue_seconds)

    async def work(connection: AsyncConnection) -> bool:
        stored = await load_order(connection, item.tenant_id, order_id)
        if stored is None:
            return False
        # Conversations are locked before orders, here as everywhere.
        chat = await lock_conversation(connection, stored)
        noted = await note_order(
            connection,
            stored,
            only_in=_UNANSWERED,
            actor="timer",
            message=f"no answer from the sink for {waited}: look whether it has it",
            now=now,
        )
        if noted and chat is not None:
            await ask_people(connection, runtime, chat, PROVISIONING)
        if noted:
            await announce_overdue(connection, stored, waited, now=now)
        return noted

    if await runtime.database.retried(work):
        runtime.metrics.overdue.inc()
        runtime.outbox_bell.ring()
        _log.warning("provisioning_overdue", order=order_id, tenant=item.tenant_id)


async def clock(runtime: Runtime, item: Due) -> None:
    """Let a conversation hear that its timer fired: its turn decides what follows."""
    payload = item.payload
    fired = Tick(
        tenant_id=item.tenant_id,
        conversation_id=payload["conversation_id"],
        name=payload["name"],
        about=payload.get("about") or "",
        firing=f"{item.unique_key}@{payload['at']}",
    )
    heard = await runtime.database.retried(
        lambda connection: hear_tick(connection, fired, now=runtime.clock())
    )
    if heard:
        runtime.turn_bell.ring()


#: By the `kind` in the timer's payload. A new one is a function and a line here.
TIMERS: Mapping[str | None, Fire] = {
    PROVISIONING_OVERDUE: provisioning_overdue,
    CLOCK: clock,
    RETENTION: retention,
    DROP_MEDIA: drop_media,
}
