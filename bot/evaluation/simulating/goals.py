"""What a made-up customer wants: drawn from the products of the sets."""

import csv
import random
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources

from bot.evaluation.simulating.speaking import Speech

#: How many different things a customer wants: most want one or two.
_SIZES = (1, 1, 2, 2, 2, 3)
_PIECES = (1, 1, 2, 2, 3, 4)
_CENTS = 100

Basket = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Thing:
    """A product as the shop lists it."""

    sku: str
    name: str
    price: Decimal
    is_weighed: bool


@dataclass(frozen=True, slots=True)
class Goal:
    """What the order must be in the end."""

    basket: Basket
    fulfilment: str  #: `delivery` or `pickup`
    address: str
    name: str
    payment: str  #: `cash` or `transfer`

    def total(self, delivery_fee: int) -> int:
        """Return what it costs, in minor units: prices contain the tax."""
        goods = sum(
            int(shop_things()[sku].price * quantity * _CENTS)
            for sku, quantity in self.basket.items()
        )
        return goods + (delivery_fee if self.fulfilment == "delivery" else 0)


@cache
def shop_things() -> Mapping[str, Thing]:
    """Return what the shop of the sets sells, by SKU, without variants."""
    file = resources.files("bot.evaluation.sets") / "shop.csv"
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    return {
        row["sku"]: Thing(
            row["sku"], row["name"], Decimal(row["price"]), row["unit"] == "kg"
        )
        for row in rows
        if row["price"] and row["stock"] != "0"
    }


def drawn(speech: Speech, rng: random.Random) -> Goal:
    """Return a goal that can be said in a language."""
    skus = rng.sample(sorted(speech.goods), rng.choice(_SIZES))
    return Goal(
        basket={sku: an_amount(sku, speech, rng) for sku in skus},
        fulfilment=rng.choice(("delivery", "pickup")),
        address=rng.choice(speech.addresses),
        name=rng.choice(speech.names),
        payment=rng.choice(("cash", "transfer")),
    )


def an_amount(sku: str, speech: Speech, rng: random.Random) -> Decimal:
    """Return how much of a product somebody wants."""
    if shop_things()[sku].is_weighed:
        return rng.choice(sorted(speech.amounts))
    return Decimal(rng.choice(_PIECES))
