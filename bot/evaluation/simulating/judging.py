"""Whether a conversation with a made-up customer went as it must. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.evaluation.simulating.goals import Basket, Goal
from orders import Draft, Order


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines that are not what was said, in the moment of a summary."""

    lost: tuple[str, ...] = ()  #: Said, and neither there nor asked about.
    wrong: tuple[str, ...] = ()  #: Another amount, or never said.


def basket_of(draft: Draft | Order) -> dict[str, Decimal]:
    """Return what stands in a draft or an order, by SKU."""
    found: dict[str, Decimal] = {}
    for line in draft.lines:
        found[line.sku] = found.get(line.sku, Decimal(0)) + line.quantity
    return found


def compared(told: Basket, draft: Basket, excused: frozenset[str]) -> Lines:
    """Return which lines of a draft are not what was said.

    `excused`: what the bot said it did not find, or asks about.
    """
    lost = tuple(sku for sku in told if sku not in draft and sku not in excused)
    wrong = [
        f"{sku} {draft[sku]} for {told[sku]}"
        for sku in told
        if sku in draft and draft[sku] != told[sku]
    ]
    invented = [f"{sku} {draft[sku]}" for sku in draft if sku not in told]
    return Lines(lost, (*wrong, *invented))


def wrong_with(order: Order, goal: Goal, fee: int) -> tuple[str, ...]:
    """Return what is wrong with an order: it is not what its customer wanted."""
    problems: list[str] = []
    found = basket_of(order)
    if found != dict(goal.basket):
        problems.append(f"ordered {_told(found)}; wanted {_told(goal.basket)}")
    if order.fulfilment != goal.fulfilment:
        problems.append(f"{order.fulfilment}; wanted {goal.fulfilment}")
    if order.payment != goal.payment:
        problems.append(f"pays by {order.payment}; wanted {goal.payment}")
    address = order.address.text if order.address else None
    if goal.fulfilment == "delivery" and address != goal.address:
        problems.append(f"goes to {address!r}; wanted {goal.address!r}")
    return (*problems, *_sums(order, goal, fee))


def _sums(order: Order, goal: Goal, fee: int) -> Sequence[str]:
    """Return how totals do not add up, by the shop's own price list."""
    added = sum(line.total for line in order.lines) + order.shipping_total
    if added != order.grand_total:
        return [f"lines and delivery are {added}; the total is {order.grand_total}"]
    if basket_of(order) == dict(goal.basket) and order.fulfilment == goal.fulfilment:
        wanted = goal.total(fee)
        if order.grand_total != wanted:
            return [f"the total is {order.grand_total}; by the prices it is {wanted}"]
    return []


def _told(basket: Mapping[str, Decimal]) -> str:
    return ", ".join(f"{amount} {sku}" for sku, amount in sorted(basket.items()))
