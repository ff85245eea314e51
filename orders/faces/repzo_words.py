"""Between Repzo's words and those of advice: names of products, requests, answers."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from catalog.domain.product import Product
from orders.advice.domain.answer import (
    Advice,
    Kind,
    ProposedOrder,
    Reason,
    Recommendation,
)
from orders.advice.domain.basket import Basket, Bought
from orders.advice.domain.request import (
    Activity,
    Feedback,
    MarketData,
    Preferences,
    Request,
)
from orders.advice.wording import Wording
from orders.domain.ids import Face, Thing, made_id
from orders.faces.repzo import (
    HORIZON,
    AccuracyTold,
    GeneratedOrderTold,
    InputGiven,
    InsightsTold,
    KeptGiven,
    KeptResult,
    ProposedItemTold,
    RecommendationTold,
)

#: More notes than these nobody reads.
_NOTES = 20


def wire_id(tenant_id: str, kind: str, internal_id: str) -> str:
    """Return what a thing is called to callers: 24 hexadecimal digits."""
    return made_id(Face.REPZO, tenant_id, Thing(kind, internal_id)) or internal_id


def product_names(tenant_id: str, products: Iterable[Product]) -> dict[str, str]:
    """Return our product ids by all that callers may call a product.

    Our id is preferred to Repzo's, that to a SKU, and that to the merchant's own id.
    """
    listed = tuple(products)
    names: dict[str, str] = {}
    for each in listed:
        if each.external_id is not None:
            names[each.external_id] = each.id
    for each in listed:
        names.update((variant.sku, each.id) for variant in each.variants)
        names[each.sku] = each.id
    names.update((wire_id(tenant_id, "product", each.id), each.id) for each in listed)
    names.update((each.id, each.id) for each in listed)
    return names


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, and what of the input plays no part in it."""

    request: Request
    unused: tuple[str, ...]


def asked(
    activity: Activity,
    given: KeptGiven,
    *,
    customer_id: str,
    products: Mapping[str, str],
    orders: Mapping[str, str],
    feedback: Feedback,
    at: datetime,
) -> Asked:
    """Return what a stored activity asks for.

    `products` and `orders` lead from what callers call them to our ids. An order of the
    input that is also stored gets its stored id, and counts once.
    """
    # Moments are texts in what is stored, as they were in the body.
    data = InputGiven.model_validate_json(json.dumps(given.input_data or {}))
    names = _Names(products)
    parameters = dict(given.model.parameters or {})
    weeks = parameters.get(HORIZON)
    request = Request(
        activity=activity,
        at=at,
        historical_orders=_baskets(data, names, orders, customer_id),
        preferences=_preferences(data, names),
        market_data=_market(data, names),
        inventory_levels={
            products.get(name, name): Decimal(str(level))
            for name, level in data.inventory_levels.items()
        },
        feedback=Feedback(
            accepted=tuple(products.get(each, each) for each in feedback.accepted),
            rejected=tuple(products.get(each, each) for each in feedback.rejected),
        ),
    )
    if activity is Activity.DEMAND_FORECASTING and isinstance(weeks, int):
        request = replace(request, horizon=weeks)
        del parameters[HORIZON]
    unused = (
        *names.unknown,
        *(f"inputData.{key}" for key in sorted(data.__pydantic_extra__)),
        *(f"aiModel.parameters.{key}" for key in sorted(parameters)),
    )
    return Asked(request, unused[:_NOTES])


def _baskets(
    data: InputGiven, names: "_Names", orders: Mapping[str, str], customer_id: str
) -> tuple[Basket, ...]:
    where = "historicalOrders.items"
    return tuple(
        Basket(
            id=orders.get(each.order_id, each.order_id),
            customer=customer_id,
            at=each.date,
            items=tuple(
                Bought(
                    names.of(where, item.product),
                    Decimal(item.quantity),
                    Decimal(str(item.price or 0)),
                )
                for item in each.items
            ),
        )
        for each in data.historical_orders
        if each.items
    )


def _preferences(data: InputGiven, names: "_Names") -> Preferences:
    given = Preferences.model_validate(data.client_preferences)
    where = "clientPreferences"
    return given.model_copy(
        update={
            "preferred_products": names.all_of(
                f"{where}.preferredProducts", given.preferred_products
            ),
            "excluded_products": names.all_of(
                f"{where}.excludedProducts", given.excluded_products
            ),
        }
    )


def _market(data: InputGiven, names: "_Names") -> MarketData:
    given = MarketData.model_validate(data.market_data)
    where = "marketData"
    return given.model_copy(
        update={
            "product_factors": {
                names.of(f"{where}.productFactors", name): factor
                for name, factor in given.product_factors.items()
            },
            "trending_products": names.all_of(
                f"{where}.trendingProducts", given.trending_products
            ),
        }
    )


class _Names:
    """Looks products up, and remembers which there are not."""

    def __init__(self, products: Mapping[str, str]) -> None:
        self._products = products
        self._unknown: dict[str, None] = {}

    def of(self, where: str, name: str) -> str:
        found = self._products.get(name)
        if found is None:
            self._unknown[f"{where}.{name}"] = None
        return found or name

    def all_of(self, where: str, names: Iterable[str]) -> frozenset[str]:
        return frozenset(self.of(where, name) for name in names)

    @property
    def unknown(self) -> tuple[str, ...]:
        return tuple(sorted(self._unknown))


def result_of(
    advice: Advice,
    unused: Iterable[str],
    *,
    wording: Wording,
    called: Callable[[str], str],
) -> KeptResult:
    """Return advice in the words of the answer. `called` gives a product's id."""
    insights, proposal = advice.insights, advice.order
    notes = tuple(Reason(Kind.UNUSED_KEY, {"key": key}) for key in unused)
    return KeptResult(
        recommendations=[
            _told(each, wording, called) for each in advice.recommendations
        ],
        insights=InsightsTold(
            buying_patterns=[wording.say(each) for each in insights.patterns],
            seasonality=dict(insights.seasonality),
            risk_factors=[wording.say(each) for each in insights.risks],
            opportunities=[
                wording.say(each) for each in (*insights.opportunities, *notes)
            ],
        ),
        accuracy=AccuracyTold(
            historical=advice.accuracy.historical, estimated=advice.accuracy.estimated
        ),
        generated_order=None if proposal is None else _proposed(proposal, called),
        products=[each.product for each in advice.recommendations],
    )


def _proposed(
    proposal: ProposedOrder, called: Callable[[str], str]
) -> GeneratedOrderTold:
    items = [
        ProposedItemTold(
            product=called(each.product),
            quantity=each.quantity,
            price=float(each.price),
        )
        for each in proposal.items
    ]
    return GeneratedOrderTold(items=items, total_amount=float(proposal.total))


def _told(
    line: Recommendation, wording: Wording, called: Callable[[str], str]
) -> RecommendationTold:
    return RecommendationTold(
        product=called(line.product),
        product_name=line.name,
        quantity=line.quantity,
        price=float(line.price),
        confidence=line.confidence,
        reason=wording.say_all(line.reasons),
        category=line.category,
        priority=line.priority,
    )
