"""From a summary to an order: whose yes counts, for what, and is it still true.

An order exists only after a tap that carries the version that was shown, or a typed yes
to the summary shown last. Prices and stock are looked at again; what differs is said,
and asked again.
"""

from datetime import timedelta
from decimal import Decimal

from bot.domain.buttons import CancelTap, ChangeTap, ConfirmTap, SummaryTap
from bot.domain.corrected import (
    ConfirmationCancelled,
    ConfirmationExpired,
    ConfirmationRejected,
)
from bot.domain.course import Course, label
from bot.domain.courtesies import About, Offer
from bot.domain.handed import Why
from bot.domain.lateness import is_old
from bot.domain.picking import take
from bot.domain.replies import (
    AlreadyOrdered,
    AwaitingApproval,
    CancelNeedsHuman,
    ChoiceGone,
    ConfirmationStale,
    DraftCancelled,
    NothingToConfirm,
    OrderNews,
    OrderPlaced,
    PriceChanged,
    Statement,
    StockShort,
    TermsChanged,
)
from bot.domain.selection import NONE, offers
from bot.domain.snapshot import Owner, TurnMessage
from bot.domain.understanding import Intent
from bot.domain.undone import TakenBack
from orders import (
    Difference,
    DraftState,
    Field,
    Gone,
    Order,
    OrderState,
    PriceMoved,
    TermsMoved,
    adjustments,
    place,
    review,
    review_terms,
)
from orders import StockShort as Short

#: For so long a second yes means the order that was placed, not a new one.
FRESH = timedelta(hours=24)
OVER = frozenset({OrderState.CANCELLED, OrderState.REFUNDED})


def summary_tapped(course: Course, tap: SummaryTap, message: TurnMessage) -> None:
    """Do what a button under a summary asks for, once all changes are known."""
    course.heard = True
    last = course.snapshot.last_order
    became = last if last and last.draft_id == tap.draft_id else None
    match tap:
        case ConfirmTap() if became:
            course.say(AlreadyOrdered(became.number or 0))
        case ConfirmTap(draft_id, version) if _shown(course, draft_id, version):
            _confirm(course, message)
        case ConfirmTap(draft_id, version) if _confirmed(course, draft_id, version):
            course.say(AwaitingApproval())
        case ConfirmTap(draft_id):
            course.say(_over(course, draft_id))
        case CancelTap() if became:
            cancel_order(course)
        case CancelTap(draft_id) if draft_id == course.draft.id:
            cancel_draft(course)
        case ChangeTap(draft_id) if draft_id == course.draft.id and not became:
            course.rejected = True
        case _:
            course.say(ChoiceGone())


def _over(course: Course, draft_id: str) -> Statement:
    """Return what to say to a yes that comes too late, by what became of its draft."""
    ended = course.snapshot.ended.get(draft_id)
    match ended.state if ended else None:
        case DraftState.ORDERED if ended and ended.order is not None:
            return AlreadyOrdered(ended.order)
        case DraftState.CANCELLED:
            return ConfirmationCancelled()
        case DraftState.EXPIRED:
            return ConfirmationExpired()
        case DraftState.REJECTED:
            return ConfirmationRejected()
    return ConfirmationStale()


def yes_typed(course: Course, message: TurnMessage) -> None:
    """Take a typed yes: for the summary shown last, or for our one suggestion."""
    course.heard = True
    asked, draft = course.asked, course.snapshot.draft
    says = course.understanding.says
    if says(Intent.DECLINE) or says(Intent.UNDO):
        return  # A yes and a no: the question stands.
    if asked and asked.field is Field.CONFIRMATION:
        if _shown(course, draft.id, draft.version):
            _confirm(course, message)
        elif not course.changes and has_content(course):
            course.say(ConfirmationStale())
        elif not has_content(course):
            _nothing_open(course)
        return
    only = [c for c in asked.choices if c != NONE] if asked else []
    if asked and len(only) == 1 and not course.changes:
        if any(o.id == only[0] for o in offers(course, asked.field, asked.about)):
            take(course, asked.field, asked.about, only[0], course.evidence(message))
        else:
            course.say(ChoiceGone())
    elif not has_content(course) and not course.said:
        _nothing_open(course)


def _confirm(course: Course, message: TurnMessage) -> None:
    """Take a yes to what was shown; an old one may belong to plans of then."""
    if is_old(course, message):
        course.asks_again = True
    else:
        course.confirmed_by = course.evidence(message)


def reconcile(course: Course) -> tuple[Difference, ...]:
    """Bring the draft to what catalog and rules say now, and say what differs."""
    snapshot = course.snapshot
    differences: tuple[Difference, ...] = (
        *review(course.draft, snapshot.index.products, snapshot.available),
        # What the customer changed makes a new summary anyway.
        *(() if course.changes else review_terms(course.draft, snapshot.shop)),
    )
    for difference, change in zip(differences, adjustments(differences), strict=True):
        statement = _told(course, difference)
        if course.change(change) and statement is not None:
            course.say(statement)
    return differences


def order_placed(course: Course) -> bool:
    """Place the order that was confirmed; False when something still lacks.

    Where the shop wants an agent's approval, that is waited for instead. A yes beside a
    no, or beside an edit that was not followed, is to be asked for again.
    """
    snapshot, confirmed_by = course.snapshot, course.confirmed_by
    if confirmed_by is None or course.changes or course.rejected:
        return False
    result = place(
        course.draft,
        shop=snapshot.shop,
        products=snapshot.index.products,
        available=snapshot.available,
        order_id=snapshot.order_id,
        now=snapshot.now,
        confirmed_by=confirmed_by,
    )
    if not isinstance(result, Order):
        return False
    course.done = True
    if snapshot.shop.needs_approval(result.grand_total):
        course.awaits = True
        course.say(AwaitingApproval())
        return True
    course.order = result
    course.end = DraftState.ORDERED
    course.say(OrderPlaced(result, course.snapshot.shop.fields.own))
    return True


def cancel_draft(course: Course) -> None:
    """End the draft; with nothing in it, the order just placed may be meant."""
    last = course.snapshot.last_order
    if has_content(course):
        course.end = DraftState.CANCELLED
    elif last is not None and is_fresh(course, last) and last.state not in OVER:
        cancel_order(course)
        return
    course.done = True
    # What was taken back before it went: that is told all the same.
    course.said[:] = [each for each in course.said if isinstance(each, TakenBack)]
    course.touched.clear()
    course.say(DraftCancelled())


def cancel_order(course: Course) -> None:
    """Ask whether a placed order is to be cancelled, or hand that to a person."""
    last = course.snapshot.last_order
    if last is None:
        return
    if last.state in OVER:
        course.say(OrderNews(last.number or 0, last.state))
        return
    if course.snapshot.shop.manners.may_cancel(last.state):
        course.heard = course.done = True
        course.question = Offer(About.CANCEL_ORDER, last.id, last.number or 0)
        return
    course.say(CancelNeedsHuman(last.number or 0))
    hand_over(course, Why.CANCELLATION)


def hand_over(course: Course, why: Why = Why.REQUEST) -> None:
    """Let a person go on from here."""
    course.heard = True
    course.done = True
    course.owner = Owner.AGENT
    course.handed = why


def _shown(course: Course, draft_id: str, version: int) -> bool:
    """Return whether that version is the one shown last, and nothing changed since."""
    before = course.snapshot.draft
    return (
        before.id == draft_id
        and before.state is DraftState.PROPOSED
        and before.version == before.shown_version == version
        and not course.changes
    )


def _confirmed(course: Course, draft_id: str, version: int) -> bool:
    """Return whether that very version was confirmed and waits for an agent."""
    before = course.snapshot.draft
    return (
        before.id == draft_id
        and before.state is DraftState.AWAITING
        and before.version == version
        and not course.changes
    )


def _nothing_open(course: Course) -> None:
    last = course.snapshot.last_order
    if last is not None and is_fresh(course, last):
        course.say(AlreadyOrdered(last.number or 0))
    else:
        course.say(NothingToConfirm())


def is_fresh(course: Course, order: Order) -> bool:
    """Return whether an order was placed so lately that it may still be meant."""
    return course.snapshot.now - order.placed_at <= FRESH


def has_content(course: Course) -> bool:
    return bool(course.draft.lines or course.draft.unresolved)


def _told(course: Course, difference: Difference) -> Statement | None:
    if isinstance(difference, TermsMoved):
        return TermsChanged(difference.before, difference.after)
    line = course.draft.line(difference.line_id)
    name = label(line) if line else difference.name
    match difference:
        case PriceMoved(before=before, after=after):
            if before is None or after is None:
                return None
            return PriceChanged(name, before, after)
        case Gone():
            quantity = line.quantity if line else Decimal(0)
            return StockShort(name, quantity, Decimal(0), line.unit if line else "")
        case Short(asked=asked, available=available, unit=unit):
            return StockShort(name, asked, available, unit)
