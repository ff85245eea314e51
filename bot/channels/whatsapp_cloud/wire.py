"""Meta's webhook bodies as private models, strict only about what we use.

What we can do without is `Lenient`: an unreadable context must not cost the customer's
words. Lengths are those of our columns. Source: Meta's Cloud API webhooks reference.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import (
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
from bot.domain.message import DeliveryState

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
#: An id of Meta's: opaque, and never altered. One that we could not store is refused.
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


# -- around the messages --------------------------------------------------------------


class Metadata(Wire):
    phone_number_id: AccountId


class Profile(Wire):
    name: Lenient[Words] = None
    username: Lenient[Words] = None


class Contact(Wire):
    wa_id: Lenient[AliasValue] = None
    user_id: Lenient[AliasValue] = None
    profile: Lenient[Profile] = None
    username: Lenient[Words] = None


class Error(Wire):
    code: Lenient[Code] = None
    title: Lenient[Words] = None
    message: Lenient[Words] = None


class ReferredProduct(Wire):
    product_retailer_id: Lenient[Words] = None


class Context(Wire):
    id: Lenient[Id] = None
    forwarded: Lenient[bool] = None
    frequently_forwarded: Lenient[bool] = None
    referred_product: Lenient[ReferredProduct] = None


class Referral(Wire):
    source_id: Lenient[Id] = None


class Message(Wire):
    """What every type of message has. Its content is read from the same object."""

    id: Id
    type: Words = Field(min_length=1)
    timestamp: Moment
    sender: Lenient[AliasValue] = Field(default=None, alias="from")
    from_user_id: Lenient[AliasValue] = None
    group_id: object = None
    context: Lenient[Context] = None
    referral: Lenient[Referral] = None
    errors: Lenient[tuple[Error, ...]] = None


class Status(Wire):
    id: Id
    status: DeliveryState
    timestamp: Moment
    biz_opaque_callback_data: Lenient[Id] = None
    errors: Lenient[tuple[Error, ...]] = None


# -- contents -------------------------------------------------------------------------


class TextBody(Wire):
    body: Words


class Choice(Wire):
    id: Words
    title: Words = ""


class FormReply(Wire):
    name: Lenient[Words] = None
    response_json: str


class Interactive(Wire):
    type: Words = Field(min_length=1)
    button_reply: Choice | None = None
    list_reply: Choice | None = None
    nfm_reply: FormReply | None = None


class TemplateButton(Wire):
    payload: Lenient[Words] = None
    text: Words = ""


class ProductItem(Wire):
    product_retailer_id: Words = Field(min_length=1)
    quantity: Number
    item_price: Lenient[Number] = None
    currency: Lenient[Words] = None


class Order(Wire):
    catalog_id: Lenient[Words] = None
    text: Lenient[Words] = None
    product_items: tuple[ProductItem, ...]


class Media(Wire):
    id: Id
    mime_type: Lenient[Id] = None
    sha256: Lenient[Id] = None
    file_size: Lenient[Code] = None
    filename: Lenient[Words] = None
    caption: Lenient[Words] = None
    voice: Lenient[bool] = None


class Location(Wire):
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    name: Lenient[Words] = None
    address: Lenient[Words] = None


class Name(Wire):
    formatted_name: Lenient[Words] = None
    first_name: Lenient[Words] = None


class Phone(Wire):
    phone: Lenient[Words] = None
    wa_id: Lenient[Words] = None


class Card(Wire):
    name: Lenient[Name] = None
    phones: Lenient[tuple[Phone, ...]] = None
    origin: Lenient[Words] = None


class Cards(Wire):
    contacts: tuple[Card, ...]
    origin: Lenient[Words] = None


class Reaction(Wire):
    message_id: Id
    emoji: Lenient[Words] = None


class System(Wire):
    type: Words
    body: Lenient[Words] = None


class UnsupportedKind(Wire):
    type: Lenient[Words] = None
