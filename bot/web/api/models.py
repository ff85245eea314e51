"""What bodies and answers share: ids, moments, money, quantities, pages."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Generic, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from catalog.domain.money import exponent, to_major, to_minor

T = TypeVar("T")

#: Only what can be an id is looked up: anything else is an id that nobody has.
ID_PATTERN = r"^[0-9A-Za-z_-]{1,40}$"
#: Lists reach no further back: a database counts every row that it skips.
_FURTHEST = 1_000_000


class Given(BaseModel):
    """What a caller sends: an unknown field is a mistake, and said to be one."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Shown(BaseModel):
    """What we answer. Fields are added, never renamed or removed."""

    model_config = ConfigDict(
        frozen=True, json_schema_serialization_defaults_required=True
    )


Id = Annotated[str, Field(pattern=ID_PATTERN)]


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("is too far away") from None


#: A moment with its zone, answered in UTC.
Moment = Annotated[
    AwareDatetime,
    AfterValidator(_in_utc),
    Field(examples=["2026-11-22T12:00:00Z"]),
]

_DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")


def _decimal(value: object) -> object:
    """Read a decimal text, or a JSON number as it is written."""
    if isinstance(value, Decimal):
        return value
    text = str(value) if isinstance(value, int | float) else value
    if (
        isinstance(value, bool)
        or not isinstance(text, str)
        or not _DECIMAL.fullmatch(text)
    ):
        raise ValueError("give a decimal with at most 6 decimals, such as '2.5'")
    return Decimal(text)


def plain(value: Decimal) -> str:
    """Return a decimal without exponent and without zeros at the end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


#: A quantity or a percentage: answered as a decimal text; a number is read, too.
Exact = Annotated[
    Decimal,
    BeforeValidator(_decimal),
    PlainSerializer(plain, return_type=str),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": f"^{_DECIMAL.pattern}$"},
                {"type": "number"},
            ],
            "examples": ["2.5"],
        },
        mode="validation",
    ),
    WithJsonSchema(
        {"type": "string", "examples": ["2.5"]},
        mode="serialization",
    ),
]


class Money(BaseModel):
    """An amount of money, in major units: `{"amount": "12.50", "currency": "TRY"}`."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        json_schema_extra={"examples": [{"amount": "12.50", "currency": "TRY"}]},
    )

    amount: str = Field(
        pattern=f"^{_DECIMAL.pattern}$",
        description="Major units as a decimal text.",
        examples=["12.50"],
    )
    currency: str = Field(
        pattern=r"^[A-Z]{3}$", description="ISO 4217.", examples=["TRY"]
    )

    @classmethod
    def of_minor(cls, minor: int, currency: str) -> "Money":
        """Return an amount of minor units, with all decimals of its currency."""
        return cls(amount=f"{to_major(minor, currency):f}", currency=currency)

    @classmethod
    def of_price(cls, price: Decimal, currency: str) -> "Money":
        """Return a unit price: at least the currency's decimals, at most six."""
        digits = plain(price)
        decimals = len(digits.partition(".")[2])
        return cls(
            amount=f"{price:.{max(decimals, exponent(currency))}f}", currency=currency
        )

    def price(self, currency: str) -> Decimal:
        """Return the amount as major units. Raises ValueError for another currency."""
        if self.currency != currency:
            raise ValueError(f"the currency is {self.currency}; it must be {currency}")
        return Decimal(self.amount)

    def minor(self, currency: str) -> int:
        """Return minor units. Raises ValueError for what is not a whole number."""
        amount = self.price(currency)
        minor = to_minor(amount, currency)
        if to_major(minor, currency) != amount:
            raise ValueError(
                f"{self.amount} has more decimals than {currency} has:"
                f" {exponent(currency)}"
            )
        return minor


class Page(Shown, Generic[T]):
    """A part of a list, and how long the whole list is."""

    data: list[T]
    total: int = Field(description="How many there are in all.", examples=[1])


class CursorPage(Shown, Generic[T]):
    """A part of a list that grows while it is read."""

    data: list[T]
    next_cursor: str | None = Field(
        description="Send it as `cursor` to read on; null at the end."
    )


class Paging(Given):
    """Which part of a list."""

    limit: int = Field(50, ge=1, le=100, description="How many at most.")
    offset: int = Field(0, ge=0, le=_FURTHEST, description="How many to skip.")


class CursorPaging(Given):
    """Which part of a list that grows."""

    limit: int = Field(50, ge=1, le=100, description="How many at most.")
    cursor: str | None = Field(
        None,
        pattern=r"^[0-9A-Za-z_-]{1,100}$",
        description="The `next_cursor` of the part before.",
    )
