"""The shop's rules, as data: how it delivers, taxes and prices."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from orders.domain.draft import Draft, Fulfilment


@dataclass(frozen=True, slots=True)
class Shop:
    """A tenant's rules. Amounts are minor units of the tenant's currency."""

    fulfilments: tuple[Fulfilment, ...] = (Fulfilment.DELIVERY, Fulfilment.PICKUP)
    delivery_fee: int = 0
    free_delivery_from: int | None = None  #: Goods after discount; None: never free.
    minimum_order: int = 0  #: Goods before discount; 0: none.
    tax_included: bool = True  #: Prices contain the tax.
    #: Names of `orders.domain.rules.Field` without which no order is placed.
    required: tuple[str, ...] = field(default=("name", "fulfilment", "address"))

    def needing(self, fields: Iterable[str]) -> "Shop":
        """Return the shop that requires these fields, too: a sink may need them."""
        more = sorted(set(fields) - set(self.required))
        return replace(self, required=(*self.required, *more))


def fulfilment_of(draft: Draft, shop: Shop) -> Fulfilment | None:
    """Return how the draft reaches the customer, or None while that is open.

    A shop with a single way needs no answer.
    """
    if draft.fulfilment in shop.fulfilments:
        return draft.fulfilment
    return shop.fulfilments[0] if len(shop.fulfilments) == 1 else None
