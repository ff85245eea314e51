"""The decision of one turn: a pure function of what was true and what was said.

`decide` goes through the turn's messages as they were sent, then through what they ask
for as a whole, then settles: one order, or one question. It never raises, whatever was
said; no price, stock or order comes from anywhere but the catalog and the draft.
"""

from collections.abc import Mapping

from bot.domain.confirming import (
    hand_over,
    has_content,
    order_placed,
    reconcile,
    summary_tapped,
    yes_typed,
)
from bot.domain.course import Course, remembered
from bot.domain.decision import Decision
from bot.domain.details import fill_from_profile
from bot.domain.hearing import hear_all
from bot.domain.instead import let_lapse
from bot.domain.matching import match_mentions
from bot.domain.message import (
    SILENT_TYPES,
    Form,
    Media,
    Tap,
    Text,
)
from bot.domain.message import ChoiceSource as From
from bot.domain.moves import move
from bot.domain.questions import asked_by, final, next_question, waits
from bot.domain.replies import (
    AllRight,
    AlreadyOrdered,
    AskChange,
    AskWhatElse,
    AwaitingApproval,
    DetailNoted,
    HandedOver,
    LinesPut,
    NoOrderYet,
    NotUnderstood,
    OrderNews,
    Question,
    Reply,
    Started,
    Stopped,
    Summary,
    Welcome,
    YouAreWelcome,
)
from bot.domain.snapshot import Owner, Snapshot
from bot.domain.terms import withdraw
from bot.domain.understanding import Intent, Understanding
from catalog import Match
from orders import Draft, awaiting, ended

__all__ = ["decide", "match_mentions"]

#: After so many turns in a row that we could not use, a person takes over.
MISUNDERSTOOD_AT_MOST = 3
#: The longest reason for silence that is stored with a message.
_REASON = 60
#: Answers after which an empty order needs no "what would you like?".
_COMPLETE = (AllRight, AlreadyOrdered, NoOrderYet, OrderNews, YouAreWelcome)
#: What the summary shows anyway.
_IN_SUMMARY = (LinesPut, DetailNoted)
#: What is kept of a draft for the next one.
_KEPT = ("name", "phone")


def decide(
    snapshot: Snapshot, understanding: Understanding, matches: Mapping[int, Match]
) -> Decision:
    """Return what this turn comes to. `matches` are those of `match_mentions`."""
    course = Course(snapshot, understanding, dict(matches))
    unheard = _unheard(course)
    if unheard is not None:
        return unheard
    if snapshot.contact.opted_out:
        course.say(Started())
    hear_all(course)
    if course.readable:
        move(course)
    _judge_yes(course)
    _settle(course)
    return _decided(course)


# -- who may speak at all -------------------------------------------------------------


def _unheard(course: Course) -> Decision | None:
    """Return the decision when the turn is not for the bot to answer, else None."""
    snapshot = course.snapshot
    said = course.understanding.intents if course.readable else ()
    if course.opted_out and (Intent.START not in said or Intent.STOP in said):
        return _silent(course, "opted_out")
    course.opted_out = Intent.STOP in said
    if course.opted_out:
        # The last word, whoever owns the conversation: a stop is always answered.
        return _decision(course, (Stopped(),))
    if snapshot.owner is Owner.AGENT:
        return _silent(course, "agent")
    kinds = [message.content.type for message in course.messages]
    if all(kind in SILENT_TYPES for kind in kinds):
        return _silent(course, kinds[-1] if kinds else "empty")
    return None


def _silent(course: Course, why: str) -> Decision:
    return _decision(course, (), silent_because=why[:_REASON])


# -- settling -------------------------------------------------------------------------


def _judge_yes(course: Course) -> None:
    """Judge a yes by button or by word, after everything that may contradict it."""
    if course.summary_tap is not None:
        summary_tapped(course, *course.summary_tap)
        return
    tapped_something = any(
        isinstance(m.content, Tap) and m.content.source is not From.TEMPLATE
        for m in course.messages
    )
    says_yes = bool(course.readable) and course.understanding.says(Intent.CONFIRM)
    if says_yes and not course.late and not course.done and not tapped_something:
        yes_typed(course, course.messages[course.readable[-1]])


def _settle(course: Course) -> None:
    """Bring the turn to its end: an order, a hand-over or one question."""
    _admit_not_understanding(course)
    if course.done or not course.heard:
        return
    let_lapse(course)
    if course.rejected:
        withdraw(course)
    if course.draft.lines:
        if course.changes:
            fill_from_profile(course)
        reconcile(course)
    if not order_placed(course):
        course.question = _question(course)


def _admit_not_understanding(course: Course) -> None:
    has_words = any(
        isinstance(m.content, Text | Tap | Form)
        or (isinstance(m.content, Media) and m.content.caption)
        for m in course.messages
    )
    lost = not course.heard and has_words and not course.silences
    count = course.memory.misunderstood + 1 if lost else 0
    course.memory = remembered(course.memory, misunderstood=count)
    if count >= MISUNDERSTOOD_AT_MOST:
        course.say(HandedOver())
        hand_over(course)
    elif lost or course.unclear:
        course.say(NotUnderstood())


def _question(course: Course) -> Question | None:
    if waits(course):
        if not course.said:
            course.say(AwaitingApproval())
        return None
    if has_content(course):
        return AskChange() if course.rejected else next_question(course)
    complete = any(isinstance(each, _COMPLETE) for each in course.said)
    return None if complete else AskWhatElse()


def _decided(course: Course) -> Decision:
    """Return the turn's decision, its replies in the order in which they are read."""
    statements = course.statements()
    if isinstance(course.question, Summary):
        statements = tuple(s for s in statements if not isinstance(s, _IN_SUMMARY))
    question = (course.question,) if course.question else ()
    replies: tuple[Reply, ...] = (*statements, *question)
    if not replies:
        return _silent(course, next(iter(course.silences), "nothing_to_say"))
    if not course.memory.welcomed:
        course.memory = remembered(course.memory, welcomed=True)
        replies = (Welcome(), *replies)
    if course.done:
        course.memory = remembered(course.memory, asked=None)
    elif course.question is not None:
        course.memory = remembered(course.memory, asked=asked_by(course.question))
    return _decision(course, replies)


def _decision(
    course: Course,
    replies: tuple[Reply, ...],
    *,
    silent_because: str | None = None,
) -> Decision:
    snapshot = course.snapshot
    draft = final(course)
    if isinstance(course.question, Summary):
        draft = course.question.draft
    if course.awaits and course.confirmed_by is not None:
        draft = awaiting(draft, course.confirmed_by)
    next_draft = None
    if course.end is not None:
        draft = ended(draft, course.end)
        next_draft = _next_draft(snapshot, draft)
        course.memory = remembered(course.memory, last_line=None)
    return Decision(
        draft=draft,
        changes=tuple(course.changes),
        replies=replies,
        memory=course.memory,
        owner=course.owner,
        language=course.understanding.language or snapshot.language,
        opted_out=course.opted_out,
        order=course.order,
        next_draft=next_draft,
        silent_because=silent_because,
        attention=course.attention,
    )


def _next_draft(snapshot: Snapshot, draft: Draft) -> Draft:
    """Return the empty draft that follows; who the customer is stays known."""
    return Draft(
        id=snapshot.next_draft_id,
        currency=draft.currency,
        name=draft.name,
        phone=draft.phone,
        field_evidence=tuple(e for e in draft.field_evidence if e[0] in _KEPT),
    )
