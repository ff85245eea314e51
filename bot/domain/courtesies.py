"""What good manners make us say: late, unasked, or about an order that was placed."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class SorryLate:
    """We answer hours later. `again`: a yes of then has to be said once more."""

    again: bool = False


@dataclass(frozen=True, slots=True)
class Reminder:
    """An order was begun and not finished; said once, the question follows."""


@dataclass(frozen=True, slots=True)
class PutAway:
    """An order that was not finished was put away. `names`: what was in it."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrderKept:
    """An order that was to be cancelled is not."""

    number: int


@dataclass(frozen=True, slots=True)
class PaymentLink:
    """Where a placed order is paid."""

    number: int
    link: str


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What of a line cannot be delivered. Texts are as they are read."""

    name: str
    available: str | None = None  #: None: nothing of it.


@dataclass(frozen=True, slots=True)
class LinesShort:
    """Lines of a placed order cannot be delivered; what can be done about it."""

    number: int
    lines: tuple[Shortfall, ...]


@dataclass(frozen=True, slots=True)
class DoesWithout:
    """The customer does without what cannot be delivered; a person sees to it."""

    number: int


class About(StrEnum):
    """What we offer to do; stored, and part of buttons: never rename one."""

    TAKE_UP = "take_up"  #: To take up a draft that was put away.
    CANCEL_ORDER = "cancel_order"
    DO_WITHOUT = "do_without"  #: Without what cannot be delivered of an order.
    PERSON = "person"  #: To let a person see to an order.


@dataclass(frozen=True, slots=True)
class Offer:
    """Offer to do one thing; a yes does it."""

    what: About
    about: str  #: Id of the draft, or of the order.
    number: int = 0  #: The order's.


Courtesy = (
    SorryLate | Reminder | PutAway | OrderKept | PaymentLink | LinesShort | DoesWithout
)
