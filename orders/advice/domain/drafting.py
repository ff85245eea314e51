"""From products that speak for themselves to lines that can be sold."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from catalog.domain.product import Product
from orders.advice.domain.answer import (
    Category,
    Kind,
    ProposedOrder,
    Reason,
    Recommendation,
)
from orders.advice.domain.shelf import Shelf, cost

_LAST_PRIORITY = 10


@dataclass(frozen=True, slots=True)
class Idea:
    """A product worth advising, before stock, budget and taste have their say."""

    product: Product
    likely: float
    category: Category
    reasons: tuple[Reason, ...]
    wanted: float  #: How many, as the history has it.


def drafted(ideas: Iterable[Idea], shelf: Shelf) -> tuple[Recommendation, ...]:
    """Return the best ideas as lines: in stock, within the budget, best first."""
    wish = shelf.request.preferences
    left = wish.budget
    lines: list[Recommendation] = []
    judged = [_judged(idea, shelf) for idea in ideas]
    for idea in sorted(judged, key=lambda each: (-each.likely, each.product.id)):
        if len(lines) == wish.max_items:
            break
        line = _line(idea, shelf, left)
        if line is None:
            continue
        if left is not None:
            left -= cost(shelf.catalog[line.product], line.quantity)
        priority = min(len(lines) + 1, _LAST_PRIORITY)
        lines.append(replace(line, priority=priority))
    return tuple(lines)


def proposed(lines: tuple[Recommendation, ...], shelf: Shelf) -> ProposedOrder | None:
    """Return what the lines come to, or None when there are none."""
    if not lines:
        return None
    costs = (cost(shelf.catalog[line.product], line.quantity) for line in lines)
    return ProposedOrder(lines, sum(costs, Decimal(0)))


def _judged(idea: Idea, shelf: Shelf) -> Idea:
    """Return an idea as the request's preferences and market see it."""
    product = idea.product
    factor = shelf.demand_factor(product)
    reasons = list(idea.reasons)
    if shelf.is_preferred(product):
        reasons.append(Reason(Kind.PREFERRED, {"name": product.name}))
    if shelf.is_trending(product):
        reasons.append(Reason(Kind.TRENDING, {"name": product.name}))
    likely = min(idea.likely * shelf.favour(product) * factor, 1.0)
    return replace(
        idea, likely=likely, wanted=idea.wanted * factor, reasons=tuple(reasons)
    )


def _line(idea: Idea, shelf: Shelf, left: Decimal | None) -> Recommendation | None:
    product = idea.product
    quantity = shelf.quantity(product, idea.wanted) if idea.likely > 0 else 0
    reasons = list(idea.reasons)
    stock = shelf.stock(product)
    if stock is not None and stock < idea.wanted:
        reasons.append(Reason(Kind.LIMITED_BY_STOCK, {"stock": stock}))
    if left is not None and cost(product, quantity) > left:
        quantity = shelf.quantity_within(product, left)
        reasons.append(Reason(Kind.LIMITED_BY_BUDGET, {"left": left}))
    if not quantity:
        return None
    return Recommendation(
        product=product.id,
        name=product.name,
        quantity=quantity,
        price=product.price or Decimal(0),
        confidence=round(idea.likely, 4),
        category=idea.category,
        reasons=tuple(reasons),
    )
