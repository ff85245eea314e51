"""An order of ours as Akinon's channels send it. Pure.

A field that nothing stored tells is absent; none is made up. docs/fields-akinon.md
names the source of each.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from catalog.domain.money import to_major
from orders.domain.draft import Address, Fulfilment
from orders.domain.order import Order, OrderLine, OrderState
from orders.provisioning.options import SinkOptions
from orders.provisioning.sink import SinkDelivery, SinkTenant

Ref = Annotated[int, Field(ge=1, le=2**31 - 1)]
Status = Literal["waiting", "payment_waiting", "confirmation_waiting", "approved"]


class AkinonOptions(SinkOptions):
    """What Akinon has to know of an order that no order of ours tells."""

    channel_id: Ref
    payment_option: Ref
    cargo_company: Ref
    price_list: Ref
    stock_list: Ref
    #: Payment options by the id of a payment method of the shop.
    payment_options: dict[str, Ref] = Field(default_factory=dict)
    #: In front of the shop's order numbers, where several shops share a channel.
    number_prefix: str = Field("", max_length=20, pattern=r"^\S*$")
    #: With which status every order arrives; without: as its state tells.
    status: Status | None = None


#: Only these are a new order's: 300, 400, and 200 for all others.
_STATUSES: Mapping[OrderState, Status] = {
    OrderState.PAYMENT_PENDING: "payment_waiting",
    OrderState.PROVISIONED: "approved",
    OrderState.PAID: "approved",
    OrderState.PREPARING: "approved",
    OrderState.PARTIALLY_SHIPPED: "approved",
    OrderState.SHIPPED: "approved",
    OrderState.DELIVERED: "approved",
}
_SMALLEST = Decimal("0.000001")


def status_of(order: Order, options: AkinonOptions) -> Status:
    """Return the status with which an order arrives: 200, 300, 350 or 400."""
    return options.status or _STATUSES.get(order.state, "waiting")


def number_of(order: Order, options: AkinonOptions) -> str:
    """Return the number by which Akinon knows the order."""
    return f"{options.number_prefix}{order.number or order.id}"


def buyer_of(order: Order) -> str:
    """Return our id of who buys; an order without a customer is one by itself."""
    return order.customer_id or order.id


def customer_body(order: Order) -> dict[str, object]:
    """Return the customer. Their code there is our id of them."""
    first, _, rest = (order.name or order.phone or "").strip().partition(" ")
    return _known(
        {
            "channel_code": buyer_of(order),
            "first_name": first[:150] or None,
            "last_name": rest.strip()[:149] or None,
            "email": order.email,
            "phone_number": order.phone,
            "identity_number": None if order.business else order.tax_id,
        }
    )


def address_body(order: Order, tenant: SinkTenant, customer: int) -> dict[str, object]:
    """Return the address; of an order that is picked up the shop is the address."""
    who = (order.recipient or order.name or "").strip()
    first, _, rest = who.partition(" ")
    address = order.address
    where = (
        _parts(address)
        if address is not None and order.fulfilment is not Fulfilment.PICKUP
        else {"title": "pickup", "line": tenant.name, "country": tenant.country}
    )
    business = order.company if order.business else None
    said = _known(
        {
            **where,
            "first_name": first[:150] or None,
            "last_name": rest.strip()[:149] or None,
            "phone_number": order.recipient_phone or order.phone,
            "email": order.email,
            "company_name": business,
            "tax_office": order.tax_office if business else None,
            "tax_no": order.tax_id if business else None,
        }
    )
    return {"customer": customer, "remote_id": _print_of(said), **said}


def _parts(address: Address) -> dict[str, object]:
    street = " ".join(p for p in (address.street, address.number) if p)
    line = ", ".join(p for p in (street, address.complement) if p) or address.text
    return {
        "line": line[:1000],
        "country": address.country,
        "city": address.state or address.city,
        "township": address.city if address.state else None,
        "district": address.suburb,
        "postcode": address.postal_code,
    }


def _print_of(said: Mapping[str, object]) -> str:
    """Return a code of an address: another one where anything differs."""
    words = "\0".join(f"{name}={said[name]}" for name in sorted(said))
    return sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def order_body(
    delivery: SinkDelivery,
    options: AkinonOptions,
    *,
    customer: int,
    address: int,
    products: Mapping[str, int],
) -> dict[str, object]:
    """Return an order and its items; `products` are Akinon's numbers by SKU."""
    order = delivery.order
    currency = order.currency.lower()
    items = [_item(line, order, options, products[line.sku]) for line in order.lines]
    payment = options.payment_options.get(order.payment or "", options.payment_option)
    return {
        "order": _known(
            {
                "number": number_of(order, options),
                "channel": options.channel_id,
                "status": status_of(order, options),
                "date_placed": order.placed_at.isoformat(),
                "customer": customer,
                "shipping_address": address,
                "billing_address": address,
                "currency": currency,
                "amount": _money(order.grand_total, order),
                "shipping_amount": _money(order.shipping_total, order),
                "discount_amount": _money(order.discount_total, order),
                "payment_option": payment,
                "cargo_company": options.cargo_company,
                "installment_count": order.instalments,
                "is_send": False,
                "has_gift_box": True if order.gift_note else None,
                "gift_box_note": order.gift_note,
                "notes": order.note,
                "client_type": delivery.sales_channel,
                "extra_field": _provenance(delivery),
                **_when(order, delivery.tenant),
            }
        ),
        "order_item": items,
    }


def _provenance(delivery: SinkDelivery) -> dict[str, object]:
    """Return where the order came from: the chat, the message, the draft."""
    order = delivery.order
    said = order.confirmed_by
    return _known(
        {
            "order_id": order.id,
            "thread_id": delivery.conversation_id,
            "message_id": said.ref if said else None,
            "draft_id": order.draft_id if order.draft_id != order.id else None,
            "draft_version": order.draft_version or None,
            "coupon": order.coupon,
        }
    )


def _when(order: Order, tenant: SinkTenant) -> dict[str, object]:
    """Return how and when it is wanted, in the shop's time zone."""
    if order.fulfilment is Fulfilment.PICKUP:
        kind = "pickup"
    elif order.due_at is None:
        return {}
    else:
        kind = "scheduled"
    if order.due_at is None:
        return {"delivery_type": kind}
    zone = ZoneInfo(tenant.timezone)
    due, placed = order.due_at.astimezone(zone), order.placed_at.astimezone(zone)
    if kind == "scheduled" and due.date() == placed.date():
        kind = "same_day"
    start = end = due
    if order.due_day_only:
        start = datetime.combine(due.date(), time(), zone)
        end = start + timedelta(days=1) - timedelta(seconds=1)
    return {
        "delivery_type": kind,
        "delivery_range": {"start": start.isoformat(), "end": end.isoformat()},
    }


def _item(
    line: OrderLine, order: Order, options: AkinonOptions, product: int
) -> dict[str, object]:
    # What it costs with its tax and before discounts, as Akinon adds it up.
    gross = to_major(line.total + line.discount, order.currency)
    unit = line.unit_price
    if not order.tax_included:
        unit = (gross / line.quantity).quantize(_SMALLEST)
    chosen = [each.name for each in line.options if not each.negated]
    without = [each.name for each in line.options if each.negated]
    return _known(
        {
            "product": product,
            "status": status_of(order, options),
            "price_currency": order.currency.lower(),
            "price": _plain(unit),
            "quantity": _plain(line.quantity),
            "unit_price": _plain(unit),
            "total_price": _plain(gross),
            "tax_rate": _plain(line.tax_rate),
            "tax_amount": _money(line.tax, order),
            "discount_amount": _money(line.discount, order),
            "retail_price": _price(line.snapshot.get("list_price")),
            "price_list": options.price_list,
            "stock_list": options.stock_list,
            "original_stock": _stock(line.snapshot.get("stock")),
            "image": line.snapshot.get("image"),
            "attributes": _known(
                {
                    "unit": line.unit,
                    "variant": line.variant_name,
                    "options": chosen or None,
                    "without": without or None,
                    "note": line.note,
                }
            ),
            "extra_field": _known(
                {
                    "line_id": line.id,
                    "sku": line.sku,
                    "message_ids": [e.ref for e in line.evidence if e.ref] or None,
                }
            ),
        }
    )


def _money(minor: int, order: Order) -> int | float:
    return _plain(to_major(minor, order.currency))


def _plain(value: Decimal) -> int | float:
    """Return a JSON number: exact to fifteen digits, and whole when it is whole."""
    return int(value) if value == int(value) else float(value)


def _price(value: object) -> int | float | None:
    return None if value is None else _plain(Decimal(str(value)))


def _stock(value: object) -> int | None:
    return None if value is None else int(Decimal(str(value)))


def _known(fields: Mapping[str, object]) -> dict[str, object]:
    return {
        name: value
        for name, value in fields.items()
        if value is not None and value not in ("", {})
    }
