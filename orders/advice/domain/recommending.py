"""The one question of this room: what to offer this customer, and why."""

from collections.abc import Callable, Iterator, Mapping

from catalog.domain.product import Product
from orders.advice.domain import ideas
from orders.advice.domain.analysis import analyse
from orders.advice.domain.answer import Accuracy, Advice, Recommendation
from orders.advice.domain.demand import foresee
from orders.advice.domain.drafting import Idea, drafted, proposed
from orders.advice.domain.history import History, known
from orders.advice.domain.ideas import Scene
from orders.advice.domain.proving import Counts, back_test, historical
from orders.advice.domain.request import Activity, Request
from orders.advice.domain.shelf import Shelf
from orders.advice.domain.weighing import Weights

#: What makes the lines of an activity; order analysis has none, and demand its own way.
_LINES: Mapping[Activity, Callable[[Scene], Iterator[Idea]]] = {
    Activity.RECOMMENDATION: ideas.next_basket,
    Activity.CROSS_SELL: ideas.cross_sell,
    Activity.UPSELL: ideas.upsell,
}


def recommend(
    history: History,
    catalog: Mapping[str, Product],
    request: Request,
    weights: Weights,
) -> Advice:
    """Return what to offer, the reasons, and how far to trust them.

    `catalog` is by product id, as the history names products; what it does not offer
    (inactive, without price, excluded, out of stock) is never advised.
    """
    shelf = Shelf(catalog, request)
    own = known(history, request)
    scene = Scene(history.market, own, shelf, weights)
    insights = analyse(own, shelf)
    tested: Counts = (0, 0)
    if request.activity is Activity.DEMAND_FORECASTING:
        needs = foresee(own, request.at, request.horizon)
        lines = drafted(ideas.needed(scene, needs), shelf)
        proven = needs.accuracy
        accuracy = Accuracy(
            None if proven is None else round(proven, 4), _estimated(lines)
        )
        return Advice(lines, insights, accuracy, proposed(lines, shelf))
    if request.activity is Activity.ORDER_ANALYSIS:
        return Advice(
            (), insights, Accuracy(historical(tested, request.feedback)), None
        )
    lines = drafted(_LINES[request.activity](scene), shelf)
    if request.activity is Activity.RECOMMENDATION:
        # Only what people had in their next basket can be compared with the past.
        tested = back_test(history.market, own, weights)
    accuracy = Accuracy(historical(tested, request.feedback), _estimated(lines))
    return Advice(lines, insights, accuracy, proposed(lines, shelf))


def _estimated(lines: tuple[Recommendation, ...]) -> float | None:
    if not lines:
        return None
    return round(sum(line.confidence for line in lines) / len(lines), 4)
