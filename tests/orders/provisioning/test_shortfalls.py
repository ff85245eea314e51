"""What a merchant's system cannot deliver: read strictly, found among the lines."""

from decimal import Decimal
from typing import Any

import pytest

from orders.provisioning.shortfalls import (
    BadItems,
    Unavailable,
    read_unavailable,
    short_lines,
)
from tests.factories import an_order, an_order_line

MOST = [{"objectId": f"l{n}"} for n in range(1001)]
BAD: list[tuple[str, Any, str]] = [
    ("no list", {"objectId": "l1"}, "list"),
    ("too many", MOST, "list"),
    ("no object", ["l1"], "objects"),
    ("no name", [{"available": 1}], "objectId"),
    ("a long name", [{"objectId": "x" * 201}], "objectId"),
    ("a text", [{"objectId": "l1", "available": "1"}], "number"),
    ("less than nothing", [{"objectId": "l1", "available": -1}], "number"),
    ("a truth", [{"objectId": "l1", "available": True}], "number"),
    ("endless", [{"objectId": "l1", "available": 1e300}], "number"),
]


@pytest.mark.parametrize(
    ("items", "why"), [b[1:] for b in BAD], ids=[b[0] for b in BAD]
)
def test_bad_items_are_refused_and_named(items: Any, why: str) -> None:
    with pytest.raises(BadItems, match=why):
        read_unavailable({"unavailableItems": items})


def test_items_are_read_by_id_or_reference() -> None:
    given = [
        {"objectId": "l1"},
        {"productReference": "LAT", "available": 0.5},
    ]
    assert read_unavailable({"unavailableItems": given}) == (
        Unavailable("l1"),
        Unavailable("LAT", Decimal("0.5")),
    )
    assert read_unavailable({}) == ()


def test_lines_are_found_once_and_only_where_something_lacks() -> None:
    one = an_order_line(id="l1", sku="LAT", quantity=Decimal(2))
    two = an_order_line(id="l2", sku="TEA", quantity=Decimal(1))
    order = an_order(lines=(one, two))
    named_twice = (Unavailable("l1", Decimal(1)), Unavailable("LAT", Decimal(1)))
    (short,) = short_lines(order, (*named_twice, Unavailable("l2", Decimal(1))))
    assert (short.line, short.available) == (one, Decimal(1))
    with pytest.raises(BadItems, match="no item 'l9'"):
        short_lines(order, (Unavailable("l9"),))
