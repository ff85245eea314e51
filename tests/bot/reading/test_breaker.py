"""The circuit breaker, on a clock of its own."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from bot.reading.breaker import Breaker, Patience


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


PATIENCE = Patience(failures=3, pause=10, longest=40)


def a_breaker() -> tuple[Breaker, Clock]:
    clock = Clock()
    return Breaker(clock, PATIENCE), clock


def opened() -> tuple[Breaker, Clock]:
    breaker, clock = a_breaker()
    for _ in range(3):
        assert breaker.enter()
        breaker.failed()
    return breaker, clock


def test_it_opens_after_failures_in_a_row_and_refuses_at_once() -> None:
    breaker, _ = opened()
    assert breaker.is_open
    assert not breaker.enter()
    assert breaker.wait == 10


def test_a_success_between_failures_keeps_it_closed() -> None:
    breaker, _ = a_breaker()
    for _ in range(5):
        breaker.failed()
        breaker.failed()
        breaker.succeeded()
    assert not breaker.is_open


def test_after_the_pause_one_call_may_try() -> None:
    breaker, clock = opened()
    clock.now += 10
    assert breaker.enter()
    assert not breaker.enter()
    breaker.succeeded()
    assert breaker.enter()
    assert breaker.enter()


def test_a_try_that_fails_opens_it_for_twice_as_long_up_to_a_limit() -> None:
    breaker, clock = opened()
    for pause in (10, 20, 40, 40):
        assert breaker.wait == pause
        clock.now += pause
        assert breaker.enter()
        breaker.failed()
    clock.now += 40
    assert breaker.enter()
    breaker.succeeded()
    for _ in range(3):
        breaker.failed()
    assert breaker.wait == 10


def test_a_try_that_is_cancelled_lets_the_next_one_try() -> None:
    breaker, clock = opened()
    clock.now += 10
    assert breaker.enter()
    breaker.left()
    assert breaker.enter()


def test_calls_that_were_under_way_do_not_prolong_the_pause() -> None:
    breaker, _ = opened()
    breaker.failed()
    breaker.failed()
    assert breaker.wait == 10


def test_a_service_that_asks_for_more_time_gets_it() -> None:
    breaker, _ = a_breaker()
    breaker.failed()
    breaker.failed()
    breaker.failed(wait=33)
    assert breaker.wait == 33


@given(st.lists(st.sampled_from(["ok", "fail", "cancel", "wait"]), max_size=60))
def test_it_is_never_closed_for_ever(events: list[str]) -> None:
    breaker, clock = a_breaker()
    told: dict[str, Callable[[], None]] = {
        "ok": breaker.succeeded,
        "fail": breaker.failed,
        "cancel": breaker.left,
    }
    for event in events:
        if event == "wait":
            clock.now += 7
        elif breaker.enter():
            told[event]()
    clock.now += 40
    assert breaker.enter()
