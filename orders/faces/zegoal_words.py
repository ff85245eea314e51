"""Zegoal's words: units, types, moments, numbers, and the codes of its errors."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import IntEnum
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from catalog.domain.product import ProductType

MOMENT_PATTERN: Final = r"^([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2})?$"
_MOMENT = re.compile(MOMENT_PATTERN)
_YEARS = range(1970, 3000)
_FORM = "%Y-%m-%d %H:%M:%S"


class Code(IntEnum):
    """Why a call did nothing. Numbers and names stay as they are for ever."""

    OK = 0
    INVALID_FIELD = 1
    UNAUTHORIZED = 2
    WRONG_TENANT = 3
    ACCOUNT_NOT_FOUND = 4
    ACCOUNT_AMBIGUOUS = 5
    NAME_TAKEN = 6
    ADDRESS_NOT_FOUND = 7
    POSITION_NOT_FOUND = 8
    CONFLICT = 9
    TOO_MANY_REQUESTS = 10
    UNAVAILABLE = 11
    FORBIDDEN = 12
    SOLD_OUT = 13
    MALFORMED_REQUEST = 14
    NOT_FOUND = 15
    METHOD_NOT_ALLOWED = 16
    BODY_TIMEOUT = 17
    BODY_TOO_LARGE = 18
    UNSUPPORTED_MEDIA_TYPE = 19
    INTERNAL_ERROR = 20


#: What a position of an order is counted in when nobody says.
PIECE: Final = "шт"
#: Our units as Zegoal writes them; any other stays as it is.
_UNITS: Final[Mapping[str, str]] = {
    "piece": PIECE,
    "kg": "кг",
    "g": "г",  # noqa: RUF001  # Russian, as Zegoal writes it
    "l": "л",
    "ml": "мл",
    "m": "м",
    "cm": "см",
    "m2": "м2",
    "m3": "м3",
    "hour": "ч",
}
_OURS: Final = {word: unit for unit, word in _UNITS.items()}
UNITS: Final = tuple(_UNITS.values())

_TYPES: Final[Mapping[str, ProductType]] = {
    "goods": ProductType.GOODS,
    "товар": ProductType.GOODS,
    "service": ProductType.SERVICE,
    "услуга": ProductType.SERVICE,
}
_TYPE_WORDS: Final = {ProductType.GOODS: "Goods", ProductType.SERVICE: "Service"}
TYPES: Final = tuple(_TYPE_WORDS.values())


def unit_of(word: str) -> str:
    """Return our unit for one of Zegoal's; an unknown one stays."""
    folded = word.strip().casefold().rstrip(".")
    return _OURS.get(folded, folded if folded in _UNITS else word.strip())


def unit_word(unit: str) -> str:
    """Return Zegoal's word for a unit of ours."""
    return _UNITS.get(unit, unit)


def product_type(word: str) -> ProductType:
    """Return what a type means. Raises ValueError naming the words there are."""
    found = _TYPES.get(word.strip().casefold())
    if found is None:
        raise ValueError(f"is none of {', '.join(TYPES)}")
    return found


def type_word(kind: str) -> str:
    """Return Zegoal's word for a product's type."""
    return _TYPE_WORDS.get(ProductType(kind), kind)


def moment_of(text: str) -> datetime:
    """Return a moment as written, without a zone. Raises ValueError."""
    try:
        moment = datetime.strptime(text, _FORM) if _MOMENT.fullmatch(text) else None  # noqa: DTZ007  # the shop's zone is not known here
    except ValueError:
        moment = None
    if moment is None or moment.year not in _YEARS:
        raise ValueError("give a day and time of the shop's as '2020-07-03 09:19:58'")
    return moment


def in_zone(text: str, zone: str) -> datetime:
    """Return a moment written in a zone, in UTC."""
    return moment_of(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def written(moment: datetime, zone: str) -> str:
    """Return a moment as it is written in a zone."""
    return moment.astimezone(ZoneInfo(zone)).strftime(_FORM)


def plain(value: Decimal) -> int | float:
    """Return a JSON number: exact to fifteen digits, and whole when it is whole."""
    return int(value) if value == int(value) else float(value)


_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def ctx_id(unique: str) -> str:
    """Return the id of a call in Zegoal's form, such as `37GMTPLL:0-dP`."""
    number = int.from_bytes(sha256(unique.encode()).digest())
    letters = ""
    for _ in range(10):
        number, rest = divmod(number, len(_LETTERS))
        letters += _LETTERS[rest]
    return f"{letters[:8]}:0-{letters[8:]}"
