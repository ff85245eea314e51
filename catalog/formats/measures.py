"""Weights and lengths with their units, as the kilograms and centimetres of a feed."""

import re
from decimal import Decimal

from catalog.domain.notation import BadCell
from catalog.domain.numerals import spelt

_MEASURE = re.compile(r"(?P<number>[\d., ]*\d)\s*(?P<unit>[A-Za-z]+)?\.?")
_KILOGRAMS = {
    "kg": Decimal(1),
    "g": Decimal("0.001"),
    "gr": Decimal("0.001"),
    "lb": Decimal("0.45359237"),
    "oz": Decimal("0.028349523125"),
}
_CENTIMETRES = {
    "cm": Decimal(1),
    "mm": Decimal("0.1"),
    "m": Decimal(100),
    "in": Decimal("2.54"),
    "ft": Decimal("30.48"),
}
_LONGEST = 60
#: More digits than any scale has.
_FINEST = Decimal("0.000001")


def kilograms(text: str) -> str:
    """Return "500 g" as 0.5; what cannot be read stays, for the feed to refuse."""
    return _in(_KILOGRAMS, text)


def centimetres(text: str) -> str:
    """Return "2 in" as 5.08; what cannot be read stays, for the feed to refuse."""
    return _in(_CENTIMETRES, text)


def _in(units: dict[str, Decimal], text: str) -> str:
    found = _MEASURE.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return text
    factor = units.get((found["unit"] or next(iter(units))).lower())
    try:
        number = spelt(found["number"]).text
        measure = Decimal(number) * (factor or 0)
        finest = measure.quantize(_FINEST)
    except (BadCell, ArithmeticError):
        return text
    if factor is None:
        return text
    return number if factor == 1 else f"{finest.normalize():f}"
