"""Which timers a turn sets, moves or cancels: one table of functions.

What happens when one fires stands in `bot.domain.clock`.
"""

from collections.abc import Callable, Iterable

from bot.domain.course import Course
from bot.domain.decision import Decision, Timer
from bot.domain.returning import handover_timers
from bot.domain.unfinished import unfinished_timers

#: Each looks at how a turn went and at what it came to. One key, one function: of two
#: that name the same timer, the later one would win.
TIMINGS: tuple[Callable[[Course, Decision], Iterable[Timer]], ...] = (
    unfinished_timers,
    handover_timers,
)


def timers_of(course: Course, decision: Decision) -> tuple[Timer, ...]:
    """Return the timers that follow from a turn."""
    return tuple(timer for of_turn in TIMINGS for timer in of_turn(course, decision))
