"""From what was said ("2 koli", "half a kilo") to a quantity of the product's unit."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from enum import StrEnum
from types import MappingProxyType

from catalog import Product

#: Units of one kind, by how many of the smallest one they are. Words of languages
#: ("kilo", "adet") become these symbols before they come here, or through `words`.
_SCALES: tuple[Mapping[str, Decimal], ...] = (
    {
        "mg": Decimal("0.001"),
        "g": Decimal(1),
        "kg": Decimal(1000),
        "t": Decimal(1_000_000),
    },
    {"ml": Decimal(1), "cl": Decimal(10), "dl": Decimal(100), "l": Decimal(1000)},
    {"mm": Decimal(1), "cm": Decimal(10), "m": Decimal(1000)},
)
_NO_WORDS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Amount:
    """How much of a product: `quantity` of its own `unit`.

    `converted_from` holds the words, such as "2 koli", when they were not of that unit.
    """

    quantity: Decimal
    unit: str
    converted_from: str | None = None


@dataclass(frozen=True, slots=True)
class UnknownUnit:
    """The product is not sold in that unit; `possible` are those that it is sold in."""

    said: str
    possible: tuple[str, ...]


class QuantityReason(StrEnum):
    """Why a quantity cannot be sold."""

    BELOW_MINIMUM = "below_minimum"
    OFF_STEP = "off_step"


@dataclass(frozen=True, slots=True)
class QuantityProblem:
    """A quantity that the product's minimum or step forbids, and the nearest allowed.

    The upper one is taken of two that are equally near.
    """

    reason: QuantityReason
    asked: Decimal
    nearest: Decimal
    minimum: Decimal
    step: Decimal
    unit: str


#: What comes in pairs is sold by the pair, and called a piece.
_PIECE, _PAIRS = "piece", frozenset({"pair", "çift"})


def converted(
    product: Product,
    quantity: Decimal | None,
    unit: str | None,
    words: Mapping[str, str] = _NO_WORDS,
) -> Amount | UnknownUnit:
    """Return what was said in the product's unit.

    No quantity is the product's default one, or one of the unit that was said. `words`
    maps a language's unit words to symbols or pack names; both are compared folded.
    """
    if unit is None or not unit.strip():
        return Amount(
            product.default_quantity if quantity is None else quantity, product.unit
        )
    said = Decimal(1) if quantity is None else quantity
    for spelling in (unit, words.get(_folded(unit), unit)):
        size = _size(product, _folded(spelling))
        if size is not None:
            return _amount(product, said, unit, size)
    if product.unit == _PIECE and _folded(words.get(_folded(unit), unit)) in _PAIRS:
        return Amount(said, product.unit)  # Two pairs of socks are two of them.
    return UnknownUnit(unit, (product.unit, *(pack.unit for pack in product.packs)))


def quantity_problem(product: Product, quantity: Decimal) -> QuantityProblem | None:
    """Return why so much cannot be sold, or None when it can."""
    first = _first_allowed(product)
    step = product.step
    if quantity < first:
        reason, nearest = QuantityReason.BELOW_MINIMUM, first
    elif step > 0 and quantity % step:
        steps = (quantity / step).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        reason, nearest = QuantityReason.OFF_STEP, max(steps * step, first)
    else:
        return None
    return QuantityProblem(
        reason, quantity, nearest, product.minimum, step, product.unit
    )


def at_most(product: Product, available: Decimal) -> Decimal:
    """Return the largest quantity that can be sold of what is there; 0 when none."""
    step = product.step
    most = available - available % step if step > 0 else available
    return most if most > 0 and most >= _first_allowed(product) else Decimal(0)


def _first_allowed(product: Product) -> Decimal:
    """Return the smallest multiple of the step that reaches the minimum."""
    step, minimum = product.step, product.minimum
    if step <= 0:
        return minimum
    steps = (minimum / step).to_integral_value(ROUND_CEILING)
    return max(steps, Decimal(1)) * step


def _size(product: Product, unit: str) -> Decimal | None:
    """Return how many of the product's units one `unit` is, or None."""
    own = _folded(product.unit)
    if unit == own:
        return Decimal(1)
    for pack in product.packs:
        if _folded(pack.unit) == unit:
            return pack.size
    for scale in _SCALES:
        if unit in scale and own in scale:
            return scale[unit] / scale[own]
    return None


def _amount(product: Product, said: Decimal, unit: str, size: Decimal) -> Amount:
    if size == 1:
        return Amount(said, product.unit)
    return Amount(_plain(said * size), product.unit, f"{_plain(said):f} {unit.strip()}")


def _plain(value: Decimal) -> Decimal:
    """Return the value without trailing zeros and without an exponent."""
    bare = value.normalize()
    return bare.quantize(Decimal(1)) if bare == bare.to_integral_value() else bare


def _folded(unit: str) -> str:
    return unit.strip().casefold().rstrip(".")
