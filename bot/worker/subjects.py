"""What an event tells of: an order as it was right after, an alarm, or what it holds.

Several attempts say the same, also when the order has moved on meanwhile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.accounts import TenantEntry
from bot.inbox.alarms import find_alarm
from bot.worker.surroundings import around_order, sales_channel_of
from bot.worker.telling import alarm_event, noted_event
from orders import Order, OrderState
from orders.cancelling import was_told
from orders.domain.event_names import ORDER_CANCELLED, ORDER_UPDATED
from orders.domain.events import SinkAccount
from orders.domain.order import FulfilmentStatus, PaymentStatus
from orders.history import MoveKind, OrderMove, history
from orders.outbox.delivery import Withdrawn
from orders.outbox.store import Due
from orders.provisioning.around import Around
from orders.provisioning.envelope import Event
from orders.provisioning.omnichat import OmniChatSink
from orders.provisioning.sink import OrderStep, SinkTenant
from orders.store import load_order

#: Of these orders no system is told any more, but of what led there.
_ENDED = frozenset({OrderState.CANCELLED, OrderState.REFUNDED})


#: What an item of the outbox holds.
Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OrderNews:
    """An order, and what a sink is told of it."""

    order: Order
    conversation_id: str | None = None
    cancelled_at: datetime | None = None
    step: OrderStep | None = None
    sales_channel: str | None = None
    around: Around = field(default_factory=Around)


async def subject_of(
    connection: AsyncConnection,
    item: Due,
    sink: SinkAccount,
    entry: TenantEntry,
    tenant: SinkTenant,
) -> OrderNews | Event:
    """Return what an event tells of. Raises Withdrawn when nobody should hear it."""
    payload = item.payload
    if "alarm_id" in payload:
        found = await find_alarm(connection, item.tenant_id, payload["alarm_id"])
        if found is None:
            raise Withdrawn("what it was to tell of is gone")
        return alarm_event(item, found, tenant)
    if "data" in payload:
        return noted_event(item, tenant)
    return await _order_news(connection, item, sink, entry)


async def _order_news(
    connection: AsyncConnection, item: Due, sink: SinkAccount, entry: TenantEntry
) -> OrderNews:
    payload = item.payload
    stored = await load_order(connection, item.tenant_id, payload["order_id"])
    if stored is None:
        raise Withdrawn("the order is gone")
    said = payload.get("type")
    is_first = said not in {ORDER_CANCELLED, ORDER_UPDATED}
    if is_first and stored.order.state in _ENDED:
        raise Withdrawn(f"the order is {stored.order.state}")
    before = payload.get("of")
    if before and not await was_told(connection, item.tenant_id, before):
        raise Withdrawn("the sink never had the order")
    news = OrderNews(stored.order, stored.conversation_id)
    if said == ORDER_CANCELLED:
        news = replace(news, cancelled_at=item.created_at)
    moves: Sequence[OrderMove] = ()
    if said == ORDER_UPDATED or sink.kind == OmniChatSink.kind:
        moves = await history(connection, stored.order.id)
    if said == ORDER_UPDATED:
        moves = _until(moves, payload)
        news = replace(
            news,
            order=_as_it_was(stored.order, payload),
            step=_step(moves[-1]) if moves else None,
        )
        if news.step is None:
            raise Withdrawn("what it was to tell of is gone")
    if sink.kind == OmniChatSink.kind:
        where = await sales_channel_of(connection, stored)
        around = await around_order(connection, stored, entry.shop, moves)
        news = replace(news, sales_channel=where, around=around)
    return news


def _until(moves: Sequence[OrderMove], payload: Payload) -> Sequence[OrderMove]:
    """Return the moves up to the one that an event tells of."""
    at = datetime.fromisoformat(payload["at"])
    for index in reversed(range(len(moves))):
        each = moves[index]
        same = (each.kind, _value(each)) == (payload["kind"], payload["value"])
        if each.at == at and same:
            return moves[: index + 1]
    return ()


def _as_it_was(order: Order, payload: Payload) -> Order:
    """Return the order with what its row said then; its content is as it is now."""
    return replace(
        order,
        state=OrderState(payload["state"]),
        payment_status=PaymentStatus(payload["payment_status"]),
        fulfilment_status=FulfilmentStatus(payload["fulfilment_status"]),
        refunded_total=payload["refunded_total"],
        entity_version=payload["entity_version"],
        external_id=payload["external_id"],
        updated_at=datetime.fromisoformat(payload["at"]),
    )


def _step(move: OrderMove) -> OrderStep:
    return OrderStep(
        kind=move.kind,
        value=_value(move),
        actor=move.actor,
        message=move.message,
        at=move.at,
        amount=move.amount,
        responsible=move.responsible,
        parts={line: f"{much:f}" for line, much in move.parts.items()},
    )


def _value(move: OrderMove) -> str:
    """Return what it moved to."""
    is_state = move.kind is MoveKind.STATE
    return move.state.value if is_state else move.value or ""
