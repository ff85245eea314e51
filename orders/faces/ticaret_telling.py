"""Ticaret.pro's order as its callers read it: `data.order` of its API reference.

What is not known is null, and never invented.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, PlainSerializer
from pydantic.alias_generators import to_camel

from catalog.domain.money import to_major
from orders.domain.ids import Kind
from orders.domain.order import Order, OrderLine
from orders.domain.statuses import TICARET_FULFILMENT, TICARET_ORDER, TICARET_PAYMENT
from orders.faces.ticaret import KEPT, AddressKnown

#: Returns what the caller's system calls a thing of ours.
Called = Callable[[str, str], str]


class Told(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel,
        frozen=True,
        json_schema_serialization_defaults_required=True,
        populate_by_name=True,
    )


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _in_milliseconds(moment: datetime) -> str:
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


#: An exact number inside, a plain JSON number outside; money in major units.
Number = Annotated[Decimal, PlainSerializer(_number, return_type=int | float)]
#: `2019-08-24T14:15:22.123Z`.
Moment = Annotated[datetime, PlainSerializer(_in_milliseconds, return_type=str)]
Free = dict[str, JsonValue]


class CustomerTold(Told):
    """Who buys: the account."""

    id: str
    title: str | None
    short_name: str | None
    status: str


class ContactTold(Told):
    """Who writes: the person."""

    id: str
    display_name: str | None
    email: str | None
    phone: str | None
    status: str


class SourceTold(Told):
    """Where an order comes from: the message, and what was made of it."""

    channel: str = Field(description="provider_whatsapp, manual or api.")
    source_type: str
    source_id: str
    thread_id: str | None = None
    message_id: str | None = None
    external_thread_id: str | None = None
    external_message_id: str | None = None
    label: str | None = None
    metadata: Free = Field(default_factory=dict)


class ItemTold(Told):
    """A line as it was sold."""

    id: str
    product_id: str
    sku: str
    name: str
    unit_price: Number
    currency: str
    quantity: Number
    discount_amount: Number
    tax_rate: Number
    tax_amount: Number
    line_subtotal: Number
    line_total: Number
    product_snapshot: Free
    metadata: Free


class OrderTold(Told):
    """An order."""

    id: str
    account_id: str
    order_no: str
    customer_id: str | None
    contact_id: str | None
    customer: CustomerTold | None
    contact: ContactTold | None
    status: str
    payment_status: str
    fulfillment_status: str
    source: SourceTold
    items: list[ItemTold]
    subtotal: Number
    discount_total: Number
    tax_total: Number
    shipping_total: Number
    grand_total: Number
    currency: str
    payment: Free
    shipping: Free
    notes: str | None
    tags: list[str]
    metadata: Free
    created_at: Moment
    updated_at: Moment
    entity_version: str = Field(description="Another one after every change.")


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around an order in the answer, as the database has it."""

    tenant_id: str
    source: SourceTold
    customer: CustomerTold | None = None
    contact: ContactTold | None = None
    called: Called = field(default=lambda _kind, internal: internal)


def order_told(order: Order, around: Around) -> OrderTold:
    """Return an order as Ticaret.pro prints it."""
    kept = kept_of(order)
    changed = order.updated_at or order.placed_at

    def major(minor: int) -> Decimal:
        return to_major(minor, order.currency)

    return OrderTold(
        id=around.called(Kind.ORDER, order.id),
        account_id=around.tenant_id,
        order_no=number_of(order),
        customer_id=around.customer.id if around.customer else None,
        contact_id=around.contact.id if around.contact else None,
        customer=around.customer,
        contact=around.contact,
        status=TICARET_ORDER.word(order.state),
        payment_status=TICARET_PAYMENT.word(order.payment_status),
        fulfillment_status=TICARET_FULFILMENT.word(order.fulfilment_status),
        source=around.source,
        items=[_item(each, order, around.called) for each in order.lines],
        subtotal=major(order.subtotal),
        discount_total=major(order.discount_total),
        tax_total=major(order.tax_total),
        shipping_total=major(order.shipping_total),
        grand_total=major(order.grand_total),
        currency=order.currency,
        payment=_payment(order, kept),
        shipping=_shipping(order, kept),
        notes=order.note,
        tags=list(order.tags),
        metadata=_free(kept.get("metadata")),
        created_at=order.placed_at,
        updated_at=changed,
        # A moment, as the reference prints it. Writers of one order wait for each
        # other, so that no two changes have the same microsecond.
        entity_version=changed.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    )


def number_of(order: Order) -> str:
    """Return the number of an order."""
    return order.given_number or str(order.number)


def kept_of(order: Order) -> Mapping[str, JsonValue]:
    """Return what the caller said of an order beside its fields."""
    return _free(order.data.get(KEPT))


def _free(value: object) -> Free:
    return dict(value) if isinstance(value, dict) else {}


def _item(line: OrderLine, order: Order, called: Called) -> ItemTold:
    def major(minor: int) -> Decimal:
        return to_major(minor, order.currency)

    return ItemTold(
        id=line.id,
        product_id=called(Kind.PRODUCT, line.product_id),
        sku=line.sku,
        name=line.name,
        unit_price=line.unit_price,
        currency=order.currency,
        quantity=line.quantity,
        discount_amount=major(line.discount),
        tax_rate=line.tax_rate,
        tax_amount=major(line.tax),
        line_subtotal=major(line.subtotal),
        line_total=major(line.total),
        product_snapshot=_free(line.snapshot),
        metadata={
            **_free(line.data),
            **({"variant": line.variant_name} if line.variant_name else {}),
            **({"note": line.note} if line.note else {}),
        },
    )


def _payment(order: Order, kept: Mapping[str, JsonValue]) -> Free:
    known: Free = {"method": order.payment} if order.payment else {}
    if order.checkout_url:
        known["checkoutUrl"] = order.checkout_url
    return {**_free(kept.get("payment")), **known}


def _shipping(order: Order, kept: Mapping[str, JsonValue]) -> Free:
    known: Free = {"method": order.fulfilment.value} if order.fulfilment else {}
    if order.address is not None:
        parts = {
            name: getattr(order.address, name)
            for name in AddressKnown.model_fields
            if getattr(order.address, name)
        }
        known["address"] = {to_camel(name): each for name, each in parts.items()}
    for name, value in (
        ("recipient", order.recipient),
        ("recipientPhone", order.recipient_phone),
        ("dueAt", order.due_at.isoformat() if order.due_at else None),
    ):
        if value:
            known[name] = value
    return {**_free(kept.get("shipping")), **known}


class ErrorTold(Told):
    """Why nothing was done."""

    code: str = Field(examples=["NOT_FOUND"])
    message: str
    details: Free = Field(default_factory=dict)


class FailureAnswer(Told):
    """An error in Ticaret.pro's envelope."""

    status: Literal[False] = False
    error: ErrorTold
