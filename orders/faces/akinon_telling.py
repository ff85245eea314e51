"""Orders as Akinon's software is told of them. Pure.

docs/fields-akinon.md names for each field where its value is stored.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from catalog.domain.money import to_major
from orders.domain.order import Order, OrderState
from orders.domain.statuses import (
    AKINON_CANCEL,
    AKINON_ITEM,
    AKINON_ORDER,
    begun_as,
    word_of,
)
from orders.faces.akinon import ListedOrder, OrderTold
from orders.faces.akinon_reference import number_of
from orders.faces.akinon_types import decimal_of

#: An item in such a state does not go on with its order.
_ENDED = (OrderState.CANCELLED, OrderState.REFUNDED)


def order_told(order: Order, raw: Mapping[str, object], *, is_sent: bool) -> OrderTold:
    """Return an order without its items. `raw` is the body that made it.

    `is_sent`: another system of the merchant has taken it since.
    """
    return OrderTold.model_validate(_told(order, raw, is_sent=is_sent))


def listed(order: Order, raw: Mapping[str, object], *, is_sent: bool) -> ListedOrder:
    """Return an order of a list, with our number and its items."""
    items = [_item(order, line.data) for line in order.lines]
    told = _told(order, raw, is_sent=is_sent)
    return ListedOrder.model_validate({**told, "pk": order.number, "order_item": items})


def _told(
    order: Order, raw: Mapping[str, object], *, is_sent: bool
) -> dict[str, object]:
    given = raw.get("order")
    sent: dict[str, object] = dict(given) if isinstance(given, dict) else {}
    began = order.entity_version == 1
    found = {
        "shipping_amount": 0,
        "discount_amount": 0,
        **sent,
        "status": word_of(AKINON_ORDER, order),
        "is_send": is_sent or sent.get("is_send") is True,
        "created_date": sent.get("created_date") or order.data.get("received_at"),
        "modified_date": (sent.get("modified_date") if began else None)
        or _moment(order.updated_at or order.placed_at),
        "net_shipping_amount": sent.get("shipping_amount", 0),
        "cancel_status": word_of(AKINON_CANCEL, order),
        "shipping_company": order.data.get("shipping_company"),
        "installment_free": _is_free(sent),
        "first_refund_strategy": order.data.get("first_refund_strategy"),
    }
    if order.refunded_total:
        refunded = to_major(order.refunded_total, order.currency)
        found["refund_amount"] = number_of(refunded)
    return found


def _is_free(sent: Mapping[str, object]) -> bool | None:
    """Return whether instalments cost nothing; None: nobody said how many there are."""
    count, interest = (
        sent.get("installment_count"),
        sent.get("installment_interest_amount"),
    )
    if not isinstance(count, int):
        return None
    if count <= 1:
        return True
    return isinstance(interest, int | float | str) and decimal_of(interest) == 0


def _item(order: Order, data: Mapping[str, object]) -> dict[str, object]:
    """Return an item: as it was sent, until the order moves on; an ended one stays."""
    status, cancel = _word(data, "status"), _word(data, "cancel_status")
    given = order.origin.statuses.get(AKINON_ORDER.name) if order.origin else None
    stands = given is not None and begun_as(AKINON_ORDER, given) is order.state
    ended = status is not None and AKINON_ITEM.read(status) in _ENDED
    if not (stands or ended):
        status = cancel = None
    return {
        **data,
        "order": order.number,
        "status": status or AKINON_ITEM.word(order.state),
        "cancel_status": cancel or AKINON_CANCEL.word(order.state),
    }


def _word(data: Mapping[str, object], name: str) -> str | None:
    found = data.get(name)
    return found if isinstance(found, str) else None


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
