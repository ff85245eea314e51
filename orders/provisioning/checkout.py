"""What OmniChat's `updateCheckoutData` says: an address, a freight, a discount.

Pure: whatever the body is, its bytes or what was parsed of them, it comes back as a
change or as a Problem.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from babel.core import get_global

from orders.domain.checkout import CheckoutChange, Freight, GivenDiscount
from orders.domain.draft import Address
from orders.provisioning.callback_fields import (
    Body,
    Problem,
    Unfit,
    amount,
    object_of,
    optional,
    part,
    text,
)

_ADDRESS, _FREIGHT, _DISCOUNT = "selectedShippingAddress", "selectedFreight", "discount"
_SHORT, _LONG = 100, 300
_HUNDRED = Decimal(100)
_ALPHA_3 = 3
#: OmniChat's words for the parts of an address, and ours.
_PARTS: Mapping[str, str] = {
    "addressLine1": "street",
    "addressLine2": "complement",
    "number": "number",
    "suburb": "suburb",
    "zip": "postal_code",
    "city": "city",
    "addressState": "state",
    "country": "country",
}


@dataclass(frozen=True, slots=True)
class CheckoutUpdate:
    """What `responsible` says of the order's checkout."""

    responsible: str
    change: CheckoutChange


def read_checkout(body: Body) -> CheckoutUpdate | Problem:
    """Return what `POST /v2/orders/{id}/updateCheckoutData` says. Never raises."""
    try:
        data = object_of(body)
        responsible = text(data, "responsible", _SHORT)
        change = _change(data)
    except Unfit as unfit:
        return unfit.problem
    return CheckoutUpdate(responsible, change)


def _change(data: Mapping[str, object]) -> CheckoutChange:
    where, how = part(data, _ADDRESS), part(data, _FREIGHT)
    off = part(data, _DISCOUNT)
    if where is None and how is None and off is None:
        raise Unfit("body", f"give {_ADDRESS}, {_FREIGHT} or {_DISCOUNT}")
    return CheckoutChange(
        address=None if where is None else _address(where),
        freight=None if how is None else _freight(how),
        discount=None if off is None else _discount(off),
        recipient=None
        if where is None
        else optional(where, "recipient", _LONG, f"{_ADDRESS}."),
    )


def _address(data: Mapping[str, object]) -> Address:
    parts = {
        ours: optional(data, theirs, _LONG, f"{_ADDRESS}.")
        for theirs, ours in _PARTS.items()
    }
    if parts["street"] is None:
        raise Unfit(f"{_ADDRESS}.addressLine1", "is required: the street")
    said = (parts[name] for name in ("street", "number", "complement", "suburb"))
    rest = (parts[name] for name in ("postal_code", "city", "state", "country"))
    words = [" ".join(filter(None, said)), " ".join(filter(None, rest))]
    return Address(
        text=", ".join(filter(None, words)),
        street=parts["street"],
        number=parts["number"],
        complement=parts["complement"],
        suburb=parts["suburb"],
        city=parts["city"],
        state=parts["state"],
        postal_code=parts["postal_code"],
        country=_country(parts["country"]),
    )


def _country(given: str | None) -> str | None:
    """Return the two letters of a country that is given by three (ISO 3166-1)."""
    if given is None or len(given) != _ALPHA_3:
        return given
    found = get_global("territory_aliases").get(given.upper())
    return str(found[0]) if found else given


def _freight(data: Mapping[str, object]) -> Freight:
    within = f"{_FREIGHT}."
    return Freight(
        cost=amount(data, "freightCost", within),
        delivery_time=optional(data, "deliveryTime", _SHORT, within),
        method=optional(data, "shippingMethod", _SHORT, within),
    )


def _discount(data: Mapping[str, object]) -> GivenDiscount:
    within = f"{_DISCOUNT}."
    value = amount(data, "value", within)
    mode = text(data, "mode", _SHORT, within)
    if value is None:
        raise Unfit(f"{within}value", "is required and must be a number")
    if mode not in {"ABSOLUTE", "PERCENTAGE"}:
        raise Unfit(f"{within}mode", "must be ABSOLUTE or PERCENTAGE")
    if mode == "PERCENTAGE" and value > _HUNDRED:
        raise Unfit(f"{within}value", "must be at most 100 percent")
    return GivenDiscount(value, percent=mode == "PERCENTAGE")
