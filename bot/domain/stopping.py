"""STOP: nothing is said any more but that, and nothing is lost.

What was ordered before it in the same breath stays in the draft, unasked and unsent,
until a START; a yes beside it orders nothing.
"""

from bot.domain.consequences import remembered_now
from bot.domain.correcting import correct, say_corrected
from bot.domain.course import Course
from bot.domain.hearing import hear_all
from bot.domain.replies import Reply, Stopped
from bot.domain.snapshot import Owner


def stopped(course: Course) -> tuple[Reply, ...]:
    """Take in what else the turn says; return the one answer to a STOP."""
    if course.owner is Owner.BOT:
        memory = course.memory
        correct(course)
        hear_all(course)
        say_corrected(course)
        since = course.snapshot.since
        course.memory, course.attention = remembered_now(memory, since), None
    return (Stopped(news=course.snapshot.shop.manners.notices_after_stop),)
