"""The decision of one turn: a pure function of what was true and what was said.

`decide` goes through the turn's messages as they were sent, then through what they ask
for as a whole, then settles: one order, or one question. It never raises, whatever was
said; no price, stock or order comes from anywhere but the catalog and the draft.
"""

from collections.abc import Mapping
from dataclasses import replace

from bot.domain.answers import SmallTalk
from bot.domain.chatting import chat
from bot.domain.clock import hear_clock, is_clock_only
from bot.domain.confirming import (
    hand_over,
    has_content,
    order_placed,
    reconcile,
    summary_tapped,
    yes_typed,
)
from bot.domain.consequences import remembered_now
from bot.domain.correcting import correct, say_corrected, say_out_of_order
from bot.domain.course import Course, remembered
from bot.domain.decision import Decision
from bot.domain.handed import AGENT, ASKED, TAKEN_UP, Why
from bot.domain.hearing import hear_all
from bot.domain.illustrating import illustrated
from bot.domain.instead import let_lapse
from bot.domain.known import fill_from_profile
from bot.domain.lateness import OUTDATED, apologised, takes_in_silence
from bot.domain.looping import LOOP, goes_in_circles, is_muted
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
from bot.domain.offers import offer_answered, offered_by, put_away_offered
from bot.domain.pacing import paced
from bot.domain.questions import asked_by, final, next_question, waits
from bot.domain.referring import refer, tell_when
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
    Summary,
    Welcome,
    YouAreWelcome,
)
from bot.domain.returning import goes_on, tell_taken_up
from bot.domain.snapshot import Asked, Owner, Snapshot
from bot.domain.stopping import stopped
from bot.domain.terms import withdraw
from bot.domain.thumbs import thumb_up
from bot.domain.timing import timers_of
from bot.domain.tongues import hear_language
from bot.domain.understanding import Intent, Understanding
from bot.domain.undone import OrderedAlready
from catalog import Match
from orders import Draft, awaiting, ended

__all__ = ["decide", "match_mentions"]

#: The longest reason for silence that is stored with a message.
_REASON = 60
#: Answers after which an empty order needs no "what would you like?".
_COMPLETE = (
    AllRight,
    AlreadyOrdered,
    NoOrderYet,
    OrderedAlready,
    OrderNews,
    SmallTalk,
    YouAreWelcome,
)
#: What the summary shows anyway.
_IN_SUMMARY = (LinesPut, DetailNoted)
#: What is kept of a draft for the next one.
_KEPT = ("name", "phone")


def decide(
    snapshot: Snapshot, understanding: Understanding, matches: Mapping[int, Match]
) -> Decision:
    """Return what this turn comes to. `matches` are those of `match_mentions`."""
    course = Course(snapshot, understanding, dict(matches))
    decision = _course_taken(course)
    return replace(decision, timers=timers_of(course, decision))


def _course_taken(course: Course) -> Decision:
    hear_clock(course)
    unheard = _unheard(course)
    if unheard is not None:
        return unheard
    if course.snapshot.contact.opted_out:
        course.say(Started())
    hear_language(course)
    correct(course)
    hear_all(course)
    if course.taking_up is None and course.readable:
        move(course)
    say_corrected(course)
    if course.taking_up is None:
        say_out_of_order(course)
        _judge_yes(course)
        refer(course)
        chat(course)
    _settle(course)
    tell_taken_up(course)
    tell_when(course)
    return _decided(course)


# -- who may speak at all -------------------------------------------------------------


def _unheard(course: Course) -> Decision | None:
    """Return the decision when the turn is not for the bot to answer, else None."""
    said = course.understanding.intents if course.readable else ()
    if course.opted_out and (Intent.START not in said or Intent.STOP in said):
        return _silent(course, "opted_out")
    course.opted_out = Intent.STOP in said
    if course.opted_out:
        # The last word, whoever owns the conversation: a stop is always answered.
        return _decision(course, stopped(course))
    if course.snapshot.owner is Owner.AGENT or is_clock_only(course):
        return _without_words(course)
    if is_muted(course):
        return _silent(course, LOOP)
    course.summary_tap = thumb_up(course)
    kinds = [message.content.type for message in course.messages]
    mute = course.summary_tap is None and not course.snapshot.corrections
    if mute and all(kind in SILENT_TYPES for kind in kinds):
        return _silent(course, kinds[-1] if kinds else "empty")
    return None


def _without_words(course: Course) -> Decision:
    """Return the decision of a turn in which no words of the customer are heard.

    A person has the conversation, or nobody wrote. The clock may have spoken.
    """
    if goes_on(course) or course.takes_up is not None:
        # What was written meanwhile is read in a turn of its own.
        return _silent(course, TAKEN_UP if course.takes_up == ASKED else AGENT)
    tell_taken_up(course)
    speaks = course.said or course.question or is_clock_only(course)
    decision = _decided(course) if speaks else _silent(course, AGENT)
    if is_clock_only(course):
        return decision
    # Whatever the clock made us say: what the customer wrote is a person's to answer.
    return replace(decision, silent_because=AGENT)


def _silent(course: Course, why: str) -> Decision:
    course.memory = remembered_now(course.memory, course.snapshot.since)
    return _decision(course, (), silent_because=why[:_REASON])


# -- settling -------------------------------------------------------------------------


def _judge_yes(course: Course) -> None:
    """Judge a yes by button or by word, after everything that may contradict it."""
    if offer_answered(course):
        return
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
        course.question = put_away_offered(course) or _question(course)


def _admit_not_understanding(course: Course) -> None:
    if course.taking_up is not None:
        return  # It was said to a person.
    has_words = any(
        isinstance(m.content, Text | Tap | Form)
        or (isinstance(m.content, Media) and m.content.caption)
        for m in course.messages
    )
    lost = not course.heard and has_words and not course.silences
    count = course.memory.misunderstood + 1 if lost else 0
    course.memory = remembered(course.memory, misunderstood=count)
    if count >= course.snapshot.shop.humans.misunderstood_at_most:
        course.memory = remembered(course.memory, misunderstood=0)
        course.say(HandedOver())
        hand_over(course, Why.MISUNDERSTOOD)
    elif (lost or course.unclear) and course.handed is None:
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
    if takes_in_silence(course):
        course.question = None
        return _silent(course, OUTDATED)
    statements = course.statements()
    if isinstance(course.question, Summary):
        statements = tuple(s for s in statements if not isinstance(s, _IN_SUMMARY))
    question = (course.question,) if course.question else ()
    replies: tuple[Reply, ...] = (*statements, *question)
    if not replies:
        return _silent(course, next(iter(course.silences), "nothing_to_say"))
    if not is_clock_only(course):
        if goes_in_circles(course, replies):
            course.question = None
            return _silent(course, LOOP)
        course.memory = paced(course)
        replies = apologised(course, replies)
    replies = (*illustrated(course), *replies)
    if not course.memory.welcomed and not is_clock_only(course):
        course.memory = remembered(course.memory, welcomed=True)
        replies = (Welcome(), *replies)
    offered, asked = offered_by(course.question), _asked(course)
    course.memory = remembered(course.memory, offered=offered, asked=asked)
    return _decision(course, replies)


def _asked(course: Course) -> Asked | None:
    """Return the question that is open when the turn has ended."""
    if course.done:
        return None
    if course.question is not None:
        return asked_by(course.question)
    if course.changes and not has_content(course):
        return None  # It was about what is gone.
    since = course.snapshot.since
    return course.memory.asked if since is None else since.asked


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
        language=snapshot.answers_in(course.understanding.language),
        opted_out=course.opted_out,
        order=course.order,
        next_draft=next_draft,
        silent_because=silent_because,
        cancelled=course.cancelled,
        attention=course.attention,
        restored=course.restored,
        handed=course.handed,
        hushed=course.hushed,
        takes_up=course.takes_up,
    )


def _next_draft(snapshot: Snapshot, draft: Draft) -> Draft:
    """Return the empty draft that follows; who the customer is stays known."""
    # What an agent emptied was no fact of that order; it says nothing of the next one.
    kept = [name for name in _KEPT if getattr(draft, name) is not None]
    return Draft(
        id=snapshot.next_draft_id,
        currency=draft.currency,
        name=draft.name,
        phone=draft.phone,
        field_evidence=tuple(e for e in draft.field_evidence if e[0] in kept),
    )
