from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.advice.domain import methods
from orders.advice.domain.demand import by_week, foresee
from orders.advice.domain.forecasting import forecast
from orders.advice.domain.market import Numbers
from orders.advice.domain.methods import EXPECTED, TYPICAL
from tests.purchases import a_basket, day

EVERY = {**TYPICAL, **EXPECTED}
SERIES = st.lists(
    st.lists(st.integers(0, 1000), min_size=9, max_size=9), min_size=1, max_size=4
)


def rows(*series: list[float]) -> Numbers:
    return np.array(series, dtype=np.float64)


@pytest.mark.parametrize("name", [name for name in EVERY if name != "nothing"])
def test_what_never_changes_is_forecast_as_it_is(name: str) -> None:
    # Syntetos and Boylan take a little off on purpose.
    slack = 0.4 if name == "croston" else 1e-6
    constant = EVERY[name](rows([6.0] * 30), 3)
    assert constant == pytest.approx(np.full((1, 3), 6.0), abs=slack)


@settings(max_examples=30)
@given(SERIES, st.integers(1, 6), st.sampled_from([0, 4, 52]))
def test_forecasts_are_never_negative_nor_unknown(
    series: list[list[float]], horizon: int, season: int
) -> None:
    found = forecast(rows(*series), horizon, season)
    for values in (found.typical, found.expected):
        assert values.shape == (len(series), horizon)
        assert np.isfinite(values).all()
        assert (values >= 0).all()
    assert ((found.accuracy >= 0) & (found.accuracy <= 1)).all()


CASES: list[tuple[str, Any, dict[str, Any], list[float], list[float]]] = [
    ("smoothing", methods.smoothed, {"pace": 0.5}, [4, 8, 4], [5.0, 5.0]),
    ("roots", methods.smoothed_roots, {"pace": 0.5}, [0, 16], [4.0, 4.0]),
    ("logs", methods.smoothed_logs, {"pace": 0.5}, [0, 8], [2.0, 2.0]),
    ("mean", methods.mean_of, {"periods": 2}, [9, 1, 3], [2.0, 2.0]),
    ("median", methods.median_of, {"periods": 3}, [9, 1, 3], [3.0, 3.0]),
    ("fading", methods.fading_median, {"half_life": 1}, [1, 1, 9], [9.0, 9.0]),
    ("theta", methods.theta, {"pace": 1.0}, [1, 2, 3], [3.5, 4.0]),
    # Sizes 2 and 4, intervals 1 and 2: 3 over 1.5, less a quarter.
    ("croston", methods.croston_sba, {"pace": 0.5}, [2, 0, 4], [1.5, 1.5]),
    ("tsb", methods.tsb, {"pace": 1.0}, [2, 0, 4], [4.0, 4.0]),
    ("year ago", methods.year_ago, {"season": 3}, [7, 1, 2, 3], [1.0, 2.0]),
    ("less than a year", methods.year_ago, {"season": 9}, [7, 3], [3.0, 3.0]),
]


@pytest.mark.parametrize(("name", "method", "options", "series", "comes"), CASES)
def test_a_method_does_what_its_book_says(
    name: str,
    method: Any,
    options: dict[str, Any],
    series: list[float],
    comes: list[float],
) -> None:
    assert method(rows(series), 2, **options)[0] == pytest.approx(comes), name


def test_a_damped_trend_goes_on_ever_more_slowly() -> None:
    found = methods.damped_trend(
        rows([float(n) for n in range(30)]), 4, pace=0.5, turn=0.5, damping=0.8
    )[0]
    steps = np.diff(found)
    assert (steps > 0).all()
    assert (np.diff(steps) < 0).all()


def test_what_stopped_selling_fades_with_tsb_and_stays_with_croston() -> None:
    stopped = rows([5.0] * 10 + [0.0] * 20)
    assert methods.tsb(stopped, 1, pace=0.2)[0, 0] < 0.1
    assert methods.croston_sba(stopped, 1, pace=0.1)[0, 0] > 4


def test_the_back_test_chooses_what_would_have_been_right() -> None:
    turns = [10.0, 50.0, 10.0, 10.0] * 20
    found = forecast(rows(turns), 4, season=4)
    assert found.methods == ("year-ago",)
    assert found.typical[0].tolist() == [10, 50, 10, 10]
    assert found.accuracy[0] == 1
    assert found.scaled_error[0] == 0


def test_what_sells_by_chance_is_less_sure_than_what_sells_always() -> None:
    steady = [20.0, 21.0] * 20
    rare = [0.0, 0.0, 0.0, 40.0, 0.0, 0.0, 0.0, 0.0] * 5
    found = forecast(rows(steady, rare), 4)
    assert found.accuracy[0] > 0.9
    assert found.accuracy[1] < 0.5


def test_the_middle_of_rare_sales_is_nothing_while_stock_needs_their_mean() -> None:
    rare = [0.0, 0.0, 0.0, 8.0] * 12
    found = forecast(rows(rare), 4)
    assert found.typical[0] == pytest.approx(0, abs=0.5)
    assert found.expected[0].sum() == pytest.approx(8, rel=0.35)


def test_goods_of_the_season_a_year_ago_are_raised() -> None:
    gifts = [60.0] * 6 + [10.0] * 41
    plain = [10.0] * 47
    found = forecast(rows(gifts, plain), 4, season=52)
    without = forecast(rows(gifts, plain), 4)
    assert found.typical[0] == pytest.approx(1.2 * without.typical[0])
    assert found.typical[1] == pytest.approx(without.typical[1])


def test_one_period_is_enough_for_an_answer_and_too_short_for_a_back_test() -> None:
    found = forecast(rows([3.0]), 2)
    assert found.typical.tolist() == [[3.0, 3.0]]
    assert found.accuracy.tolist() == [0.0]


@pytest.mark.parametrize(
    ("series", "horizon", "says"),
    [
        (np.zeros((2, 0)), 4, "at least one period"),
        (np.zeros(3), 4, "at least one period"),
        (np.zeros((2, 3)), 0, "horizon of 0"),
    ],
)
def test_a_question_without_an_answer_says_what_it_lacks(
    series: Numbers, horizon: int, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        forecast(series, horizon)


def test_weeks_end_at_the_moment() -> None:
    own = [a_basket("ada", 0, "beans"), a_basket("ada", 13, "beans", "beans")]
    assert by_week(own, ["beans"], day(14)).tolist() == [[1, 0, 2]]
    assert by_week(own, ["beans"], day(13.5)).tolist() == [[1, 2]]


def test_too_short_a_past_has_no_accuracy() -> None:
    assert foresee([a_basket("ada", 0, "beans")], day(5), 4).accuracy is None
    assert foresee([], day(5), 4).accuracy is None
