from collections.abc import Sequence
from datetime import timedelta

from orders.advice.domain.analysis import analyse, rhythms, seasonality
from orders.advice.domain.answer import Insights, Kind, Reason
from orders.advice.domain.basket import Basket
from orders.advice.domain.shelf import Shelf
from tests.purchases import a_basket, a_catalog, a_request, day, every, some


def read(own: Sequence[Basket], at: float) -> Insights:
    return analyse(own, Shelf(a_catalog(), a_request(at=day(at))))


def found(reasons: tuple[Reason, ...], kind: Kind) -> list[Reason]:
    return [reason for reason in reasons if reason.kind is kind]


WEEKLY = tuple(every("ada", 7, 70, "beans"))  # the last on day 63


def test_a_habit_is_told_with_its_interval_weekday_and_favourite() -> None:
    patterns = read(WEEKLY, 65).patterns
    assert found(patterns, Kind.BUYS_EVERY)[0].facts == {"days": 7, "baskets": 10}
    assert found(patterns, Kind.BUYS_ON)[0].facts == {"weekday": 1, "times": 10}
    assert found(patterns, Kind.FAVOURITE)[0].facts["name"] == "Beans"
    size = found(patterns, Kind.BASKET_SIZE)[0].facts
    assert size == {"products": 1.0, "amount": 10.0}


def test_somebody_who_stays_away_twice_as_long_as_usual_may_be_lost() -> None:
    assert not found(read(WEEKLY, 76).risks, Kind.MAY_BE_LOST)
    lost = found(read(WEEKLY, 78).risks, Kind.MAY_BE_LOST)
    assert lost[0].facts == {"days": 15, "usual": 7}


def test_two_orders_are_no_habit_that_could_be_lost() -> None:
    assert not read(WEEKLY[:2], 300).risks


def test_a_product_that_others_are_bought_without_is_reordered_late() -> None:
    own = sorted((*WEEKLY, *every("ada", 7, 42, "tea")), key=lambda each: each.at)
    late = found(read(own, 65).risks, Kind.LATE_REORDER)
    assert [reason.facts for reason in late] == [
        {"name": "Tea", "days": 30, "usual": 7}
    ]


def test_a_product_is_due_near_its_interval() -> None:
    assert not found(read(WEEKLY, 66).opportunities, Kind.DUE_SOON)
    due = found(read(WEEKLY, 70).opportunities, Kind.DUE_SOON)
    assert due[0].facts == {"name": "Beans", "days": 7, "usual": 7}


def spending(*prices: int) -> list[Basket]:
    return [
        a_basket("ada", 7 * turn, some("beans", 1, str(price)))
        for turn, price in enumerate(prices)
    ]


def test_latest_orders_that_are_smaller_are_a_risk_and_larger_ones_a_chance() -> None:
    less = read(spending(10, 10, 10, 5, 5, 5), 37)
    assert found(less.risks, Kind.SPENDS_LESS)[0].facts == {"percent": 50}
    more = read(spending(10, 10, 10, 20, 20, 20), 37)
    assert found(more.opportunities, Kind.SPENDS_MORE)[0].facts == {"percent": 100}
    same = read(spending(10, 10, 10, 11, 9, 10), 37)
    assert not same.risks
    assert not found(same.opportunities, Kind.SPENDS_MORE)


def test_orders_without_prices_say_nothing_of_spending() -> None:
    assert not read(spending(0, 0, 0, 0, 0, 0), 37).risks


def test_seasonality_is_the_share_of_each_month() -> None:
    own = [
        a_basket("ada", 0, "beans", "tea", "honey"),
        a_basket("ada", 31, "beans"),
    ]
    assert seasonality(own) == {"01": 0.75, "02": 0.25}


def test_a_rhythm_counts_days_between_purchases() -> None:
    rhythm = rhythms(WEEKLY, day(63) + timedelta(days=14))["beans"]
    assert (rhythm.times, rhythm.interval, rhythm.since) == (10, 7, 14)
    assert rhythm.lateness == 2
