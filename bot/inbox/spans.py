"""Two spans of days that follow each other, where a shop is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    and_,
    case,
    cast,
    extract,
    literal_column,
    type_coerce,
)

from bot.inbox.usage import Period, days
from catalog.column import to_micros

_DAY: Final = timedelta(days=1)
_MICROS_OF_SECOND: Final = 1_000_000
_MICROS_OF_DAY: Final = 86_400 * _MICROS_OF_SECOND


@dataclass(frozen=True, slots=True)
class Spans:
    """Two spans of the same length; `length` days each."""

    both: Sequence[Period]

    @property
    def start(self) -> datetime:
        return self.both[0].start

    @property
    def middle(self) -> datetime:
        """Return when the second one begins."""
        return self.both[self.length].start

    @property
    def end(self) -> datetime:
        return self.both[-1].end

    @property
    def length(self) -> int:
        return len(self.both) // 2

    def during(self, column: Column[datetime]) -> ColumnElement[bool]:
        """Return whether a moment lies in one of them."""
        return and_(column >= self.start, column < self.end)

    def number(self, column: Column[datetime], dialect: str) -> ColumnElement[int]:
        """Return the number of the day of a moment, from 0, as the zone has days."""
        micros = _micros(column, dialect)
        runs = self._runs()
        numbers = [self._number(micros, first) for first in runs]
        branches = [
            (micros < self._begin(following), number)
            for number, following in zip(numbers, runs[1:], strict=False)
        ]
        return case(*branches, else_=numbers[-1]) if branches else numbers[-1]

    def _number(self, micros: ColumnElement[int], first: int) -> ColumnElement[int]:
        if not self._is_whole(first):
            return _exactly(first)
        since = micros - self._begin(first)
        return _exactly(first) + since // _exactly(_MICROS_OF_DAY)

    def _begin(self, number: int) -> ColumnElement[int]:
        return _exactly(to_micros(self.both[number].start))

    def _is_whole(self, number: int) -> bool:
        """Return whether a day has 24 hours: the clocks are not set in it."""
        return self.both[number].end - self.both[number].start == _DAY

    def _runs(self) -> Sequence[int]:
        """Return the days at which another kind of day begins; each odd one is one."""
        return [
            number
            for number in range(len(self.both))
            if not number or not (self._is_whole(number) and self._is_whole(number - 1))
        ]


def spans_of(zone: ZoneInfo, first: date, last: date) -> Spans:
    """Return the days from the first to the last, and as many before."""
    length = (last - first).days + 1
    return Spans(days(zone, first - length * _DAY, last))


def _micros(column: Column[datetime], dialect: str) -> ColumnElement[int]:
    if dialect == "sqlite":
        return type_coerce(column, BigInteger)
    return cast(extract("epoch", column) * _MICROS_OF_SECOND, BigInteger)


def _exactly(number: int) -> ColumnElement[int]:
    # In the text of the statement: PostgreSQL groups by an expression only if it is
    # the same to the letter.
    return literal_column(str(number), BigInteger)
