"""Orders in the shape of OmniChat's OrderProvisioning call.

A field that nothing stored tells is absent; none is made up. docs/fields-omnichat.md
names the source of each.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

import aiohttp

from catalog.domain.money import to_major
from orders.domain.draft import Address, Fulfilment
from orders.domain.order import Order, OrderLine
from orders.domain.rules import Field
from orders.provisioning.options import SinkOptions
from orders.provisioning.phone import split
from orders.provisioning.post import post
from orders.provisioning.sink import SinkDelivery, SinkTenant

_ALPHA_2 = 2


class OmniChatSink:
    """A system that understands OmniChat's OrderProvisioning call."""

    kind: ClassVar[str] = "omnichat"
    #: A customer without a name or a number is none there. Which parts of an address a
    #: receiver wants is the merchant's to say: OmniChat's page leaves it open.
    required: ClassVar[frozenset[Field]] = frozenset({Field.NAME, Field.PHONE})
    options: ClassVar[type[SinkOptions]] = SinkOptions
    keyed: ClassVar[bool] = False

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def deliver(self, delivery: SinkDelivery) -> None:
        """Send the order. Raises Refused or Unavailable."""
        shape = body(delivery.order, delivery.tenant, delivery.sales_channel)
        if delivery.cancelled_at is not None:
            shape |= {"statusChange": _cancelled(delivery.cancelled_at)}
        await post(self._session, delivery, shape)


def body(
    order: Order, tenant: SinkTenant, sales_channel: str | None = None
) -> dict[str, object]:
    """Return the order in OmniChat's shape and spelling, amounts in major units."""
    number = None if order.number is None else str(order.number)
    shipping = to_major(order.shipping_total, order.currency)
    return _known(
        {
            "objectId": order.id,
            "eventType": "ORDER_UPDATE",  # Also the first time: OmniChat's own word.
            "retailerOrderId": number,
            "isInternational": _is_international(order.address, tenant),
            "coupon": order.coupon,
            "salesChannel": sales_channel,
            "discount": _plain(to_major(order.discount_total, order.currency)),
            "discountMode": "ABSOLUTE",
            "shippingMethod": order.fulfilment and order.fulfilment.value.upper(),
            "freightCost": _plain(shipping),
            "freeShipping": _is_free(order),
            "customer": _customer(order, tenant),
            "shippingAddress": _address(order),
            "items": [_item(line, order) for line in order.lines],
        }
    )


def _cancelled(at: datetime) -> dict[str, object]:
    """Return what OmniChat's StatusChangeNotification says of a cancelled order."""
    return {"status": "CANCELLED", "updatedAt": at.isoformat()}


def _customer(order: Order, tenant: SinkTenant) -> dict[str, object]:
    first, _, rest = (order.name or "").strip().partition(" ")
    phone = None if order.phone is None else split(order.phone, tenant.country)
    return _known(
        {
            "objectId": order.customer_id,
            "name": first,
            "lastName": rest.strip(),
            **_tax(order),
            "email": order.email,
            "phoneNumber": phone and phone.number,
            "phoneAreaCode": phone and phone.area_code,
            "phoneCountryCode": phone and phone.country_code,
        }
    )


def _tax(order: Order) -> dict[str, object]:
    """Return whose number it is: a company has its own names for the same."""
    if not order.business:
        return {"businessAccount": order.business, "taxDocumentnumber": order.tax_id}
    return {
        "businessAccount": True,
        "businessTaxId": order.tax_id,
        "businessName": order.company,
    }


def _address(order: Order) -> dict[str, object] | None:
    address = order.address
    if address is None:
        return None
    return _known(
        {
            # The customer's own words when no street could be told from them.
            "addressLine1": address.street or address.text,
            "addressLine2": address.complement,
            "number": address.number,
            "suburb": address.suburb,
            "zip": address.postal_code,
            "recipient": order.recipient or order.name,
            "addressState": address.state,
            "city": address.city,
            "country": address.country,
        }
    )


def _item(line: OrderLine, order: Order) -> dict[str, object]:
    product = line.snapshot
    return _known(
        {
            "objectId": line.id,
            "quantity": _plain(line.quantity),
            "price": _plain(line.unit_price),
            "externalId": _variant(product).get("external_id")
            or product.get("external_id"),
            "sellerId": product.get("seller"),
            "isGift": True if order.gift_note else None,
            # The merchant's own code, when there is no other reference.
            "productReference": product.get("reference") or line.sku,
            "weight": _measure(product, "weight_kg"),
            "height": _measure(product, "height_cm"),
            "length": _measure(product, "length_cm"),
            "width": _measure(product, "width_cm"),
            "variantId": line.variant_id,
        }
    )


def _variant(product: Mapping[str, object]) -> Mapping[str, object]:
    """Return the chosen variant: a line's snapshot holds no other."""
    match product.get("variants"):
        case [dict() as variant]:
            return variant
        case _:
            return {}


def _measure(product: Mapping[str, object], name: str) -> int | float | None:
    stored = product.get(name)
    return None if stored is None else _plain(Decimal(str(stored)))


def _is_international(address: Address | None, tenant: SinkTenant) -> bool | None:
    """Return whether the goods leave the country; None where nobody said."""
    country = address and address.country
    if not country or len(country) != _ALPHA_2:
        return None
    return country.upper() != tenant.country.upper()


def _is_free(order: Order) -> bool | None:
    if order.fulfilment is not Fulfilment.DELIVERY:
        return None
    return order.shipping_total == 0


def _plain(value: Decimal) -> int | float:
    """Return a JSON number: exact to fifteen digits, and whole when it is whole."""
    return int(value) if value == int(value) else float(value)


def _known(fields: Mapping[str, object]) -> dict[str, object]:
    return {
        name: value
        for name, value in fields.items()
        if value is not None and value != ""
    }
