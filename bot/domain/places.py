"""What we say about where we deliver, before it has words."""

from dataclasses import dataclass

from orders import Fulfilment
from orders.domain.shop import Terms


@dataclass(frozen=True, slots=True)
class NotOffered:
    """The shop does not deliver, or has no pick-up."""

    fulfilment: Fulfilment


@dataclass(frozen=True, slots=True)
class OutsideArea:
    """We do not go to that address; where we go, and whether it can be picked up."""

    areas: tuple[str, ...]
    pickup: bool


@dataclass(frozen=True, slots=True)
class Delivers:
    """Where we deliver, and on which terms; terms without an area are for everywhere.

    `named`: these are the places that were asked about, else all there are.
    """

    terms: tuple[Terms, ...]
    named: bool = False


Place = NotOffered | OutsideArea | Delivers
