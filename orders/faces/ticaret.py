"""Ticaret.pro's order made from an AI analysis: what callers send.

Fields are those of Ticaret.pro's API reference, "create an operator-approved order from
a completed AI analysis". A price, a tax or a name of a product is no field of a
request: they are the catalog's.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

from orders.domain.draft import Address
from orders.faces.json_values import Loose

#: Where an order keeps what a caller said beside all that (`Order.data`).
KEPT = "ticaret"

_SAMPLE_PRODUCT = "product_01k9xyz"


class _Given(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, strict=True
    )


Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
Note = Annotated[str, Field(max_length=1_000)]
AddressLine = Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]


class _Known(BaseModel):
    """Keys of a free object that mean something here; the others are kept."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", strict=True)


class AddressKnown(_Known):
    """An address in parts; `text` is all of it in one line."""

    text: Name | None = None
    street: Name | None = None
    number: Name | None = None
    complement: Name | None = None
    suburb: Name | None = None
    city: Name | None = None
    state: Name | None = None
    postal_code: Name | None = None
    country: Name | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any(self.model_dump().values()):
            raise ValueError("give its text or its parts")
        return self


class ShippingKnown(_Known):
    """What `shipping` may say: how it goes, where to, and to whom."""

    method: Literal["delivery", "pickup"] | None = None
    address: AddressLine | AddressKnown | None = None
    recipient: Name | None = None
    recipient_phone: Name | None = None


class PaymentKnown(_Known):
    """What `payment` may say: by which of the shop's ways."""

    method: Name | None = None


class MetadataKnown(_Known):
    """What `metadata` may say: the versions that the caller has seen."""

    draft_version: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    entity_version: Annotated[str, Field(pattern=r"^[0-9]{1,15}$")] | None = None


def _knowing(known: type[_Known]) -> Callable[[dict[str, JsonValue]], object]:
    """Return a check of the keys that mean something; the rest is the caller's."""

    def check(given: dict[str, JsonValue]) -> dict[str, JsonValue]:
        try:
            known.model_validate(given)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise ValueError(f"{where}: {first['msg']}") from None
        return given

    return check


class ItemGiven(_Given):
    """One product. What it costs is the catalog's to say."""

    product_id: Name = Field(description="Our id of the product, or its SKU.")
    quantity: float = Field(
        gt=0,
        le=1_000_000,
        allow_inf_nan=False,
        description="Above 0, and a multiple of the product's step.",
    )
    variant_note: Note | None = Field(
        None, description="The variant in words: its id, SKU or name."
    )
    metadata: Loose = Field(default_factory=dict)


class CreateOrderGiven(_Given):
    """What an operator says; what is left out is the draft's."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "productId": _SAMPLE_PRODUCT,
                            "quantity": 2,
                            "variantNote": "red, M",
                        }
                    ],
                    "shipping": {"method": "pickup"},
                    "payment": {"method": "cash"},
                    "notes": "gift wrapped",
                    "tags": ["vip"],
                    "metadata": {"draftVersion": 3},
                    "allowDuplicate": False,
                }
            ]
        }
    )

    customer_id: Name | None = None
    contact_id: Name | None = None
    items: list[ItemGiven] | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="In the place of the draft's lines; left out: those.",
    )
    shipping: Annotated[Loose, AfterValidator(_knowing(ShippingKnown))] = Field(
        default_factory=dict,
        description="`method`, `address`, `recipient`, `recipientPhone`; the rest is"
        " kept.",
    )
    payment: Annotated[Loose, AfterValidator(_knowing(PaymentKnown))] = Field(
        default_factory=dict, description="`method`; the rest is kept."
    )
    notes: Note | None = None
    tags: list[Annotated[Name, Field(max_length=100)]] = Field(
        default_factory=list, max_length=50
    )
    metadata: Annotated[Loose, AfterValidator(_knowing(MetadataKnown))] = Field(
        default_factory=dict,
        description="`draftVersion` and `entityVersion` are the versions that you have"
        " seen; the rest is kept.",
    )
    allow_duplicate: bool = Field(
        default=False, description="Make one more order of the same draft."
    )

    @property
    def shipping_known(self) -> ShippingKnown:
        return ShippingKnown.model_validate(self.shipping)

    @property
    def payment_known(self) -> PaymentKnown:
        return PaymentKnown.model_validate(self.payment)

    @property
    def metadata_known(self) -> MetadataKnown:
        return MetadataKnown.model_validate(self.metadata)


def quantity_of(item: ItemGiven) -> Decimal:
    """Return a quantity as it was written: 0.1 is a tenth."""
    return Decimal(str(item.quantity))


def address_of(said: str | AddressKnown) -> Address:
    """Return an address; in parts, its text is made of them where none is given."""
    if isinstance(said, str):
        return Address(said.strip())
    parts = said.model_dump(exclude={"text"})
    text = said.text or ", ".join(part for part in parts.values() if part)
    return Address(text=text, **parts)
