from collections.abc import Sequence
from random import Random

import numpy as np
import pytest

from orders.advice.domain import market as markets
from orders.advice.domain.basket import Basket
from orders.advice.domain.market import Market, learn
from orders.advice.domain.signals import SIGNALS, candidates, look_back
from orders.advice.domain.weighing import Case, Weights, fit, rank
from orders.advice.learnt import weights
from tests.purchases import TODAY, a_basket, day, every, purchases


def at(market: Market, product: str) -> int:
    return market.position[product]


def companions(market: Market, product: str) -> list[str]:
    near = market.neighbours[at(market, product)]
    return [market.products[place] for place in near if place >= 0]


def test_a_market_knows_how_often_and_in_which_months_each_is_bought() -> None:
    market = learn([a_basket("ada", 0, "beans"), a_basket("bob", 31, "beans", "tea")])
    assert market.baskets == 2
    assert market.counts[at(market, "beans")] == 2
    assert market.months[:2, at(market, "beans")].tolist() == [1, 1]
    assert market.months[:2, at(market, "tea")].tolist() == [0, 1]


def test_a_market_knows_what_people_come_back_for() -> None:
    told = [*every("ada", 7, 280, "beans"), a_basket("ada", 1, "mill")]
    market = learn(told)
    assert market.returns[at(market, "beans")] > 0.75
    assert market.returns[at(market, "mill")] < 0.1


def test_who_comes_after_a_season_has_not_passed_it_over() -> None:
    later = learn([a_basket("ada", 0, "mill"), a_basket("ada", 200, "tea")])
    soon = learn([a_basket("ada", 0, "mill"), a_basket("ada", 20, "tea")])
    assert later.returns[at(later, "mill")] > soon.returns[at(soon, "mill")]


def test_a_market_knows_what_is_bought_together() -> None:
    market = learn(purchases())
    assert companions(market, "filter") == ["beans"]
    assert companions(market, "tea") == ["mill", "honey"]
    assert companions(market, "beans") == ["filter"]


def test_one_meeting_by_chance_is_no_companionship_like_ten() -> None:
    often = [a_basket("ada", turn, "beans", "filter") for turn in range(10)]
    market = learn([*often, a_basket("bob", 3, "beans", "mill")])
    assert companions(market, "beans") == ["filter", "mill"]
    close = market.closeness[at(market, "beans")]
    assert close[0] > 3 * close[1]


def test_the_order_in_which_baskets_are_told_does_not_matter() -> None:
    mixed = purchases()
    Random(4).shuffle(mixed)
    one, other = learn(purchases()), learn(mixed)
    assert one.products == other.products
    assert np.array_equal(one.neighbours, other.neighbours)
    assert np.allclose(one.returns, other.returns)


def test_a_wholesalers_basket_says_nothing_of_what_belongs_together() -> None:
    names = [f"p{n}" for n in range(markets.LARGEST_PAIRED + 1)]
    market = learn([a_basket("ada", 0, *names)])
    assert (market.neighbours == -1).all()


# -- signals --------------------------------------------------------------------------


def signal(own: Sequence[Basket], product: str, name: str, when: float = 280) -> float:
    found = candidates(learn(purchases()), look_back(own, day(when)))
    row = found.products.index(product)
    return float(found.matrix[row, SIGNALS.index(name)])


OWN = tuple(every("ada", 7, 280, "beans"))


def test_what_is_new_is_judged_by_the_shop_and_the_rest_by_the_own_past() -> None:
    found = candidates(learn(purchases()), look_back(OWN, TODAY))
    for product, row in zip(found.products, found.matrix, strict=True):
        values = dict(zip(SIGNALS, row.tolist(), strict=True))
        silent = "new_" if product == "beans" else "own"
        assert all(not v for name, v in values.items() if name.startswith(silent))


def test_nearer_to_the_usual_interval_is_less_off_beat() -> None:
    on_time = signal(OWN, "beans", "own_off_beat", when=280)
    late = signal(OWN, "beans", "own_off_beat", when=330)
    assert on_time == pytest.approx(0, abs=1e-9)
    assert late > 1


def test_bought_at_this_time_last_year_counts_like_bought_lately() -> None:
    then = signal([a_basket("ada", -87, "beans")], "beans", "own_season")
    half = signal([a_basket("ada", 97, "beans")], "beans", "own_season")
    assert then > half + 2


def test_a_product_that_nobody_else_bought_is_still_a_candidate() -> None:
    own = [a_basket("ada", 270, "home-made")]
    found = candidates(learn(purchases()), look_back(own, TODAY))
    assert "home-made" in found.products
    assert np.isfinite(found.matrix).all()


# -- weighing -------------------------------------------------------------------------


def planted(seed: int) -> list[Case]:
    """Return cases in which the first signal draws and the second repels."""
    chance = np.random.default_rng(seed)
    cases = []
    for _ in range(200):
        matrix = np.zeros((30, len(SIGNALS)))
        matrix[:, :2] = chance.normal(size=(30, 2))
        scores = 2 * matrix[:, 0] - matrix[:, 1] + chance.gumbel(size=30)
        taken = (scores >= np.sort(scores)[-1]).astype(np.float64)
        cases.append(Case(matrix, taken, 1.0))
    return cases


def test_fitting_finds_what_was_planted() -> None:
    found = fit(planted(7))
    assert found.values[0] == pytest.approx(2, rel=0.2)
    assert found.values[1] == pytest.approx(-1, rel=0.3)
    assert found.values[2:] == pytest.approx([0] * (len(SIGNALS) - 2))
    assert 0.7 < found.certainty <= 1


def test_certainty_falls_when_half_of_what_is_bought_is_a_surprise() -> None:
    cases = planted(7)
    half = [
        Case(case.matrix, case.taken * (turn % 2), case.size)
        for turn, case in enumerate(cases)
    ]
    assert fit(half).certainty == pytest.approx(fit(cases).certainty / 2, rel=0.2)


def test_nothing_can_be_fitted_to_nothing() -> None:
    with pytest.raises(ValueError, match="no basket holds any candidate"):
        fit([Case(np.zeros((3, len(SIGNALS))), np.zeros(3), 1.0)])


def test_weights_of_other_signals_are_refused() -> None:
    with pytest.raises(ValueError, match="--fit"):
        Weights((1.0,))


def test_the_committed_weights_fit_the_signals() -> None:
    assert len(weights().values) == len(SIGNALS)
    assert 0 < weights().certainty <= 1


def test_the_likeliest_comes_first_and_chances_are_chances() -> None:
    market = learn(purchases())
    found = rank(candidates(market, look_back(OWN, TODAY)), weights())
    chances = [each.probability for each in found]
    assert found[0].product == "beans"
    assert chances == sorted(chances, reverse=True)
    assert all(0 <= chance <= 1 for chance in chances)
    assert [each.own for each in found].count(True) == 1


def test_of_two_alike_the_first_name_comes_first() -> None:
    own = [a_basket("ada", 270, "b", "a", "c")]
    found = rank(candidates(learn([]), look_back(own, TODAY)), weights())
    assert [each.product for each in found] == ["a", "b", "c"]
