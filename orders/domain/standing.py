"""How far an order is paid, given back and fulfilled, beside its state.

What a state tells of them is one table each; a part of an order is fulfilled line by
line. We take and give back no money: these are facts that others report.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from orders.domain.lifecycle import moves_from
from orders.domain.order import FulfilmentStatus, Order, OrderState, PaymentStatus

_P = PaymentStatus
_F = FulfilmentStatus

#: A state of the order -> the payment that it tells of, and where that is news.
IMPLIED_PAYMENT: Mapping[OrderState, tuple[PaymentStatus, frozenset[PaymentStatus]]] = {
    OrderState.PAYMENT_PENDING: (_P.PENDING, frozenset({_P.UNPAID})),
    OrderState.PAID: (
        _P.PAID,
        frozenset({_P.UNPAID, _P.PENDING, _P.PARTIALLY_PAID, _P.FAILED}),
    ),
    OrderState.REFUNDED: (_P.REFUNDED, frozenset(_P)),
}

IMPLIED_FULFILMENT: Mapping[
    OrderState, tuple[FulfilmentStatus, frozenset[FulfilmentStatus]]
] = {
    OrderState.PARTIALLY_SHIPPED: (
        _F.PARTIALLY_FULFILLED,
        frozenset({_F.UNFULFILLED}),
    ),
    OrderState.SHIPPED: (
        _F.FULFILLED,
        frozenset({_F.UNFULFILLED, _F.PARTIALLY_FULFILLED}),
    ),
    OrderState.DELIVERED: (
        _F.FULFILLED,
        frozenset({_F.UNFULFILLED, _F.PARTIALLY_FULFILLED}),
    ),
}


def payment_in(state: OrderState, before: PaymentStatus) -> PaymentStatus:
    """Return the payment status once the order is in that state."""
    implied, news_to = IMPLIED_PAYMENT.get(state, (before, frozenset()))
    return implied if before in news_to else before


def fulfilment_in(state: OrderState, before: FulfilmentStatus) -> FulfilmentStatus:
    """Return the fulfilment status once the order is in that state."""
    implied, news_to = IMPLIED_FULFILMENT.get(state, (before, frozenset()))
    return implied if before in news_to else before


# -- parts of an order ----------------------------------------------------------------


class BadPart(ValueError):
    """What was reported of a line cannot be; the message says why."""

    def __init__(self, line_id: str, message: str) -> None:
        super().__init__(f"line {line_id!r}: {message}")
        self.line_id = line_id


@dataclass(frozen=True, slots=True)
class Part:
    """How much of a line was ordered, and has left the house."""

    line_id: str
    ordered: Decimal
    fulfilled: Decimal = Decimal(0)

    @property
    def open(self) -> Decimal:
        """What has not left the house."""
        return self.ordered - self.fulfilled


def parts_to_fulfil(
    parts: Mapping[str, Part], wanted: Mapping[str, Decimal] | None
) -> dict[str, Decimal]:
    """Return how much of each line leaves now; None wanted: all that is open.

    Raises BadPart for an unknown line, for nothing, or for more than is open.
    """
    if wanted is None:
        return {each.line_id: each.open for each in parts.values() if each.open > 0}
    for line_id, much in wanted.items():
        part = parts.get(line_id)
        if part is None:
            names = ", ".join(parts) or "none"
            raise BadPart(line_id, f"the order has no such line; it has: {names}")
        if much <= 0:
            raise BadPart(line_id, "give a quantity above 0")
        if much > part.open:
            raise BadPart(line_id, f"{part.open:f} are open, {much:f} are too many")
    return dict(wanted)


def fulfilment_of_parts(parts: Mapping[str, Part]) -> FulfilmentStatus:
    """Return how much of an order has left the house. Nothing has, of no lines."""
    if not any(part.fulfilled > 0 for part in parts.values()):
        return FulfilmentStatus.UNFULFILLED
    if all(part.open <= 0 for part in parts.values()):
        return FulfilmentStatus.FULFILLED
    return FulfilmentStatus.PARTIALLY_FULFILLED


def state_after_fulfilment(
    state: OrderState, fulfilment: FulfilmentStatus
) -> OrderState:
    """Return the state that a fulfilment asks for; the same, where none may follow."""
    wanted = {
        FulfilmentStatus.PARTIALLY_FULFILLED: OrderState.PARTIALLY_SHIPPED,
        FulfilmentStatus.FULFILLED: OrderState.SHIPPED,
    }.get(fulfilment, state)
    return wanted if wanted in moves_from(state) else state


def state_after_payment(state: OrderState, payment: PaymentStatus) -> OrderState:
    """Return the state that a payment asks for; the same, where none may follow.

    Only an order that waits for its payment goes on by it: others may be paid at any
    time, also when they are delivered.
    """
    is_paid = payment in {PaymentStatus.PAID, PaymentStatus.OVERPAID}
    if is_paid and state is OrderState.PAYMENT_PENDING:
        return OrderState.PAID
    is_back = payment is PaymentStatus.REFUNDED
    may = OrderState.REFUNDED in moves_from(state)
    return OrderState.REFUNDED if is_back and may else state


# -- refunds --------------------------------------------------------------------------


class BadRefund(ValueError):
    """So much cannot be given back; the message says how much can."""


def refunded_after(order: Order, amount: int | None) -> tuple[int, PaymentStatus]:
    """Return what was given back in all, minor units, and what that makes the payment.

    None gives back all that is left. Raises BadRefund.
    """
    left = order.grand_total - order.refunded_total
    more = left if amount is None else amount
    if more <= 0:
        raise BadRefund(f"give an amount above 0; {left} minor units are left")
    if more > left:
        raise BadRefund(f"{left} minor units are left to give back, not {more}")
    whole = more == left
    status = PaymentStatus.REFUNDED if whole else PaymentStatus.PARTIALLY_REFUNDED
    return order.refunded_total + more, status
