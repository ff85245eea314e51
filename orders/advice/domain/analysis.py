"""Reads a customer's history: how they buy, what is at risk, where the chances are."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from statistics import median

from orders.advice.domain.answer import Fact, Insights, Kind, Reason
from orders.advice.domain.basket import Basket, day_of
from orders.advice.domain.shelf import Shelf

#: Somebody who stays away for this many of their usual intervals may be lost.
_LOST = 2.0
#: A product is late after this many of its own intervals, and due from this many on.
_LATE, _DUE = 1.5, 0.8
#: An interval of a product is known from this many purchases on.
_KNOWN = 3
#: The latest baskets against those before them: this much more or less is news.
_CHANGE, _COMPARED = 0.3, 3
#: One weekday is a habit when it has at least this share of at least so many baskets.
_HABIT, _HABIT_BASKETS = 0.5, 4
_SHOWN = 5
#: Somebody who sends a whole other catalog is told of its beginning.
_MOST_NOTES = 20


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a product was bought, in days."""

    product: str
    times: int
    since: float
    interval: float  #: Between two purchases, on average; 0: bought once.

    @property
    def lateness(self) -> float:
        """Return how many intervals have passed since; 0 when none is known."""
        return self.since / self.interval if self.interval > 0 else 0.0

    @property
    def is_due(self) -> bool:
        return _DUE <= self.lateness <= _LATE

    @property
    def is_late(self) -> bool:
        return self.times >= _KNOWN and self.lateness > _LATE


def rhythms(own: Sequence[Basket], at: datetime) -> Mapping[str, Rhythm]:
    """Return the rhythm of every product that the customer had."""
    days: dict[str, list[float]] = defaultdict(list)
    for basket in own:
        for product in basket.products:
            days[product].append(day_of(basket.at))
    now = day_of(at)
    return {
        product: Rhythm(
            product,
            len(bought),
            max(now - max(bought), 0.0),
            (max(bought) - min(bought)) / max(len(bought) - 1, 1),
        )
        for product, bought in days.items()
    }


def analyse(own: Sequence[Basket], shelf: Shelf) -> Insights:
    """Return what the customer's history tells; unused keys of the request are named.

    Without history there are no patterns but a note that says so.
    """
    request = shelf.request
    if not own:
        patterns: tuple[Reason, ...] = (Reason(Kind.NO_HISTORY),)
        return Insights(patterns=patterns, opportunities=_notes(shelf))
    moving = rhythms(own, request.at)
    return Insights(
        patterns=_patterns(own, shelf),
        seasonality=seasonality(own),
        risks=(
            *_lost(own, request.at),
            *_spending(own, less=True),
            *_late(moving, shelf),
        ),
        opportunities=(
            *_spending(own, less=False),
            *_due(moving, shelf),
            *_out(moving, shelf),
            *_notes(shelf),
        ),
    )


def seasonality(own: Sequence[Basket]) -> Mapping[str, float]:
    """Return the share of what was bought in each month of the year that had any."""
    sums: Counter[str] = Counter()
    for basket in own:
        sums[f"{basket.at.month:02}"] += len(basket.items)
    whole = max(sum(sums.values()), 1)
    return {month: round(sums[month] / whole, 4) for month in sorted(sums)}


def _patterns(own: Sequence[Basket], shelf: Shelf) -> tuple[Reason, ...]:
    found = []
    interval = usual_interval(own)
    if interval:
        facts = {"days": round(interval), "baskets": len(own)}
        found.append(Reason(Kind.BUYS_EVERY, facts))
    weekday, times = Counter(b.at.isoweekday() for b in own).most_common(1)[0]
    if len(own) >= _HABIT_BASKETS and times / len(own) >= _HABIT:
        found.append(Reason(Kind.BUYS_ON, {"weekday": weekday, "times": times}))
    size = sum(len(basket.products) for basket in own) / len(own)
    spent = sum((basket.total for basket in own), Decimal(0)) / len(own)
    facts_of_size: dict[str, Fact] = {
        "products": round(size, 1),
        "amount": round(spent, 2),
    }
    found.append(Reason(Kind.BASKET_SIZE, facts_of_size))
    counts = Counter(name for basket in own for name in basket.products)
    best, times = min(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    if times > 1:
        name = name_of(best, shelf)
        favourite: dict[str, Fact] = {"name": name, "times": times, "baskets": len(own)}
        found.append(Reason(Kind.FAVOURITE, favourite))
    return tuple(found)


def usual_interval(own: Sequence[Basket]) -> float:
    """Return the days between two baskets, the median; 0 when there was only one."""
    days = [day_of(basket.at) for basket in own]
    gaps = [later - day for day, later in pairwise(days)]
    return median(gaps) if gaps else 0.0


def name_of(product_id: str, shelf: Shelf) -> str:
    """Return the product's name, or its id when the catalog does not have it."""
    product = shelf.catalog.get(product_id)
    return product_id if product is None else product.name


def _lost(own: Sequence[Basket], at: datetime) -> tuple[Reason, ...]:
    interval = max(usual_interval(own), 1.0)
    since = day_of(at) - day_of(own[-1].at)
    if len(own) < _KNOWN or since <= _LOST * interval:
        return ()
    facts = {"days": round(since), "usual": round(interval)}
    return (Reason(Kind.MAY_BE_LOST, facts),)


def _spending(own: Sequence[Basket], *, less: bool) -> tuple[Reason, ...]:
    if len(own) < 2 * _COMPARED:
        return ()
    totals = [basket.total for basket in own]
    before = sum(totals[:-_COMPARED], Decimal(0)) / (len(own) - _COMPARED)
    lately = sum(totals[-_COMPARED:], Decimal(0)) / _COMPARED
    if not before:
        return ()
    change = float(lately / before) - 1
    if (change > -_CHANGE) if less else (change < _CHANGE):
        return ()
    kind = Kind.SPENDS_LESS if less else Kind.SPENDS_MORE
    return (Reason(kind, {"percent": round(abs(change) * 100)}),)


def _late(moving: Mapping[str, Rhythm], shelf: Shelf) -> tuple[Reason, ...]:
    late = [each for each in moving.values() if each.is_late]
    late.sort(key=lambda each: (-each.times, each.product))
    return tuple(_timed(Kind.LATE_REORDER, each, shelf) for each in late[:_SHOWN])


def _due(moving: Mapping[str, Rhythm], shelf: Shelf) -> tuple[Reason, ...]:
    due = [each for each in moving.values() if each.is_due]
    due.sort(key=lambda each: (-each.times, each.product))
    return tuple(_timed(Kind.DUE_SOON, each, shelf) for each in due[:_SHOWN])


def _timed(kind: Kind, rhythm: Rhythm, shelf: Shelf) -> Reason:
    facts: dict[str, Fact] = {
        "name": name_of(rhythm.product, shelf),
        "days": round(rhythm.since),
        "usual": round(rhythm.interval),
    }
    return Reason(kind, facts)


def _out(moving: Mapping[str, Rhythm], shelf: Shelf) -> tuple[Reason, ...]:
    found = []
    for rhythm in sorted(moving.values(), key=lambda each: (-each.times, each.product)):
        product = shelf.product(rhythm.product)
        if product is not None and shelf.stock(product) == 0:
            found.append(Reason(Kind.WANTED_BUT_OUT, {"name": product.name}))
    return tuple(found[:_SHOWN])


def _notes(shelf: Shelf) -> tuple[Reason, ...]:
    """Return what of the request was of no use, so that nobody relies on it."""
    request = shelf.request
    unused = [
        *(f"clientPreferences.{key}" for key in request.preferences.unused),
        *(f"marketData.{key}" for key in request.market_data.unused),
        *(f"inventoryLevels.{key}" for key in _unknown(shelf)),
    ]
    return tuple(Reason(Kind.UNUSED_KEY, {"key": key}) for key in unused[:_MOST_NOTES])


def _unknown(shelf: Shelf) -> list[str]:
    """Return the products of the inventory that the catalog does not have."""
    unknown = set(shelf.request.inventory_levels) - set(shelf.catalog)
    if unknown:
        unknown -= {product.sku for product in shelf.catalog.values()}
    return sorted(unknown)
