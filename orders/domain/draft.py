"""The draft: the versioned order-to-be of a conversation, as frozen values.

A draft changes only through `orders.domain.editing.apply`, which returns a new one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class DraftState(StrEnum):
    OPEN = "open"
    PROPOSED = "proposed"  #: A summary of this very version was shown.
    #: The customer confirmed this very version; an agent still has to.
    AWAITING = "awaiting_approval"
    ORDERED = "ordered"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"


class Fulfilment(StrEnum):
    DELIVERY = "delivery"
    PICKUP = "pickup"


class Source(StrEnum):
    """Who or what a line or a field came from."""

    MESSAGE = "message"
    CART = "cart"
    PROFILE = "profile"
    AGENT = "agent"
    KEY = "key"
    CATALOG = "catalog"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a line or a field is there. `ref` and `actor` are opaque to this package."""

    source: Source
    ref: str | None = None  #: Message id, key id ...
    quote: str | None = None  #: Verbatim words of the message.
    actor: str | None = None  #: Who: contact, user or key id.


#: After the number in a qualifier that counts.
TIMES = "x"
#: Nobody pays for more of an option on one unit.
_MOST_OF_ONE = 20


def times(count: int) -> str:
    """Return the qualifier of so many of an option."""
    return f"{count}{TIMES}"


@dataclass(frozen=True, slots=True)
class LineOption:
    """An option chosen for a line: "no sugar" is `negated`, "extra" a `qualifier`.

    A number of it is a qualifier, too: "2x" is `times(2)`.
    """

    group_id: str
    value_id: str
    name: str
    negated: bool = False
    qualifier: str | None = None
    surcharge: Decimal = Decimal(0)  #: Of one.

    @property
    def count(self) -> int:
        """How many of it each unit has: two of "2x", else one; 1 to 20.

        A qualifier may be anything that a model wrote: "0x" makes nothing free.
        """
        number = (self.qualifier or "").removesuffix(TIMES)
        counted = (self.qualifier or "").endswith(TIMES) and number.isdecimal()
        if not counted:
            return 1
        digits = number.lstrip("0")
        much = len(digits) > len(str(_MOST_OF_ONE))
        return _MOST_OF_ONE if much else min(max(int(digits or 0), 1), _MOST_OF_ONE)


@dataclass(frozen=True, slots=True)
class Line:
    """What the customer wants of one product; prices are as observed when put."""

    id: str
    product_id: str
    sku: str
    name: str
    quantity: Decimal
    unit: str
    variant_id: str | None = None
    variant_name: str | None = None
    options: tuple[LineOption, ...] = ()
    note: str | None = None
    unit_price: Decimal | None = None  #: Major units, surcharges included.
    list_price: Decimal | None = None
    tax_rate: Decimal = Decimal(0)  #: Percent.
    pack: str | None = None  #: The words that were converted: "2 koli".
    evidence: tuple[Evidence, ...] = ()
    #: What the customer called it, where that is none of its names.
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A product that an unresolved mention may mean."""

    product_id: str
    variant_id: str | None
    name: str
    unit_price: Decimal | None
    probability: float


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Words that name a product we could not pin down. Kept, so nothing is lost.

    No choices means that nothing like it was found.
    """

    id: str
    text: str
    quantity: Decimal | None = None
    unit: str | None = None
    choices: tuple[Choice, ...] = ()
    replaces: str | None = None  #: Line id that the answer shall replace.
    evidence: tuple[Evidence, ...] = ()
    #: What was said about it: (words, negated, qualifier), for when it is known.
    wishes: tuple[tuple[str, bool, str | None], ...] = ()
    #: The name of what is sold out: the choices are offered in its place.
    instead_of: str | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """Where to deliver: the customer's own words, and the parts that are clear."""

    text: str
    street: str | None = None
    number: str | None = None
    complement: str | None = None
    suburb: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Discount:
    """A discount on the goods: an amount in minor units, or a percentage."""

    amount: int = 0
    percent: Decimal = Decimal(0)
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What the summary shown last said beside the lines. Amounts are minor units."""

    shipping: int
    total: int
    payment: str | None = None  #: Id of the method, or the customer's own words.


@dataclass(frozen=True, slots=True)
class Draft:
    """The order-to-be. `version` rises by one with every saved change."""

    id: str
    currency: str
    version: int = 0
    state: DraftState = DraftState.OPEN
    shown_version: int | None = None  #: Version of the summary last shown.
    shown: Shown | None = None  #: Of that summary.
    #: The customer's own yes, while an agent has still to approve.
    confirmed_by: Evidence | None = None
    next_line: int = 1
    lines: tuple[Line, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    customer_id: str | None = None
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    tax_id: str | None = None
    fulfilment: Fulfilment | None = None
    address: Address | None = None
    due_at: datetime | None = None
    payment: str | None = None
    coupon: str | None = None
    gift_note: str | None = None
    note: str | None = None
    discount: Discount | None = None
    shipping: int | None = None  #: Minor units; None: as the shop's rules say.
    field_evidence: tuple[tuple[str, Evidence], ...] = ()
    end_reason: str | None = None  #: Why the shop rejected it.
    business: bool | None = None  #: Whether a company buys; None: nobody said.
    company: str | None = None
    tax_office: str | None = None
    recipient: str | None = None  #: Who takes it in; None: who buys.
    recipient_phone: str | None = None
    #: Answers to the shop's own fields, by their id (`orders.domain.needs.OwnField`).
    extra: Mapping[str, str] = field(default_factory=dict)
    due_day_only: bool = False  #: Of `due_at` only the day was said, no hour.

    def line(self, line_id: str) -> Line | None:
        """Return the line with that id, or None."""
        return next((line for line in self.lines if line.id == line_id), None)
