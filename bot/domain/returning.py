"""While a person has a conversation, and when the bot takes up again.

The bot is silent, with two exceptions: nobody answers, and the customer is told when
somebody will; or the customer asks for the bot while nobody answers.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.domain import buttons
from bot.domain.confirming import has_content
from bot.domain.course import Course
from bot.domain.decision import Decision, Timer
from bot.domain.handed import (
    ANSWERED,
    ASKED,
    PAUSE_OVER,
    PLAIN,
    UNANSWERED,
    Handover,
    Why,
)
from bot.domain.message import Tap, Text
from bot.domain.people import GO_ON, GoOn, NobodyYet, TakenUp
from bot.domain.questions import next_question, waits
from bot.domain.replies import AskWhatElse, AwaitingApproval, Summary
from bot.domain.snapshot import Owner, TurnMessage
from bot.domain.ticking import ticked, timer
from catalog.domain.folding import tokens

#: Whole messages that mean the same, folded.
_GO_ON_WORDS = frozenset(
    tuple(tokens(words.replace("/", " ")))
    for words in (
        *("bot", "assistant", "the assistant", "go on", "go/on/here"),
        *("asistan", "asistanla devam", "devam", "devam et", "burada/devam/et"),
        *("assistente", "robô", "continuar", "continuar aqui"),
        *("asistente", "seguir", "seguir aquí"),
        *("бот", "ассистент", "помощник", "продолжить", "продолжить здесь"),
    )
)
_TOLERANCE = timedelta(seconds=1)


# -- while a person has it ------------------------------------------------------------


def human_wrote(course: Course, message: TurnMessage) -> None:
    """Withdraw what the bot still had to say: a person wrote from the shop's phone."""
    del message
    course.hushed = course.owner is Owner.AGENT


def tell_nobody_answers(course: Course, message: TurnMessage) -> None:
    """Tell a customer whom nobody answers when somebody will, and alert people."""
    del message
    if _unanswered(course) is None:
        return
    snapshot = course.snapshot
    course.attention = UNANSWERED
    if course.opted_out:
        return
    closed = not snapshot.shop.is_open(snapshot.now)
    course.say(NobodyYet(closed, snapshot.shop.opens_at(snapshot.now)))
    course.question = GoOn(snapshot.conversation_id)


def end_pause(course: Course, message: TurnMessage) -> None:
    """Go on when no person wrote for as long as the rule for the shop's phone says."""
    del message
    ends = _pause_ends(course)
    if ends is None:
        return
    if ends <= course.snapshot.now + _TOLERANCE:
        course.owner = Owner.BOT
        course.takes_up = ANSWERED
    else:
        # Somebody wrote from the console meanwhile: no echo says so.
        chat = course.snapshot.conversation_id
        course.timers.append(timer(chat, PAUSE_OVER, ends))


def goes_on(course: Course) -> bool:
    """Return whether the customer asks for the bot, whom nobody has answered."""
    if _unanswered(course) is None:
        return False
    if not any(_asks_for_bot(course, message) for message in course.messages):
        return False
    course.owner = Owner.BOT
    course.takes_up = ASKED
    return True


def _asks_for_bot(course: Course, message: TurnMessage) -> bool:
    content, snapshot = message.content, course.snapshot
    if isinstance(content, Text):
        return tuple(tokens(content.text)) in _GO_ON_WORDS
    if not isinstance(content, Tap):
        return False
    tap = buttons.read(
        snapshot.signing_key,
        snapshot.conversation_id,
        content.id,
        old=snapshot.old_signing_keys,
    )
    return isinstance(tap, buttons.OfferTap) and tap.what == GO_ON


def _unanswered(course: Course) -> Handover | None:
    """Return the handover when nobody has taken it and nobody has answered."""
    handover = course.snapshot.handover
    if course.owner is not Owner.AGENT or handover is None:
        return None
    seen = handover.by is not None or handover.answered_at is not None
    return None if seen or handover.why in (Why.PHONE, Why.AGENT) else handover


# -- taking up again ------------------------------------------------------------------


def take_up(course: Course, message: TurnMessage) -> None:
    """Read what was written meanwhile: the bot has the conversation again."""
    if course.owner is Owner.BOT:
        course.taking_up = getattr(message.content, "about", None) or PLAIN


def tell_taken_up(course: Course) -> None:
    """Say what the order has and what it lacks, in one message, when there is one.

    Unless the customer asked for it, nothing is said in quiet hours, nor when they
    wrote too long ago.
    """
    if course.taking_up is None or course.opted_out or course.done:
        return
    asked = course.taking_up == ASKED
    if not asked and _is_no_time(course):
        course.question = None
        course.said.clear()
        course.touched.clear()
        course.dropped.clear()
    elif has_content(course):
        if waits(course):
            course.say(AwaitingApproval())
        else:
            course.question = course.question or next_question(course)
        is_summary = isinstance(course.question, Summary)
        course.touched.clear()
        course.said.insert(0, TakenUp(() if is_summary else course.draft.lines))
    elif asked:
        course.said.insert(0, TakenUp())
        course.question = course.question or AskWhatElse()


def _is_no_time(course: Course) -> bool:
    snapshot = course.snapshot
    wrote = max(
        (m.sent_at for m in course.messages if not ticked(m.content)),
        default=snapshot.heard_at,
    )
    window = snapshot.window
    if wrote is not None and window is not None and snapshot.now - wrote >= window:
        return True
    return snapshot.shop.manners.is_quiet(snapshot.now, snapshot.tenant.timezone)


# -- timers ---------------------------------------------------------------------------


def handover_timers(course: Course, decision: Decision) -> Iterable[Timer]:
    """Yield the timers of people who have a conversation, or have it no more."""
    snapshot = course.snapshot
    chat, before, after = snapshot.conversation_id, snapshot.owner, decision.owner
    humans, now = snapshot.shop.humans, snapshot.now
    if before is Owner.BOT and after is Owner.AGENT:
        if humans.answer_within is not None:
            due = (snapshot.shop.opens_at(now) or now) + humans.answer_within
            yield timer(chat, UNANSWERED, due)
    elif before is Owner.AGENT and after is Owner.BOT:
        yield timer(chat, UNANSWERED, None)
        yield timer(chat, PAUSE_OVER, None)
    elif course.hushed:
        yield timer(chat, UNANSWERED, None)
        ends = _pause_ends(course)
        if ends is not None:
            yield timer(chat, PAUSE_OVER, ends)


def _pause_ends(course: Course) -> datetime | None:
    """Return when the bot goes on after a person who writes past us; None: not."""
    handover, pause = course.snapshot.handover, course.snapshot.shop.humans.phone_pause
    if course.owner is not Owner.AGENT or handover is None or handover.by is not None:
        return None
    if pause is None or handover.answered_at is None:
        return None
    return handover.answered_at + pause
