"""What was bought, as advice sees it: baskets of products, by customer and moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Bought:
    """A product in a basket. The price is for one, in major units; 0: not known."""

    product: str
    quantity: Decimal
    price: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Basket:
    """One order of one customer. `at` has a zone."""

    id: str
    customer: str
    at: datetime
    items: tuple[Bought, ...]

    @property
    def products(self) -> tuple[str, ...]:
        """Return each product once, in the order of the items."""
        return tuple(dict.fromkeys(item.product for item in self.items))

    @property
    def total(self) -> Decimal:
        """Return what the basket cost, in major units."""
        return sum((item.quantity * item.price for item in self.items), Decimal(0))


def day_of(moment: datetime) -> float:
    """Return a moment as days since 1970, with its fraction."""
    return moment.astimezone(UTC).timestamp() / DAY


def merged(given: Sequence[Basket], stored: Sequence[Basket]) -> tuple[Basket, ...]:
    """Return both histories as one, oldest first; of one id, the stored one is kept."""
    by_id = {basket.id: basket for basket in (*given, *stored)}
    return tuple(sorted(by_id.values(), key=lambda basket: (basket.at, basket.id)))
