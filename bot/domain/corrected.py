"""What is said of edited, deleted and quoted messages, and of a yes to what is over."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EditTaken:
    """The order follows the new words of a message."""


@dataclass(frozen=True, slots=True)
class DeleteTaken:
    """What a deleted message brought is out of the order. `names`: of lines."""

    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EditUnseen:
    """A message was edited, and the new words did not reach us."""


@dataclass(frozen=True, slots=True)
class EditUnclear:
    """Later words built on a message that was edited: it is not followed."""

    said: str
    now: str


@dataclass(frozen=True, slots=True)
class DeleteUnclear:
    """Later words built on a message that was deleted: nothing is taken out."""

    said: str


@dataclass(frozen=True, slots=True)
class OrderUntouched:
    """A message that is part of a placed order was edited or deleted."""

    number: int
    deleted: bool


@dataclass(frozen=True, slots=True)
class OutOfOrder:
    """An earlier message came after a later one that made no sense without it."""


@dataclass(frozen=True, slots=True)
class QuoteUnknown:
    """The words are about a message that we cannot see."""


@dataclass(frozen=True, slots=True)
class QuoteUnclear:
    """The words are about a message that is about several things."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConfirmationCancelled:
    """A yes to an order that was cancelled before it was placed."""


@dataclass(frozen=True, slots=True)
class ConfirmationExpired:
    """A yes to an order that waited too long, or that nobody knows any more."""


@dataclass(frozen=True, slots=True)
class ConfirmationRejected:
    """A yes to an order that the shop could not take."""


@dataclass(frozen=True, slots=True)
class ConfirmationElsewhere:
    """A button of ours, out of another chat."""


Corrected = (
    EditTaken
    | DeleteTaken
    | EditUnseen
    | EditUnclear
    | DeleteUnclear
    | OrderUntouched
    | OutOfOrder
    | QuoteUnknown
    | QuoteUnclear
    | ConfirmationCancelled
    | ConfirmationExpired
    | ConfirmationRejected
    | ConfirmationElsewhere
)
