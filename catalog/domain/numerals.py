"""Numbers as people of different countries write them, as a feed needs them.

12.5 and 12,5, 1.234,56 and 1,234.56, 1 234,50: what means one thing only is read. Of
1,250 nobody knows whether it is a thousand or one and a quarter, and of 1.250 only who
has seen the file's other numbers: the sender says so.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from catalog.domain.notation import BadCell, quoted

_SPACES = " '\u2019\u00a0\u202f\u2009"
_WRITTEN = re.compile(
    rf"(?P<whole>\d{{1,3}}(?P<between>[.,{_SPACES}])\d{{3}}(?:(?P=between)\d{{3}})*|\d+)"
    r"(?:(?P<mark>[.,])(?P<decimals>\d+))?",
    re.ASCII,
)
_DOUBTFUL = re.compile(r"[1-9]\d{0,2}\.\d{3}", re.ASCII)
_NO_DIGIT = re.compile(r"\D", re.ASCII)
_PRICE = re.compile(
    r"(?P<before>[A-Za-z]{3})?\s*(?P<amount>[^A-Za-z]*\d)?\s*(?P<after>[A-Za-z]{3})?"
)

_LONGEST_PRICE = 60
#: What the sender of a number that may be two is asked for.
SAY_WHICH = (
    "say whether the file's decimals begin with a point or with a comma (--decimal)"
)


class Numeral(str):
    """A number that a program wrote, with a point: there is nothing to guess."""

    __slots__ = ()


class Mark(StrEnum):
    """What starts the decimals of a file's numbers."""

    POINT = "point"
    COMMA = "comma"


_MARKS = {".": Mark.POINT, ",": Mark.COMMA}


@dataclass(frozen=True, slots=True)
class Spelt:
    """A number as a feed needs it, and what its spelling tells of its file."""

    text: str
    mark: Mark | None = None  #: What starts its decimals for sure.
    doubtful: bool = False  #: It was read as 1.25, and 1250 may be meant.


def spelt(text: str, told: Mark | None = None) -> Spelt:
    """Return a number with a point and nothing between its thousands.

    `told` is what starts the decimals; None: whatever the spelling says. What is no
    number stays as it is. Raises BadCell when it can mean two numbers, or not be one
    that is written as told.
    """
    found = _WRITTEN.fullmatch(text)
    if found is None or found["between"] == found["mark"] is not None:
        return Spelt(text)
    whole, between, decimals = found["whole"], found["between"], found["decimals"]
    if between in _MARKS and decimals is None and _is_one_group(whole):
        return _one_group(text, whole, between, told)
    mark = _MARKS.get(found["mark"] or "") or _other(between)
    if told is not None and mark not in {None, told}:
        raise BadCell(_not_as_told(text, told))
    digits = _NO_DIGIT.sub("", whole)
    return Spelt(f"{digits}.{decimals}" if decimals else digits, mark)


def amount_and_currency(text: str) -> tuple[str, str]:
    """Return the parts of "19.99 USD" or "USD 19.99"; without a code it is empty."""
    found = _PRICE.fullmatch(text) if len(text) <= _LONGEST_PRICE else None
    if found is None or not found["amount"] or (found["before"] and found["after"]):
        return text, ""
    return found["amount"], (found["before"] or found["after"] or "").upper()


def unmistakable(number: Decimal) -> str:
    """Return a number as no reader takes it for another: 1.250 gets one more zero."""
    text = f"{number:f}"
    return f"{text}0" if _DOUBTFUL.fullmatch(text) else text


def _is_one_group(whole: str) -> bool:
    return len(whole) <= len("123.456")


def _other(between: str | None) -> Mark | None:
    """Return what must start the decimals when this stands between thousands."""
    match between:
        case ".":
            return Mark.COMMA
        case ",":
            return Mark.POINT
        case _:
            return None


def _one_group(text: str, whole: str, between: str, told: Mark | None) -> Spelt:
    """Read 1.250 or 1,250, where what stands between may be either."""
    mark = _MARKS[between]
    thousand = _NO_DIGIT.sub("", whole)
    fraction = whole.replace(",", ".")
    if whole.startswith("0"):
        if told not in {None, mark}:
            raise BadCell(_not_as_told(text, mark))
        return Spelt(fraction, mark)
    if told is not None:
        return Spelt(fraction if told is mark else thousand)
    if mark is Mark.COMMA:
        raise BadCell(
            f"{quoted(text)} may be {thousand} or {fraction}: write one of them, or"
            f" {SAY_WHICH}"
        )
    return Spelt(fraction, doubtful=True)


def _not_as_told(text: str, told: Mark) -> str:
    return f"{quoted(text)} has no decimal {told}, as the file is said to have"
