"""When to try again. Waiting until then is someone else's work."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often to try, and how the wait grows: it doubles from `base` to `ceiling`."""

    attempts: int
    base: timedelta
    ceiling: timedelta

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ValueError(f"attempts must be at least 1, not {self.attempts}")
        if not timedelta(0) < self.base <= self.ceiling:
            raise ValueError(
                f"base ({self.base}) must be above 0 and not above ceiling"
                f" ({self.ceiling})"
            )


def next_attempt(
    policy: RetryPolicy, failures: int, now: datetime, jitter: float
) -> datetime | None:
    """Return when to try again after `failures` failures, or None to give up.

    `jitter` (0 to 1, drawn by the caller) places the moment in the second half of the
    wait, so that what failed together does not come back together.
    """
    if failures < 1:
        raise ValueError(f"failures must be at least 1, not {failures}")
    if not 0 <= jitter <= 1:
        raise ValueError(f"jitter must be from 0 to 1, not {jitter}")
    if failures >= policy.attempts:
        return None
    doublings = failures - 1
    # Compared before multiplying: a duration that doubles on overflows.
    if doublings >= (policy.ceiling // policy.base).bit_length():
        wait = policy.ceiling
    else:
        wait = min(policy.base * (1 << doublings), policy.ceiling)
    return now + wait / 2 + wait / 2 * jitter


#: Events to merchants' systems: about half a day in all, then a person looks.
EVENTS = RetryPolicy(attempts=20, base=timedelta(seconds=2), ceiling=timedelta(hours=1))
