"""What we know when advice is asked: the shop's market, and the customer's baskets."""

from collections.abc import Sequence
from dataclasses import dataclass

from orders.advice.domain.basket import Basket, merged
from orders.advice.domain.market import Market, learn
from orders.advice.domain.request import Request


@dataclass(frozen=True, slots=True)
class History:
    """`market` may be older than `own`: it is learnt now and then, not each time."""

    market: Market
    own: tuple[Basket, ...]  #: The customer's baskets, oldest first.


def history_of(baskets: Sequence[Basket], customer: str) -> History:
    """Return everything that a shop's baskets tell about one customer's next one."""
    own = tuple(basket for basket in baskets if basket.customer == customer)
    return History(learn(baskets), merged((), own))


def known(history: History, request: Request) -> tuple[Basket, ...]:
    """Return the customer's baskets until the moment of the request, oldest first.

    Those of the request join the stored ones; an order that both have counts once.
    """
    both = merged(request.historical_orders, history.own)
    return tuple(basket for basket in both if basket.at <= request.at)
