"""Every move of a draft and of an order, in one table each; nothing else decides.

A repeat is no move: callbacks and taps arrive more than once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar, cast

from orders.domain.draft import DraftState
from orders.domain.order import FulfilmentStatus, OrderState, PaymentStatus

StateT = TypeVar("StateT", DraftState, OrderState, PaymentStatus, FulfilmentStatus)

_ENDS = frozenset(
    {
        DraftState.ORDERED,
        DraftState.CANCELLED,
        DraftState.REJECTED,
        DraftState.EXPIRED,
    }
)

#: An agent or a key may order an open draft: their call is the confirmation. A chat's
#: draft is proposed first.
DRAFT_MOVES: Mapping[DraftState, frozenset[DraftState]] = {
    DraftState.OPEN: _ENDS | {DraftState.PROPOSED},
    DraftState.PROPOSED: _ENDS | {DraftState.OPEN, DraftState.AWAITING},
    DraftState.AWAITING: _ENDS | {DraftState.OPEN},
    **{end: frozenset[DraftState]() for end in _ENDS},
}

#: The way of an order when all goes well. It may skip ahead, because systems that
#: call back report what they know, not every step; it never goes back.
ROAD = (
    OrderState.CONFIRMED,
    OrderState.PROVISIONING,
    OrderState.PROVISIONED,
    OrderState.PAYMENT_PENDING,
    OrderState.PAID,
    OrderState.PREPARING,
    OrderState.PARTIALLY_SHIPPED,
    OrderState.SHIPPED,
    OrderState.DELIVERED,
)

#: In these states the goods have left the house, or never will.
SETTLED = frozenset(
    {
        OrderState.SHIPPED,
        OrderState.DELIVERED,
        OrderState.CANCELLED,
        OrderState.REFUNDED,
    }
)


def _ahead(state: OrderState) -> frozenset[OrderState]:
    return frozenset(ROAD[ROAD.index(state) + 1 :])


_FAILED = OrderState.PROVISIONING_FAILED
_CANCELLED = OrderState.CANCELLED
_REFUNDED = OrderState.REFUNDED

ORDER_MOVES: Mapping[OrderState, frozenset[OrderState]] = {
    OrderState.CONFIRMED: _ahead(OrderState.CONFIRMED) | {_FAILED, _CANCELLED},
    OrderState.PROVISIONING: _ahead(OrderState.PROVISIONING) | {_FAILED, _CANCELLED},
    # Tried again, or done by hand in the merchant's system.
    _FAILED: frozenset({OrderState.PROVISIONING, OrderState.PROVISIONED, _CANCELLED}),
    OrderState.PROVISIONED: _ahead(OrderState.PROVISIONED) | {_CANCELLED},
    OrderState.PAYMENT_PENDING: _ahead(OrderState.PAYMENT_PENDING) | {_CANCELLED},
    OrderState.PAID: _ahead(OrderState.PAID) | {_CANCELLED, _REFUNDED},
    OrderState.PREPARING: _ahead(OrderState.PREPARING) | {_CANCELLED, _REFUNDED},
    OrderState.PARTIALLY_SHIPPED: (
        _ahead(OrderState.PARTIALLY_SHIPPED) | {_CANCELLED, _REFUNDED}
    ),
    OrderState.SHIPPED: _ahead(OrderState.SHIPPED) | {_REFUNDED},
    OrderState.DELIVERED: frozenset({_REFUNDED}),
    # An order that was paid and then cancelled is still to be refunded.
    _CANCELLED: frozenset({_REFUNDED}),
    _REFUNDED: frozenset(),
}

_UNPAID = frozenset({PaymentStatus.UNPAID, PaymentStatus.PENDING, PaymentStatus.FAILED})
_PAID = frozenset({PaymentStatus.PAID, PaymentStatus.OVERPAID})
_BACK = frozenset({PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED})

#: A payment may fail and be tried again; what was given back is not taken again.
PAYMENT_MOVES: Mapping[PaymentStatus, frozenset[PaymentStatus]] = {
    **{
        each: (_UNPAID - {each}) | {PaymentStatus.PARTIALLY_PAID} | _PAID
        for each in _UNPAID
    },
    PaymentStatus.PARTIALLY_PAID: _PAID | _BACK,
    PaymentStatus.PAID: frozenset({PaymentStatus.OVERPAID}) | _BACK,
    PaymentStatus.OVERPAID: frozenset({PaymentStatus.PAID}) | _BACK,
    PaymentStatus.PARTIALLY_REFUNDED: frozenset({PaymentStatus.REFUNDED}),
    PaymentStatus.REFUNDED: frozenset(),
}

FULFILMENT_MOVES: Mapping[FulfilmentStatus, frozenset[FulfilmentStatus]] = {
    FulfilmentStatus.UNFULFILLED: frozenset(
        {FulfilmentStatus.PARTIALLY_FULFILLED, FulfilmentStatus.FULFILLED}
    ),
    FulfilmentStatus.PARTIALLY_FULFILLED: frozenset(
        {FulfilmentStatus.FULFILLED, FulfilmentStatus.RETURNED}
    ),
    FulfilmentStatus.FULFILLED: frozenset({FulfilmentStatus.RETURNED}),
    FulfilmentStatus.RETURNED: frozenset(),
}

_MOVES: Mapping[type[StrEnum], object] = {
    DraftState: DRAFT_MOVES,
    OrderState: ORDER_MOVES,
    PaymentStatus: PAYMENT_MOVES,
    FulfilmentStatus: FULFILMENT_MOVES,
}


class IllegalMove(Exception):
    """The state cannot follow the one that is. The message names what could."""


class AlreadyFurther(IllegalMove):
    """The state was passed on the road: late news, and no contradiction."""


@dataclass(frozen=True, slots=True)
class Moved(Generic[StateT]):
    """The state is a new one."""

    state: StateT


@dataclass(frozen=True, slots=True)
class Unchanged(Generic[StateT]):
    """The state was that one already: a repeat."""

    state: StateT


def moves_from(state: StateT) -> frozenset[StateT]:
    """Return every state that may follow."""
    return cast("Mapping[StateT, frozenset[StateT]]", _MOVES[type(state)])[state]


def after(state: StateT, target: StateT) -> Moved[StateT] | Unchanged[StateT]:
    """Return what asking for `target` makes of `state`.

    Raises IllegalMove when it cannot follow, AlreadyFurther when it came before.
    """
    if target is state:
        return Unchanged(state)
    possible = moves_from(state)
    if target in possible:
        return Moved(target)
    allowed = ", ".join(sorted(possible)) or "nothing"
    is_late = state in ROAD and target in ROAD[: ROAD.index(state)]
    raise (AlreadyFurther if is_late else IllegalMove)(
        f"{target.value!r} cannot follow {state.value!r}; it may become: {allowed}"
    )


def is_ended(state: DraftState) -> bool:
    """Return whether a draft in that state is closed for ever."""
    return not DRAFT_MOVES[state]


def as_table(moves: Mapping[StateT, Iterable[StateT]]) -> str:
    """Return the moves as a Markdown table, in the order of the states' definition."""
    rows: list[str] = [
        f"| {state} | {_named(moves[state])} |" for state in _in_order(moves)
    ]
    return "\n".join(["| state | may become |", "|---|---|", *rows])


def as_diagram(moves: Mapping[StateT, Iterable[StateT]]) -> str:
    """Return the moves as a Mermaid state diagram."""
    arrows: list[str] = [
        f"    {state} --> {target}"
        for state in _in_order(moves)
        for target in _in_order(moves)
        if target in moves[state]
    ]
    return "\n".join(["stateDiagram-v2", *arrows])


def _in_order(moves: Mapping[StateT, Iterable[StateT]]) -> list[StateT]:
    return [state for state in type(next(iter(moves))) if state in moves]


def _named(states: Iterable[StrEnum]) -> str:
    return ", ".join(sorted(states)) or "nothing"
