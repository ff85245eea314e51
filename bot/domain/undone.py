"""What is said when the customer takes a change back."""

from dataclasses import dataclass

from orders import Line


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The order is as it was: what is in it again, and what is not any more."""

    back: tuple[Line, ...] = ()  #: As they stand now.
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NothingToTakeBack:
    """The draft has no earlier version."""


@dataclass(frozen=True, slots=True)
class OrderedAlready:
    """What shall be taken back is an order: that is another wish."""

    number: int
