"""How many calls in how much time: the generic cell rate algorithm.

One number per caller says it all: when the calls made so far would be used up if they
came evenly spread. It lies in the future by as much as the caller is ahead; being ahead
by a whole window is the limit. Nothing resets at a full minute, so nobody can send
twice the limit around one.
"""

import math
from dataclasses import dataclass

#: Limits are calls per window of so many seconds.
WINDOW = 60.0
#: Sums of fractions of a window are not exact; a millionth of a second is nothing.
_NOTHING = 1e-6


@dataclass(frozen=True, slots=True)
class Rate:
    """So many seconds between two calls, and so many calls at once after a rest."""

    every: float
    burst: int

    @property
    def window(self) -> float:
        """How far ahead, in seconds, a caller may be at most."""
        return self.every * self.burst

    def wait(self, ahead: float) -> float:
        """Return in how many seconds one more call is allowed, 0 for now."""
        over = max(0.0, ahead) + self.every - self.window
        return over if over > _NOTHING else 0.0


def per_window(limit: int) -> Rate:
    """Return the rate of so many calls in a `WINDOW`."""
    return Rate(WINDOW / limit, limit)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a caller may do. Times are whole seconds from now, rounded up."""

    limit: int
    remaining: int
    reset: int  #: Until the whole limit is there again.
    retry_after: int = 0  #: Above 0: refused, and when to come again.

    @property
    def is_refused(self) -> bool:
        """Return whether the call must not go on."""
        return self.retry_after > 0


def spent(ahead: float, limit: int) -> float:
    """Return how far ahead, in seconds, a caller is after one more call."""
    return max(0.0, ahead) + WINDOW / limit


def allowance(ahead: float, limit: int) -> Allowance:
    """Return what one more call comes to for a caller who is `ahead` by seconds."""
    after = spent(ahead, limit)
    over = after - WINDOW
    if over > _NOTHING:
        return Allowance(limit, 0, math.ceil(ahead), max(1, math.ceil(over)))
    remaining = math.floor((WINDOW - after) * limit / WINDOW + _NOTHING)
    return Allowance(limit, remaining, math.ceil(after))
