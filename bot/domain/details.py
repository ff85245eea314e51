"""Facts about the order that are not products: who, where, when, how it is paid."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from bot.domain.course import Course
from bot.domain.due import day_said, due_at, due_on, moment_said
from bot.domain.message import Location
from bot.domain.particulars import TAKERS, Taker
from bot.domain.places import NotOffered
from bot.domain.replies import CannotRead, DetailNoted, DetailUnclear
from bot.domain.snapshot import TurnMessage
from bot.domain.terms import address_said, deliver_to, part_by, pay_by
from bot.domain.understanding import Detail, DetailMention
from orders import (
    Address,
    Change,
    Evidence,
    Field,
    Fulfilment,
    SetCompany,
    SetCoupon,
    SetEmail,
    SetFulfilment,
    SetGiftNote,
    SetName,
    SetNote,
    SetPayment,
    SetPhone,
    SetRecipient,
    SetRecipientPhone,
    SetTaxOffice,
)

#: Digits of a phone number, country code included: E.164 allows 15.
_PHONE_DIGITS = range(6, 16)
_PHONE = re.compile(r"\+?[\d\s().\-/]+")
_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>.]{2,}")
#: Below a hundred-thousandth of a degree (about a metre) nothing is told apart.
_DEGREE = Decimal("0.00001")

_Maker = Callable[[Course, str, Evidence], Change | None]


def noted(course: Course, place: int, message: TurnMessage) -> None:
    """Take one detail of a message; a late one only where nothing is known yet."""
    told(course, course.understanding.details[place], message)


def told(course: Course, detail: DetailMention, message: TurnMessage) -> None:
    """Take a detail; a late one only where nothing is known yet."""
    detail = _as_asked(course, detail)
    if message.late and _known(course, detail.detail):
        course.silences.append("late")
        return
    evidence = course.evidence(message, detail.quote.text if detail.quote else None)
    _note(course, detail, evidence)


def _as_asked(course: Course, detail: DetailMention) -> DetailMention:
    """Return a name or a number as that of whom we asked for: who receives it ..."""
    asked = frozenset(course.asked.fields) if course.asked else frozenset()
    for field, plain, meant in _OF_OTHERS:
        if detail.detail is plain and field in asked and _OWN[plain] not in asked:
            return detail.model_copy(update={"detail": meant})
    return detail


def located(course: Course, message: TurnMessage, location: Location) -> None:
    """Take a location that was shared as the place to deliver to."""
    if Fulfilment.DELIVERY not in course.snapshot.shop.fulfilments:
        course.say(NotOffered(Fulfilment.DELIVERY))
        return
    if message.late and course.draft.address is not None:
        course.silences.append("late")
        return
    words = ", ".join(w for w in (location.name, location.address) if w and w.strip())
    address = Address(
        text=words or _coordinates(location),
        latitude=location.latitude,
        longitude=location.longitude,
    )
    if not deliver_to(course, address, course.evidence(message)):
        course.say(CannotRead("location"))


def _note(course: Course, detail: DetailMention, evidence: Evidence) -> None:
    value = detail.value.strip()
    if not value:
        course.unclear = True
        return
    refused = _refused(course, detail.detail, value)
    if refused is not None:
        course.say(NotOffered(refused))
        return
    if not _taken(course, detail.detail, value, evidence):
        course.say(DetailUnclear(detail.detail, value))


def _taken(course: Course, detail: Detail, value: str, evidence: Evidence) -> bool:
    """Take a detail and say what was understood; False when it cannot be one."""
    if detail in _TAKERS:
        return _TAKERS[detail](course, value, evidence)
    if detail is Detail.PAYMENT and pay_by(course, value, evidence):
        return True
    change = _MAKERS[detail](course, value, evidence)
    if change is None or not course.change(change):
        return False
    course.say(DetailNoted(detail, value))
    return True


def _address(course: Course, value: str, evidence: Evidence) -> bool:
    part = part_by(course, value, evidence)
    if part is not None:
        return part
    return deliver_to(course, address_said(course, value), evidence)


def _date(course: Course, value: str, evidence: Evidence) -> bool:
    """Take the day or the moment; words such as "next week" go into the note."""
    day = day_said(value)
    if day is not None:
        return due_on(course, day, evidence)
    when = moment_said(course, value)
    if when is not None:
        return due_at(course, when, evidence)
    if not course.change(with_note(course, value, evidence)):
        return False
    course.say(DetailNoted(Detail.DATE, value))
    return True


_TAKERS: Mapping[Detail, Taker] = {
    **TAKERS,
    Detail.ADDRESS: _address,
    Detail.DATE: _date,
}


def _refused(course: Course, detail: Detail, value: str) -> Fulfilment | None:
    """Return the way of delivery that is wanted and that the shop does not have."""
    if detail is Detail.ADDRESS:
        wanted = Fulfilment.DELIVERY
    elif detail is Detail.FULFILMENT and value in set(Fulfilment):
        wanted = Fulfilment(value)
    else:
        return None
    return None if wanted in course.snapshot.shop.fulfilments else wanted


def _phone(course: Course, value: str, evidence: Evidence) -> Change | None:
    del course
    number = _number(value)
    return SetPhone(number, evidence) if number else None


def _recipient_phone(course: Course, value: str, evidence: Evidence) -> Change | None:
    del course
    number = _number(value)
    return SetRecipientPhone(number, evidence) if number else None


def _number(value: str) -> str | None:
    """Return a phone number in digits, None when it cannot be one."""
    digits = "".join(char for char in value if char.isdigit())
    fits = _PHONE.fullmatch(value) and len(digits) in _PHONE_DIGITS
    plus = "+" if value.startswith("+") else ""
    return plus + digits if fits else None


def _email(course: Course, value: str, evidence: Evidence) -> Change | None:
    del course
    return SetEmail(value, evidence) if _EMAIL.fullmatch(value) else None


def _fulfilment(course: Course, value: str, evidence: Evidence) -> Change | None:
    del course
    known = value in set(Fulfilment)
    return SetFulfilment(Fulfilment(value), evidence) if known else None


def with_note(course: Course, value: str, evidence: Evidence) -> Change:
    """Add to the note: what was noted before stays wanted."""
    before = course.draft.note
    already = before is not None and value in before.split("; ")
    joined = before if already else "; ".join(n for n in (before, value) if n)
    return SetNote(joined or value, evidence)


def _texts(make: Callable[[str, Evidence], Change]) -> _Maker:
    return lambda _, value, evidence: make(value, evidence)


_MAKERS: Mapping[Detail, _Maker] = {
    Detail.NAME: _texts(SetName),
    Detail.PHONE: _phone,
    Detail.EMAIL: _email,
    Detail.FULFILMENT: _fulfilment,
    Detail.PAYMENT: _texts(SetPayment),
    Detail.COUPON: _texts(SetCoupon),
    Detail.GIFT_NOTE: _texts(SetGiftNote),
    Detail.NOTE: with_note,
    Detail.COMPANY: _texts(SetCompany),
    Detail.TAX_OFFICE: _texts(SetTaxOffice),
    Detail.RECIPIENT: _texts(SetRecipient),
    Detail.RECIPIENT_PHONE: _recipient_phone,
}


#: What was asked for, what a reader may take it for, and what it is.
_OF_OTHERS = (
    (Field.RECIPIENT, Detail.NAME, Detail.RECIPIENT),
    (Field.RECIPIENT_PHONE, Detail.PHONE, Detail.RECIPIENT_PHONE),
    (Field.COMPANY, Detail.NAME, Detail.COMPANY),
)
_OWN: Mapping[Detail, Field] = {Detail.NAME: Field.NAME, Detail.PHONE: Field.PHONE}


def _known(course: Course, detail: Detail) -> bool:
    """Return whether the draft holds that fact already, so that late words yield."""
    draft = course.draft
    facts: Mapping[Detail, object] = {
        Detail.NAME: draft.name,
        Detail.PHONE: draft.phone,
        Detail.EMAIL: draft.email,
        Detail.TAX_ID: draft.tax_id,
        Detail.FULFILMENT: draft.fulfilment,
        Detail.ADDRESS: draft.address or draft.fulfilment is Fulfilment.PICKUP or None,
        Detail.DATE: draft.due_at,
        Detail.PAYMENT: draft.payment,
        Detail.COUPON: draft.coupon,
        Detail.GIFT_NOTE: draft.gift_note,
        Detail.NOTE: None,  # A note is added to, never replaced.
        Detail.COMPANY: draft.company,
        Detail.TAX_OFFICE: draft.tax_office,
        Detail.BUSINESS: draft.business,
        Detail.RECIPIENT: draft.recipient,
        Detail.RECIPIENT_PHONE: draft.recipient_phone,
        Detail.EXTRA: None,  # Only the answer to our question is one.
    }
    return facts[detail] is not None


def _coordinates(location: Location) -> str:
    try:
        pair = (location.latitude, location.longitude)
        return ", ".join(f"{Decimal(value).quantize(_DEGREE):f}" for value in pair)
    except ArithmeticError:
        return "?"  # Not a number: the draft refuses it with the coordinates.
