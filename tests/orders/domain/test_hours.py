"""Opening hours: by the clock on the shop's wall, also when that is put back."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders import Holiday, Hours, Interval, is_open, next_opening
from orders.domain.hours import HORIZON_DAYS

BERLIN = ZoneInfo("Europe/Berlin")
#: Clocks that change at 2:00, at midnight, by half an hour, and never.
ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Africa/Cairo",
    "America/Asuncion",
    "Australia/Lord_Howe",
    "Europe/Istanbul",
]


def between(opens: str, closes: str) -> Interval:
    return Interval(time.fromisoformat(opens), time.fromisoformat(closes))


DAY = (between("09:00", "13:00"), between("14:00", "18:00"))
NIGHT = (between("22:00", "02:00"),)
WEEK = Hours(week=(DAY, DAY, DAY, DAY, NIGHT, (), ()))
NEVER = Hours(week=((),) * 7)
ALWAYS = Hours(week=((between("00:00", "00:00"),),) * 7)
NEW_YEAR = Hours(
    week=(DAY,) * 7,
    holidays=(
        Holiday(date(2026, 12, 31), (between("09:00", "12:00"),)),
        Holiday(date(2027, 1, 1), name="New Year"),
    ),
)


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@dataclass(frozen=True)
class Case:
    id: str
    hours: Hours
    moment: str
    opens: str | None  #: When it opens next; the moment itself: it is open.


CASES = [
    Case("before the first hour", WEEK, "2026-11-23T08:59", "2026-11-23T09:00"),
    Case("the first minute", WEEK, "2026-11-23T09:00", "2026-11-23T09:00"),
    Case("the last minute", WEEK, "2026-11-23T12:59", "2026-11-23T12:59"),
    Case("closing time", WEEK, "2026-11-23T13:00", "2026-11-23T14:00"),
    Case("after the last hour", WEEK, "2026-11-23T18:00", "2026-11-24T09:00"),
    Case("past midnight", WEEK, "2026-11-28T01:59", "2026-11-28T01:59"),
    Case("after the night", WEEK, "2026-11-28T02:00", "2026-11-30T09:00"),
    Case("over the weekend", WEEK, "2026-11-29T12:00", "2026-11-30T09:00"),
    Case("a shorter day", NEW_YEAR, "2026-12-31T12:30", "2027-01-02T09:00"),
    Case("a closed day", NEW_YEAR, "2027-01-01T10:00", "2027-01-02T09:00"),
    Case("always", ALWAYS, "2026-11-23T00:00", "2026-11-23T00:00"),
    Case("never", NEVER, "2026-11-23T12:00", None),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_when_a_shop_is_open_and_opens_next(case: Case) -> None:
    moment = at(case.moment)
    assert is_open(case.hours, moment, BERLIN) == (case.opens == case.moment)
    expected = None if case.opens is None else at(case.opens)
    assert next_opening(case.hours, moment, BERLIN) == expected


def test_what_began_before_a_holiday_ends_in_it() -> None:
    hours = Hours(week=(NIGHT,) * 7, holidays=(Holiday(date(2027, 1, 1)),))
    assert is_open(hours, at("2027-01-01T01:00"), BERLIN)
    assert not is_open(hours, at("2027-01-01T23:00"), BERLIN)
    assert not is_open(hours, at("2027-01-02T01:00"), BERLIN)


def test_moments_of_any_zone_are_read_by_the_shops_clock() -> None:
    assert is_open(WEEK, datetime(2026, 11, 23, 8, 30, tzinfo=UTC), BERLIN)
    assert not is_open(WEEK, datetime(2026, 11, 23, 17, 30, tzinfo=UTC), BERLIN)


CLOCK_CHANGES = [
    # On 28 March 2027 there is no 02:30 in Berlin: the clock goes from 2:00 to 3:00.
    (
        "an hour that is left out",
        "02:30",
        "04:00",
        "2027-03-28T00:00",
        "2027-03-28T03:00",
    ),
    (
        "an interval that is left out",
        "02:15",
        "02:45",
        "2027-03-28T00:00",
        "2027-03-29T02:15",
    ),
    # On 25 October 2026 it is 02:30 twice.
    (
        "an hour that comes twice",
        "02:30",
        "04:00",
        "2026-10-25T00:00",
        "2026-10-25T02:30",
    ),
]


@pytest.mark.parametrize(
    ("opens", "closes", "moment", "expected"),
    [c[1:] for c in CLOCK_CHANGES],
    ids=[c[0] for c in CLOCK_CHANGES],
)
def test_opening_on_a_day_when_the_clock_changes(
    opens: str, closes: str, moment: str, expected: str
) -> None:
    hours = Hours(week=((between(opens, closes),),) * 7)
    assert next_opening(hours, at(moment), BERLIN) == at(expected)


def test_an_hour_that_comes_twice_is_open_twice() -> None:
    hours = Hours(week=((between("02:15", "02:45"),),) * 7)
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert is_open(hours, first, BERLIN)
    assert is_open(hours, first + timedelta(hours=1), BERLIN)
    pause = first + timedelta(minutes=20)
    again = next_opening(hours, pause, BERLIN)
    assert again is not None
    assert again.astimezone(UTC) == datetime(2026, 10, 25, 1, 15, tzinfo=UTC)


clocks = st.integers(0, 24 * 4 - 1).map(lambda n: time(n // 4, n % 4 * 15))
days = st.lists(st.builds(Interval, clocks, clocks), max_size=2).map(tuple)
dates = st.dates(date(2025, 1, 1), date(2028, 12, 31))
hours_of_all_kinds = st.builds(
    Hours,
    week=st.tuples(*[days] * 7),
    holidays=st.lists(st.builds(Holiday, dates, days), max_size=3).map(tuple),
)
first_moment = datetime(2025, 1, 1, tzinfo=UTC)
moments = st.integers(0, 60 * 24 * 1200).map(
    lambda minutes: first_moment + timedelta(minutes=minutes)
)
zones = st.sampled_from(ZONES).map(ZoneInfo)


@given(hours_of_all_kinds, moments, zones)
def test_the_next_opening_is_open_and_nothing_before_it_is(
    hours: Hours, moment: datetime, zone: ZoneInfo
) -> None:
    opening = next_opening(hours, moment, zone)
    if opening is None:
        assert not any(hours.week)
        return
    assert opening >= moment
    assert is_open(hours, opening, zone)
    # Times are whole quarters: every five minutes finds any opening before.
    each = moment
    while each < opening and each < moment + timedelta(days=2):
        assert not is_open(hours, each, zone)
        each += timedelta(minutes=5)
    if opening > moment:
        assert not is_open(hours, opening - timedelta(seconds=1), zone)


@cache
def clock_changes(name: str) -> tuple[datetime, ...]:
    """Return when a zone's clocks are changed in 2026."""
    zone, hour = ZoneInfo(name), timedelta(hours=1)
    hours = [datetime(2026, 1, 1, tzinfo=UTC) + n * hour for n in range(365 * 24)]
    return tuple(
        each
        for each in hours
        if each.astimezone(zone).utcoffset()
        != (each - hour).astimezone(zone).utcoffset()
    )


@given(
    hours_of_all_kinds,
    st.sampled_from(["Europe/Berlin", "Africa/Cairo"]),
    st.integers(0, 1),
    st.integers(-300, 300),
)
def test_around_every_change_of_the_clock_the_next_opening_holds(
    hours: Hours, name: str, change: int, minutes: int
) -> None:
    zone = ZoneInfo(name)
    moment = clock_changes(name)[change] + timedelta(minutes=minutes)
    opening = next_opening(hours, moment, zone)
    assert (opening is None) == (not any(hours.week))
    until = moment + timedelta(hours=12)
    each = moment
    while each < min(opening or until, until):
        assert not is_open(hours, each, zone)
        each += timedelta(minutes=1)


@given(hours_of_all_kinds, st.integers(0, 59))
def test_an_hour_that_comes_twice_is_the_same_twice(hours: Hours, minute: int) -> None:
    first = datetime(2026, 10, 25, 0, minute, tzinfo=UTC)
    second = first + timedelta(hours=1)
    walls = {m.astimezone(BERLIN).strftime("%H:%M") for m in (first, second)}
    assert walls == {f"02:{minute:02}"}
    assert is_open(hours, first, BERLIN) == is_open(hours, second, BERLIN)


def test_a_shop_that_is_closed_for_longer_than_we_look_has_no_next_opening() -> None:
    first = date(2026, 11, 23)
    closed = tuple(Holiday(first + timedelta(days=n)) for n in range(HORIZON_DAYS + 1))
    hours = Hours(week=(DAY,) * 7, holidays=closed)
    assert next_opening(hours, at("2026-11-23T10:00"), BERLIN) is None
