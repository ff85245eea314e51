"""What a checkout that others run may change of an order: where, how, how much."""

from dataclasses import dataclass, replace
from decimal import Decimal

from catalog.domain.money import to_minor
from orders.domain.draft import Address, Discount
from orders.domain.lifecycle import IllegalMove
from orders.domain.order import Order, OrderState
from orders.domain.pricing import Goods, reckon

#: Once it is paid, or on its way, what it costs and where it goes is settled.
_STILL = frozenset(
    {
        OrderState.CONFIRMED,
        OrderState.PROVISIONING,
        OrderState.PROVISIONED,
        OrderState.PROVISIONING_FAILED,
        OrderState.PAYMENT_PENDING,
    }
)


@dataclass(frozen=True, slots=True)
class Freight:
    """How it is brought. None: as it was."""

    cost: Decimal | None = None  #: Major units.
    delivery_time: str | None = None  #: In the carrier's words: "1bd".
    method: str | None = None


@dataclass(frozen=True, slots=True)
class GivenDiscount:
    """The discount on the whole order, in the place of any other."""

    value: Decimal  #: Major units, or percent.
    percent: bool = False


@dataclass(frozen=True, slots=True)
class CheckoutChange:
    """What a checkout says anew. None: as it was."""

    address: Address | None = None
    freight: Freight | None = None
    discount: GivenDiscount | None = None
    recipient: str | None = None  #: Who takes it in.


def checked_out(order: Order, change: CheckoutChange) -> Order:
    """Return the order with what a checkout changed, priced anew.

    A discount takes the place of any that the order had, and never takes more than the
    goods cost; it is spread over the lines as when an order is placed. Raises
    IllegalMove once the order is paid or on its way.
    """
    after = _priced(_brought(order, change), change.discount)
    if after != order and order.state not in _STILL:
        raise IllegalMove(
            f"the order is {order.state.value}: its checkout is over, change nothing"
        )
    return after


def _brought(order: Order, change: CheckoutChange) -> Order:
    order = replace(
        order,
        address=change.address or order.address,
        recipient=change.recipient or order.recipient,
    )
    freight = change.freight
    if freight is None:
        return order
    shipping = order.shipping_total
    if freight.cost is not None:
        shipping = to_minor(freight.cost, order.currency)
    return replace(
        order,
        shipping_total=shipping,
        grand_total=order.grand_total - order.shipping_total + shipping,
        delivery_time=freight.delivery_time or order.delivery_time,
        shipping_method=freight.method or order.shipping_method,
    )


def _priced(order: Order, given: GivenDiscount | None) -> Order:
    if given is None:
        return order
    goods = [Goods(each.id, each.subtotal, each.tax_rate) for each in order.lines]
    totals = reckon(
        goods,
        order.currency,
        _discount(given, order.currency),
        shipping=order.shipping_total,
        tax_included=order.tax_included,
    )
    amounts = {each.line_id: each for each in totals.lines}
    return replace(
        order,
        lines=tuple(
            replace(
                line,
                discount=amounts[line.id].discount,
                tax=amounts[line.id].tax,
                total=amounts[line.id].total,
            )
            for line in order.lines
        ),
        discount_total=totals.discount,
        tax_total=totals.tax,
        grand_total=totals.grand_total,
        discount_percent=given.value if given.percent else None,
    )


def _discount(given: GivenDiscount, currency: str) -> Discount:
    if given.percent:
        return Discount(percent=given.value)
    return Discount(amount=to_minor(given.value, currency))
