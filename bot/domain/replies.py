"""What we say, before it has words: `bot.domain.phrasing` and `bot/texts` add those.

A turn's replies become one message where they fit: statements first, then one question
with its buttons or list.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.answers import ProductAnswer, Talk
from bot.domain.answers import ProductFacts as ProductFacts  # noqa: PLC0414  # here, too
from bot.domain.corrected import Corrected
from bot.domain.courtesies import Courtesy, Offer
from bot.domain.forms import DetailNoted as DetailNoted  # noqa: PLC0414  # here, too
from bot.domain.forms import DetailUnclear as DetailUnclear  # noqa: PLC0414  # here, too
from bot.domain.forms import Particular
from bot.domain.forms import PaymentNotOffered as PaymentNotOffered  # noqa: PLC0414  # here, too
from bot.domain.illustrated import ChoiceShown
from bot.domain.people import GoOn, People
from bot.domain.places import Place
from bot.domain.undone import NothingToTakeBack, OrderedAlready, TakenBack
from orders import (
    Area,
    Draft,
    Line,
    Order,
    OrderState,
    OwnField,
    PaymentMethod,
    Shown,
    Totals,
    Unresolved,
    Unserved,
)
from orders.domain.rules import Field

# -- statements -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Welcome:
    """First contact: names the shop, says who answers, how to get a human or stop."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """A later hello."""


@dataclass(frozen=True, slots=True)
class LinesPut:
    """Lines that this turn added or changed, as they now stand."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class LinesDropped:
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotFound:
    """Words that name nothing we sell."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotInOrder:
    """Words for a line that the draft does not have."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CannotTake:
    """Things that we know or were sent, in a quantity or form that cannot be sold."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnitUnknown:
    """A product that is not sold in the unit that was said."""

    name: str
    said: str
    units: tuple[str, ...]  #: Those that it is sold in.


@dataclass(frozen=True, slots=True)
class OutOfStock:
    """We know it, and have `available` of it (0: none)."""

    name: str
    available: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class OptionTaken:
    """Several values were said where there can be one: the last of them was taken."""

    name: str
    said: tuple[str, ...]
    taken: str


@dataclass(frozen=True, slots=True)
class QuantityAdjusted:
    """A quantity that the product's step or minimum does not allow."""

    name: str
    asked: Decimal
    minimum: Decimal
    step: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class PackConverted:
    """A quantity in our unit: "2 koli = 48 adet"."""

    name: str
    said: str
    quantity: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class TermsChanged:
    """The shop's rules make it cost, or be paid, in another way than was shown."""

    before: Shown
    after: Shown


@dataclass(frozen=True, slots=True)
class PriceChanged:
    """The price of a line is no longer what was shown (major units)."""

    name: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class StockShort:
    """A line can no longer be sold as shown; it was cut to `available` (0: dropped)."""

    name: str
    asked: Decimal
    available: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Browse:
    """What the shop sells: categories and a few names."""

    categories: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class OrderPlaced:
    """Rendered from the order that is committed in the same transaction."""

    order: Order
    own: tuple[OwnField, ...] = ()  #: Those of the shop, to tell their answers.


@dataclass(frozen=True, slots=True)
class AwaitingApproval:
    """The customer confirmed; the shop looks at it before it is an order."""


@dataclass(frozen=True, slots=True)
class DraftRejected:
    """The shop does not take what the customer confirmed."""

    reason: str | None = None


@dataclass(frozen=True, slots=True)
class OrderNews:
    """The order moved on in the merchant's system."""

    number: int
    state: OrderState
    message: str | None = None


@dataclass(frozen=True, slots=True)
class AlreadyOrdered:
    """A second tap, or a second yes: the order stands, nothing new was made."""

    number: int


@dataclass(frozen=True, slots=True)
class ConfirmationStale:
    """The button or the yes belongs to a summary that is no longer true."""


@dataclass(frozen=True, slots=True)
class ConfirmationForeign:
    """A button that we never made: forged, or of another conversation."""


@dataclass(frozen=True, slots=True)
class ChoiceGone:
    """A button of ours whose question is no longer open."""


@dataclass(frozen=True, slots=True)
class NothingToConfirm:
    """A yes with no open question."""


@dataclass(frozen=True, slots=True)
class DraftCancelled:
    pass


@dataclass(frozen=True, slots=True)
class NoOrderYet:
    """Asked about an order, and there is none."""


@dataclass(frozen=True, slots=True)
class CancelNeedsHuman:
    """An order is to be cancelled: a person decides."""

    number: int


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A person takes over; said once."""


@dataclass(frozen=True, slots=True)
class Stopped:
    news: bool = False  #: News of placed orders are told all the same.


@dataclass(frozen=True, slots=True)
class Started:
    pass


@dataclass(frozen=True, slots=True)
class YouAreWelcome:
    pass


@dataclass(frozen=True, slots=True)
class AllRight:
    """A no, or an okay, that asks for nothing."""


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    pass


@dataclass(frozen=True, slots=True)
class CannotRead:
    """A kind of message that we cannot use: `image`, `voice`, `location` ..."""

    kind: str


# -- questions (at most one a turn) ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class AskField:
    """Ask for one missing thing. `about` is the line it is about, when it is one."""

    field: Field
    about: Line | None = None
    choices: tuple[tuple[str, str], ...] = ()  #: (id, title), for buttons or a list
    #: Id of the line or the open mention that is asked about; ADDRESS: the reason.
    key: str | None = None
    topic: str = ""  #: OPTIONS: the name of the group, such as "milk".
    short_by: int = 0  #: MINIMUM: minor units that are still to come.
    #: MINIMUM: the area that asks for it. ADDRESS: those that we deliver to.
    areas: tuple[str, ...] = ()
    reason: Unserved | None = None  #: ADDRESS: why the one there is will not do.
    opens_at: datetime | None = None  #: HOURS: in the shop's zone; None: not known.
    more: tuple[Field, ...] = ()  #: What is asked for together with it.
    own: OwnField | None = None  #: EXTRA: the shop's own field.
    country: str = ""  #: TAX_ID: whose documents are meant.
    #: What choices cost, by their ids, where they differ; OPTIONS: what they add.
    prices: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class AskWhich:
    """Several products may be meant: offer them, and a way to leave it out."""

    unresolved: Unresolved
    choices: tuple[str, ...] = ()  #: Ids, in the order shown; the last means none.


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole order and the question whether it is right, bound to this version."""

    draft: Draft
    totals: Totals
    area: Area | None = None  #: Where it is delivered, with its lead time.
    payment: PaymentMethod | None = None
    closed: bool = False  #: The order is taken and waits until the shop opens ...
    opens_at: datetime | None = None  #: ... in the shop's zone; None: not known.
    own: tuple[
        OwnField, ...
    ] = ()  #: The shop's own fields, which `draft.extra` answers.


@dataclass(frozen=True, slots=True)
class AskWhatElse:
    """Ask what it may be: nothing is in the draft."""


@dataclass(frozen=True, slots=True)
class AskChange:
    """Ask what to change: the summary is not right."""


Statement = (
    Welcome
    | Greeting
    | LinesPut
    | LinesDropped
    | NotFound
    | NotInOrder
    | CannotTake
    | UnitUnknown
    | OutOfStock
    | OptionTaken
    | QuantityAdjusted
    | PackConverted
    | Place
    | TakenBack
    | NothingToTakeBack
    | OrderedAlready
    | TermsChanged
    | PriceChanged
    | StockShort
    | ProductAnswer
    | Talk
    | Browse
    | OrderPlaced
    | AwaitingApproval
    | DraftRejected
    | OrderNews
    | AlreadyOrdered
    | ConfirmationStale
    | ConfirmationForeign
    | ChoiceGone
    | NothingToConfirm
    | DraftCancelled
    | NoOrderYet
    | CancelNeedsHuman
    | HandedOver
    | Stopped
    | Started
    | YouAreWelcome
    | AllRight
    | NotUnderstood
    | CannotRead
    | ChoiceShown
    | Corrected
    | Courtesy
    | Particular
    | People
)
Question = AskField | AskWhich | Summary | AskWhatElse | AskChange | Offer | GoOn
Reply = Statement | Question
