"""The changes of a draft that a caller may ask for: one model for each.

A caller names things: products, variants, lines. Names, prices and tax rates are the
catalog's; nobody sets a price here. Null for a fact takes it back: nobody said it.
"""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from bot.web.api.models import Exact, Given, Id, Moment, Money
from orders import Fulfilment

LineId = Annotated[str, Field(pattern=r"^[LU][0-9]{1,9}$", examples=["L1"])]
_PHONE = r"^\+[1-9][0-9]{6,14}$"
#: As long as a message may be.
_TEXT = 4096


class OptionGiven(Given):
    """An option of the product: `negated` for what is not wanted."""

    group_id: str = Field(max_length=100, examples=["milk"])
    value_id: str = Field(max_length=100, examples=["oat"])
    negated: bool = False
    qualifier: str | None = Field(None, max_length=100, examples=["extra"])


class _ProductGiven(Given):
    """Which product, by its id or by a SKU, its own or that of a variant."""

    product_id: Id | None = None
    sku: str | None = Field(None, min_length=1, max_length=100, examples=["LATTE"])
    variant_id: Id | None = None
    quantity: Exact | None = Field(
        None, gt=0, description="Without: as much as one usually takes of it."
    )
    unit: str | None = Field(
        None,
        max_length=40,
        description="Another unit or a pack of the product; it is converted.",
        examples=["koli"],
    )
    options: list[OptionGiven] = Field(default=[], max_length=50)
    note: str | None = Field(None, min_length=1, max_length=_TEXT)
    words: str | None = Field(
        None,
        min_length=1,
        max_length=120,
        description="What the customer called it: the bot learns it of this customer.",
        examples=["the usual"],
    )

    @model_validator(mode="after")
    def _names_one_product(self) -> Self:
        if (self.product_id is None) == (self.sku is None):
            raise ValueError("give either product_id or sku")
        return self


class PutLineGiven(_ProductGiven):
    """Add a product; a line of the same item grows."""

    type: Literal["put_line"]


class ReplaceLineGiven(_ProductGiven):
    """Put another product in the place of a line."""

    type: Literal["replace_line"]
    line_id: LineId


class SetQuantityGiven(Given):
    """Set how much of a line."""

    type: Literal["set_quantity"]
    line_id: LineId
    quantity: Exact = Field(gt=0)
    unit: str | None = Field(None, max_length=40)


class ChooseVariantGiven(Given):
    """Choose which variant a line means."""

    type: Literal["choose_variant"]
    line_id: LineId
    variant_id: Id


class SetOptionsGiven(Given):
    """Set all options of a line: those that are not named are gone."""

    type: Literal["set_options"]
    line_id: LineId
    options: list[OptionGiven] = Field(max_length=50)


class DropLineGiven(Given):
    """Take a line out."""

    type: Literal["drop_line"]
    line_id: LineId


class RepriceGiven(Given):
    """Take over what the catalog asks for a line now."""

    type: Literal["reprice"]
    line_id: LineId


class ReconcileGiven(Given):
    """Take over everything that differs: prices, stock, what is no longer sold."""

    type: Literal["reconcile"]


class PutUnresolvedGiven(Given):
    """Keep words open that name a product nobody has found yet."""

    type: Literal["put_unresolved"]
    text: str = Field(min_length=1, max_length=_TEXT)
    quantity: Exact | None = Field(None, gt=0)
    unit: str | None = Field(None, max_length=40)
    replaces: LineId | None = None


class DropUnresolvedGiven(Given):
    """Settle open words: their product was put, or nobody wants it."""

    type: Literal["drop_unresolved"]
    unresolved_id: LineId


class ClearGiven(Given):
    """Take out every line and all open words; names and addresses stay."""

    type: Literal["clear"]


class ReopenGiven(Given):
    """Take back what was shown or confirmed: the customer is asked again."""

    type: Literal["reopen"]


class SetNameGiven(Given):
    """Set who the order is for."""

    type: Literal["set_name"]
    name: str | None = Field(min_length=1, max_length=300, examples=["Ada Lovelace"])


class SetPhoneGiven(Given):
    """Set a phone number, as E.164 writes it."""

    type: Literal["set_phone"]
    phone: str | None = Field(pattern=_PHONE, examples=["+905321234567"])


class SetEmailGiven(Given):
    """Set an e-mail address."""

    type: Literal["set_email"]
    email: str | None = Field(
        pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
        max_length=320,
        examples=["ada@example.com"],
    )


class SetTaxIdGiven(Given):
    """Set the customer's tax number; its check digits must fit."""

    type: Literal["set_tax_id"]
    tax_id: str | None = Field(min_length=1, max_length=40)


class SetBusinessGiven(Given):
    """Say whether a company buys, or a person."""

    type: Literal["set_business"]
    business: bool | None


class SetCompanyGiven(Given):
    """Set the company that buys; it also says that one does."""

    type: Literal["set_company"]
    company: str | None = Field(min_length=1, max_length=300)


class SetTaxOfficeGiven(Given):
    """Set the tax office of the company."""

    type: Literal["set_tax_office"]
    tax_office: str | None = Field(min_length=1, max_length=100)


class SetRecipientGiven(Given):
    """Set who receives it, where that is not who buys."""

    type: Literal["set_recipient"]
    recipient: str | None = Field(min_length=1, max_length=300)


class SetRecipientPhoneGiven(Given):
    """Set the number of who receives it, as E.164 writes it."""

    type: Literal["set_recipient_phone"]
    recipient_phone: str | None = Field(pattern=_PHONE, examples=["+905321234567"])


class SetExtraGiven(Given):
    """Answer a field of the shop's own; null takes the answer back."""

    type: Literal["set_extra"]
    field_id: str = Field(min_length=1, max_length=40, examples=["table"])
    value: str | None = Field(
        max_length=500,
        description="A number as a decimal, a date as 2026-11-23, of a choice its id.",
        examples=["12"],
    )


class SetCustomerGiven(Given):
    """Say which of the shop's customers buys; null: the one who writes."""

    type: Literal["set_customer"]
    customer_id: Id | None


class SetFulfilmentGiven(Given):
    """Deliver it, or have it picked up."""

    type: Literal["set_fulfilment"]
    fulfilment: Fulfilment | None


class AddressGiven(Given):
    """Where to deliver: words that a courier understands, and the parts you know."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "text": "Lale Sokak 5, Kadikoy, Istanbul",
                    "city": "Istanbul",
                    "postal_code": "34710",
                }
            ]
        }
    )

    text: str = Field(min_length=1, max_length=_TEXT)
    street: str | None = Field(None, max_length=300)
    number: str | None = Field(None, max_length=60)
    complement: str | None = Field(None, max_length=300)
    suburb: str | None = Field(None, max_length=300)
    city: str | None = Field(None, max_length=300)
    state: str | None = Field(None, max_length=300)
    postal_code: str | None = Field(None, max_length=40)
    country: str | None = Field(None, max_length=100)
    latitude: float | None = Field(None, ge=-90, le=90)
    longitude: float | None = Field(None, ge=-180, le=180)


class SetAddressGiven(Given):
    """Set where to deliver; it also says that it is to be delivered."""

    type: Literal["set_address"]
    address: AddressGiven | None


class SetDueGiven(Given):
    """Set when it is wanted: a moment, or a day without the hour; null: nobody said."""

    type: Literal["set_due"]
    due_at: Moment | None = None
    due_day: date | None = Field(None, description="A day by the shop's clock.")

    @model_validator(mode="after")
    def _says_one_time(self) -> Self:
        both = self.due_at is not None and self.due_day is not None
        if both or not self.model_fields_set & {"due_at", "due_day"}:
            raise ValueError("give either due_at or due_day")
        return self


class SetPaymentGiven(Given):
    """Set how it is paid: one of the shop's methods, by its id, or free words."""

    type: Literal["set_payment"]
    payment: str | None = Field(min_length=1, max_length=_TEXT, examples=["card"])


class SetCouponGiven(Given):
    """Set a coupon code."""

    type: Literal["set_coupon"]
    coupon: str | None = Field(min_length=1, max_length=_TEXT)


class SetGiftNoteGiven(Given):
    """Set the words on the gift card."""

    type: Literal["set_gift_note"]
    gift_note: str | None = Field(min_length=1, max_length=_TEXT)


class SetNoteGiven(Given):
    """Set a note for the shop."""

    type: Literal["set_note"]
    note: str | None = Field(min_length=1, max_length=_TEXT)


class SetDiscountGiven(Given):
    """Give a discount on the goods: an amount or a percentage; neither ends it."""

    type: Literal["set_discount"]
    amount: Money | None = None
    percent: Exact | None = Field(None, gt=0, le=100)
    reason: str | None = Field(None, max_length=300)

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if self.amount is not None and self.percent is not None:
            raise ValueError("give either amount or percent")
        return self


class SetShippingGiven(Given):
    """Set the delivery fee, whatever the shop's rules say; null: what they say."""

    type: Literal["set_shipping"]
    shipping: Money | None


ChangeGiven = Annotated[
    PutLineGiven
    | SetQuantityGiven
    | ChooseVariantGiven
    | SetOptionsGiven
    | ReplaceLineGiven
    | DropLineGiven
    | RepriceGiven
    | ReconcileGiven
    | PutUnresolvedGiven
    | DropUnresolvedGiven
    | ClearGiven
    | ReopenGiven
    | SetNameGiven
    | SetPhoneGiven
    | SetEmailGiven
    | SetTaxIdGiven
    | SetBusinessGiven
    | SetCompanyGiven
    | SetTaxOfficeGiven
    | SetRecipientGiven
    | SetRecipientPhoneGiven
    | SetExtraGiven
    | SetCustomerGiven
    | SetFulfilmentGiven
    | SetAddressGiven
    | SetDueGiven
    | SetPaymentGiven
    | SetCouponGiven
    | SetGiftNoteGiven
    | SetNoteGiven
    | SetDiscountGiven
    | SetShippingGiven,
    Field(discriminator="type"),
]


class ChangesGiven(Given):
    """Changes that happen together or not at all, in this order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": 3,
                    "changes": [
                        {"type": "put_line", "sku": "LATTE", "quantity": "2"},
                        {"type": "set_name", "name": "Ada Lovelace"},
                    ],
                }
            ]
        }
    )

    version: int = Field(ge=0, le=2**31 - 1, description="The one that you have seen.")
    changes: list[ChangeGiven] = Field(min_length=1, max_length=100)
