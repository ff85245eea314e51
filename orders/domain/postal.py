"""Postal codes in free text: what one looks like in a country, and which is meant.

The formats are those that the countries' posts publish (Universal Postal Union,
"Postal addressing systems in member countries"). A country that is not listed is read
by the lengths that are common.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from catalog.domain.folding import fold

#: 9 is a digit, A a letter, X either; a space or hyphen there may be left out.
FORMATS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("IS",), ("999",)),
    **dict.fromkeys(
        (
            *("AL", "AM", "AT", "AU", "BD", "BE", "BG", "CH", "CY", "DK", "GE", "HU"),
            *("LI", "LU", "LV", "MK", "NO", "NZ", "PH", "PY", "SI", "TN", "VE", "ZA"),
        ),
        ("9999",),
    ),
    **dict.fromkeys(
        (
            *("BA", "CR", "DE", "DO", "DZ", "EE", "EG", "ES", "FI", "FR", "GT", "HR"),
            *("ID", "IQ", "IT", "JO", "KE", "KR", "KW", "LK", "LT", "MA", "MC", "ME"),
            *("MX", "MY", "NP", "PE", "PK", "RS", "SA", "SM", "TH", "TR", "UA", "UY"),
        ),
        ("99999",),
    ),
    **dict.fromkeys(
        ("BY", "CN", "CO", "EC", "KG", "NG", "RO", "RU", "SG", "TJ", "UZ", "VN"),
        ("999999",),
    ),
    "AD": ("AA999",),
    "AR": ("9999", "A9999AAA"),
    "AZ": ("9999", "AA9999"),
    "BR": ("99999-999",),
    "CA": ("A9A 9A9",),
    "CL": ("9999999", "999-9999"),
    "CZ": ("999 99",),
    "GB": ("A9 9AA", "A99 9AA", "AA9 9AA", "AA99 9AA", "A9A 9AA", "AA9A 9AA"),
    "GR": ("999 99",),
    "IE": ("A9X XXXX",),
    "IL": ("9999999", "99999"),
    "IN": ("999999", "999 999"),
    "IR": ("99999-99999",),
    "JP": ("999-9999",),
    "KZ": ("999999", "A99A9A9"),
    "MD": ("9999", "AA9999"),
    "MT": ("AAA 9999",),
    "NL": ("9999 AA",),
    "PL": ("99-999",),
    "PT": ("9999-999", "9999"),
    "SE": ("999 99",),
    "SK": ("999 99",),
    "TW": ("999", "99999", "999999"),
    "US": ("99999", "99999-9999"),
}
_COMMON = ("9999", "99999", "999999", "9999999")
_KINDS = {"9": r"\d", "A": "[a-z]", "X": "[a-z0-9]"}
#: What a merchant may write as a format of their own.
WRITTEN_FORMAT = re.compile(r"[9AX](?:[ -]?[9AX]){2,11}")


def formats_of(country: str) -> tuple[str, ...]:
    """Return what postal codes of an ISO 3166 country look like."""
    return FORMATS.get(country, _COMMON)


def squeezed(code: str) -> str:
    """Return a postal code, or the beginning of one, as it is compared."""
    return fold(code).replace(" ", "")


def code_in(text: str, formats: Sequence[str]) -> str | None:
    """Return the postal code that a text names, squeezed; None when it names none.

    Of several the last counts: a house number that looks like one precedes it.
    """
    found = list(_pattern(tuple(formats)).finditer(fold(text)))
    return found[-1][0].replace(" ", "") if found else None


def code_span(text: str, formats: Sequence[str]) -> tuple[int, int] | None:
    """Return where a text names its postal code, the last if several; None: nowhere."""
    found = list(_pattern(tuple(formats), as_written=True).finditer(text))
    return found[-1].span() if found else None


def without_code(text: str, formats: Sequence[str]) -> str:
    """Return a folded text without its postal codes."""
    return " ".join(_pattern(tuple(formats)).sub(" ", fold(text)).split())


@cache
def _pattern(formats: tuple[str, ...], *, as_written: bool = False) -> re.Pattern[str]:
    # The longest first: "12345-6789" is one code.
    ordered = sorted(formats, key=len, reverse=True)
    each = "|".join(map(spelt, ordered))
    if as_written:
        each = each.replace(" ?", "[ -]?")
    return re.compile(rf"(?<!\w)(?:{each})(?!\w)", re.IGNORECASE)


def spelt(form: str) -> str:
    """Return a format as a regular expression for folded text."""
    return "".join(_KINDS.get(sign, " ?") for sign in form)
