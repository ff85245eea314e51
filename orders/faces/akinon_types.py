"""Values of Akinon's bodies, kept in the very form in which they are given.

An amount may be a number or a decimal text, a moment is a text: they are checked and
stay as they are, so that an answer repeats exactly what was sent.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from ipaddress import ip_address
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

_DECIMAL: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9:.]+([Zz]|[+-][0-9:]+)"
)
_SINCE: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST: Final = Decimal(10**9)
#: What Akinon's foreign keys can hold.
LARGEST_REF: Final = 2**31 - 1


class AkinonGiven(BaseModel):
    """What a caller sends: what we know no field for is kept, too."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)


class AkinonTold(BaseModel):
    """What is answered: what nothing stored tells is absent."""

    model_config = ConfigDict(frozen=True)


def decimal_of(value: float | str) -> Decimal:
    """Return an amount that was checked."""
    return Decimal(str(value))


def moment_of(value: str) -> datetime:
    """Return a moment that was checked, in UTC."""
    return datetime.fromisoformat(value.upper()).astimezone(UTC)


def _amount(value: float | str) -> int | float | str:
    try:
        text = value if isinstance(value, str) else f"{decimal_of(value):f}"
    except ValueError:  # nan and the like
        text = ""
    if not _DECIMAL.fullmatch(text) or Decimal(text) > _MOST:
        raise ValueError(
            f"give 0 to {_MOST:f} with at most 6 decimals, as a number or a text"
        )
    return value


def _moment(value: str) -> str:
    try:
        fits = bool(_MOMENT.fullmatch(value)) and moment_of(value) >= _SINCE
    except (ValueError, OverflowError):
        fits = False
    if not fits:
        raise ValueError(
            "give a moment since 1970 with its zone, such as 2025-01-01T12:00:00Z"
        )
    return value


def _day(value: str) -> str:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise ValueError("give a day, such as 2025-01-31") from None
    return value


def _address(value: str) -> str:
    try:
        ip_address(value)
    except ValueError:
        raise ValueError("give an IP address, such as 203.0.113.7") from None
    return value


_AMOUNT_SCHEMA = {
    "anyOf": [
        {"type": "number", "minimum": 0, "maximum": 10**9},
        {"type": "string", "pattern": f"^{_DECIMAL.pattern}$"},
    ],
    "examples": [100],
}

#: Money in major units, a rate in percent, a quantity: never below 0.
Amount = Annotated[
    int | float | str, AfterValidator(_amount), WithJsonSchema(_AMOUNT_SCHEMA)
]
Moment = Annotated[
    str,
    Field(max_length=40),
    AfterValidator(_moment),
    WithJsonSchema(
        {"type": "string", "format": "date-time", "examples": ["2025-01-01T00:00:00Z"]}
    ),
]
Day = Annotated[
    str,
    Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    AfterValidator(_day),
]
#: The number of something that is there already.
Ref = Annotated[int, Field(ge=1, le=LARGEST_REF)]
Short = Annotated[str, Field(max_length=200)]
Long = Annotated[str, Field(max_length=5_000)]
Url = Annotated[str, Field(max_length=2_000)]
Word = Annotated[str, Field(min_length=1, max_length=50, pattern=r"^\S+$")]
#: ISO 4217 in the case in which Akinon writes it.
Currency = Annotated[str, Field(pattern=r"^[a-z]{3}$", examples=["try"])]
#: The first six digits of a card, which name its bank: a whole number never gets in.
Bin = Annotated[str, Field(pattern=r"^[0-9]{6}$", examples=["123456"])]
IpAddress = Annotated[str, Field(max_length=45), AfterValidator(_address)]
Count = Annotated[int, Field(ge=0, le=1_000)]
