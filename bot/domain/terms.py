"""What the shop's own rules make of an address, and of words about paying."""

from bot.domain.course import Course
from bot.domain.forms import PartUnclear
from bot.domain.places import OutsideArea
from bot.domain.replies import DetailNoted, PaymentNotOffered
from bot.domain.understanding import Detail
from orders import (
    Address,
    DraftState,
    Evidence,
    Field,
    Fulfilment,
    PaymentMethod,
    Reopen,
    SetAddress,
    SetPayment,
    Unserved,
    payments_of,
)
from orders.domain.addressing import answered
from orders.domain.areas import completed
from orders.domain.fields import ADDRESS_PARTS
from orders.domain.payment import methods_meant

#: So many areas are named; a longer list helps nobody.
MOST_NAMED = 20


def address_said(course: Course, value: str) -> Address:
    """Return the address that was said; an answer may only complete the one we have."""
    asked, known = course.asked, course.draft.address
    is_asked = asked is not None and asked.field is Field.ADDRESS
    if is_asked and asked and asked.about == Unserved.UNCLEAR and known is not None:
        whole = completed(known, value, course.snapshot.shop.formats)
        if whole is not None:
            return whole
    return Address(text=value)


def part_by(course: Course, value: str, evidence: Evidence) -> bool | None:
    """Take the parts of the address that were asked for; None: none of them were."""
    asked, known = course.asked, course.draft.address
    parts = [f for f in asked.fields if f in ADDRESS_PARTS] if asked else []
    if known is None or not parts:
        return None
    formats = course.snapshot.shop.formats
    whole = answered(known, value, parts, formats)
    if whole is None:
        course.say(PartUnclear(value))
        return True
    return deliver_to(course, whole, evidence)


def deliver_to(course: Course, address: Address, evidence: Evidence) -> bool:
    """Take an address, and say so, or that we do not go there. False: it is none."""
    if not course.change(SetAddress(address, evidence)):
        return False
    if course.snapshot.shop.reach(address) is Unserved.OUTSIDE:
        refuse_outside(course)
    else:
        course.say(DetailNoted(Detail.ADDRESS, address.text))
    return True


def refuse_outside(course: Course) -> None:
    """Say where we do deliver, and whether it can be picked up instead."""
    can_pick_up = Fulfilment.PICKUP in course.snapshot.shop.fulfilments
    course.say(OutsideArea(area_names(course), pickup=can_pick_up))


def area_names(course: Course) -> tuple[str, ...]:
    """Return the names of the areas that we deliver to, each once."""
    names = dict.fromkeys(area.name for area in course.snapshot.shop.areas)
    return tuple(names)[:MOST_NAMED]


def pay_by(course: Course, value: str, evidence: Evidence) -> bool:
    """Take the method that words mean, or say which there are.

    False when the shop has none of its own: then the words stand as they were said.
    """
    offered = payments_of(course.draft, course.snapshot.shop)
    if not offered:
        return False
    meant = methods_meant(offered, value)
    if not meant:
        course.say(PaymentNotOffered(tuple(_named(course, m) for m in offered)))
    elif len(meant) > 1:
        course.heard = True
        course.narrowed = frozenset(method.id for method in meant)
    elif course.change(SetPayment(meant[0].id, evidence)):
        course.say(DetailNoted(Detail.PAYMENT, _named(course, meant[0])))
    return True


def payment_titles(course: Course) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Return the id, the name and the other names of each method on offer."""
    return tuple(
        (method.id, _named(course, method), tuple(method.names.values()))
        for method in payments_of(course.draft, course.snapshot.shop)
    )


def withdraw(course: Course) -> None:
    """Take back a confirmation that an agent has not approved yet."""
    if course.draft.state is DraftState.AWAITING and not course.changes:
        course.change(Reopen())


def _named(course: Course, method: PaymentMethod) -> str:
    return method.called(course.languages)
