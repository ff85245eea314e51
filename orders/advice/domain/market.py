"""What all baskets of a shop tell about its products.

How often each is bought, in which months, how often people come back for it, and what
is bought along with it.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orders.advice.domain.basket import Basket, day_of

Numbers = NDArray[np.float64]
Positions = NDArray[np.int64]

#: A larger basket is a wholesaler's; it says little about what belongs together, and
#: its pairs would outnumber all others.
LARGEST_PAIRED = 60
#: How many companions of a product are kept.
NEIGHBOURS = 40
#: A pair seen once or twice is chance: this many sightings are expected of nothing.
_PAIR_PRIOR = 5.0
#: Until people were seen to come back, one in ten is believed to.
_RETURN_PRIOR, _RETURN_WEIGHT = 0.1, 10.0
#: Who comes later than this has not passed it over: goods of a season would look as if
#: nobody wanted them again.
_RETURN_DAYS = 90.0
#: Pairs are added up in pieces, so that memory stays bounded.
_PIECE = 2_000_000
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Market:
    """What was learnt. Arrays have one place for each product of `products`."""

    products: tuple[str, ...]
    position: Mapping[str, int]
    baskets: int
    counts: Numbers  #: Baskets with the product.
    months: Numbers  #: The same by month of the year: 12 rows.
    month_baskets: Numbers
    returns: Numbers  #: How likely a basket of somebody who knows it has it again.
    neighbours: Positions  #: Companions, best first; -1: none.
    closeness: Numbers  #: How close each of them is, 0 to 1.


def learn(baskets: Iterable[Basket]) -> Market:
    """Return what baskets tell. Their order does not matter."""
    told = sorted(baskets, key=lambda basket: (basket.at, basket.id))
    products = tuple(sorted({name for each in told for name in each.products}))
    position = {product: index for index, product in enumerate(products)}
    seen = [
        np.array([position[name] for name in each.products], dtype=np.int64)
        for each in told
    ]
    months = np.zeros((_MONTHS, len(products)))
    month_baskets = np.zeros(_MONTHS)
    for basket, items in zip(told, seen, strict=True):
        months[basket.at.month - 1, items] += 1
        month_baskets[basket.at.month - 1] += 1
    counts = months.sum(axis=0)
    neighbours, closeness = _companions(seen, counts)
    return Market(
        products=products,
        position=position,
        baskets=len(told),
        counts=counts,
        months=months,
        month_baskets=month_baskets,
        returns=_returns(told, seen, len(products)),
        neighbours=neighbours,
        closeness=closeness,
    )


def _returns(told: Sequence[Basket], seen: Sequence[Positions], size: int) -> Numbers:
    """Return for each product how likely the next basket of its buyers has it."""
    chances, taken = np.zeros(size), np.zeros(size)
    known: dict[str, dict[int, float]] = defaultdict(dict)
    for basket, items in zip(told, seen, strict=True):
        own, day = known[basket.customer], day_of(basket.at)
        fresh = [item for item, bought in own.items() if day - bought <= _RETURN_DAYS]
        chances[fresh] += 1
        taken[list(set(fresh).intersection(items.tolist()))] += 1
        own.update(dict.fromkeys(items.tolist(), day))
    prior = _RETURN_PRIOR * _RETURN_WEIGHT
    result: Numbers = (taken + prior) / (chances + _RETURN_WEIGHT)
    return result


def _companions(
    seen: Sequence[Positions], counts: Numbers
) -> tuple[Positions, Numbers]:
    size = len(counts)
    neighbours = np.full((size, NEIGHBOURS), -1, dtype=np.int64)
    closeness = np.zeros((size, NEIGHBOURS))
    pairs, together = _pairs(seen, size)
    left, right = pairs // max(size, 1), pairs % max(size, 1)
    close = together / np.sqrt(counts[left] * (counts[right] + _PAIR_PRIOR))
    order = np.lexsort((right, -close, left))
    left, right, close = left[order], right[order], close[order]
    starts = np.searchsorted(left, np.arange(size))
    rank = np.arange(len(left)) - starts[left]
    kept = rank < NEIGHBOURS
    neighbours[left[kept], rank[kept]] = right[kept]
    closeness[left[kept], rank[kept]] = close[kept]
    return neighbours, closeness


def _pairs(seen: Sequence[Positions], size: int) -> tuple[Positions, Numbers]:
    """Return ordered pairs as `left * size + right`, and how much each was together."""
    pairs = np.zeros(0, dtype=np.int64)
    together = np.zeros(0)
    for piece, weights in _pieces(seen, size):
        keys, where = np.unique(np.concatenate((pairs, piece)), return_inverse=True)
        sums = np.zeros(len(keys))
        np.add.at(sums, where, np.concatenate((together, weights)))
        together = sums
        pairs = keys
    return pairs, together


def _pieces(
    seen: Sequence[Positions], size: int
) -> Iterator[tuple[Positions, Numbers]]:
    keys: list[Positions] = []
    weights: list[Numbers] = []
    waiting = 0
    for items in seen:
        if not 1 < len(items) <= LARGEST_PAIRED:
            continue
        both = (items[:, None] * size + items[None, :])[~np.eye(len(items), dtype=bool)]
        keys.append(both)
        # In a small basket, being together says more.
        weights.append(np.full(len(both), 1 / math.log2(1 + len(items))))
        waiting += len(both)
        if waiting >= _PIECE:
            yield np.concatenate(keys), np.concatenate(weights)
            keys, weights, waiting = [], [], 0
    if keys:
        yield np.concatenate(keys), np.concatenate(weights)
