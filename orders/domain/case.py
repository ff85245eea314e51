"""What the rules of an order look at: a draft, the shop, and what it sells."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from catalog import Product
from orders.domain.draft import Draft, Line
from orders.domain.fields import Field, Missing
from orders.domain.needs import Facts
from orders.domain.pricing import price
from orders.domain.shop import Shop, fulfilment_of, payment_of

#: What may be sold right now: (product id, variant id) -> quantity, None: not counted.
Available = Mapping[tuple[str, str | None], Decimal | None]


@dataclass(frozen=True, slots=True)
class Case:
    """All that a rule may look at."""

    draft: Draft
    shop: Shop
    products: Mapping[str, Product]
    available: Available
    now: datetime | None = None  #: None: opening hours are not looked at.

    def sold_lines(self) -> Iterator[tuple[Line, Product]]:
        """Yield every line whose product is sold, with the product."""
        for line in self.draft.lines:
            product = self.products.get(line.product_id)
            if product is not None and product.active:
                yield line, product

    def requires(self, field: Field) -> bool:
        """Return whether the shop asks for that field of this order."""
        if field.value in self.shop.required:
            return True
        needs = [n for n in self.shop.fields.needs if n.field == field.value]
        return any(need.when.holds(self.facts()) for need in needs)

    def facts(self) -> Facts:
        """Return what the shop's conditions look at."""
        draft, shop = self.draft, self.shop
        method = payment_of(draft, shop)
        return Facts(
            fulfilment=fulfilment_of(draft, shop),
            total=price(draft, shop).grand_total,
            business=draft.business,
            payment=method.id if method else draft.payment,
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """One field, and how to find what of it is missing."""

    field: Field
    find: Callable[[Case], Iterator[Missing]]
