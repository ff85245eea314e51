from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.advice.domain.answer import Advice, Category, Kind, Recommendation
from orders.advice.domain.history import History
from orders.advice.domain.market import learn
from orders.advice.domain.recommending import recommend
from orders.advice.domain.request import (
    Activity,
    Feedback,
    MarketData,
    Preferences,
    Request,
)
from orders.advice.learnt import weights
from orders.advice.wording import load_wording
from tests.purchases import TODAY, a_basket, a_catalog, a_history, a_request, day, some

HISTORY = a_history()
CATALOG = a_catalog()
WITH_LINES = [each for each in Activity if each is not Activity.ORDER_ANALYSIS]


def advised(
    activity: Activity = Activity.RECOMMENDATION,
    history: History = HISTORY,
    **changes: Any,
) -> Advice:
    return recommend(history, CATALOG, a_request(activity, **changes), weights())


def products(advice: Advice) -> list[str]:
    return [line.product for line in advice.recommendations]


def line_of(advice: Advice, product: str) -> Recommendation:
    return next(each for each in advice.recommendations if each.product == product)


def kinds(line: Recommendation) -> list[Kind]:
    return [reason.kind for reason in line.reasons]


def test_what_somebody_buys_each_week_comes_first() -> None:
    best = advised().recommendations[0]
    assert (best.product, best.category, best.priority) == (
        "beans",
        Category.FREQUENT,
        1,
    )
    assert kinds(best)[:2] == [Kind.DUE, Kind.BOUGHT_OFTEN]
    assert best.reasons[0].facts == {"days": 7, "usual": 7}


@pytest.mark.parametrize(
    ("activity", "lines", "historical", "order"),
    [
        (Activity.RECOMMENDATION, True, True, True),
        (Activity.CROSS_SELL, True, False, True),
        (Activity.UPSELL, True, False, True),
        (Activity.DEMAND_FORECASTING, True, True, True),
        (Activity.ORDER_ANALYSIS, False, False, False),
    ],
)
def test_each_activity_fills_its_parts(
    activity: Activity, lines: bool, historical: bool, order: bool
) -> None:
    advice = advised(activity)
    assert bool(advice.recommendations) is lines
    assert (advice.accuracy.estimated is not None) is lines
    assert (advice.accuracy.historical is not None) is historical
    assert (advice.order is not None) is order
    assert advice.insights.patterns
    assert advice.insights.seasonality


@pytest.mark.parametrize("activity", WITH_LINES)
@pytest.mark.parametrize("language", ["en", "tr"])
def test_every_line_has_a_reason_that_people_can_read(
    activity: Activity, language: str
) -> None:
    wording = load_wording(language)
    for line in advised(activity).recommendations:
        assert len(wording.say_all(line.reasons)) > 10


BLOCKS: dict[str, tuple[Activity, dict[str, Any]]] = {
    "historical orders": (
        Activity.RECOMMENDATION,
        {"historical_orders": (a_basket("ada", 279, some("mill", 2)),)},
    ),
    "preferred categories": (
        Activity.RECOMMENDATION,
        {"preferences": Preferences(preferred_categories=frozenset({"gear"}))},
    ),
    "excluded products": (
        Activity.RECOMMENDATION,
        {"preferences": Preferences(excluded_products=frozenset({"BEANS"}))},
    ),
    "budget": (
        Activity.RECOMMENDATION,
        {"preferences": Preferences(budget=Decimal(12))},
    ),
    "number of lines": (
        Activity.RECOMMENDATION,
        {"preferences": Preferences(max_items=1)},
    ),
    "demand of all": (
        Activity.DEMAND_FORECASTING,
        {"market_data": MarketData(demand_factor=1.5)},
    ),
    "demand of a category": (
        Activity.DEMAND_FORECASTING,
        {"market_data": MarketData(category_factors={"coffee": 2})},
    ),
    "demand of a product": (
        Activity.RECOMMENDATION,
        {"market_data": MarketData(product_factors={"TEA": 3})},
    ),
    "trending products": (
        Activity.RECOMMENDATION,
        {"market_data": MarketData(trending_products=frozenset({"rare-beans"}))},
    ),
    "inventory": (Activity.RECOMMENDATION, {"inventory_levels": {"BEANS": Decimal(0)}}),
    "refused advice": (
        Activity.RECOMMENDATION,
        {"feedback": Feedback(rejected=("beans",))},
    ),
    "accepted advice": (Activity.CROSS_SELL, {"feedback": Feedback(("filter",))}),
    "moment": (Activity.RECOMMENDATION, {"at": TODAY + timedelta(days=60)}),
    "horizon": (Activity.DEMAND_FORECASTING, {"horizon": 8}),
    "unused preference": (
        Activity.ORDER_ANALYSIS,
        {"preferences": Preferences.model_validate({"mood": "good"})},
    ),
    "unused market data": (
        Activity.ORDER_ANALYSIS,
        {"market_data": MarketData.model_validate({"weather": "rain"})},
    ),
}


@pytest.mark.parametrize("block", BLOCKS)
def test_the_answer_differs_when_an_input_block_changes(block: str) -> None:
    activity, changes = BLOCKS[block]
    assert advised(activity, **changes) != advised(activity)


@pytest.mark.parametrize("activity", list(Activity))
def test_the_answer_differs_with_the_activity(activity: Activity) -> None:
    others = [advised(each) for each in Activity if each is not activity]
    assert advised(activity) not in others


def test_the_answer_is_the_same_for_the_same_question() -> None:
    assert advised() == advised()


@pytest.mark.parametrize("activity", WITH_LINES)
def test_what_is_out_of_stock_is_never_advised(activity: Activity) -> None:
    plenty = advised(activity)
    gone = dict.fromkeys(products(plenty)[:1], Decimal(0))
    assert not set(products(advised(activity, inventory_levels=gone))) & set(gone)


def test_stock_of_the_catalog_counts_where_none_is_given() -> None:
    catalog = a_catalog(beans={"stock": Decimal(0)})
    advice = recommend(HISTORY, catalog, a_request(), weights())
    assert "beans" not in products(advice)
    out = [r for r in advice.insights.opportunities if r.kind is Kind.WANTED_BUT_OUT]
    assert [reason.facts["name"] for reason in out] == ["Beans"]
    there = a_request(inventory_levels={"beans": Decimal(3)})
    assert "beans" in products(recommend(HISTORY, catalog, there, weights()))


def test_inventory_caps_a_quantity_and_says_so() -> None:
    large = tuple(
        a_basket("ada", 270 + turn, some("beans", 40), name=f"more-{turn}")
        for turn in range(9)
    )
    history = History(HISTORY.market, large)
    assert line_of(advised(history=history), "beans").quantity == 40
    capped = line_of(
        advised(history=history, inventory_levels={"beans": Decimal(7)}), "beans"
    )
    assert capped.quantity == 7
    assert Kind.LIMITED_BY_STOCK in kinds(capped)


@pytest.mark.parametrize(
    "change", [{"active": False}, {"price": None}, {"category": "banned"}]
)
def test_what_the_catalog_does_not_offer_is_not_advised(change: dict[str, Any]) -> None:
    catalog = a_catalog(beans=change)
    request = a_request(
        preferences=Preferences(excluded_categories=frozenset({"banned"}))
    )
    assert "beans" not in products(recommend(HISTORY, catalog, request, weights()))


def test_a_product_that_left_the_catalog_is_not_advised() -> None:
    catalog = {name: each for name, each in CATALOG.items() if name != "beans"}
    advice = recommend(HISTORY, catalog, a_request(), weights())
    assert "beans" not in products(advice)
    assert advice.recommendations


@settings(max_examples=15)
@given(
    budget=st.decimals(0, 200, places=2),
    stock=st.decimals(0, 9, places=1),
    activity=st.sampled_from(WITH_LINES),
)
def test_lines_keep_the_budget_the_stock_and_the_ranges(
    budget: Decimal, stock: Decimal, activity: Activity
) -> None:
    advice = advised(
        activity,
        preferences=Preferences(budget=budget),
        inventory_levels=dict.fromkeys(CATALOG, stock),
    )
    lines = advice.recommendations
    assert sum(line.quantity * line.price for line in lines) <= budget
    for line in lines:
        assert 1 <= line.quantity <= stock
        assert 0 <= line.confidence <= 1
        assert 1 <= line.priority <= 10
        assert line.reasons


STEPS = [
    ("6", "6", 11, 6),
    ("6", "6", 5, None),
    ("1.5", "1", 8, 3),
    ("0.1", "0.5", 8, 1),
]


@pytest.mark.parametrize(("step", "minimum", "stock", "quantity"), STEPS)
def test_quantities_are_whole_multiples_of_the_step(
    step: str, minimum: str, stock: int, quantity: int | None
) -> None:
    change = {"step": Decimal(step), "minimum": Decimal(minimum)}
    request = a_request(inventory_levels={"beans": Decimal(stock)})
    advice = recommend(HISTORY, a_catalog(beans=change), request, weights())
    found = {line.product: line.quantity for line in advice.recommendations}
    assert found.get("beans") == quantity


def test_a_budget_holds_after_lines_are_rounded() -> None:
    catalog = a_catalog(beans={"price": Decimal("0.335")})
    wish = Preferences(budget=Decimal("1.00"), preferred_products=frozenset({"beans"}))
    own = (a_basket("ada", 279, some("beans", 9)),)
    request = a_request(preferences=wish)
    advice = recommend(History(HISTORY.market, own), catalog, request, weights())
    assert line_of(advice, "beans").quantity == 2
    assert advice.order is not None
    assert advice.order.total == Decimal("0.67")


def test_an_order_that_we_have_and_are_told_again_counts_once() -> None:
    told = HISTORY.own[-1]
    assert advised(historical_orders=(told,)) == advised()


def test_what_was_bought_after_the_moment_is_not_known() -> None:
    at = day(100)
    until_then = tuple(basket for basket in HISTORY.own if basket.at <= at)
    shorter = History(HISTORY.market, until_then)
    assert advised(at=at) == advised(history=shorter, at=at)


def test_cross_sell_names_what_it_goes_with_and_nothing_they_have() -> None:
    lines = advised(Activity.CROSS_SELL).recommendations
    first = lines[0]
    assert (first.product, first.category) == ("filter", Category.CROSS_SELL)
    assert first.reasons[0].kind is Kind.GOES_WITH
    assert first.reasons[0].facts["name"] == "Beans"
    assert not {"beans", "tea", "honey"} & {line.product for line in lines}


def test_upsell_is_dearer_of_the_same_category_and_not_absurdly_so() -> None:
    lines = advised(Activity.UPSELL).recommendations
    assert [(line.product, line.category) for line in lines] == [
        ("fine-beans", Category.UPSELL)
    ]
    assert lines[0].reasons[0].facts == {"name": "Beans", "more": Decimal(5)}


def test_upsell_fits_the_budget() -> None:
    advice = advised(Activity.UPSELL, preferences=Preferences(budget=Decimal("14.99")))
    assert not advice.recommendations


def test_demand_is_what_is_needed_in_the_weeks_to_come() -> None:
    advice = advised(Activity.DEMAND_FORECASTING, horizon=4)
    assert line_of(advice, "beans").quantity == 4
    assert line_of(advice, "tea").quantity == 1
    assert advice.accuracy.historical == pytest.approx(1, abs=0.35)


def test_feedback_feeds_the_historical_accuracy() -> None:
    def after(accepted: int, rejected: int) -> float:
        said = Feedback(("beans",) * accepted, ("mill",) * rejected)
        return advised(feedback=said).accuracy.historical or 0

    assert after(0, 5) < after(5, 5) < after(0, 0)
    alone = advised(Activity.CROSS_SELL, feedback=Feedback(("filter",), ("mill",)))
    assert alone.accuracy.historical == 0.5


def test_what_was_refused_goes_back() -> None:
    refused = advised(feedback=Feedback(rejected=("beans",)))
    before, after = line_of(advised(), "beans"), line_of(refused, "beans")
    assert after.confidence < before.confidence


def test_a_new_customer_of_an_old_shop_is_offered_what_many_take() -> None:
    advice = advised(history=History(HISTORY.market, ()))
    assert advice.recommendations[0].category is Category.NEW_PRODUCT
    assert kinds(advice.recommendations[0]) == [Kind.POPULAR]
    assert [reason.kind for reason in advice.insights.patterns] == [Kind.NO_HISTORY]


@pytest.mark.parametrize("activity", list(Activity))
def test_the_first_customer_of_a_new_shop_gets_no_invented_advice(
    activity: Activity,
) -> None:
    advice = advised(activity, History(learn([]), ()))
    assert advice.recommendations == ()
    assert advice.order is None
    assert advice.accuracy.historical is None


def test_a_wish_is_offered_although_nobody_ever_bought_it() -> None:
    wish = Preferences(preferred_products=frozenset({"RARE-BEANS"}))
    line = line_of(advised(preferences=wish), "rare-beans")
    assert kinds(line) == [Kind.PREFERRED]


def test_the_proposed_order_is_its_lines() -> None:
    advice = advised()
    assert advice.order is not None
    assert advice.order.items == advice.recommendations
    total = sum(line.quantity * line.price for line in advice.recommendations)
    assert advice.order.total == total


@pytest.mark.parametrize(
    ("block", "body", "field"),
    [
        (Preferences, {"budget": -1}, "budget"),
        (Preferences, {"maxItems": 0}, "maxItems"),
        (MarketData, {"demandFactor": "much"}, "demandFactor"),
        (MarketData, {"demandFactor": 101}, "demandFactor"),
    ],
)
def test_a_key_with_an_impossible_value_is_refused_by_its_name(
    block: type[Preferences | MarketData], body: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValueError, match=field):
        block.model_validate(body)


def test_what_of_a_request_plays_no_part_is_named() -> None:
    advice = advised(
        Activity.ORDER_ANALYSIS,
        preferences=Preferences.model_validate({"mood": "good", "maxItems": 3}),
        market_data=MarketData.model_validate({"weather": "rain"}),
        inventory_levels=dict.fromkeys(("beans", "TEA", "milk"), Decimal(3)),
    )
    notes = [r for r in advice.insights.opportunities if r.kind is Kind.UNUSED_KEY]
    assert [note.facts["key"] for note in notes] == [
        "clientPreferences.mood",
        "marketData.weather",
        "inventoryLevels.milk",
    ]


def test_a_request_needs_no_block_at_all() -> None:
    assert Request(Activity.UPSELL, TODAY).horizon == 4
