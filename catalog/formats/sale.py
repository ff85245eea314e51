"""When a sale price of a shopping feed is to pay: `sale_price_effective_date`.

Google's product data specification and Meta's catalog write it as two times of ISO
8601 with a slash between them. A sale price at any other time is not charged.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from catalog.domain.feed import RowError
from catalog.domain.notation import quoted

SPAN = "sale_price_effective_date"
#: Characters of a day without a time: all of that day is meant.
_DAY = len("2026-11-22")
#: Rows that are named; the others are counted.
_NAMED = 20


class LeftOut:
    """Warnings about rows: the first are kept, the others counted."""

    def __init__(self) -> None:
        self._kept: list[RowError] = []
        self._more = 0

    def note(self, warning: RowError) -> None:
        if len(self._kept) < _NAMED:
            self._kept.append(warning)
        else:
            self._more += 1

    def told(self) -> Iterator[RowError]:
        yield from self._kept
        if self._more:
            yield RowError(1, SPAN, f"the same is true of {self._more} more rows")


def why_not_now(span: str, now: datetime) -> str | None:
    """Return why a sale price is not charged now, or None if it is.

    Times without a zone are those of UTC.
    """
    begin, _, end = span.partition("/")
    try:
        first, last = _time(begin), _time(end)
        if len(end.strip()) == _DAY:
            last += timedelta(days=1)
    except (ValueError, OverflowError):
        return (
            f"{quoted(span)} cannot be read, the sale price is left out: write two"
            " times, such as 2026-11-20T00:00+03:00/2026-11-30T23:59+03:00"
        )
    if first <= now <= last:
        return None
    when = "is over" if now > last else "has not begun"
    return f"the sale of {quoted(span)} {when}: the sale price is left out"


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text.strip())
    return found if found.tzinfo else found.replace(tzinfo=UTC)
