"""Orders: the list, and one order with all that happened to it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from pydantic import Field

from bot.inbox.selling import sold_by
from bot.web.api.events import (
    EventDetailView,
    EventsGiven,
    list_of_events,
    with_tries,
)
from bot.web.api.models import Paging, plain
from bot.web.api.order_views import OrderMoveView, OrderView
from bot.web.api.orders import (
    OrdersGiven,
    known_order,
    list_of_orders,
    moves_of,
    view_of,
)
from bot.web.api.roles import EVENTS_READ, EVENTS_WRITE, ORDERING, ORDERS_MOVE
from bot.web.console.actors import actor_names
from bot.web.console.filtering import drop_empty
from bot.web.console.frame import Room, Visit
from orders import OrderState
from orders.domain.events import SinkAccount, SinkState, placed_key
from orders.domain.lifecycle import moves_from
from orders.domain.order import FulfilmentStatus, PaymentStatus
from orders.outbox.looking import states_of
from orders.outbox.store import State, Topic
from orders.sinks import load_sinks

room = Room("orders", "/console/orders", ORDERING, key="o")

#: What a state means to who reads a list: `wait` is a person's work, `bad` has failed.
_MEANINGS: Mapping[StrEnum, str] = {
    OrderState.PROVISIONING_FAILED: "bad",
    OrderState.PAYMENT_PENDING: "wait",
    OrderState.PROVISIONED: "info",
    OrderState.PAID: "good",
    OrderState.SHIPPED: "good",
    OrderState.DELIVERED: "good",
    PaymentStatus.PAID: "good",
    PaymentStatus.OVERPAID: "wait",
    PaymentStatus.FAILED: "bad",
    PaymentStatus.PARTIALLY_PAID: "wait",
    FulfilmentStatus.FULFILLED: "good",
    FulfilmentStatus.PARTIALLY_FULFILLED: "info",
    State.DUE: "info",
    State.DONE: "good",
    State.PARKED: "bad",
}
#: Of several deliveries of an order, the one that matters most.
_URGENCY = (State.PARKED, State.DUE, State.CANCELLED, State.DONE)
_OVER = frozenset({OrderState.CANCELLED, OrderState.REFUNDED})
#: An order has few events; these are the newest.
_EVENTS = 30


class Placed(StrEnum):
    """Since when orders are shown."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


_SINCE = {
    Placed.DAY: timedelta(days=1),
    Placed.WEEK: timedelta(days=7),
    Placed.MONTH: timedelta(days=30),
}


class OrdersWanted(Paging):
    """Which orders of the list."""

    state: OrderState | None = None
    search: str | None = Field(None, min_length=1, max_length=200, pattern=r"\S")
    placed: Placed | None = None


@room.page("/orders", "orders.html")
async def show_orders(visit: Visit) -> Mapping[str, object]:
    """Show the shop's orders, newest first."""
    drop_empty(visit)
    wanted = visit.query(OrdersWanted)
    since = None if wanted.placed is None else visit.now - _SINCE[wanted.placed]
    page = await list_of_orders(
        visit.call,
        OrdersGiven(
            limit=wanted.limit,
            offset=wanted.offset,
            state=wanted.state,
            search=wanted.search,
            placed_from=since,
        ),
    )
    return {
        "page": page,
        "wanted": wanted,
        "states": list(OrderState),
        "placed": list(Placed),
        "meaning": meaning,
        "deliveries": await _deliveries(visit, page.data),
    }


def meaning(state: StrEnum) -> str:
    """Return which meaning a word of a state has."""
    return _MEANINGS.get(state, "quiet")


async def _deliveries(
    visit: Visit, found: Sequence[OrderView]
) -> Mapping[str, State] | None:
    """Return how far the shop's systems have each order; None: this role sees none."""
    if visit.role not in EVENTS_READ:
        return None
    sinks = (await load_sinks(visit.connection, [visit.tenant.id]))[visit.tenant.id]
    keys = {
        placed_key(order.id, sink.id): order.id for order in found for sink in sinks
    }
    states = await states_of(visit.connection, visit.tenant.id, keys)
    by_order: dict[str, set[State]] = {}
    for key, state in states.items():
        by_order.setdefault(keys[key], set()).add(state)
    return {
        order_id: next(each for each in _URGENCY if each in several)
        for order_id, several in by_order.items()
    }


@room.page("/orders/{order_id}", "order.html")
async def show_order(visit: Visit) -> Mapping[str, object]:
    """Show an order: what was bought, by whom, and how it goes on."""
    call, order_id = visit.call, visit.place("order_id")
    stored = await known_order(call, order_id)
    order = await view_of(call, stored)
    moves = await moves_of(call, stored)
    events = await _events(visit, order_id)
    sinks = (await load_sinks(visit.connection, [visit.tenant.id]))[visit.tenant.id]
    return {
        "order": order,
        "moves": list(reversed(moves)),
        "events": events,
        "sinks": {each.id: each for each in sinks},
        "untold": _untold(order, events, sinks),
        "host": lambda sink: urlsplit(sink.url).hostname or sink.url,
        "meaning": meaning,
        "plain": plain,
        "actors": await actor_names(visit, _actors(order, moves)),
        "sold": await sold_by(visit.connection, visit.tenant.id, stored.order),
        "can_cancel": OrderState.CANCELLED in moves_from(order.state),
        "can_send": visit.role in EVENTS_WRITE and order.state not in _OVER,
        "can_move": visit.role in ORDERS_MOVE,
        "payments": sorted(_payments(order)),
        "can_ship": _can_ship(order),
        "can_return": FulfilmentStatus.RETURNED in moves_from(order.fulfilment_status),
        "can_refund": PaymentStatus.REFUNDED in moves_from(order.payment_status),
    }


async def _events(visit: Visit, order_id: str) -> Sequence[EventDetailView] | None:
    """Return what the shop's systems were told of an order, newest first."""
    if visit.role not in EVENTS_READ:
        return None
    wanted = EventsGiven(topic=Topic.EVENT, order_id=order_id, limit=_EVENTS)
    found = await list_of_events(visit.call, wanted)
    return await with_tries(visit.call, found.data)


def _untold(
    order: OrderView,
    events: Sequence[EventDetailView] | None,
    sinks: Sequence[SinkAccount],
) -> Sequence[SinkAccount]:
    """Return the systems that never heard of the order: added since, for one."""
    if events is None or order.state in _OVER:
        return ()
    told = {each.sink_id for each in events}
    active = (each for each in sinks if each.state is SinkState.ACTIVE)
    return [each for each in active if each.id not in told]


def _actors(order: OrderView, moves: Sequence[OrderMoveView]) -> list[str | None]:
    yes = (order.confirmed_by, order.approved_by)
    return [*(each.actor for each in moves), *(each.actor for each in yes if each)]


def _payments(order: OrderView) -> set[PaymentStatus]:
    """Return the payments that may be reported now; refunds have their own form."""
    back = {PaymentStatus.REFUNDED, PaymentStatus.PARTIALLY_REFUNDED}
    return set(moves_from(order.payment_status)) - back


def _can_ship(order: OrderView) -> bool:
    moves = moves_from(order.fulfilment_status)
    return order.state not in _OVER and FulfilmentStatus.FULFILLED in moves
