"""The shop's rules, as data: how it delivers, taxes and prices."""

from dataclasses import dataclass, field

from orders.domain.draft import Fulfilment


@dataclass(frozen=True, slots=True)
class Shop:
    """A tenant's rules. Amounts are minor units of the tenant's currency."""

    fulfilments: tuple[Fulfilment, ...] = (Fulfilment.DELIVERY, Fulfilment.PICKUP)
    delivery_fee: int = 0
    free_delivery_from: int | None = None
    minimum_order: int = 0
    tax_included: bool = True  #: Prices contain the tax.
    required: tuple[str, ...] = field(default=("name", "fulfilment", "address"))
