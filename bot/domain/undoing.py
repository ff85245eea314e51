"""The customer takes the last change back: "undo that", "put it back as it was".

What is taken back first is what this very turn changed; then the draft's last version.
A draft that has ended stays as it ended.
"""

from bot.domain.confirming import has_content, is_fresh
from bot.domain.course import Course, label
from bot.domain.replies import Greeting, Started
from bot.domain.snapshot import TurnMessage
from bot.domain.understanding import Intent
from bot.domain.undone import NothingToTakeBack, OrderedAlready, TakenBack
from orders import Draft, DraftState, Line, Reopen
from orders.domain.replaying import back_to

#: What is said before the order is spoken of: it stands.
_STANDS = (Greeting, Started)


def undo(course: Course, message: TurnMessage) -> None:
    """Take the last change back, if that is said; say what came back."""
    if not course.understanding.says(Intent.UNDO):
        return
    if message.late:
        course.silences.append("late")
        return
    course.heard = True
    before, past = course.draft, course.snapshot.past
    if course.changes:
        _unsay(course)
    elif before.state is DraftState.AWAITING:
        course.rejected = True  # What is taken back is the confirmation.
        return
    elif past is not None:
        course.base = course.draft = back_to(before, past.draft)
        course.restored = past.version
        course.change(Reopen(course.evidence(message)))
    else:
        _say_why_not(course)
        return
    _tell(course, before)


def _unsay(course: Course) -> None:
    """Forget what this turn changed and said about it so far, and what was tapped."""
    course.summary_tap = None
    course.draft = course.base
    course.changes.clear()
    course.touched.clear()
    course.dropped.clear()
    course.said[:] = [each for each in course.said if isinstance(each, _STANDS)]


def _tell(course: Course, before: Draft) -> None:
    """Say what is in the order again, and what is not any more."""
    now = course.draft
    back = tuple(line for line in now.lines if not _has(before, line))
    gone = tuple(label(line) for line in before.lines if not _is_in(now, line))
    course.say(TakenBack(back, gone))
    last = back[-1].id if back else None
    spoken_of = {"last_line": last, "last_asked": None}
    course.memory = course.memory.model_copy(update=spoken_of)


def _is_in(draft: Draft, line: Line) -> bool:
    """Return whether a line is in a draft, and is what it was."""
    there = draft.line(line.id)
    return there is not None and there.product_id == line.product_id


def _has(draft: Draft, line: Line) -> bool:
    """Return whether a draft has a line just like that."""
    there = draft.line(line.id)
    return there is not None and (
        (there.product_id, there.variant_id, there.quantity, there.options, there.note)
        == (line.product_id, line.variant_id, line.quantity, line.options, line.note)
    )


def _say_why_not(course: Course) -> None:
    last = course.snapshot.last_order
    if last is not None and not has_content(course) and is_fresh(course, last):
        course.say(OrderedAlready(last.number or 0))
    else:
        course.say(NothingToTakeBack())
