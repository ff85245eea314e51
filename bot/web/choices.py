"""What a person can choose from in a form: values with their names in a language."""

from collections.abc import Sequence
from functools import cache
from zoneinfo import available_timezones

import phonenumbers
from babel import Locale
from babel.core import get_global

from catalog.domain.folding import fold
from catalog.language import languages

Choices = Sequence[tuple[str, str]]


@cache
def countries(language: str = "en") -> Choices:
    names = Locale(language).territories
    found = [
        (code, names[code]) for code in phonenumbers.SUPPORTED_REGIONS if code in names
    ]
    # An accent is no letter of its own: it would stand behind Z.
    return sorted(found, key=lambda each: fold(each[1]))


@cache
def spoken(language: str = "en") -> Choices:
    return [
        (code, Locale(code).get_display_name(language) or code) for code in languages()
    ]


@cache
def currencies(language: str = "en") -> Choices:
    names = Locale(language).currencies
    used = {
        currency
        for periods in get_global("territory_currencies").values()
        for currency, _, end, tender in periods
        if end is None and tender
    }
    return [(code, f"{code}  {names.get(code, '')}".strip()) for code in sorted(used)]


@cache
def timezones() -> Choices:
    """Return the zones that people live in: the older names lead to the same ones."""
    known = available_timezones()
    lived = sorted({*get_global("zone_territories"), "UTC"} & known)
    return [(zone, zone.replace("_", " ")) for zone in lived]
