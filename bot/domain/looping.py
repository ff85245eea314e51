"""Two programs that talk to each other: noticed by their pace, and muted.

A person does not answer within a second, again and again, without anything coming of
it. Who is muted is heard again when a person looks at the conversation, or when
something else is written after a pause.
"""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

from bot.domain.course import Course, remembered
from bot.domain.message import Media, Tap, Text
from bot.domain.replies import Reply
from bot.domain.snapshot import Loop
from catalog.domain.folding import tokens

#: Why the turn has no answer, and what a person is to look at.
LOOP = "loop"
#: A program answers as fast as this; a person has not read by then.
QUICK = timedelta(seconds=1.5)
#: Who says the same words again so soon is no person who lost patience.
_AGAIN = timedelta(seconds=10)
#: So many such turns in a row are no chance: both say the same again ...
_SAME = 3
#: ... nothing comes of it ...
_IDLE = 6
#: ... or it never ends.
_QUICK = 30
#: Who writes something else after so long may be a person.
PAUSE = timedelta(minutes=1)
_MARK = 16


def is_muted(course: Course) -> bool:
    """Return whether the conversation stays muted in this turn."""
    snapshot, loop = course.snapshot, course.memory.loop
    if not loop.muted:
        return False
    paused = snapshot.heard_at is None or snapshot.now - snapshot.heard_at >= PAUSE
    is_new = _heard(course) != loop.heard
    if snapshot.attention == LOOP and not (paused and is_new) and not _taps(course):
        return True
    course.memory = remembered(course.memory, loop=Loop())
    return False


def goes_in_circles(course: Course, replies: Sequence[Reply]) -> bool:
    """Return whether the turn is one too many; remembers how it went."""
    loop = _after(course, replies)
    came_of_it = course.order is not None or course.end is not None
    muted = not came_of_it and (
        loop.same >= _SAME or loop.idle >= _IDLE or loop.quick >= _QUICK
    )
    if muted:
        course.attention = LOOP
    loop = loop.model_copy(update={"muted": muted})
    course.memory = remembered(course.memory, loop=loop)
    return muted


def _after(course: Course, replies: Sequence[Reply]) -> Loop:
    before, spoke_at = course.memory.loop, course.snapshot.spoke_at
    heard, said = _heard(course), _mark(repr(tuple(replies)))
    first = min((m.received_at for m in course.messages), default=None)
    if first is None or spoke_at is None or first < spoke_at or _taps(course):
        # Only what follows our words answers them.
        return Loop(heard=heard, said=said)
    took = first - spoke_at
    quick, idle = took <= QUICK, not course.changes
    repeats = bool(heard) and heard == before.heard and took <= _AGAIN
    same = repeats or (quick and idle and said == before.said)
    return Loop(
        quick=before.quick + 1 if quick else 0,
        idle=before.idle + 1 if quick and idle else 0,
        same=before.same + 1 if same else 0,
        heard=heard,
        said=said,
    )


def _taps(course: Course) -> bool:
    """Return whether a button was tapped: only people do that."""
    return any(isinstance(m.content, Tap) for m in course.messages)


def _heard(course: Course) -> str:
    """Return what stands for the words of the turn, however they are written."""
    said = [
        m.content.text if isinstance(m.content, Text) else m.content.caption or ""
        for m in course.messages
        if isinstance(m.content, Text | Media)
    ]
    words = [word for text in said for word in tokens(text)]
    return _mark(" ".join(words)) if words else ""


def _mark(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:_MARK]
