"""What of the catalog may be advised, how many of it, and for how much."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil
from statistics import median

from catalog.domain.money import line_total, to_major
from catalog.domain.product import Product
from orders.advice.domain.basket import Basket
from orders.advice.domain.request import Request

#: Preferred and trending goods come forward, refused ones go back, by these factors.
_PREFERRED, _TRENDING, _REJECTED = 1.5, 1.3, 0.4
_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Shelf:
    """The catalog as one request sees it."""

    catalog: Mapping[str, Product]
    request: Request

    def product(self, product_id: str) -> Product | None:
        """Return a product that may be advised, or None."""
        product = self.catalog.get(product_id)
        if product is None or not product.active or product.price is None:
            return None
        wish = self.request.preferences
        names = {product.id, product.sku}
        if (
            names & wish.excluded_products
            or product.category in wish.excluded_categories
            or product.brand in wish.excluded_brands
        ):
            return None
        return product

    def stock(self, product: Product) -> Decimal | None:
        """Return how many there are to sell, or None when nobody counts."""
        given = self.request.inventory_levels
        for name in (product.id, product.sku):
            if name in given:
                return max(given[name], Decimal(0))
        return product.stock

    def is_preferred(self, product: Product) -> bool:
        wish = self.request.preferences
        return bool(
            {product.id, product.sku} & wish.preferred_products
            or product.category in wish.preferred_categories
            or product.brand in wish.preferred_brands
        )

    def is_trending(self, product: Product) -> bool:
        trending = self.request.market_data.trending_products
        return bool({product.id, product.sku} & trending)

    def favour(self, product: Product) -> float:
        """Return by how much the request moves a product forward or back."""
        rejected = product.id in self.request.feedback.rejected
        return (
            (_PREFERRED if self.is_preferred(product) else 1.0)
            * (_TRENDING if self.is_trending(product) else 1.0)
            * (_REJECTED if rejected else 1.0)
        )

    def demand_factor(self, product: Product) -> float:
        """Return how the market changes what is bought of a product."""
        market = self.request.market_data
        of_product = market.product_factors.get(
            product.id, market.product_factors.get(product.sku, 1.0)
        )
        of_category = market.category_factors.get(product.category or "", 1.0)
        return max(market.demand_factor * of_category * of_product, 0.0)

    def quantity(self, product: Product, wanted: float) -> int:
        """Return a whole number that can be sold, near what is wanted; 0: none can."""
        step, least = _steps(product)
        count = min(max(round(wanted / step) * step, least), _MOST)
        return self._at_most(product, Decimal(count))

    def quantity_within(self, product: Product, amount: Decimal) -> int:
        """Return how many can be had for an amount of major units; 0: none."""
        affordable = amount / (product.price or 1)
        count = self._at_most(product, min(affordable, Decimal(_MOST)))
        if count and cost(product, count) > amount:  # by rounding the line half up
            count = self._at_most(product, Decimal(count - 1))
        return count

    def _at_most(self, product: Product, count: Decimal) -> int:
        step, least = _steps(product)
        stock = self.stock(product)
        most = count if stock is None else min(count, stock)
        whole = int(most // step) * step
        return whole if whole >= least else 0


def cost(product: Product, quantity: int) -> Decimal:
    """Return what so many cost in major units, rounded once, as a line is."""
    price = product.price or Decimal(0)
    minor = line_total(price, Decimal(quantity), product.currency)
    return to_major(minor, product.currency)


def _steps(product: Product) -> tuple[int, int]:
    """Return step and minimum in whole units, as advice is given.

    Of steps of 1.5 every second is whole: 3, 6, 9.
    """
    step = max(Fraction(product.step).numerator, 1)
    return step, max(ceil(product.minimum / step), 1) * step


def usual_quantity(own: Iterable[Basket], product: Product) -> float:
    """Return what the customer usually takes of it; else what the catalog begins with.

    The median, so that one large order is not repeated for ever.
    """
    sums = [
        sum(float(i.quantity) for i in basket.items if i.product == product.id)
        for basket in own
        if product.id in basket.products
    ]
    return median(sums) if sums else float(product.default_quantity)
