"""Questions with choices: what is offered, and which of it an answer means."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from bot.domain.buttons import PickTap, mark_of
from bot.domain.course import Course
from bot.domain.items import Wanted, fitted, line_option, put, set_quantity
from bot.domain.names import CLOSE, WORD_FOR_WORD, close, closest
from bot.domain.paging import page_named, paged, pages_of
from bot.domain.pricing import priced
from bot.domain.replies import ChoiceGone
from bot.domain.selection import (
    NONE,
    YES,
    Offer,
    choice_id,
    offers,
    unresolved,
)
from bot.domain.snapshot import Asked
from bot.domain.understanding import OptionMention, Pick
from catalog import Ambiguous, Certain, Product
from orders import (
    Choice,
    ChooseVariant,
    DropUnresolved,
    Evidence,
    Fulfilment,
    Line,
    LineOption,
    PutUnresolved,
    SetBusiness,
    SetExtra,
    SetFulfilment,
    SetOptions,
    SetPayment,
    Unresolved,
)
from orders.domain.placing import unit_price
from orders.domain.rules import Field


def shown_of(course: Course, field: Field, about: str | None) -> tuple[Offer, ...]:
    """Return the choices to show: those that words left over, one page of them."""
    now = offers(course, field, about)
    left = course.narrowed
    if left and left <= {offer.id for offer in now}:
        now = tuple(offer for offer in now if offer.id in left or offer.id == NONE)
    turned = course.turned
    return paged(now, turned[2] if turned and turned[:2] == (field, about) else 0)


def tapped(course: Course, tap: PickTap, evidence: Evidence) -> None:
    """Take the choice that was tapped, or say that it is no longer open."""
    if tap.draft_id == course.draft.id:
        now = offers(course, tap.field, tap.about or None)
        for offer in (*now, *pages_of(now)):
            if mark_of(offer.id) == tap.mark:
                take(course, tap.field, tap.about or None, offer.id, evidence)
                return
    course.say(ChoiceGone())


def answered(course: Course, pick: Pick, evidence: Evidence) -> bool:
    """Take the choice of our open question that a number or words mean, if any.

    How much of it was picked counts for the line that it becomes, or stays.
    """
    asked = course.asked or _only_open(course)
    if asked is None:
        return False
    shown = _as_shown(asked, offers(course, asked.field, asked.about))
    place = priced(pick, shown) if pick.number is None else None
    place = _numbered(pick.number, shown) if place is None else place
    if place is None and not pick.text:
        return False
    if pick.refused:
        return _refused(
            course, asked, pick, shown[place] if place is not None else None
        )
    if place is None:
        return _named(course, asked, pick, evidence)
    offer = shown[place]
    take(course, asked.field, asked.about, offer.id, evidence, quantity=pick.quantity)
    return True


def take(
    course: Course,
    field: Field,
    about: str | None,
    offer_id: str,
    evidence: Evidence,
    *,
    quantity: Decimal | None = None,
) -> None:
    """Do what a choice that is still on offer means; `quantity` is how much of it."""
    course.heard = True
    page = page_named(offer_id)
    if page is not None:
        course.turned = (field, about, page)
    elif not _term_taken(course, field, about, offer_id, evidence):
        _take_goods(course, field, about, offer_id, evidence, quantity=quantity)


def _term_taken(
    course: Course, field: Field, about: str | None, offer_id: str, evidence: Evidence
) -> bool:
    """Take how it is delivered, paid and the like; False: it is about goods."""
    match field:
        case Field.FULFILMENT | Field.ADDRESS:
            course.change(SetFulfilment(Fulfilment(offer_id), evidence))
        case Field.PAYMENT:
            course.change(SetPayment(offer_id, evidence))
        case Field.BUSINESS:
            course.change(SetBusiness(offer_id == YES, evidence))
        case Field.EXTRA:
            course.change(SetExtra(about or "", offer_id, evidence))
        case _:
            return False
    return True


def _take_goods(
    course: Course,
    field: Field,
    about: str | None,
    offer_id: str,
    evidence: Evidence,
    *,
    quantity: Decimal | None,
) -> None:
    mention = unresolved(course, about)
    if mention is not None:
        _resolve(course, mention, offer_id, evidence, quantity)
        return
    line = _counted(course, about, quantity, evidence)
    product = course.product(line.product_id) if line else None
    if line is None or product is None:
        return
    match field:
        case Field.VARIANT:
            choose_variant(course, line, product, offer_id, evidence)
        case Field.OPTIONS:
            _choose_option(course, line, product, offer_id, evidence)
        case Field.QUANTITY:
            set_quantity(course, line, _decimal(offer_id), evidence)


def resolve(
    course: Course,
    mention: Unresolved,
    choice: Choice,
    evidence: Evidence,
    quantity: Decimal | None = None,
) -> None:
    """Put the product that an open mention turned out to mean.

    `quantity`, when given, counts in the product's own unit.
    """
    course.change(DropUnresolved(mention.id, evidence))
    product = course.product(choice.product_id)
    if product is None:
        course.drop(choice.name)
        return
    known_unit = mention.unit if quantity is None and len(mention.choices) > 1 else None
    put(
        course,
        Wanted(
            product=product,
            evidence=evidence,
            variant_id=choice.variant_id,
            quantity=quantity if quantity is not None else mention.quantity,
            unit=known_unit,
            options=tuple(
                OptionMention(text=text, negated=negated, qualifier=qualifier)
                for text, negated, qualifier in mention.wishes
            ),
            replaces=mention.replaces,
            words="" if mention.instead_of else mention.text,
            because=mention.evidence,
        ),
    )


def choose_variant(
    course: Course, line: Line, product: Product, variant_id: str, evidence: Evidence
) -> None:
    """Choose a line's variant, as far as there is enough of it."""
    variant = product.variant(variant_id)
    if variant is None:
        return
    course.heard = True
    told = ChooseVariant(
        line.id,
        variant.id,
        variant.name,
        variant.sku,
        unit_price(product, variant.id, line.options),
        evidence,
    )
    before = course.draft
    if not course.change(told):
        return
    chosen = course.draft.line(line.id) or line
    target = fitted(course, product, chosen, chosen.quantity, line.id)
    if target <= 0:
        course.changes.pop()
        course.draft = before
        return
    if target != chosen.quantity:
        set_quantity(course, chosen, target, evidence)
    course.touch(line.id)


def set_options(
    course: Course,
    line: Line,
    product: Product,
    options: tuple[LineOption, ...],
    evidence: Evidence,
) -> None:
    """Set a line's options and the price that follows from them."""
    price = unit_price(product, line.variant_id, options)
    if course.change(SetOptions(line.id, options, price, evidence)):
        course.touch(line.id)


def _counted(
    course: Course, line_id: str | None, quantity: Decimal | None, evidence: Evidence
) -> Line | None:
    """Return the line with that id, with the quantity that was said, if one was."""
    line = course.draft.line(line_id or "")
    if line is not None and quantity is not None:
        set_quantity(course, line, quantity, evidence)
    return course.draft.line(line_id or "")


def _refused(course: Course, asked: Asked, pick: Pick, offer: Offer | None) -> bool:
    """Leave the choices that were not refused; the question is asked about those."""
    now = offers(course, asked.field, asked.about)
    places = close(pick.text or "", [_names(each) for each in now])
    gone = {offer.id} if offer else {now[each].id for each in places}
    gone = gone or _all_meant(course, asked, pick.text or "", now)
    left = frozenset(each.id for each in now) - gone - {NONE}
    if not gone:
        return False
    course.heard = True
    if left:
        course.narrowed = left
        return True
    mention = unresolved(course, asked.about)
    if mention is not None and course.change(DropUnresolved(mention.id)):
        course.drop(mention.text)
    return True


def _named(course: Course, asked: Asked, pick: Pick, evidence: Evidence) -> bool:
    """Take the choice that words mean; when they mean several, only those remain."""
    text, quantity = pick.text or "", pick.quantity
    now = offers(course, asked.field, asked.about)
    shown = _as_shown(asked, now)
    # A typo of a choice that was shown is less likely than another choice.
    ways = [(each, least) for least in (WORD_FOR_WORD, CLOSE) for each in (shown, now)]
    for offered, least in ways:
        place = closest(text, [_names(offer) for offer in offered], least)
        if place is not None:
            offer = offered[place]
            take(
                course, asked.field, asked.about, offer.id, evidence, quantity=quantity
            )
            return True
    several = close(text, [_names(offer) for offer in now])
    if not several:
        meant = _meant(course, asked, text, now)
        if meant is not None:
            take(course, asked.field, asked.about, meant, evidence, quantity=quantity)
        return meant is not None
    course.heard = True
    course.narrowed = frozenset(now[place].id for place in several)
    mention = unresolved(course, asked.about)
    if mention is not None and quantity is not None:
        reasons = (*mention.evidence, evidence)
        kept = replace(mention, quantity=quantity, unit=None, evidence=reasons)
        course.change(DropUnresolved(mention.id, evidence))
        course.change(PutUnresolved(kept))
    _counted(course, asked.about, quantity, evidence)
    return True


def _all_meant(
    course: Course, asked: Asked, text: str, now: Sequence[Offer]
) -> set[str]:
    """Return every choice that the catalog may take the words for."""
    line = course.draft.line(asked.about or "")
    found = course.snapshot.index.find(f"{line.name} {text}") if line else None
    candidates = found.candidates if isinstance(found, Ambiguous) else ()
    ids = {each.variant_id for each in candidates}
    meant = _meant(course, asked, text, now)
    return {o.id for o in now if o.id in ids} or ({meant} if meant else set())


def _meant(course: Course, asked: Asked, text: str, now: Sequence[Offer]) -> str | None:
    """Return the choice that the catalog takes the words for, in any language of it."""
    mention = unresolved(course, asked.about)
    line = course.draft.line(asked.about or "")
    about = mention.text if mention else line.name if line else ""
    found = course.snapshot.index.find(f"{about} {text}") if about else None
    if not isinstance(found, Certain):
        return None
    product_id, variant_id = found.candidate.product_id, found.candidate.variant_id
    if line is not None and line.product_id != product_id:
        return None
    ids = (variant_id, f"{product_id}|{variant_id or ''}", f"{product_id}|")
    return next((offer.id for offer in now if offer.id and offer.id in ids), None)


def _names(offer: Offer) -> tuple[str, ...]:
    return (offer.title, *offer.aliases)


def _resolve(
    course: Course,
    mention: Unresolved,
    offer_id: str,
    evidence: Evidence,
    quantity: Decimal | None,
) -> None:
    choice = next((c for c in mention.choices if choice_id(c) == offer_id), None)
    if choice is not None:
        resolve(course, mention, choice, evidence, quantity)
    elif course.change(DropUnresolved(mention.id, evidence)):
        course.drop(mention.text)


def _choose_option(
    course: Course, line: Line, product: Product, offer_id: str, evidence: Evidence
) -> None:
    for group in product.option_groups:
        for value in group.values:
            if f"{group.id}|{value.id}" == offer_id:
                kept = tuple(
                    o
                    for o in line.options
                    if o.group_id != group.id or group.maximum > 1
                )
                options = (*kept, line_option(group, value))
                set_options(course, line, product, options, evidence)
                return


def _only_open(course: Course) -> Asked | None:
    """Return the question that a choice must be about when we asked something else."""
    if len(course.draft.unresolved) == 1:
        return Asked(field=Field.PRODUCT, about=course.draft.unresolved[0].id)
    return None


def _as_shown(asked: Asked, now: Sequence[Offer]) -> Sequence[Offer]:
    """Return the choices that were shown and still stand, at their old places."""
    if not asked.choices:
        return now
    by_id = {offer.id: offer for offer in (*now, *pages_of(now))}
    gone = Offer("", "")
    return [by_id.get(shown, gone) for shown in asked.choices]


def _numbered(number: int | None, shown: Sequence[Offer]) -> int | None:
    if number is None:
        return None
    # "The last one" is the last that can be had, and no way on or out.
    real = [o for o in shown if o.id != NONE and page_named(o.id) is None]
    place = number - 1 if number > 0 else len(real) + number
    fits = 0 <= place < len(shown) and bool(shown[place].id)
    return place if fits else None


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal(0)
