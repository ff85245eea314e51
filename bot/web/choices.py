"""What a person can choose from in a form: values with their English names."""

from collections.abc import Sequence
from functools import cache
from zoneinfo import available_timezones

import phonenumbers
from babel import Locale
from babel.core import get_global

from catalog.language import languages

Choices = Sequence[tuple[str, str]]

_ENGLISH = Locale("en")


@cache
def countries() -> Choices:
    names = _ENGLISH.territories
    found = [
        (code, names[code]) for code in phonenumbers.SUPPORTED_REGIONS if code in names
    ]
    return sorted(found, key=lambda each: each[1])


@cache
def spoken() -> Choices:
    return [(code, Locale(code).get_display_name("en") or code) for code in languages()]


@cache
def currencies() -> Choices:
    used = {
        currency
        for periods in get_global("territory_currencies").values()
        for currency, _, end, tender in periods
        if end is None and tender
    }
    return [
        (code, f"{code}  {_ENGLISH.currencies.get(code, '')}".strip())
        for code in sorted(used)
    ]


@cache
def timezones() -> Choices:
    """Return the zones that people live in: the older names lead to the same ones."""
    known = available_timezones()
    lived = sorted({*get_global("zone_territories"), "UTC"} & known)
    return [(zone, zone.replace("_", " ")) for zone in lived]
