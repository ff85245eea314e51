"""Akinon's order of a sales channel: what a channel sends, and what it is answered.

Fields and types are those of Akinon's public page "SalesChannelCreateOrder" (Omnitron).
Which of them are required is ours: that page does not say.
"""

from typing import Self

from pydantic import ConfigDict, Field, JsonValue, RootModel, model_validator

from orders.faces.akinon_types import (
    AkinonGiven,
    AkinonTold,
    Amount,
    Bin,
    Count,
    Currency,
    Day,
    IpAddress,
    Long,
    Moment,
    Ref,
    Short,
    Url,
    Word,
    moment_of,
)
from orders.faces.json_values import Loose, storable

#: More items than these no order has.
_MOST_ITEMS = 500
#: Fields that only the answer has.
SERVER_FIELDS = (
    "net_shipping_amount",
    "shipping_company",
    "cancel_status",
    "installment_free",
    "first_refund_strategy",
)


class _Kept(AkinonGiven):
    __pydantic_extra__: dict[str, JsonValue]

    @model_validator(mode="after")
    def _storable(self) -> Self:
        storable(self.__pydantic_extra__)
        return self


class RangeGiven(_Kept):
    """When it shall be delivered."""

    start: Moment
    end: Moment

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if moment_of(self.end) < moment_of(self.start):
            raise ValueError("end: give a moment that is not before start")
        return self


class OrderGiven(_Kept):
    """An order without its items. Amounts are major units; prices include the tax."""

    number: str = Field(
        min_length=1,
        max_length=100,
        pattern=r"^\S(.*\S)?$",
        description="The caller's number of the order: unique in the channel.",
    )
    channel: Ref = Field(description="The channel of the address, again.")
    status: Word = Field(description="One of Akinon's names of a status.")
    date_placed: Moment = Field(description="When the customer ordered.")
    customer: Ref
    shipping_address: Ref
    billing_address: Ref
    currency: Currency
    amount: Amount = Field(
        description="The items' total_price + shipping_amount - discount_amount."
    )
    shipping_amount: Amount = 0
    shipping_tax_rate: Amount | None = None
    extra_field: Loose | None = None
    payment_option: Ref
    payment_option_slug: Short | None = None
    bin_number: Bin | None = Field(None, description="Six digits: never a whole card.")
    installment: Ref | None = None
    installment_count: Count | None = None
    delivery_type: Short | None = None
    installment_interest_amount: Amount | None = None
    cargo_company: Ref
    invoice_number: Short | None = None
    invoice_date: Moment | None = None
    e_archive_url: Url | None = None
    refund_amount: Amount | None = None
    discount_refund_amount: Amount | None = None
    shipping_refund_amount: Amount | None = None
    discount_amount: Amount = 0
    is_send: bool = Field(
        default=False, description="Whether the merchant's own systems have it already."
    )
    shipping_interest_amount: Amount | None = None
    tracking_number: Short | None = None
    carrier_shipping_code: Short | None = None
    remote_addr: IpAddress | None = None
    fundstransfertransaction_set: list[Ref] | None = Field(None, max_length=1_000)
    has_gift_box: bool | None = None
    gift_box_note: Long | None = None
    external_status: int | None = Field(None, ge=-(2**31), le=2**31 - 1)
    client_type: Short | None = None
    language_code: Short | None = None
    notes: Long | None = None
    delivery_range: RangeGiven | None = None
    shipping_option_slug: Short | None = None
    segment: Short | None = None
    modified_date: Moment | None = None
    checkout_provider_id: Ref | None = None
    created_date: Moment | None = None
    cancellation_info: Loose | None = None
    defined_tracking_url: Url | None = None


class ItemGiven(_Kept):
    """One item. Its discount, tax and interest are for information."""

    order: int | None = Field(None, description="Not read: the order is being made.")
    product: Ref
    status: Word
    price_currency: Currency = Field(description="The order's currency, again.")
    price: Amount
    quantity: Amount = Field(description="Above 0.")
    unit_price: Amount
    total_price: Amount = Field(description="unit_price times quantity.")
    tax_rate: Amount
    tax_amount: Amount | None = None
    extra_field: Loose | None = None
    price_list: Ref
    stock_list: Ref
    shipping_company: Short | None = None
    shipment_code: Short | None = None
    attributes: Loose | None = None
    cancel_status: Word | None = None
    installment_interest_amount: Amount | None = None
    is_tradable: bool | None = None
    datasource: Ref | None = Field(None, description="The warehouse that served it.")
    localized_attributes: Loose | None = None
    localized_attributes_kwargs: Loose | None = None
    cancellation_reconciliation: Ref | None = None
    reconciliation: Ref | None = None
    forced_refund: bool | None = None
    original_stock: int | None = Field(None, ge=-(2**31), le=2**31 - 1)
    shipping_option_group: Ref | None = None
    discount_amount: Amount | None = None
    retail_price: Amount | None = None
    image: Url | None = None
    parent: Ref | None = None
    estimated_delivery_date: Day | None = None
    defined_tracking_url: Url | None = None
    defined_shipping_company: Short | None = None


EXAMPLE: dict[str, JsonValue] = {
    "order": {
        "number": "CH-1001",
        "channel": 5,
        "status": "approved",
        "date_placed": "2026-11-22T09:57:02.290Z",
        "customer": 1,
        "shipping_address": 1,
        "billing_address": 1,
        "currency": "try",
        "amount": 100,
        "shipping_amount": 10,
        "discount_amount": 10,
        "payment_option": 1,
        "cargo_company": 1,
        "delivery_type": "same_day",
        "has_gift_box": True,
        "gift_box_note": "For Ada",
        "extra_field": {"thread_id": "cnv_1"},
    },
    "order_item": [
        {
            "product": 1,
            "status": "approved",
            "price_currency": "try",
            "price": 100,
            "quantity": 1,
            "unit_price": 100,
            "total_price": 100,
            "tax_rate": 10,
            "price_list": 1,
            "stock_list": 1,
        }
    ],
}


class CreateOrderGiven(AkinonGiven):
    """An order and its items."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    order: OrderGiven
    order_item: list[ItemGiven] = Field(min_length=1, max_length=_MOST_ITEMS)

    @property
    def raw(self) -> dict[str, JsonValue]:
        """Return the body as it came."""
        raw: dict[str, JsonValue] = self.model_dump(mode="json", exclude_unset=True)
        return raw


class OrderTold(AkinonTold):
    """An order without its items: everything that was sent, and how it stands now.

    Fields that the caller added to Akinon's own are told, too.
    """

    model_config = ConfigDict(extra="allow")

    number: str
    channel: int
    status: str = Field(description="As it was sent, until the order moves on.")
    date_placed: str
    customer: int
    shipping_address: int
    billing_address: int
    currency: str
    amount: Amount
    shipping_amount: Amount
    discount_amount: Amount
    payment_option: int
    cargo_company: int
    is_send: bool = Field(description="The merchant's own systems have it.")
    created_date: str = Field(description="As it was sent, else when it came.")
    modified_date: str
    net_shipping_amount: Amount
    cancel_status: str
    shipping_company: str | None = Field(
        None, description="The slug of the cargo company."
    )
    installment_free: bool | None = Field(
        None, description="Paid at once, or in instalments that cost nothing."
    )
    first_refund_strategy: str | None = Field(
        None, description="As the payment option says."
    )


class ListedOrder(OrderTold):
    """An order in a list: with our number of it, and with its items."""

    pk: int
    order_item: list[dict[str, JsonValue]]


class Errors(RootModel[dict[str, list[str]]]):
    """What is wrong, by field; `non_field_errors` where it is no single one."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"order.customer": ["there is no such one"]}]}
    )
