"""When an order is wanted: a moment, or a day of which nobody said the hour."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.course import Course
from bot.domain.forms import DateRefused, DayRefused, NotThen
from bot.domain.replies import DetailNoted
from bot.domain.understanding import Detail
from orders import Area, Evidence, SetDue, next_opening
from orders.domain.shop import delivered_to

#: Nobody orders for a day that is further ahead: it is a slip of the finger.
FARTHEST = timedelta(days=2 * 366)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def day_said(value: str) -> date | None:
    """Return the day that a value is when it says no hour: "2026-11-23"."""
    if not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def moment_said(course: Course, value: str) -> datetime | None:
    """Return the moment that a value is, in the shop's zone when it names none."""
    try:
        zone = ZoneInfo(course.snapshot.tenant.timezone)
        when = datetime.fromisoformat(value)
    except (ValueError, ZoneInfoNotFoundError):
        return None
    return when if when.tzinfo else when.replace(tzinfo=zone)


def due_at(course: Course, when: datetime, evidence: Evidence) -> bool:
    """Take when it is wanted, or say why it cannot be then. False: it cannot be meant.

    What is over is not meant, and neither is what is years ahead.
    """
    snapshot = course.snapshot
    if not snapshot.now < when <= snapshot.now + FARTHEST:
        return False
    earliest = snapshot.now + _lead(course)
    if when < earliest:
        local = earliest.astimezone(when.tzinfo)
        course.say(DateRefused(when, NotThen.SOON, local))
        return True
    shop = snapshot.shop
    if shop.hours is not None and not shop.is_open(when):
        opens = next_opening(shop.hours, when, ZoneInfo(shop.timezone))
        course.say(DateRefused(when, NotThen.CLOSED, opens))
        return True
    if not course.change(SetDue(when, evidence)):
        return False
    course.say(DetailNoted(Detail.DATE, when.isoformat()))
    return True


def due_on(course: Course, day: date, evidence: Evidence) -> bool:
    """Take the day on which it is wanted, or say why it cannot be that day.

    An hour of that day that was said before stays. False: it cannot be meant.
    """
    zone = ZoneInfo(course.snapshot.shop.timezone)
    today = course.snapshot.now.astimezone(zone).date()
    if not today <= day <= today + FARTHEST:
        return False
    before = course.draft.due_at
    if before is not None and not course.draft.due_day_only:
        moment = before.astimezone(zone)
        if moment.date() == day and moment > course.snapshot.now:
            return due_at(course, moment, evidence)
    refused = _refused(course, day, zone)
    if refused is not None:
        course.say(refused)
        return True
    begins = datetime.combine(day, _opening(course, day), zone)
    if not course.change(SetDue(begins, evidence, day_only=True)):
        return False
    course.say(DetailNoted(Detail.DATE, day.isoformat()))
    return True


def _refused(course: Course, day: date, zone: ZoneInfo) -> DayRefused | None:
    """Return why it cannot be on that day, if it cannot be at any hour of it."""
    snapshot, hours = course.snapshot, course.snapshot.shop.hours
    earliest = (snapshot.now + _lead(course)).astimezone(zone)
    if earliest.date() > day:
        return DayRefused(day, NotThen.SOON, earliest.date())
    if hours is None:
        return None
    first = max(earliest, datetime.combine(day, time.min, zone))
    opens = next_opening(hours, first, zone)
    if opens is not None and opens.date() == day and hours.of(day):
        return None
    if opens is not None and opens.date() == day:
        # Only what began the day before reaches into it.
        opens = next_opening(hours, first + timedelta(days=1), zone)
    return DayRefused(day, NotThen.CLOSED, opens.date() if opens else None)


def _opening(course: Course, day: date) -> time:
    """Return when a day begins: as the shop opens, else with the day."""
    hours = course.snapshot.shop.hours
    intervals = hours.of(day) if hours else ()
    return min((interval.opens for interval in intervals), default=time.min)


def _lead(course: Course) -> timedelta:
    """Return how long a delivery into the draft's area takes, rounded up to nothing."""
    area = delivered_to(course.draft, course.snapshot.shop)
    minutes = area.lead_minutes if isinstance(area, Area) else None
    return timedelta(minutes=minutes or 0)
