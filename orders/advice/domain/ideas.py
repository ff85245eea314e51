"""What is worth advising, by what was asked for: each idea with its reasons."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from catalog.domain.product import Product
from orders.advice.domain.analysis import Rhythm, name_of, rhythms
from orders.advice.domain.answer import Category, Kind, Reason
from orders.advice.domain.basket import Basket
from orders.advice.domain.demand import Needs
from orders.advice.domain.drafting import Idea
from orders.advice.domain.market import Market
from orders.advice.domain.shelf import Shelf, usual_quantity
from orders.advice.domain.signals import SIGNALS, Past, candidates, look_back
from orders.advice.domain.weighing import Ranked, Weights, rank

#: Bought so much more than usual at this time of the year, a product is in season.
_SEASON = 1.5
#: How likely somebody takes what they or the market name, and history does not know.
_UNHEARD = 0.05
#: Something better may cost so many times as much, and no more.
_DEARER = 2
#: Less than half a piece in the weeks to come is none.
_WORTH = 0.5
_TREND = (SIGNALS.index("own_trend"), SIGNALS.index("new_trend"))


@dataclass(frozen=True, slots=True)
class Scene:
    """All that ideas are made of."""

    market: Market
    own: tuple[Basket, ...]
    shelf: Shelf
    weights: Weights


def next_basket(scene: Scene) -> Iterator[Idea]:
    """Yield what the customer will likely have in their next basket."""
    known = rhythms(scene.own, scene.shelf.request.at)
    past, found, trends = _ranked(scene)
    told = set()
    for each in found:
        told.add(each.product)
        product = scene.shelf.product(each.product)
        if product is None:
            continue
        rhythm = known.get(each.product)
        reasons = _why_again(rhythm, scene) if rhythm else _why_new(each, past, scene)
        in_season = trends[each.product] >= _SEASON
        if in_season:
            reasons = (*reasons, Reason(Kind.IN_SEASON, {"name": product.name}))
        category = _category(rhythm, reasons, in_season=in_season)
        yield _idea(product, each.probability, category, reasons, scene)
    yield from _unheard(scene, told)


def cross_sell(scene: Scene) -> Iterator[Idea]:
    """Yield what goes with what the customer buys, and is new to them."""
    past, found, _ = _ranked(scene)
    for each in found:
        product = scene.shelf.product(each.product)
        companion = _companion(each.product, past, scene)
        if product is None or each.own or companion is None:
            continue
        reasons = (companion,)
        yield _idea(product, each.probability, Category.CROSS_SELL, reasons, scene)


def upsell(scene: Scene) -> Iterator[Idea]:
    """Yield something better of the same category for what the customer buys."""
    _, found, _ = _ranked(scene)
    had = {name for basket in scene.own for name in basket.products}
    taken: set[str] = set()
    for each in found:
        usual = scene.shelf.catalog.get(each.product) if each.own else None
        better = _better(usual, had | taken, scene) if usual else None
        if usual is None or better is None:
            continue
        taken.add(better.id)
        before, after = usual.price or Decimal(0), better.price or Decimal(1)
        more = after - before
        reasons = (Reason(Kind.BETTER_THAN, {"name": usual.name, "more": more}),)
        # Who pays twice as much is half as many.
        likely = each.probability * float(before / after)
        quantity = usual_quantity(scene.own, usual)
        yield Idea(better, likely, Category.UPSELL, reasons, quantity)


def needed(scene: Scene, needs: Needs) -> Iterator[Idea]:
    """Yield what the customer will need in the weeks to come."""
    weeks = scene.shelf.request.horizon
    for need in needs.needs:
        product = scene.shelf.product(need.product)
        if product is None or need.quantity < _WORTH:
            continue
        facts = {"quantity": round(need.quantity, 1), "weeks": weeks}
        reasons = (Reason(Kind.EXPECTED_DEMAND, facts),)
        # One who is expected to take a few pieces is all but sure to take some.
        likely = 1 - float(np.exp(-need.quantity))
        confidence = likely * (1 + need.accuracy) / 2
        yield Idea(product, confidence, Category.FREQUENT, reasons, need.quantity)


def _ranked(scene: Scene) -> tuple[Past, tuple[Ranked, ...], Mapping[str, float]]:
    past = look_back(scene.own, scene.shelf.request.at)
    found = candidates(scene.market, past)
    trends = np.exp(found.matrix[:, _TREND].sum(axis=1))
    by_name = dict(zip(found.products, trends.tolist(), strict=True))
    return past, rank(found, scene.weights), by_name


def _idea(
    product: Product,
    likely: float,
    category: Category,
    reasons: tuple[Reason, ...],
    scene: Scene,
) -> Idea:
    quantity = usual_quantity(scene.own, product)
    return Idea(product, likely, category, reasons, quantity)


def _why_again(rhythm: Rhythm, scene: Scene) -> tuple[Reason, ...]:
    if rhythm.times == 1:
        return (Reason(Kind.BOUGHT_BEFORE, {"days": round(rhythm.since)}),)
    facts = {"times": rhythm.times, "baskets": len(scene.own)}
    often = Reason(Kind.BOUGHT_OFTEN, facts)
    if not rhythm.is_due:
        return (often,)
    beat = {"days": round(rhythm.since), "usual": round(rhythm.interval)}
    return (Reason(Kind.DUE, beat), often)


def _why_new(each: Ranked, past: Past, scene: Scene) -> tuple[Reason, ...]:
    companion = _companion(each.product, past, scene)
    if companion is not None:
        return (companion,)
    market = scene.market
    count = float(market.counts[market.position[each.product]])
    percent = round(100 * count / max(market.baskets, 1), 1)
    return (Reason(Kind.POPULAR, {"percent": percent}),)


def _companion(product: str, past: Past, scene: Scene) -> Reason | None:
    """Return with which of the customer's products it goes best, if with any."""
    market = scene.market
    place = market.position.get(product)
    best: tuple[float, str] | None = None
    for name, weight in zip(past.products, past.recent.tolist(), strict=True):
        mine = market.position.get(name)
        if mine is None or place is None or not weight:
            continue
        close = market.closeness[mine][market.neighbours[mine] == place]
        if len(close) and (best is None or weight * close[0] > best[0]):
            best = (weight * float(close[0]), name)
    if best is None:
        return None
    return Reason(Kind.GOES_WITH, {"name": name_of(best[1], scene.shelf)})


def _category(
    rhythm: Rhythm | None, reasons: Sequence[Reason], *, in_season: bool
) -> Category:
    if rhythm is not None and rhythm.times > 1:
        return Category.FREQUENT
    if in_season:
        return Category.SEASONAL
    if rhythm is not None:
        return Category.FREQUENT
    goes_with = any(reason.kind is Kind.GOES_WITH for reason in reasons)
    return Category.CROSS_SELL if goes_with else Category.NEW_PRODUCT


def _unheard(scene: Scene, told: set[str]) -> Iterator[Idea]:
    """Yield what the request names and the history does not know."""
    request = scene.shelf.request
    names = request.preferences.preferred_products
    names = names | request.market_data.trending_products
    if not names:
        return
    for product in scene.shelf.catalog.values():
        offered = scene.shelf.product(product.id)
        if (
            offered is None
            or product.id in told
            or not {product.id, product.sku} & names
        ):
            continue
        yield _idea(offered, _UNHEARD, Category.NEW_PRODUCT, (), scene)


def _better(usual: Product, had: set[str], scene: Scene) -> Product | None:
    """Return what more people take of the dearer products of the same category."""
    if usual.category is None or usual.price is None:
        return None
    price = usual.price
    market = scene.market

    def taken(product: Product) -> float:
        place = market.position.get(product.id)
        return 0.0 if place is None else float(market.counts[place])

    dearer = [
        product
        for product in scene.shelf.catalog.values()
        if product.category == usual.category
        and product.id not in had
        and product.price is not None
        and price < product.price <= _DEARER * price
        and scene.shelf.product(product.id) is not None
        and scene.shelf.stock(product) != 0
    ]
    if not dearer:
        return None
    return min(dearer, key=lambda product: (-taken(product), product.id))
