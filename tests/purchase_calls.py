"""Calls that make orders, for tests: complete and valid."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from orders.domain.calling import CalledLine, OrderCall
from orders.domain.order import Origin


def a_called_line(**changes: Any) -> CalledLine:
    """Return two lattes of the catalog, at its price."""
    return replace(CalledLine("product_latte", quantity=Decimal(2)), **changes)


def by_hand(**changes: Any) -> CalledLine:
    """Return one thing that the catalog does not know."""
    return replace(
        CalledLine(name="position #2", unit_price=Decimal("200.5")), **changes
    )


def a_call(**changes: Any) -> OrderCall:
    """Return a call with two lattes, without a key."""
    complete = OrderCall(
        tenant_id="tenant_test",
        origin=Origin("zegoal"),
        currency="TRY",
        lines=(a_called_line(),),
        raw={"order_positions": [{"catalog_position_id": 4}]},
    )
    return replace(complete, **changes)
