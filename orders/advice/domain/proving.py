"""How good such advice was for this customer until now: the past, asked again."""

from collections.abc import Sequence

from orders.advice.domain.basket import Basket
from orders.advice.domain.market import Market
from orders.advice.domain.request import Feedback
from orders.advice.domain.signals import candidates, look_back
from orders.advice.domain.weighing import Weights, rank

#: The customer's latest baskets are foreseen again, each from those before it.
_REPEATED = 5
_ANSWERS = 10
#: Fewer baskets than this foretell nothing.
_NEEDED = 2

#: Right ones, and all.
Counts = tuple[int, int]


def back_test(market: Market, own: Sequence[Basket], weights: Weights) -> Counts:
    """Return how many of the customer's latest purchases would have been advised.

    The market is as it is now: what others bought since then is in it.
    """
    right = asked = 0
    for index in range(max(len(own) - _REPEATED, _NEEDED), len(own)):
        basket = own[index]
        found = rank(candidates(market, look_back(own[:index], basket.at)), weights)
        first = {each.product for each in found[:_ANSWERS]}
        right += len(first.intersection(basket.products))
        asked += min(_ANSWERS, len(basket.products))
    return right, asked


def historical(tested: Counts, feedback: Feedback) -> float | None:
    """Return the accuracy until now, 0 to 1; None: nothing to measure by.

    Somebody's word on a line counts as much as a line of a repeated basket.
    """
    right, asked = tested
    said = len(feedback.accepted) + len(feedback.rejected)
    if not asked + said:
        return None
    return round((right + len(feedback.accepted)) / (asked + said), 4)
