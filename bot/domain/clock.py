"""What is to be done when a timer of a conversation fires: one table.

Things may have changed since it was set: each row judges anew, and may do nothing.
"""

from collections.abc import Callable, Mapping

from bot.domain.course import Course
from bot.domain.handed import HUMAN_WROTE, PAUSE_OVER, TAKEN_UP, UNANSWERED
from bot.domain.returning import (
    end_pause,
    human_wrote,
    take_up,
    tell_nobody_answers,
)
from bot.domain.snapshot import TurnMessage
from bot.domain.ticking import ticked
from bot.domain.unfinished import PUT_AWAY, REMIND, put_away, remind

#: By the name of the timer. A row may say something, ask (`course.question`), change
#: the draft or the owner, or do nothing. A name that only a newer version knows is none
#: of our business.
ON_CLOCK: Mapping[str, Callable[[Course, TurnMessage], None]] = {
    REMIND: remind,
    PUT_AWAY: put_away,
    HUMAN_WROTE: human_wrote,
    PAUSE_OVER: end_pause,
    TAKEN_UP: take_up,
    UNANSWERED: tell_nobody_answers,
}


def hear_clock(course: Course) -> None:
    """Do what the timers that fired ask for."""
    for message in course.messages:
        name = ticked(message.content)
        act = ON_CLOCK.get(name) if name else None
        if act is not None:
            act(course, message)


def is_clock_only(course: Course) -> bool:
    """Return whether nobody wrote: the turn is the clock's alone."""
    return bool(course.messages) and all(ticked(m.content) for m in course.messages)
