"""Old words: read hours after they were written, as after an outage.

They may add and ask; a yes of then is asked for again. What can no longer be answered
is taken in without a word, and the next answer says sorry.
"""

from datetime import datetime

from bot.domain.course import Course, remembered
from bot.domain.courtesies import SorryLate
from bot.domain.replies import Reply
from bot.domain.snapshot import TurnMessage
from bot.domain.ticking import ticked

#: What a person may look at: words that came too late to be answered.
OUTDATED = "outdated"


def is_old(course: Course, message: TurnMessage) -> bool:
    """Return whether a message was written so long ago that its yes is none."""
    manners = course.snapshot.shop.manners
    return course.snapshot.now - message.sent_at >= manners.stale_after


def is_backlog(course: Course) -> bool:
    """Return whether everything that people say in the turn is old."""
    return _newest(course) is not None and all(
        is_old(course, message) for message in _written(course)
    )


def takes_in_silence(course: Course) -> bool:
    """Return whether old words are taken in, and cannot be answered now.

    More of them wait, or the channel takes no free words any more.
    """
    newest, window = _newest(course), course.snapshot.window
    if newest is None or not is_backlog(course):
        return False
    closed = window is not None and course.snapshot.now - newest >= window
    if closed:
        course.attention = course.attention or OUTDATED
    if closed or course.snapshot.more:
        course.memory = remembered(course.memory, owes_sorry=True)
        return True
    return False


def apologised(course: Course, replies: tuple[Reply, ...]) -> tuple[Reply, ...]:
    """Return the replies, with an apology in front where one is due. Once."""
    owed = course.memory.owes_sorry
    waited = is_backlog(course) and course.taking_up is None  # Else a person had it.
    if not owed and not waited:
        return replies
    course.memory = remembered(course.memory, owes_sorry=False)
    return (SorryLate(again=course.asks_again), *replies)


def _newest(course: Course) -> datetime | None:
    return max((message.sent_at for message in _written(course)), default=None)


def _written(course: Course) -> list[TurnMessage]:
    return [m for m in course.messages if ticked(m.content) is None]
