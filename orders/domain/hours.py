"""When a shop is open: by the clock on its wall, so that daylight saving needs no rule.

Every function takes the shop's zone and moments in any zone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import partial
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
#: So far we look for the next opening: a season, and a good deal more.
HORIZON_DAYS = 400


class WhenClosed(StrEnum):
    ACCEPT = "accept"  #: Take the order, and say when it will be handled.
    REFUSE = "refuse"  #: Keep the draft; it is ordered once the shop is open.


@dataclass(frozen=True, slots=True)
class Interval:
    """From `opens` until `closes`, which is the next day unless it is later."""

    opens: time
    closes: time

    @property
    def is_past_midnight(self) -> bool:
        return self.closes <= self.opens


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day that has its own hours; none: closed. What began the day before ends."""

    day: date
    intervals: tuple[Interval, ...] = ()
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours of a week, Monday first, and the days that are different."""

    week: tuple[tuple[Interval, ...], ...]
    holidays: tuple[Holiday, ...] = ()

    def of(self, day: date) -> tuple[Interval, ...]:
        """Return the intervals that begin on that day."""
        for holiday in self.holidays:
            if holiday.day == day:
                return holiday.intervals
        return self.week[day.weekday()]


def is_open(hours: Hours, at: datetime, zone: ZoneInfo) -> bool:
    """Return whether the shop's wall clock shows an hour at which it is open."""
    wall = at.astimezone(zone).replace(tzinfo=None)
    today = wall.date()
    return any(
        begin <= wall < end
        for day in (today - _DAY, today)
        for begin, end in map(partial(_on, day), hours.of(day))
    )


def _on(day: date, interval: Interval) -> tuple[datetime, datetime]:
    """Return when an interval of that day begins and ends, by the clock on the wall."""
    last = day + _DAY if interval.is_past_midnight else day
    return (
        datetime.combine(day, interval.opens),
        datetime.combine(last, interval.closes),
    )


def next_opening(hours: Hours, at: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the first moment from `at` on when the shop is open, in its zone.

    `at` itself when it is open. None when it stays closed for `HORIZON_DAYS`.
    """
    if is_open(hours, at, zone):
        return at.astimezone(zone)
    first = at.astimezone(zone).date()
    for days in range(HORIZON_DAYS):
        day = first + days * _DAY
        later = sorted(c for c in _candidates(hours, day, zone) if c > at)
        for moment in later:
            if is_open(hours, moment, zone):
                return moment.astimezone(zone)
    return None


def _candidates(hours: Hours, day: date, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield, in UTC, every moment of a day at which the shop may begin to be open."""
    for interval in hours.of(day):
        wall = datetime.combine(day, interval.opens, zone)
        # An hour that comes twice begins twice; one that is left out, not at all.
        yield wall.astimezone(UTC)
        yield wall.replace(fold=1).astimezone(UTC)
    yield from _clock_changes(day, zone)


def _clock_changes(day: date, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the moment at which the clock is put forward or back on that day."""
    midnight = datetime.combine(day, time.min, zone).astimezone(UTC)
    # Two hours early: the clock may change at midnight, and the day then begins late.
    begin, end = midnight - timedelta(hours=2), midnight + timedelta(hours=26)
    before = begin.astimezone(zone).utcoffset()
    if before == end.astimezone(zone).utcoffset():
        return
    while end - begin > _SECOND:
        middle = (begin + (end - begin) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == before:
            begin = middle
        else:
            end = middle
    if end.astimezone(zone).date() == day:
        yield end
