"""What a step of an order is called in OmniChat's StatusChangeNotification."""

from collections.abc import Mapping
from typing import Final

from orders.domain.order import OrderState, PaymentStatus
from orders.domain.statuses import OMNICHAT_ORDER
from orders.history import MoveKind
from orders.provisioning.sink import OrderStep

#: Of payments; a part that was given back has no word there.
_PAYMENTS: Final[Mapping[str, str]] = {
    PaymentStatus.PENDING: "WAITING",
    PaymentStatus.PARTIALLY_PAID: "PARTIAL_PAID",
    PaymentStatus.PAID: "PAID",
    PaymentStatus.OVERPAID: "OVER_PAID",
    PaymentStatus.FAILED: "NOT_PAID",
    PaymentStatus.REFUNDED: "REVERTED",
}


def status_of(step: OrderStep) -> str | None:
    """Return the status that a step is told as; None: it has none, the order is told.

    What leaves the house moves the order's state: that is told.
    """
    match step.kind:
        case MoveKind.STATE:
            return OMNICHAT_ORDER.word(OrderState(step.value))
        case MoveKind.PAYMENT | MoveKind.REFUND:
            return _PAYMENTS.get(step.value)
        case _:
            return None
