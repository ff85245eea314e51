"""Facts that are checked before they are taken: tax numbers, the shop's own.

Each of these takes a value and says what became of it. False: it is none at all.
"""

import re
from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from bot.domain.course import Course
from bot.domain.forms import (
    AnswerInvalid,
    OwnNoted,
    TaxIdInvalid,
)
from bot.domain.replies import DetailNoted
from bot.domain.selection import NO, YES
from bot.domain.understanding import Detail
from orders import (
    Evidence,
    Field,
    OwnKind,
    SetBusiness,
    SetExtra,
    SetTaxId,
)
from orders.domain.tax import documents_of, tax_number

_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")

Taker = Callable[[Course, str, Evidence], bool]


def tax_by(course: Course, value: str, evidence: Evidence) -> bool:
    """Take a tax number whose check digits fit, or say what one looks like."""
    country = course.snapshot.tenant.country
    number = tax_number(country, value)
    if number is None:
        documents = documents_of(country)
        if not documents:
            return False
        names = tuple(each.name for each in documents)
        course.say(TaxIdInvalid(value, names, documents[0].example))
        return True
    if not course.change(SetTaxId(number.number, evidence)):
        return False
    if number.document and number.document.business and course.draft.business is None:
        course.change(SetBusiness(business=True, evidence=evidence))
    course.say(DetailNoted(Detail.TAX_ID, number.number))
    return True


def business_by(course: Course, value: str, evidence: Evidence) -> bool:
    """Take whether a company buys: `yes` or `no`."""
    if value not in (YES, NO):
        return False
    course.say(DetailNoted(Detail.BUSINESS, value))
    return course.change(SetBusiness(business=value == YES, evidence=evidence))


def extra_by(course: Course, value: str, evidence: Evidence) -> bool:
    """Take the answer to the field of the shop's own that was asked for."""
    asked, snapshot = course.asked, course.snapshot
    own = snapshot.shop.fields.field(asked.about) if asked else None
    if asked is None or asked.field is not Field.EXTRA or own is None:
        return False
    today = snapshot.now.astimezone(ZoneInfo(snapshot.shop.timezone)).date()
    answer = own.read(value, today)
    if answer is None and own.kind is OwnKind.NUMBER:
        numbers = _NUMBER.findall(value)
        answer = own.read(numbers[0], today) if len(numbers) == 1 else None
    if answer is None or not course.change(SetExtra(own.id, answer, evidence)):
        course.say(AnswerInvalid(own, value))
        return True
    course.say(OwnNoted(own, answer))
    return True


#: What is checked in a way of its own; everything else is kept as it was said.
TAKERS: Mapping[Detail, Taker] = {
    Detail.TAX_ID: tax_by,
    Detail.BUSINESS: business_by,
    Detail.EXTRA: extra_by,
}
