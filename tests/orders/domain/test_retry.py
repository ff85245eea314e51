"""When to try again."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders import RetryPolicy, next_attempt
from tests.factories import NOON

S = timedelta(seconds=1)
POLICY = RetryPolicy(attempts=6, base=2 * S, ceiling=10 * S)


@pytest.mark.parametrize(
    ("failures", "soonest", "latest"),
    [
        (1, 1, 2),
        (2, 2, 4),  # doubled
        (3, 4, 8),
        (4, 5, 10),  # 16 is above the ceiling
        (5, 5, 10),
    ],
)
def test_the_wait_doubles_up_to_the_ceiling(
    failures: int, soonest: int, latest: int
) -> None:
    assert next_attempt(POLICY, failures, NOON, 0.0) == NOON + soonest * S
    assert next_attempt(POLICY, failures, NOON, 1.0) == NOON + latest * S


@pytest.mark.parametrize("failures", [6, 7, 1000])
def test_after_the_last_attempt_we_give_up(failures: int) -> None:
    assert next_attempt(POLICY, failures, NOON, 0.5) is None


@given(st.integers(1, 10**6), st.floats(0, 1), st.floats(0, 1))
def test_a_wait_never_shrinks_nor_leaves_its_bounds(
    failures: int, one: float, other: float
) -> None:
    policy = RetryPolicy(attempts=10**9, base=S, ceiling=timedelta(hours=1))
    first = next_attempt(policy, failures, NOON, one)
    then = next_attempt(policy, failures + 1, NOON, max(one, other))
    assert first is not None
    assert then is not None
    assert NOON + S / 2 <= first <= NOON + timedelta(hours=1)
    assert first <= then


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="attempts must be at least 1"):
        RetryPolicy(0, S, S)
    with pytest.raises(ValueError, match=r"base .* must be above 0"):
        RetryPolicy(1, 0 * S, S)
    with pytest.raises(ValueError, match="not above ceiling"):
        RetryPolicy(1, 2 * S, S)
    with pytest.raises(ValueError, match="failures must be at least 1"):
        next_attempt(POLICY, 0, NOON, 0.5)
    with pytest.raises(ValueError, match="jitter must be from 0 to 1"):
        next_attempt(POLICY, 1, NOON, 1.5)
