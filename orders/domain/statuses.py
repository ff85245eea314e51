"""Our states of an order in the words of every system we speak with, and back.

One table for each vocabulary. Outward it is total: every state has a word. Inward,
every word that the system's documents name has a state; any other comes back as
`Unmapped`, is kept as it was given, and is no error of the map.

Sources: Akinon's page "Order Status" and its channel API, OmniChat's pages on status
changes and provisioning, Ticaret.pro's example answers. Zegoal's documents name only
`Draft`: the other words there are ours, and a merchant's own dictionary may differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from orders.domain.ids import Face
from orders.domain.order import FulfilmentStatus, Order, OrderState, PaymentStatus

StatusT = TypeVar("StatusT", OrderState, PaymentStatus, FulfilmentStatus)

_S = OrderState
_P = PaymentStatus
_F = FulfilmentStatus


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A word that the system's documents do not name, as it was given."""

    raw: str


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary(Generic[StatusT]):
    """One field of a system: the word of every status of ours, and what words mean.

    `numbers` are other spellings of words: Akinon writes 200 for `waiting` in places.
    """

    name: str
    face: Face
    outward: Mapping[StatusT, str]
    inward: Mapping[str, StatusT]
    numbers: Mapping[str, str]

    def word(self, status: StatusT) -> str:
        """Return the system's word."""
        return self.outward[status]

    def read(self, raw: str) -> StatusT | Unmapped:
        """Return what a word means. Letter case and spaces around it do not count."""
        folded = raw.strip().casefold()
        known = self.inward.get(self.numbers.get(folded, folded))
        return Unmapped(raw) if known is None else known

    def said(self, status: StatusT, given: str | None) -> str:
        """Return the word, or the given one while it still says the same.

        A system may have finer words than our states: what it told itself is told back
        until the order moves on. A word that nobody could read stands while the order
        is as it began.
        """
        if given is None:
            return self.word(status)
        means = self.read(given)
        first = next(iter(self.outward))
        still = status is (first if isinstance(means, Unmapped) else means)
        return given if still else self.word(status)


def _vocabulary(
    name: str,
    face: Face,
    outward: Mapping[StatusT, str],
    more: Mapping[str, StatusT] | None = None,
    numbers: Mapping[str, str] | None = None,
) -> Vocabulary[StatusT]:
    """Return a vocabulary that reads back its own words: the first of equals counts."""
    inward: dict[str, StatusT] = {}
    for status, word in outward.items():
        inward.setdefault(word.casefold(), status)
    extra = {word.casefold(): status for word, status in (more or {}).items()}
    return Vocabulary(name, face, outward, extra | inward, numbers or {})


# -- Ticaret.pro ----------------------------------------------------------------------

TICARET_ORDER: Final = _vocabulary(
    "ticaret.status",
    Face.TICARET,
    {
        _S.CONFIRMED: "confirmed",
        _S.PROVISIONING: "processing",
        _S.PROVISIONED: "processing",
        # Confirmed it is; the merchant's system has not taken it.
        _S.PROVISIONING_FAILED: "confirmed",
        _S.PAYMENT_PENDING: "processing",
        _S.PAID: "processing",
        _S.PREPARING: "processing",
        _S.PARTIALLY_SHIPPED: "processing",
        _S.SHIPPED: "processing",
        _S.DELIVERED: "completed",
        _S.CANCELLED: "cancelled",
        # `paymentStatus` tells that it was refunded.
        _S.REFUNDED: "cancelled",
    },
    {"draft": _S.CONFIRMED, "pending": _S.CONFIRMED, "canceled": _S.CANCELLED},
)

TICARET_PAYMENT: Final = _vocabulary(
    "ticaret.paymentStatus",
    Face.TICARET,
    {
        _P.UNPAID: "unpaid",
        _P.PENDING: "pending",
        _P.PARTIALLY_PAID: "partially_paid",
        _P.PAID: "paid",
        _P.OVERPAID: "paid",
        _P.PARTIALLY_REFUNDED: "partially_refunded",
        _P.REFUNDED: "refunded",
        _P.FAILED: "failed",
    },
    {"over_paid": _P.OVERPAID},
)

TICARET_FULFILMENT: Final = _vocabulary(
    "ticaret.fulfillmentStatus",
    Face.TICARET,
    {status: status.value for status in FulfilmentStatus},
)

# -- Zegoal ---------------------------------------------------------------------------

ZEGOAL_ORDER: Final = _vocabulary(
    "zegoal.order_status",
    Face.ZEGOAL,
    {
        _S.CONFIRMED: "Draft",
        _S.PROVISIONING: "Processing",
        _S.PROVISIONED: "Accepted",
        _S.PROVISIONING_FAILED: "Failed",
        _S.PAYMENT_PENDING: "AwaitingPayment",
        _S.PAID: "Paid",
        _S.PREPARING: "Preparing",
        _S.PARTIALLY_SHIPPED: "PartiallyShipped",
        _S.SHIPPED: "Shipped",
        _S.DELIVERED: "Delivered",
        _S.CANCELLED: "Cancelled",
        _S.REFUNDED: "Refunded",
    },
)

# -- OmniChat -------------------------------------------------------------------------

OMNICHAT_ORDER: Final = _vocabulary(
    "omnichat.status",
    Face.OMNICHAT,
    {
        _S.CONFIRMED: "CREATED",
        _S.PROVISIONING: "CREATED",
        _S.PROVISIONED: "ORDER_GATEWAY_PROVISIONED",
        _S.PROVISIONING_FAILED: "ERROR",
        _S.PAYMENT_PENDING: "WAITING",
        _S.PAID: "PAID",
        _S.PREPARING: "PACKAGED",
        _S.PARTIALLY_SHIPPED: "PARTIALLY_SHIPPED",
        _S.SHIPPED: "SHIPPED",
        _S.DELIVERED: "DELIVERED",
        _S.CANCELLED: "CANCELLED",
        _S.REFUNDED: "REVERTED",
    },
    {
        "OPEN": _S.PAYMENT_PENDING,
        "COLLECT_PAYMENT": _S.PAYMENT_PENDING,
        "NOT_PAID": _S.PAYMENT_PENDING,
        "PARTIAL_PAID": _S.PAYMENT_PENDING,
        "OVER_PAID": _S.PAID,
    },
)

#: What OmniChat's statuses tell of the payment, where they tell anything of it.
OMNICHAT_PAYMENT: Final[Mapping[str, PaymentStatus]] = {
    "OPEN": _P.PENDING,
    "COLLECT_PAYMENT": _P.PENDING,
    "WAITING": _P.PENDING,
    "PAID": _P.PAID,
    "NOT_PAID": _P.FAILED,
    "PARTIAL_PAID": _P.PARTIALLY_PAID,
    "OVER_PAID": _P.OVERPAID,
    "REVERTED": _P.REFUNDED,
}

# -- Akinon ---------------------------------------------------------------------------

#: Akinon's number of each status; on the wire stand the names.
AKINON_NUMBERS: Final[Mapping[str, int]] = {
    "cancellation_waiting": 50,
    "canceled": 100,
    "waiting": 200,
    "payment_waiting": 300,
    "confirmation_waiting": 350,
    "approved": 400,
    "preparing": 450,
    "shipped": 500,
    "shipped_and_informed": 510,
    "ready_for_pickup": 520,
    "attempted_delivery": 540,
    "review_started": 544,
    "review_waiting": 545,
    "waiting_for_payment": 546,
    "paid": 547,
    "delivered": 550,
    "refunded": 600,
}
_AKINON_SPELLINGS = {str(number): name for name, number in AKINON_NUMBERS.items()}
_AKINON_WORDS: Mapping[OrderState, str] = {
    _S.CONFIRMED: "waiting",
    _S.PROVISIONING: "waiting",
    _S.PROVISIONED: "approved",
    _S.PROVISIONING_FAILED: "waiting",
    _S.PAYMENT_PENDING: "payment_waiting",
    # There is no word for a payment alone: a paid order is one that was approved.
    _S.PAID: "approved",
    _S.PREPARING: "preparing",
    # The order is shipped once all of it is; its items tell which are.
    _S.PARTIALLY_SHIPPED: "preparing",
    _S.SHIPPED: "shipped",
    _S.DELIVERED: "delivered",
    _S.CANCELLED: "canceled",
    _S.REFUNDED: "refunded",
}
_AKINON_FINER: Mapping[str, OrderState] = {
    # Asked for, and not done: the order stands until it is.
    "cancellation_waiting": _S.CONFIRMED,
    "confirmation_waiting": _S.CONFIRMED,
    "shipped_and_informed": _S.SHIPPED,
    "ready_for_pickup": _S.SHIPPED,
    "attempted_delivery": _S.SHIPPED,
    # Of goods that are traded in: on their way, not yet delivered.
    "review_started": _S.SHIPPED,
    "review_waiting": _S.SHIPPED,
    "waiting_for_payment": _S.SHIPPED,
    "paid": _S.SHIPPED,
}
AKINON_ORDER: Final = _vocabulary(
    "akinon.status", Face.AKINON, _AKINON_WORDS, _AKINON_FINER, _AKINON_SPELLINGS
)
AKINON_ITEM: Final = _vocabulary(
    "akinon.item.status", Face.AKINON, _AKINON_WORDS, _AKINON_FINER, _AKINON_SPELLINGS
)
#: Akinon's example has `waiting`; its list of cancellation statuses is not public.
AKINON_CANCEL: Final = _vocabulary(
    "akinon.cancel_status",
    Face.AKINON,
    {
        **dict.fromkeys(OrderState, "waiting"),
        _S.CANCELLED: "approved",
        _S.REFUNDED: "approved",
    },
    {"rejected": _S.CONFIRMED},
)

ORDER_VOCABULARIES: Final = (
    TICARET_ORDER,
    ZEGOAL_ORDER,
    OMNICHAT_ORDER,
    AKINON_ORDER,
    AKINON_ITEM,
    AKINON_CANCEL,
)


# -- an order's own -------------------------------------------------------------------


def begun_as(vocabulary: Vocabulary[OrderState], raw: str) -> OrderState:
    """Return the state in which an order begins that came with that word.

    A word that nobody documented begins like any other order: keep it in
    `Origin.statuses` under the vocabulary's name, where it is told back from.
    """
    means = vocabulary.read(raw)
    return OrderState.CONFIRMED if isinstance(means, Unmapped) else means


def word_of(vocabulary: Vocabulary[OrderState], order: Order) -> str:
    """Return the system's word for an order: the one it came with while that is so."""
    given = order.origin.statuses if order.origin else {}
    return vocabulary.said(order.state, given.get(vocabulary.name))


# -- the documentation ----------------------------------------------------------------


def outward_table() -> str:
    """Return every state in every system's words, as a Markdown table."""
    heads = ["state", *(each.name for each in ORDER_VOCABULARIES)]
    rows = [
        [state, *(each.word(state) for each in ORDER_VOCABULARIES)]
        for state in OrderState
    ]
    return _markdown(heads, rows)


def inward_table() -> str:
    """Return what every known word means to us, as a Markdown table."""
    rows = [
        [each.name, word, state]
        for each in ORDER_VOCABULARIES
        for word, state in sorted(each.inward.items())
    ]
    return _markdown(["field", "word", "state"], rows)


def standing_table() -> str:
    """Return the payment and fulfilment statuses in Ticaret.pro's words."""
    rows = [
        *([s, TICARET_PAYMENT.name, TICARET_PAYMENT.word(s)] for s in PaymentStatus),
        *(
            [s, TICARET_FULFILMENT.name, TICARET_FULFILMENT.word(s)]
            for s in FulfilmentStatus
        ),
    ]
    return _markdown(["status", "field", "word"], rows)


def _markdown(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
