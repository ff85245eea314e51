"""What we offer to do, and what a yes to it does: by a button, or in words.

No order is cancelled, and no draft that was put away is taken up, without one.
"""

from bot.domain.buttons import OfferTap
from bot.domain.confirming import OVER, cancel_order, hand_over, has_content
from bot.domain.course import Course, remembered
from bot.domain.courtesies import About, DoesWithout, Offer, OrderKept, PutAway
from bot.domain.lateness import is_old
from bot.domain.mentions import put_again
from bot.domain.replies import (
    AllRight,
    CannotTake,
    ChoiceGone,
    HandedOver,
    OrderNews,
    Question,
)
from bot.domain.snapshot import Offered, TurnMessage
from bot.domain.understanding import Intent
from orders import OrderState
from orders.domain.manners import CANCELLABLE, CancelUntil

#: What a person may look at: the merchant's system has an order that was cancelled.
CANCELLED = "cancelled"
#: Or an order of which something cannot be delivered.
SHORT = "short"


def put_away_offered(course: Course) -> Offer | None:
    """Tell who comes back that their draft was put away, once, and offer it."""
    draft, memory = course.snapshot.put_away, course.memory
    if draft is None or memory.put_away != draft.id:
        return None
    course.memory = remembered(memory, put_away=None)
    if not draft.lines or course.snapshot.memory.offered is not None:
        return None
    course.say(PutAway(tuple(line.name for line in draft.lines)))
    if has_content(course):
        return None
    # It is loaded as long as it may be asked for.
    course.memory = remembered(course.memory, put_away=draft.id)
    return Offer(About.TAKE_UP, draft.id)


def offered_by(question: Question | None) -> Offered | None:
    """Return what to remember of an offer, so that its answer is understood."""
    if not isinstance(question, Offer):
        return None
    return Offered(what=question.what.value, about=question.about)


def offer_answered(course: Course) -> bool:
    """Take an answer to an offer; False when the turn has none."""
    if course.offer_tap is not None:
        tap, message = course.offer_tap
        _answer(course, tap, message)
        return True
    offered = course.snapshot.memory.offered
    if offered is None or course.late or not course.readable:
        return False
    yes = course.understanding.says(Intent.CONFIRM)
    no = course.understanding.says(Intent.DECLINE)
    if yes == no:
        return False
    message = course.messages[course.readable[-1]]
    _answer(course, OfferTap(offered.what, offered.about, yes), message)
    return True


def _answer(course: Course, tap: OfferTap, message: TurnMessage) -> None:
    course.heard = True
    match tap.what:
        case About.CANCEL_ORDER:
            _cancel(course, tap, message)
        case About.TAKE_UP:
            _take_up(course, tap, message)
        case About.DO_WITHOUT | About.PERSON:
            _short(course, tap)
        case _:
            course.say(ChoiceGone())


def _cancel(course: Course, tap: OfferTap, message: TurnMessage) -> None:
    last, shop = course.snapshot.last_order, course.snapshot.shop
    if last is None or last.id != tap.about:
        course.say(ChoiceGone())
        return
    number = last.number or 0
    if not tap.is_yes:
        course.say(OrderKept(number))
    elif is_old(course, message):
        course.asks_again = True
        cancel_order(course)
    elif shop.manners.may_cancel(last.state):
        course.cancelled = last
        course.say(OrderNews(number, OrderState.CANCELLED))
        if last.state not in CANCELLABLE[CancelUntil.SENT]:
            course.attention = CANCELLED
    else:
        cancel_order(course)
    course.done = True


def _take_up(course: Course, tap: OfferTap, message: TurnMessage) -> None:
    draft = course.snapshot.put_away
    if draft is None or draft.id != tap.about or course.memory.put_away != draft.id:
        course.say(ChoiceGone())
        return
    course.memory = remembered(course.memory, put_away=None)
    if not tap.is_yes:
        course.say(AllRight())
        return
    evidence = course.evidence(message)
    gone = tuple(
        line.name for line in draft.lines if not put_again(course, line, evidence)
    )
    if gone:
        course.say(CannotTake(gone))


def _short(course: Course, tap: OfferTap) -> None:
    """Take what is to be done about an order that cannot be delivered whole."""
    last = course.snapshot.last_order
    if last is None or last.id != tap.about:
        course.say(ChoiceGone())
    elif last.state in OVER:
        course.say(OrderNews(last.number or 0, last.state))
    elif tap.what == About.DO_WITHOUT:
        course.attention = SHORT
        course.say(DoesWithout(last.number or 0))
    else:
        course.attention = SHORT
        course.say(HandedOver())
        hand_over(course)
    course.done = True
