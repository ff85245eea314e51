"""Lines of an order that a merchant's system cannot deliver, as its callback says so.

An addition of ours to OmniChat's `provisions`: `unavailableItems`, each with the item's
`objectId` (or its `productReference`) as it was sent, and how many there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from orders.domain.order import Order, OrderLine

#: As many as an order has lines; more is no report.
_MOST = 1000
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Unavailable:
    """An item of an order, of which there is less than was ordered."""

    reference: str  #: The item's `objectId`, or its `productReference`.
    available: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class ShortLine:
    """A line of an order, and how much of it can be delivered."""

    line: OrderLine
    available: Decimal


class BadItems(ValueError):
    """The items cannot be read; the message says what they must be."""


def read_unavailable(data: Mapping[str, object]) -> tuple[Unavailable, ...]:
    """Return `unavailableItems` of a callback. Raises BadItems."""
    items = data.get("unavailableItems")
    if items is None:
        return ()
    if not isinstance(items, list) or len(items) > _MOST:
        raise BadItems("must be a list of the order's items")
    return tuple(map(_item, items))


def short_lines(order: Order, items: Sequence[Unavailable]) -> tuple[ShortLine, ...]:
    """Return the lines that the items mean and that are short, in their order.

    Raises BadItems for one that the order does not have.
    """
    there = {item.reference: item.available for item in items}
    unknown = set(there) - {name for line in order.lines for name in _names(line)}
    if unknown:
        raise BadItems(f"the order has no item {min(unknown)!r}")
    found = [
        ShortLine(line, there[name])
        for line in order.lines
        for name in _names(line)
        if name in there and there[name] < line.quantity
    ]
    return tuple({short.line.id: short for short in found}.values())


def _names(line: OrderLine) -> tuple[str, ...]:
    reference = line.snapshot.get("reference")
    return (line.id, reference if isinstance(reference, str) else line.sku)


def _item(item: object) -> Unavailable:
    if not isinstance(item, dict):
        raise BadItems("must hold objects with objectId or productReference")
    reference = item.get("objectId") or item.get("productReference")
    if not isinstance(reference, str) or not 0 < len(reference) <= _LONGEST:
        raise BadItems("each item needs its objectId or its productReference")
    available = item.get("available", 0)
    # True is an int to Python, and no amount.
    if type(available) not in (int, float) or not 0 <= available < _MOST**3:
        raise BadItems("available must be a number that is not negative")
    return Unavailable(reference, Decimal(str(available)))
