"""Measures: amounts with a unit, "33 cl", "500gr", "1,5 lt", made comparable."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from catalog.domain.folding import fold


class Dimension(StrEnum):
    MASS = "mass"
    VOLUME = "volume"
    LENGTH = "length"

    @property
    def unit(self) -> str:
        """Return the symbol of the smallest usual unit."""
        return _SMALLEST[self]


@dataclass(frozen=True, slots=True)
class Measure:
    """An amount in the dimension's smallest usual unit: g, ml or mm."""

    dimension: Dimension
    amount: Decimal

    @property
    def text(self) -> str:
        """Return the measure as one word: "500g"."""
        return f"{self.amount.normalize():f}{self.dimension.unit}"


_SMALLEST = {Dimension.MASS: "g", Dimension.VOLUME: "ml", Dimension.LENGTH: "mm"}
#: Unit symbol -> dimension and how many of its smallest usual unit it is.
_UNITS = {
    "mg": (Dimension.MASS, Decimal("0.001")),
    "g": (Dimension.MASS, Decimal(1)),
    "kg": (Dimension.MASS, Decimal(1000)),
    "oz": (Dimension.MASS, Decimal("28.349523125")),
    "lb": (Dimension.MASS, Decimal("453.59237")),
    "ml": (Dimension.VOLUME, Decimal(1)),
    "cl": (Dimension.VOLUME, Decimal(10)),
    "dl": (Dimension.VOLUME, Decimal(100)),
    "l": (Dimension.VOLUME, Decimal(1000)),
    "mm": (Dimension.LENGTH, Decimal(1)),
    "cm": (Dimension.LENGTH, Decimal(10)),
    "m": (Dimension.LENGTH, Decimal(1000)),
}
#: Written so often that no language file needs to say it.
_SPELLINGS = {"gr": "g", "gram": "g", "kilo": "kg", "lt": "l", "ltr": "l"}
_THOUSANDS = 3


def measure_of(amount: Decimal, word: str, units: Mapping[str, str]) -> Measure | None:
    """Return the measure that an amount of a unit is, or None if the word is no unit.

    `units` maps folded words to unit symbols.
    """
    folded = fold(word)
    unit = _UNITS.get(units.get(folded, _SPELLINGS.get(folded, folded)))
    if unit is None:
        return None
    dimension, factor = unit
    return Measure(dimension, amount * factor)


def amount_of(whole: str, decimals: str | None) -> Decimal:
    """Read "1,5" and "0.750" as decimals, "1.000" as a thousand."""
    if decimals is None:
        return Decimal(whole)
    if len(decimals) == _THOUSANDS and int(whole) > 0:
        return Decimal(whole + decimals)
    return Decimal(f"{whole}.{decimals}")
