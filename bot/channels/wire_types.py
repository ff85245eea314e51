"""Fields of what providers send, as strict as our columns and no stricter.

What can be done without is `Lenient`: an unreadable detail must not cost the customer's
words. Lengths are those of our columns.
"""

from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from bot.channels.cleaning import clean

T = TypeVar("T")

#: Seconds since 1970 at the start of 2100: later ones are milliseconds or nonsense.
_END_OF_TIME = 4_102_444_800


def _cleaned(value: object) -> object:
    return clean(value) if isinstance(value, str) else value


def _none_if_unreadable(value: object, read: ValidatorFunctionWrapHandler) -> object:
    try:
        return read(value)
    except ValidationError:
        return None


def _number(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("true and false are no numbers")  # noqa: TRY004  # pydantic
    return value


def _moment(value: object) -> datetime:
    text = str(value) if isinstance(value, str | int) else ""
    if not (text.isascii() and text.isdigit()):
        raise ValueError("not seconds since 1970")
    seconds = int(text)
    if not 0 < seconds < _END_OF_TIME:
        raise ValueError("not seconds of this century")
    return datetime.fromtimestamp(seconds, UTC)


Lenient = Annotated[T | None, WrapValidator(_none_if_unreadable)]
#: Text for people to read: cleaned and capped.
Words = Annotated[str, BeforeValidator(_cleaned)]
#: Of what others wrote, and people only look at: a word, a paragraph, an address.
Short = Annotated[Words, AfterValidator(partial(clean, limit=60))]
Told = Annotated[Words, AfterValidator(partial(clean, limit=1000))]
Url = Annotated[Words, AfterValidator(partial(clean, limit=2000))]
#: An id of the provider's: opaque, never altered. One that we cannot store is refused.
Id = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f]+$")]
AccountId = Annotated[Id, StringConstraints(max_length=100)]
AliasValue = Annotated[Id, StringConstraints(max_length=160)]
Number = Annotated[
    Decimal,
    BeforeValidator(_number),
    Field(ge=-(10**12), le=10**12, max_digits=24, decimal_places=12),
]
#: Whole numbers that fit the database's.
Code = Annotated[int, BeforeValidator(_number), Field(ge=-(2**31), lt=2**31)]
Moment = Annotated[datetime, BeforeValidator(_moment)]


class Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)
