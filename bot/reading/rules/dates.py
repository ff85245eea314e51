"""Days that are written as dates: 12.12., 24/12/2026, 2026-12-24, 24 December."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from babel import Locale

from catalog.domain.folding import fold
from catalog.language import languages

_ISO = re.compile(r"(?<!\w)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_YEARLY = re.compile(r"(?<![\w.,/-])(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?![\w/])")
_SHORT = re.compile(r"(?<![\w.,:/-])(\d{1,2})([./])(\d{1,2})\.?(?![\w,:/]|\.\d)")
_NAMED = re.compile(
    r"(?<![\w.,])(\d{1,2})(?:\.|st|nd|rd|th|º)?\s+(?:de\s+|of\s+)?([^\W\d_]{3,})"
    r"(?:\s+(?:de\s+)?(\d{4}))?(?!\w)"
)
_NAME_FIRST = re.compile(
    r"(?<!\w)([^\W\d_]{3,})\s+(\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(\d{4}))?(?![\w.,:/]\w|\w)"
)
#: The hour that may follow a date: "24.12. at 17:00".
_HOUR = re.compile(r"[ \t,]*(?:[^\W\d_]{1,5}[ \t]+){0,2}(\d{1,2})[:.](\d{2})(?![\d.])")
_CENTURY = 2000
_HOURS, _MINUTES = 24, 60
#: A day without a year that was not long ago is over; any other is to come.
_AGO = timedelta(days=60)
#: Where the month is written first.
_MONTH_FIRST = frozenset({"US"})
_TELLING = 4  #: A shorter month, such as "may", is too often another word.


@dataclass(frozen=True, slots=True)
class Written:
    """A date and the stretch of a text that says it; `at`: with its hour, if any."""

    start: int
    end: int
    day: date
    at: time | None


def written_in(
    text: str, now: datetime, *, country: str, asked: bool
) -> Written | None:
    """Return the first date that a text writes.

    Without a year it is one only when it names its month, or a date was `asked` for:
    "12.12" may be a price or an hour.
    """
    found = sorted(_dates(text, now, country=country, asked=asked), key=_start)
    if not found:
        return None
    start, end, day = found[0]
    hour = _HOUR.match(text, end)
    if hour and int(hour[1]) < _HOURS and int(hour[2]) < _MINUTES:
        return Written(start, hour.end(), day, time(int(hour[1]), int(hour[2])))
    return Written(start, end, day, None)


def _start(found: tuple[int, int, date]) -> int:
    return found[0]


def _dates(
    text: str, now: datetime, *, country: str, asked: bool
) -> Iterator[tuple[int, int, date]]:
    today = now.date()
    for match in _ISO.finditer(text):
        yield from _on(match, _day(match[1], match[2], match[3]))
    for match in _YEARLY.finditer(text):
        day, month = _in_order(match[1], match[3], match[2], country)
        yield from _on(match, _day(match[4], month, day))
    for match in _SHORT.finditer(text) if asked else ():
        day, month = _in_order(match[1], match[3], match[2], country)
        yield from _on(match, _coming(month, day, today))
    for match in _NAMED.finditer(text):
        yield from _named(match, match[2], match[1], match[3], today, asked=asked)
    for match in _NAME_FIRST.finditer(text):
        yield from _named(match, match[1], match[2], match[3], today, asked=asked)


def _on(match: re.Match[str], day: date | None) -> Iterator[tuple[int, int, date]]:
    if day is not None:
        yield match.start(), match.end(), day


def _named(  # the parts of one date
    match: re.Match[str],
    name: str,
    day: str,
    year: str | None,
    today: date,
    *,
    asked: bool,
) -> Iterator[tuple[int, int, date]]:
    month = _months().get(fold(name))
    if month is None or not (asked or len(name) >= _TELLING):
        return
    yield from _on(
        match, _day(year, str(month), day) if year else _coming(str(month), day, today)
    )


def _in_order(first: str, second: str, sign: str, country: str) -> tuple[str, str]:
    """Return day and month of two numbers, as people of the country write them."""
    turned = country in _MONTH_FIRST and sign != "."
    return (second, first) if turned else (first, second)


def _day(year: str, month: str, day: str) -> date | None:
    whole = int(year) + (_CENTURY if len(year) == 2 else 0)  # noqa: PLR2004  # digits
    try:
        return date(whole, int(month), int(day))
    except ValueError:
        return None


def _coming(month: str, day: str, today: date) -> date | None:
    """Return the next such day; the last one when that was a short while ago."""
    for year in (today.year, today.year + 1):
        found = _day(str(year), month, day)
        if found is not None and found >= today - _AGO:
            return found
    return None


@cache
def _months() -> dict[str, int]:
    """Return the number of every month's name in the languages that we read."""
    return {
        fold(name.rstrip(".")): number
        for code in languages()
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for number, name in Locale(code).months[context][width].items()
        if len(name.rstrip(".")) > 2  # noqa: PLR2004  # a shorter one tells nothing
    }
