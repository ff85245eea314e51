"""What is said in an order, one after the other: heads, options, numbers.

A head is a product; "of nobody's menu" is one, too, when it is counted.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum, StrEnum

from bot.reading.rules.amounts import Amount
from bot.reading.rules.menu import Sense
from bot.reading.rules.pieces import Piece

#: Nobody has more of an option on one item.
MOST = 100


class Kind(StrEnum):
    HEAD = "head"
    OPTION = "option"
    NUMBER = "number"


class Cue(IntEnum):
    """How strongly something is set apart from what was said before it."""

    NONE = 0
    LIST = 1  #: A comma.
    AND = 2
    WISH = 3  #: "I want", "also".


@dataclass(slots=True, eq=False)
class Event:
    """Something that was said, and in which light."""

    kind: Kind
    piece: Piece
    sense: Sense = field(default_factory=Sense)
    cue: Cue = Cue.NONE
    with_it: bool = False  #: "with" stands right before it.
    listed: bool = False  #: It belongs to what follows a "with".
    negated: bool = False
    qualifier: str | None = None
    amount: Amount | None = None
    count: int | None = None  #: Of an option: "two shots".
    extra: bool = False  #: A number that counts on top: "one extra".
    #: Whether a number ends what it stands in: after it comes no other word of that.
    ends: bool = False
    touches: bool = False  #: Nothing stands between it and the event before it.
    text: str = ""

    @property
    def is_strange(self) -> bool:
        """Whether it is a head that the menu does not have."""
        return self.kind is Kind.HEAD and not self.sense.products


def as_count(quantity: Decimal) -> int:
    """Return how many of an option a number says: at least one, at most `MOST`."""
    return MOST if quantity > MOST else max(int(quantity), 1)


@dataclass(slots=True)
class Heard:
    """The events of a sentence, and the words that stay unexplained."""

    events: list[Event] = field(default_factory=list)
    stray: list[Piece] = field(default_factory=list)
