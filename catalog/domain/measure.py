"""Measures in texts: "33 cl", "500gr", "1,5 lt", told apart from other numbers."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from catalog.domain.folding import fold


class Dimension(StrEnum):
    MASS = "mass"
    VOLUME = "volume"
    LENGTH = "length"


@dataclass(frozen=True, slots=True)
class Measure:
    """An amount in the dimension's smallest usual unit: g, ml or mm."""

    dimension: Dimension
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Measured:
    """A text, its measures set apart."""

    measures: tuple[Measure, ...]
    #: The unit words of the measures; "2 M" may be metres or a size.
    units: tuple[str, ...]
    rest: str  #: The text without them.


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
#: At most 12 digits: a longer number is a code, not an amount.
_AMOUNT = re.compile(r"(?<![\w.,])(\d{1,12})(?:[.,](\d{1,6}))?\s?([^\W\d_]{1,20})\b")
_TIMES = re.compile(r"(?<=\d)\s?[x*\u00d7]\s?(?=\d)", re.IGNORECASE)
_THOUSANDS = 3


def measured(text: str, units: Mapping[str, str]) -> Measured:
    """Set a text's measures apart. `units` maps folded words to unit symbols."""
    plain = _TIMES.sub(" ", unicodedata.normalize("NFKC", text))
    measures: list[Measure] = []
    words: list[str] = []

    def take(found: re.Match[str]) -> str:
        word = fold(found[3])
        unit = _UNITS.get(units.get(word, _SPELLINGS.get(word, word)))
        if unit is None:
            return found[0]
        dimension, factor = unit
        measures.append(Measure(dimension, _amount(found[1], found[2]) * factor))
        words.append(word)
        return " "

    rest = _AMOUNT.sub(take, plain)
    return Measured(tuple(measures), tuple(words), rest)


def _amount(whole: str, decimals: str | None) -> Decimal:
    """Read "1,5" and "0.750" as decimals, "1.000" as a thousand."""
    if decimals is None:
        return Decimal(whole)
    if len(decimals) == _THOUSANDS and int(whole) > 0:
        return Decimal(whole + decimals)
    return Decimal(f"{whole}.{decimals}")
