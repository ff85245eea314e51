"""Orders that were begun and not finished: asked about once, later put away.

One timer of each kind is set when a draft gets its first content, not at every word:
when it fires too early, it is set again to the moment that is right by then.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.domain.confirming import has_content
from bot.domain.course import Course, remembered
from bot.domain.courtesies import Reminder
from bot.domain.decision import Decision, Timer
from bot.domain.message import System
from bot.domain.questions import next_question
from bot.domain.snapshot import Owner, TurnMessage
from bot.domain.ticking import ticked, timer
from orders import Draft, DraftState

#: Names of the timers.
REMIND, PUT_AWAY = "remind", "put_away"
#: A reminder is judged again when it is sent: so much before the window closes.
_MARGIN = timedelta(minutes=10)
#: Where no channel says how long it takes free words, as WhatsApp does.
_WINDOW = timedelta(hours=24)


def unfinished_timers(course: Course, decision: Decision) -> Iterable[Timer]:
    """Return the timers of the draft that a turn began, went on with or ended."""
    yield from course.timers
    snapshot, manners = course.snapshot, course.snapshot.shop.manners
    before, draft = snapshot.draft, decision.draft
    waits = decision.next_draft is None and _holds(draft)
    waited = _holds(before) and not snapshot.contact.opted_out
    if waited and (not waits or decision.opted_out):
        for name in (REMIND, PUT_AWAY):
            yield timer(snapshot.conversation_id, name, None)
    elif waits and not waited and not decision.opted_out:
        for name, after in (
            (REMIND, manners.remind_after),
            (PUT_AWAY, manners.draft_lasts),
        ):
            if after is not None:
                yield _set(course, name, snapshot.now + after, draft)


def remind(course: Course, message: TurnMessage) -> None:
    """Ask about an order that was not finished, if that is still wanted."""
    snapshot, after = course.snapshot, course.snapshot.shop.manners.remind_after
    if after is None or not _is_about(course, message):
        return
    if course.draft.state is DraftState.AWAITING or course.opted_out:
        return
    if course.memory.reminded == course.draft.id or course.memory.loop.muted:
        return
    due = _due(course, after)
    if due > snapshot.now:
        _again(course, REMIND, due)
        return
    due = snapshot.shop.manners.not_before(snapshot.now, snapshot.shop.timezone)
    if not _is_open(course, due):
        return  # Nobody takes a free word any more when it might be said.
    if due > snapshot.now:
        _again(course, REMIND, due)
        return
    course.memory = remembered(course.memory, reminded=course.draft.id)
    course.say(Reminder())
    course.question = next_question(course)


def put_away(course: Course, message: TurnMessage) -> None:
    """End a draft that nobody came back to; it may be taken up again later."""
    lasts = course.snapshot.shop.manners.draft_lasts
    if lasts is None or not _is_about(course, message):
        return
    due = _due(course, lasts)
    if course.draft.state is DraftState.AWAITING or due > course.snapshot.now:
        _again(course, PUT_AWAY, max(due, course.snapshot.now + timedelta(days=1)))
        return
    course.memory = remembered(course.memory, put_away=course.draft.id, asked=None)
    course.end = DraftState.EXPIRED


def _due(course: Course, after: timedelta) -> datetime:
    """Return when it is time: not while somebody writes, or a person answers."""
    snapshot = course.snapshot
    writes = any(ticked(m.content) is None for m in course.messages)
    if writes or course.owner is Owner.AGENT or snapshot.heard_at is None:
        return snapshot.now + after
    return snapshot.heard_at + after


def _is_open(course: Course, at: datetime) -> bool:
    wrote, window = course.snapshot.heard_at, course.snapshot.window or _WINDOW
    return wrote is not None and at + _MARGIN < wrote + window


def _is_about(course: Course, message: TurnMessage) -> bool:
    """Return whether the timer was set for the draft that is here."""
    content = message.content
    about = content.about if isinstance(content, System) else None
    return about == course.draft.id and has_content(course)


def _holds(draft: Draft) -> bool:
    return bool(draft.lines or draft.unresolved)


def _again(course: Course, name: str, due: datetime) -> None:
    course.timers.append(_set(course, name, due, course.draft))


def _set(course: Course, name: str, due: datetime, draft: Draft) -> Timer:
    return timer(course.snapshot.conversation_id, name, due, about=draft.id)
