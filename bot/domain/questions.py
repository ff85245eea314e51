"""What to ask next: one question, about the first thing that the order lacks."""

from bot.domain.course import Course
from bot.domain.courtesies import Offer
from bot.domain.people import GoOn
from bot.domain.picking import shown_of
from bot.domain.pricing import differing
from bot.domain.replies import (
    AskChange,
    AskField,
    AskWhatElse,
    AskWhich,
    Question,
    Summary,
)
from bot.domain.selection import unresolved
from bot.domain.snapshot import Asked
from bot.domain.terms import area_names, refuse_outside
from orders import (
    Draft,
    DraftState,
    Field,
    Line,
    Missing,
    Unresolved,
    Unserved,
    as_shown,
    changed,
    missing,
    payment_of,
    price,
    proposed,
    terms_of,
)
from orders.domain.fields import together


def next_question(course: Course) -> Question:
    """Return the one question that brings the order on, or the summary."""
    lacking = _lacking(course)
    if lacking:
        return _ask(course, lacking)
    shop, now = course.snapshot.shop, course.snapshot.now
    draft = final(course)
    return Summary(
        draft=proposed(draft, as_shown(draft, shop)),
        totals=price(draft, shop),
        area=terms_of(draft, shop).area,
        payment=payment_of(draft, shop),
        closed=not shop.is_open(now),
        opens_at=shop.opens_at(now),
        own=shop.fields.own,
    )


def waits(course: Course) -> bool:
    """Return whether nothing is to be asked until an agent has approved."""
    is_confirmed = course.draft.state is DraftState.AWAITING and not course.changes
    return is_confirmed and not _lacking(course)


def _lacking(course: Course) -> tuple[Missing, ...]:
    snapshot = course.snapshot
    return missing(
        course.draft,
        snapshot.shop,
        snapshot.index.products,
        snapshot.available,
        snapshot.now,
    )


def final(course: Course) -> Draft:
    """Return the draft that the turn leaves, with its new version."""
    return changed(course.base, course.changes)


def asked_by(question: Question | None) -> Asked | None:
    """Return what to remember of a question, so that its answer is understood."""
    match question:
        case None | Offer() | GoOn():
            return None
        case AskWhatElse() | AskChange():
            return Asked(field=Field.LINES)
        case Summary():
            return Asked(field=Field.CONFIRMATION)
        case AskWhich(unresolved=mention, choices=choices):
            return Asked(field=Field.PRODUCT, choices=choices, about=mention.id)
        case AskField(field=field, choices=choices, key=key, more=more):
            ids = tuple(choice_id for choice_id, _ in choices)
            return Asked(field=field, choices=ids, about=key, more=more)


def _ask(course: Course, lacking: tuple[Missing, ...]) -> Question:
    """Return the question for the first thing that lacks, and what goes with it."""
    lack = lacking[0]
    if lack.field is Field.LINES:
        return AskWhatElse()
    mention = unresolved(course, lack.about)
    if mention is not None:
        return _which(course, mention)
    if lack.reason is Unserved.OUTSIDE:
        refuse_outside(course)
    line = course.draft.line(lack.about or "")
    key = lack.reason.value if lack.reason else lack.about
    shown = shown_of(course, lack.field, key)
    return AskField(
        field=lack.field,
        about=line,
        choices=tuple((offer.id, offer.title) for offer in shown),
        key=key,
        topic=_topic(course, line, lack),
        prices=differing(shown),
        short_by=lack.short_by or 0,
        areas=_areas(course, lack),
        reason=lack.reason,
        opens_at=lack.opens_at,
        more=together(lacking)[1:],
        own=course.snapshot.shop.fields.field(lack.about),
        country=course.snapshot.tenant.country,
    )


def _areas(course: Course, lack: Missing) -> tuple[str, ...]:
    if lack.area is not None:
        return (lack.area,)
    return area_names(course) if lack.reason else ()


def _which(course: Course, mention: Unresolved) -> Question:
    one = mention.choices[0] if len(mention.choices) == 1 else None
    product = course.product(one.product_id) if one else None
    if one is None or product is None or mention.unit is None:
        shown = shown_of(course, Field.PRODUCT, mention.id)
        return AskWhich(mention, tuple(offer.id for offer in shown))
    # The product is sure; in which amount we sell it is not.
    line = Line(
        id=mention.id,
        product_id=product.id,
        sku=product.sku,
        name=one.name,
        quantity=product.default_quantity,
        unit=product.unit,
    )
    return AskField(Field.QUANTITY, about=line, key=mention.id)


def _topic(course: Course, line: Line | None, lack: Missing) -> str:
    product = course.product(line.product_id) if line else None
    groups = product.option_groups if product else ()
    return next((group.name for group in groups if group.id == lack.group_id), "")
