"""The ways in which WhatsApp writes one number, and its E.164 form.

Three countries changed their numbering, and WhatsApp shows some of their people's
numbers in the old way, some in the new one, even within one webhook. The forms of one
number are one person. Sources: Anatel's resolution 553/2010 (Brazil's ninth digit);
IFT's plan of August 2019 (Mexico's 1 before mobiles is gone); ENACOM's national plan
(Argentina's 9 before mobiles); Meta's "Phone numbers" guide of the Cloud API, which
names the same three for what it delivers.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import phonenumbers

from bot.domain.identity import Known
from bot.domain.message import AliasKind


@dataclass(frozen=True, slots=True)
class _Rule:
    """How one number is written in a country: today's form, and the other one."""

    country: str
    pattern: re.Pattern[str]  #: Groups: what is before, and what is after the digit.
    digit: str

    def today(self, match: re.Match[str]) -> str:
        return f"{match[1]}{self.digit}{match[2]}"

    def other(self, match: re.Match[str]) -> str:
        return f"{match[1]}{match[2]}"


#: With the digit: today's form in Brazil and Argentina, the old one in Mexico.
_RULES: Final = (
    # Area code, and a mobile number: those begin with 6 to 9; landlines have no ninth.
    _Rule("BR", re.compile(r"(55[1-9]{2})9?([6-9]\d{7})"), "9"),
    _Rule("MX", re.compile(r"(52)1?(\d{10})"), "1"),
    _Rule("AR", re.compile(r"(54)9?([1-8]\d{9})"), "9"),
)
#: Where E.164 is the form without the digit.
_WITHOUT: Final = frozenset({"MX"})
_DIGITS = re.compile(r"[0-9]{5,15}")


@lru_cache(maxsize=4096)
def forms_of(kind: str, value: str) -> tuple[Known, ...]:
    """Return the other aliases that mean the same number; E.164 comes first.

    Whatever is no number (a user id, a hidden id, a name) has no other form: it is
    never read as one.
    """
    digits = value.removeprefix("+") if kind == AliasKind.PHONE else value
    if kind not in (AliasKind.PHONE, AliasKind.WA_ID) or not _DIGITS.fullmatch(digits):
        return ()
    standard = digits
    written: tuple[str, ...] = (digits,)
    for rule in _RULES:
        if match := rule.pattern.fullmatch(digits):
            written = (rule.today(match), rule.other(match))
            standard = written[rule.country in _WITHOUT]
    found = [(AliasKind.WA_ID.value, each) for each in written]
    if e164 := _e164(standard):
        found.insert(0, (AliasKind.PHONE.value, e164))
    return tuple(each for each in found if each != (kind, value))


def _e164(digits: str) -> str | None:
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    e164: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return e164
