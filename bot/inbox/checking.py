"""What an account may look like. Each check returns the value or says what is wrong."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from zoneinfo import available_timezones

import phonenumbers
from babel import Locale
from babel.core import get_global
from babel.numbers import get_territory_currencies
from rapidfuzz import process

from catalog.language import languages

#: From this similarity on, 0 to 100, we suggest a name.
_CLOSE = 60
_NAME = 200
_SECRET = 4000
#: Where nearly everybody has the clock of one zone, though the country has more of
#: them: CLDR's primary zones ("metaZones").
_PRIMARY_ZONES: Mapping[str, str] = {
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
}


class InvalidAccount(Exception):
    """A field of an account is wrong. The message says which, why and what to do."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field


def check_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > _NAME or not name.isprintable():
        raise InvalidAccount("name", f"give a name of 1 to {_NAME} characters")
    return name


@cache
def _timezones() -> frozenset[str]:
    """Return what this machine knows; looking for it reads a thousand files."""
    return frozenset(available_timezones())


def check_timezone(timezone: str) -> str:
    known = _timezones()
    if timezone in known:
        return timezone
    near = process.extractOne(timezone, sorted(known), score_cutoff=_CLOSE)
    example = near[0] if near else "Europe/Istanbul"
    raise InvalidAccount(
        "timezone", f"{timezone!r} is not an IANA time zone; did you mean {example}?"
    )


def check_language(language: str) -> str:
    """Return a language as ISO 639 names it, such as `en` or `tr`."""
    code = language.lower()
    if re.fullmatch(r"[a-z]{2,3}", code) and code in Locale("en").languages:
        return code
    raise InvalidAccount(
        "language", f"{language!r} is not an ISO 639 code; use one like en or tr"
    )


def check_spoken(language: str) -> str:
    """Return a language that we have the words of, as ISO 639 names it."""
    code = check_language(language)
    if code in languages():
        return code
    known = ", ".join(languages())
    raise InvalidAccount("language", f"we do not speak {code!r} yet; use {known}")


def check_country(country: str) -> str:
    """Return a country as ISO 3166 names it: phone numbers are read by it."""
    code = country.upper()
    if code in phonenumbers.SUPPORTED_REGIONS:
        return code
    raise InvalidAccount(
        "country", f"{country!r} is not an ISO 3166 code; use one like TR or DE"
    )


def check_currency(currency: str, now: datetime) -> str:
    """Return a currency that is in use now, as ISO 4217 names it."""
    code = currency.upper()
    if code in _currencies(now.year):
        return code
    raise InvalidAccount(
        "currency",
        f"{currency!r} is not an ISO 4217 code in use; use one like TRY or EUR",
    )


def usual_currency(country: str, day: date) -> str:
    """Return what is paid with in a country."""
    own = get_territory_currencies(country, day)
    return own[0] if own else "USD"


def usual_timezone(country: str) -> str | None:
    """Return the time zone of a country; None where there is more than one to ask."""
    if country in _PRIMARY_ZONES:
        return _PRIMARY_ZONES[country]
    known = _timezones()
    zones = [
        zone
        for zone, where in get_global("zone_territories").items()
        if where == country and zone in known
    ]
    return zones[0] if len(zones) == 1 else None


def check_secret(field: str, value: str) -> str:
    value = value.strip()
    if value and len(value) <= _SECRET and value.isascii() and value.isprintable():
        return value
    raise InvalidAccount(field, f"give 1 to {_SECRET} plain ASCII characters")


def check_phone_number_id(external_id: str) -> str:
    value = external_id.strip()
    if re.fullmatch(r"[0-9]{5,30}", value):
        return value
    raise InvalidAccount(
        "phone_number_id",
        f"{external_id!r} is not a phone number ID: Meta's WhatsApp Manager shows it as"
        " digits only, under the phone number (it is not the number itself)",
    )


@cache
def _currencies(year: int) -> frozenset[str]:
    middle = datetime(year, 7, 1)  # noqa: DTZ001  # only its date counts
    return frozenset(
        code
        for territory in get_global("territory_currencies")
        for code in get_territory_currencies(territory, middle.date())
    )
