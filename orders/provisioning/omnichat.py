"""Orders in the shape of OmniChat's OrderProvisioning call, and what becomes of them.

A field that nothing stored tells is absent; none is made up. docs/fields-omnichat.md
names the source of each. A status that changes is told as in OmniChat's
StatusChangeNotification: the order, and the change beside it.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

import aiohttp

from catalog.domain.money import to_major
from orders.domain.draft import Address, Fulfilment
from orders.domain.order import Order, OrderLine
from orders.domain.payment import Instrument, PaymentKind, PaymentMethod
from orders.domain.rules import Field
from orders.domain.statuses import OMNICHAT_ORDER, word_of
from orders.provisioning.around import Around, SalesPerson, StateStep, Team
from orders.provisioning.omnichat_people import buyer_part, known
from orders.provisioning.omnichat_words import status_of
from orders.provisioning.options import SinkOptions
from orders.provisioning.post import post
from orders.provisioning.sink import SinkDelivery, SinkTenant

_ALPHA_2 = 2
_NOTHING: Mapping[str, object] = {}
_NOBODY = Around()


class OmniChatOptions(SinkOptions):
    """Which accounts of the receiver are meant, and whether it hears of statuses."""

    always: ClassVar[frozenset[str]] = frozenset({"status_changes"})

    payment_account: str | None = None  #: `paymentAccountSelected`.
    order_account: str | None = None  #: `orderAccountSelected`.
    #: A sink without it is one of before: it hears of orders and their end only.
    status_changes: bool = True


class OmniChatSink:
    """A system that understands OmniChat's OrderProvisioning call."""

    kind: ClassVar[str] = "omnichat"
    #: A customer without a name or a number is none there. Which parts of an address a
    #: receiver wants is the merchant's to say: OmniChat's page leaves it open.
    required: ClassVar[frozenset[Field]] = frozenset({Field.NAME, Field.PHONE})
    options: ClassVar[type[SinkOptions]] = OmniChatOptions
    keyed: ClassVar[bool] = False

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def deliver(self, delivery: SinkDelivery) -> None:
        """Send the order. Raises Refused or Unavailable."""
        await post(self._session, delivery, shape_of(delivery))


def shape_of(delivery: SinkDelivery) -> dict[str, object]:
    """Return the order, or the notification that its status changed."""
    shape = body(
        delivery.order,
        delivery.tenant,
        delivery.sales_channel,
        around=delivery.around,
        options=delivery.options,
    )
    change = _change(delivery)
    if change is None:
        return shape
    return {"order": shape | _standing(delivery), "statusChange": change}


def body(
    order: Order,
    tenant: SinkTenant,
    sales_channel: str | None = None,
    *,
    around: Around = _NOBODY,
    options: Mapping[str, object] = _NOTHING,
) -> dict[str, object]:
    """Return the order in OmniChat's shape and spelling, amounts in major units."""
    number = None if order.number is None else str(order.number)
    shipping = to_major(order.shipping_total, order.currency)
    seller = around.sales_person
    return known(
        {
            "objectId": order.id,
            "eventType": "ORDER_UPDATE",  # Also the first time: OmniChat's own word.
            "retailerOrderId": number,
            "isInternational": _is_international(order.address, tenant),
            **_accepted(around.payments),
            "coupon": order.coupon,
            "salesChannel": sales_channel,
            "campaign": order.data.get("campaign") or order.extra.get("campaign"),
            "team": _team(around.team or (seller.team if seller else None)),
            "giftCard": order.gift_card,
            **_discount(order),
            "deliveryTime": order.delivery_time or order.data.get("deliveryTime"),
            "shippingMethod": _way(order),
            "freightCost": _plain(shipping),
            "freeShipping": _is_free(order),
            "paymentAccountSelected": order.data.get("paymentAccountSelected")
            or options.get("payment_account"),
            "orderAccountSelected": order.data.get("orderAccountSelected")
            or options.get("order_account"),
            "customer": buyer_part(order, around.buyer, tenant),
            "shippingAddress": _address(order),
            "items": [_item(line, order) for line in order.lines],
            "salesPerson": _seller(seller),
        }
    )


# -- what became of it ----------------------------------------------------------------


def _change(delivery: SinkDelivery) -> dict[str, object] | None:
    """Return the change of the status that is told; None: the order is, as it is."""
    if delivery.cancelled_at is not None:
        return _told("CANCELLED", None, None, delivery.cancelled_at)
    step = delivery.step
    status = None if step is None else status_of(step)
    if step is None or status is None:
        return None
    return _told(status, step.responsible or step.actor, step.message, step.at)


def _standing(delivery: SinkDelivery) -> dict[str, object]:
    """Return what a notification says of the order beyond its shape."""
    order = delivery.order
    return known(
        {
            "status": word_of(OMNICHAT_ORDER, order),
            "statusChanges": [_state(each) for each in delivery.around.states],
            "pickUpInStore": order.fulfilment is Fulfilment.PICKUP,
            "notes": order.note,
        }
    )


def _state(step: StateStep) -> dict[str, object]:
    word = OMNICHAT_ORDER.word(step.state)
    return _told(word, step.responsible, step.message, step.at)


def _told(
    status: str, responsible: str | None, message: str | None, at: datetime
) -> dict[str, object]:
    return known(
        {
            "status": status,
            "responsible": responsible,
            "message": message,
            "updatedAt": at.isoformat(),
        }
    )


# -- the order ------------------------------------------------------------------------


def _accepted(methods: tuple[PaymentMethod, ...]) -> dict[str, object]:
    """Return what can be paid with; a shop that names no methods says nothing."""
    return {
        "canAcceptBoleto": _accepts(methods, Instrument.BOLETO),
        "canAcceptCreditCard": _accepts(methods, Instrument.CREDIT_CARD),
        "canAcceptDebitCard": _accepts(methods, Instrument.DEBIT_CARD),
        "canAcceptPix": _accepts(methods, Instrument.PIX),
    }


def _accepts(methods: tuple[PaymentMethod, ...], wanted: Instrument) -> bool | None:
    """Return whether a method takes it; None where one does not say what it takes.

    Cash and transfers say all with their kind: they take none of these.
    """
    if not methods:
        return None
    if any(wanted in method.accepts for method in methods):
        return True
    plain = {PaymentKind.CASH, PaymentKind.TRANSFER}
    open_ = [m for m in methods if not m.accepts and m.kind not in plain]
    return None if open_ else False


def _discount(order: Order) -> dict[str, object]:
    """Return the discount in the form in which it was given."""
    if order.discount_percent is not None:
        percent = _plain(order.discount_percent)
        return {"discount": percent, "discountMode": "PERCENTAGE"}
    amount = to_major(order.discount_total, order.currency)
    return {"discount": _plain(amount), "discountMode": "ABSOLUTE"}


def _way(order: Order) -> str | None:
    """Return how it is shipped: the carrier's word for it, else ours."""
    return order.shipping_method or (
        order.fulfilment.value.upper() if order.fulfilment else None
    )


def _team(team: Team | None) -> dict[str, object] | None:
    if team is None:
        return None
    # A team is known by its name here.
    return known(
        {"objectId": team.name, "name": team.name, "externalId": team.external_id}
    )


def _seller(seller: SalesPerson | None) -> dict[str, object] | None:
    if seller is None:
        return None
    first, _, rest = seller.name.strip().partition(" ")
    return known(
        {
            "objectId": seller.id,
            "name": first,
            "lastName": rest.strip(),
            "salesPersonCode": seller.code,
            "externalId": seller.external_id,
        }
    )


def _address(order: Order) -> dict[str, object] | None:
    address = order.address
    if address is None:
        return None
    return known(
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
    return known(
        {
            "objectId": line.id,
            "quantity": _plain(line.quantity),
            "price": _plain(line.unit_price),
            "externalId": _variant(product).get("external_id")
            or product.get("external_id"),
            "sellerId": product.get("seller"),
            "isGift": True if order.gift_note else line.data.get("isGift"),
            "shippingMethod": line.data.get("shippingMethod") or order.shipping_method,
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
