"""What each intent asks for beside products and details: one table."""

from collections.abc import Callable, Mapping

from bot.domain.confirming import (
    cancel_draft,
    cancel_order,
    hand_over,
    has_content,
)
from bot.domain.course import Course
from bot.domain.courtesies import PaymentLink
from bot.domain.handed import Why
from bot.domain.pointing import open_mention
from bot.domain.reach import tell_reach
from bot.domain.repeating import repeat
from bot.domain.replies import (
    AllRight,
    AwaitingApproval,
    Browse,
    Greeting,
    HandedOver,
    NoOrderYet,
    OrderNews,
    YouAreWelcome,
)
from bot.domain.snapshot import TurnMessage
from bot.domain.understanding import Act, Intent
from orders import Clear, DraftState, DropUnresolved, Field, OrderState

#: The merchant's system has it, and it may still be paid.
_UNPAID = frozenset({OrderState.PROVISIONED, OrderState.PAYMENT_PENDING})
#: What words that come late may still do: ask. They override nothing.
_ALLOWED_LATE = frozenset(
    {
        Intent.GREET,
        Intent.BROWSE,
        Intent.ASK_DELIVERY,
        Intent.ASK_PRODUCT,
        Intent.ORDER,
        Intent.ORDER_STATUS,
        Intent.COMPLAINT,
        Intent.HUMAN,
        Intent.START,
        Intent.THANKS,
    }
)


def before_products(course: Course, message: TurnMessage) -> None:
    """Do what must come before the turn's products: start over, repeat."""
    says = course.understanding.says
    if message.late:
        return
    if says(Intent.CANCEL_DRAFT) and _orders_something(course):
        for line in course.draft.lines:
            course.drop(line.name)
        course.change(Clear(course.evidence(message)))
    if says(Intent.REPEAT):
        repeat(course, message)


def move(course: Course) -> None:
    """Do what the intents ask for, in the order in which they were said."""
    for intent in course.understanding.intents:
        if course.late and intent not in _ALLOWED_LATE:
            course.silences.append("late")
        elif not course.done:
            _MOVES.get(intent, _nothing)(course)


def _greet(course: Course) -> None:
    course.heard = True
    if course.memory.welcomed:
        course.say(Greeting())


def _thank(course: Course) -> None:
    course.say(YouAreWelcome())


def _browse(course: Course) -> None:
    course.say(Browse(course.snapshot.index.categories()))


def _status(course: Course) -> None:
    last = course.snapshot.last_order
    if _awaits(course):
        course.say(AwaitingApproval())
    elif last is None:
        course.say(NoOrderYet())
    else:
        course.say(OrderNews(last.number or 0, last.state))
        if last.checkout_url and last.state in _UNPAID:
            course.say(PaymentLink(last.number or 0, last.checkout_url))


def _cancel_draft(course: Course) -> None:
    if not _orders_something(course):
        cancel_draft(course)


def _cancel_order(course: Course) -> None:
    if course.snapshot.last_order is not None and not _awaits(course):
        cancel_order(course)
    elif has_content(course):
        cancel_draft(course)
    else:
        course.say(NoOrderYet())


def _hand_over(course: Course) -> None:
    course.say(HandedOver())
    asked = course.understanding.says(Intent.HUMAN)
    hand_over(course, Why.REQUEST if asked else Why.COMPLAINT)


def _decline(course: Course) -> None:
    """Take a no: to the summary, to what we offered, or to nothing in particular."""
    course.heard = True
    asked = course.asked
    if course.snapshot.memory.offered is not None:
        return  # It answers what we offered to do.
    if course.changes:
        return  # "no, the large one": what was said with it counts.
    mention = open_mention(course, "")
    to_summary = asked is not None and asked.field is Field.CONFIRMATION
    if (to_summary and has_content(course)) or _awaits(course):
        course.rejected = not _tapped_since(course)
    elif mention is not None:
        said = course.messages[course.readable[-1]]
        course.change(DropUnresolved(mention.id, course.evidence(said)))
        if mention.instead_of is None:
            course.drop(mention.text)
    elif not has_content(course) and not course.said:
        course.say(AllRight())


def _order(course: Course) -> None:
    """Somebody wants to order and does not say what: the question follows."""
    course.heard = True


def _change(course: Course) -> None:
    """Somebody wants something else and does not say what."""
    if not course.understanding.mentions and not course.understanding.details:
        course.heard = True
        course.rejected = has_content(course) and not _tapped_since(course)


def _tapped_since(course: Course) -> bool:
    """Return whether a button under the summary was tapped after the words."""
    if course.summary_tap is None:
        return False
    _, message = course.summary_tap
    return course.messages.index(message) > course.readable[-1]


def _awaits(course: Course) -> bool:
    """Return whether the customer confirmed what an agent has still to approve."""
    return course.draft.state is DraftState.AWAITING


def _nothing(course: Course) -> None:
    del course


_MOVES: Mapping[Intent, Callable[[Course], None]] = {
    Intent.GREET: _greet,
    Intent.START: _greet,
    Intent.THANKS: _thank,
    Intent.BROWSE: _browse,
    Intent.ASK_DELIVERY: tell_reach,
    Intent.ORDER_STATUS: _status,
    Intent.CANCEL_DRAFT: _cancel_draft,
    Intent.CANCEL_ORDER: _cancel_order,
    Intent.COMPLAINT: _hand_over,
    Intent.HUMAN: _hand_over,
    Intent.DECLINE: _decline,
    Intent.ORDER: _order,
    Intent.CHANGE: _change,
}


def _orders_something(course: Course) -> bool:
    return any(mention.act is Act.ADD for mention in course.understanding.mentions)
