"""What a merchant's system reports about an order, in OmniChat's shapes.

Pure readers: whatever the body is, its bytes or what was parsed of them, it comes
back as a report or as a Problem.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from orders.domain.order import OrderState
from orders.provisioning.callback_fields import (
    Body,
    Problem,
    Unfit,
    object_of,
    optional,
    text,
)
from orders.provisioning.shortfalls import BadItems, Unavailable, read_unavailable

#: The statuses that OmniChat lets a merchant's system set, and what they mean to us.
STATUSES: Mapping[str, OrderState] = {
    "ORDER_GATEWAY_PROVISIONED": OrderState.PROVISIONED,
    "PACKAGED": OrderState.PREPARING,
    "PARTIALLY_SHIPPED": OrderState.PARTIALLY_SHIPPED,
    "SHIPPED": OrderState.SHIPPED,
    "DELIVERED": OrderState.DELIVERED,
    "CANCELLED": OrderState.CANCELLED,
}
_CODES: Mapping[int, OrderState] = {
    200: OrderState.PROVISIONED,
    400: OrderState.PROVISIONING_FAILED,
}
#: How long each text may be: what its column, and a person, can take.
_RESPONSIBLE, _MESSAGE, _ID, _URL = 100, 2000, 200, 2000


@dataclass(frozen=True, slots=True)
class StatusChange:
    """The order has a new state, says `responsible`."""

    state: OrderState
    responsible: str
    message: str | None = None
    order_gw_id: str | None = None  #: The order's id in the merchant's system.


@dataclass(frozen=True, slots=True)
class Provision:
    """The order was provisioned, or failed to be: then `message` is the reason."""

    state: OrderState
    responsible: str
    message: str
    checkout_url: str | None = None  #: Where the customer pays.
    unavailable: tuple[Unavailable, ...] = ()  #: What cannot be delivered of it.


def read_status_change(body: Body) -> StatusChange | Problem:
    """Return what `POST /v2/orders/{id}/statusChange` reports. Never raises."""
    try:
        data = object_of(body)
        return StatusChange(
            state=_status(data),
            responsible=text(data, "responsible", _RESPONSIBLE),
            message=optional(data, "message", _MESSAGE),
            order_gw_id=optional(data, "orderGwId", _ID),
        )
    except Unfit as unfit:
        return unfit.problem


def read_provisions(body: Body) -> Provision | Problem:
    """Return what `POST /v2/orders/{id}/provisions` reports. Never raises."""
    try:
        data = object_of(body)
        return Provision(
            state=_code(data),
            responsible=text(data, "responsible", _RESPONSIBLE),
            message=text(data, "message", _MESSAGE),
            checkout_url=_url(data, "checkoutUrl"),
            unavailable=_unavailable(data),
        )
    except Unfit as unfit:
        return unfit.problem


def _status(data: Mapping[str, object]) -> OrderState:
    state = STATUSES.get(text(data, "status", 50))
    if state is None:
        raise Unfit("status", f"must be one of {', '.join(STATUSES)}")
    return state


def _code(data: Mapping[str, object]) -> OrderState:
    code = data.get("code")
    # True is an int to Python, and no code.
    if type(code) is not int or code not in _CODES:
        raise Unfit("code", "must be the number 200 (provisioned) or 400 (failed)")
    return _CODES[code]


def _unavailable(data: Mapping[str, object]) -> tuple[Unavailable, ...]:
    try:
        return read_unavailable(data)
    except BadItems as error:
        raise Unfit("unavailableItems", str(error)) from None


def _url(data: Mapping[str, object], field: str) -> str | None:
    value = optional(data, field, _URL)
    if value is None:
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise Unfit(field, "must be a URL that begins with https:// or http://")
    return value
