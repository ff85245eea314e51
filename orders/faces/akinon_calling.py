"""Akinon's order as a call for one of ours, and back. Pure.

Two ideas decide: what was sent is told again as it was sent, and what is wrong is named
by the field that has to change. The rule of amounts: `amount` is the items' total_price
plus shipping_amount minus discount_amount, and each total_price is unit_price times
quantity, within a hundredth; everything else about money is for information.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from pydantic import JsonValue

from catalog.domain.money import to_minor
from orders.domain.calling import CalledLine, CallProblem, OrderCall
from orders.domain.draft import Address, Discount, Fulfilment
from orders.domain.ids import Face
from orders.domain.lifecycle import SETTLED
from orders.domain.order import Origin
from orders.domain.statuses import (
    AKINON_CANCEL,
    AKINON_ITEM,
    AKINON_ORDER,
    Unmapped,
    begun_as,
)
from orders.faces.akinon import CreateOrderGiven, ItemGiven, OrderGiven
from orders.faces.akinon_reference import RefKind
from orders.faces.akinon_types import decimal_of, moment_of

#: A field that is wrong, and what to do about it.
Wrong = tuple[str, str]
_NEAR = Decimal("0.01")
_UNKNOWN = "there is no {0} {1} in this channel: list them under {2}/, or make it there"
#: Where each thing that an order names is listed.
LISTS: Mapping[str, str] = {
    "customer": "customers",
    "shipping_address": "addresses",
    "billing_address": "addresses",
    "product": "products",
    RefKind.PAYMENT_OPTION: "payment_options",
    RefKind.CARGO_COMPANY: "cargo_companies",
    RefKind.PRICE_LIST: "price_lists",
    RefKind.STOCK_LIST: "stock_lists",
}
#: What an order keeps of its call beside what it has fields for.
_KEPT = (
    *("delivery_type", "delivery_range", "shipping_option_slug", "language_code"),
    *("client_type", "segment", "has_gift_box", "extra_field", "external_status"),
)


@dataclass(frozen=True, slots=True)
class Buyer:
    """The customer of an order, as they are stored."""

    id: str
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    tax_id: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What the numbers in a body mean: ids and values of ours."""

    buyer: Buyer
    shipping: Address
    recipient: str | None = None
    recipient_phone: str | None = None
    #: Of the billing address: company_name, tax_office, tax_no.
    billing: Mapping[str, object] = field(default_factory=dict)
    #: By the number of a product: our ids of it and of its variant.
    products: Mapping[int, tuple[str, str | None]] = field(default_factory=dict)
    payment_slug: str | None = None
    cargo_slug: str | None = None
    first_refund_strategy: str | None = None


def unknown(name: str, number: int) -> str:
    """Return what to say of a number that means nothing in the channel."""
    return _UNKNOWN.format(name.replace("_", " "), number, LISTS[name])


# -- what is wrong with a body alone --------------------------------------------------


def wrong_in(body: CreateOrderGiven, channel: int) -> list[Wrong]:
    """Return what is wrong, whatever the shop has; nothing: the body is sound."""
    order = body.order
    found: list[Wrong] = []
    if order.channel != channel:
        found.append(
            ("order.channel", f"is {order.channel}; the address says {channel}")
        )
    goods = Decimal(0)
    for place, item in enumerate(body.order_item):
        found += _wrong_item(f"order_item.{place}", item, order)
        goods += decimal_of(item.total_price)
    discount = decimal_of(order.discount_amount)
    expected = goods + decimal_of(order.shipping_amount) - discount
    if discount > goods:
        found.append(("order.discount_amount", f"is more than the items: {goods:f}"))
    elif abs(decimal_of(order.amount) - expected) > _NEAR:
        sums = "the items' total_price + shipping_amount - discount_amount"
        found.append(("order.amount", f"is not {sums}, which is {expected:f}"))
    return found


def _wrong_item(where: str, item: ItemGiven, order: OrderGiven) -> Iterator[Wrong]:
    if item.price_currency != order.currency:
        message = f"is {item.price_currency}; the order's currency is {order.currency}"
        yield f"{where}.price_currency", message
    expected = decimal_of(item.unit_price) * decimal_of(item.quantity)
    if abs(decimal_of(item.total_price) - expected) > _NEAR:
        message = f"is not unit_price times quantity, which is {expected:f}"
        yield f"{where}.total_price", message


# -- the call -------------------------------------------------------------------------


def bare_call(tenant_id: str, channel: str, body: CreateOrderGiven) -> OrderCall:
    """Return the call as far as a repeat is known by it: by number and body."""
    order = body.order
    return OrderCall(
        tenant_id=tenant_id,
        origin=Origin(
            Face.AKINON,
            channel,
            {AKINON_ORDER.name: order.status, AKINON_CANCEL.name: _cancel(order)},
        ),
        currency=order.currency.upper(),
        lines=(),
        raw=body.raw,
        key=order.number,
    )


def _cancel(order: OrderGiven) -> str:
    return AKINON_CANCEL.word(begun_as(AKINON_ORDER, order.status))


def call_of(
    tenant_id: str, channel: str, body: CreateOrderGiven, known: Known, *, now: datetime
) -> OrderCall:
    """Return the call that makes the order of a body."""
    bare, order, buyer = bare_call(tenant_id, channel, body), body.order, known.buyer
    currency, company = bare.currency, _text(known.billing, "company_name")
    return OrderCall(
        tenant_id=tenant_id,
        origin=bare.origin,
        currency=currency,
        lines=tuple(_line(each, known) for each in body.order_item),
        raw=bare.raw,
        key=bare.key,
        customer_id=buyer.id,
        name=buyer.name,
        phone=buyer.phone,
        email=buyer.email,
        tax_id=_text(known.billing, "tax_no") or buyer.tax_id,
        business=True if company else None,
        company=company,
        tax_office=_text(known.billing, "tax_office"),
        address=known.shipping,
        recipient=known.recipient,
        recipient_phone=known.recipient_phone,
        fulfilment=Fulfilment.DELIVERY,
        due_at=_due_at(order),
        payment=known.payment_slug,
        gift_note=order.gift_box_note,
        note=order.notes,
        discount=_discount(order, currency),
        shipping=to_minor(decimal_of(order.shipping_amount), currency),
        instalments=order.installment_count,
        given_number=order.number,
        placed_at=moment_of(order.date_placed),
        state=begun_as(AKINON_ORDER, order.status),
        data=_data(body, known, now),
        announced=not order.is_send,
    )


def _due_at(order: OrderGiven) -> datetime | None:
    wanted = order.delivery_range
    return None if wanted is None else moment_of(wanted.start)


def _discount(order: OrderGiven, currency: str) -> Discount | None:
    amount = to_minor(decimal_of(order.discount_amount), currency)
    return Discount(amount=amount) if amount else None


def _line(item: ItemGiven, known: Known) -> CalledLine:
    product_id, variant_id = known.products[item.product]
    data: dict[str, JsonValue] = item.model_dump(mode="json", exclude_unset=True)
    return CalledLine(
        product_id=product_id,
        variant_id=variant_id,
        quantity=decimal_of(item.quantity),
        unit_price=decimal_of(item.unit_price),
        tax_rate=decimal_of(item.tax_rate),
        data=data,
        holds_stock=_holds_stock(item),
    )


def _holds_stock(item: ItemGiven) -> bool:
    """Return whether an item's goods are still to leave the house."""
    status, cancel = AKINON_ITEM.read(item.status), item.cancel_status
    is_cancelled = cancel is not None and AKINON_CANCEL.read(cancel) in SETTLED
    return status not in SETTLED and not is_cancelled


def _data(
    body: CreateOrderGiven, known: Known, now: datetime
) -> Mapping[str, JsonValue]:
    given = body.order.model_dump(mode="json", exclude_none=True, include=set(_KEPT))
    told: dict[str, JsonValue] = {
        "shipping_company": known.cargo_slug,
        "first_refund_strategy": known.first_refund_strategy,
        "received_at": now.isoformat(),
        # Kept as they came; no map of ours knows them.
        "unknown_statuses": list(unknown_statuses(body)) or None,
    }
    return {
        **given,
        **{name: value for name, value in told.items() if value is not None},
    }


def unknown_statuses(body: CreateOrderGiven) -> Sequence[str]:
    """Return the statuses that Akinon does not document, each once."""
    items = [AKINON_ITEM.read(each.status) for each in body.order_item]
    cancels = [
        AKINON_CANCEL.read(each.cancel_status)
        for each in body.order_item
        if each.cancel_status is not None
    ]
    read = [AKINON_ORDER.read(body.order.status), *items, *cancels]
    return list(dict.fromkeys(each.raw for each in read if isinstance(each, Unmapped)))


def _text(values: Mapping[str, object], name: str) -> str | None:
    found = values.get(name)
    return found if isinstance(found, str) and found.strip() else None


#: What a call's fields are called in a body.
_NAMES = {
    "lines": "order_item",
    "shipping": "order.shipping_amount",
    "discount": "order.discount_amount",
    "currency": "order.currency",
    "product_id": "product",
    "variant_id": "product",
}


def wrong_in_call(problems: Iterable[CallProblem]) -> list[Wrong]:
    """Return why a call makes no order, by the fields of its body."""
    return [
        (
            _NAMES.get(each.field, each.field)
            if each.line is None
            else f"order_item.{each.line}.{_NAMES.get(each.field, each.field)}",
            each.message,
        )
        for each in problems
    ]
