"""The clock and the maker of ids: what the rest of the code is given as arguments."""

import os
from datetime import UTC, datetime

#: Crockford's base 32: no i, l, o, u, so nobody misreads or misspells an id.
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
#: Two letters at a time: an id takes 3 microseconds, and a message needs several.
_PAIRS = [first + second for first in _LETTERS for second in _LETTERS]
_PAIR = len(_PAIRS) - 1
_PLACES = range(120, -1, -10)  #: 13 pairs of letters, 10 bits each.


def utc_now() -> datetime:
    """Return the moment, in UTC."""
    return datetime.now(UTC)  # noqa: TID251  # the one place that asks the clock


def new_id(kind: str) -> str:
    """Return a fresh id: the kind, `_`, and 26 characters that sort by time.

    48 bits of milliseconds and 80 random bits, as in the ULID specification.
    """
    return _id(kind, utc_now(), int.from_bytes(os.urandom(10)))


def first_id(kind: str, moment: datetime) -> str:
    """Return the id before which everything of that kind was made by a moment."""
    return _id(kind, moment, 0)


def _id(kind: str, moment: datetime, rest: int) -> str:
    number = int(moment.timestamp() * 1000) << 80 | rest
    pairs = [_PAIRS[number >> place & _PAIR] for place in _PLACES]
    return f"{kind}_{''.join(pairs)}"
