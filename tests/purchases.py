"""A small shop's purchases: who bought what, and when."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from catalog import Product
from orders.advice.domain.basket import Basket, Bought
from orders.advice.domain.history import History, history_of
from orders.advice.domain.request import Activity, Request
from tests.factories import a_product

#: A Monday.
START = datetime(2026, 1, 5, 10, tzinfo=UTC)
TODAY = START + timedelta(days=7 * 40)

_PRICES = {
    "beans": ("coffee", "10"),
    "fine-beans": ("coffee", "15"),
    "rare-beans": ("coffee", "90"),
    "filter": ("gear", "3"),
    "mill": ("gear", "60"),
    "tea": ("tea", "5"),
    "honey": ("food", "8"),
}


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def some(product: str, quantity: int, price: str = "1") -> Bought:
    return Bought(product, Decimal(quantity), Decimal(price))


def a_basket(customer: str, at: float, *items: str | Bought, name: str = "") -> Basket:
    """Return a basket of the day with that number; a word is one piece of a product."""
    bought = tuple(
        some(item, 1, _PRICES.get(item, ("", "1"))[1])
        if isinstance(item, str)
        else item
        for item in items
    )
    return Basket(name or f"{customer}-{at}-{items}", customer, day(at), bought)


def every(customer: str, days: int, until: int, *items: str) -> Iterable[Basket]:
    return (a_basket(customer, at, *items) for at in range(0, until, days))


def purchases() -> list[Basket]:
    """Return 40 weeks of a shop: Ada buys beans weekly; others take filters, too."""
    baskets = list(every("ada", 7, 280, "beans"))
    baskets += every("ada", 28, 280, "tea", "honey")
    for customer in ("bob", "cem", "dan", "eve"):
        baskets += every(customer, 14, 280, "beans", "filter")
    baskets += every("fay", 14, 280, "tea", "mill")
    return baskets


def a_catalog(**changes: dict[str, Any]) -> dict[str, Product]:
    """Return the shop's products by id; `beans={"stock": ...}` changes one."""
    return {
        name: a_product(
            **{
                "id": name,
                "sku": name.upper(),
                "name": name.replace("-", " ").title(),
                "category": category,
                "price": Decimal(price),
                **changes.get(name.replace("-", "_"), {}),
            }
        )
        for name, (category, price) in _PRICES.items()
    }


def a_history(customer: str = "ada") -> History:
    return history_of(purchases(), customer)


def a_request(activity: Activity = Activity.RECOMMENDATION, **changes: Any) -> Request:
    return Request(**{"activity": activity, "at": TODAY, **changes})
