"""A limit is a limit over every minute, not over the minutes of a clock."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.rate import WINDOW, allowance, spent

LIMITS = st.integers(1, 10_000)


def made(gaps: list[float], limit: int) -> list[float]:
    """Return when each call was allowed that was tried with these gaps."""
    now, full_at, allowed = 0.0, 0.0, []
    for gap in gaps:
        now += gap
        ahead = max(0.0, full_at - now)
        if not allowance(ahead, limit).is_refused:
            full_at = now + spent(ahead, limit)
            allowed.append(now)
    return allowed


@given(LIMITS)
def test_the_whole_limit_may_be_used_at_once_and_not_one_more(limit: int) -> None:
    limit = min(limit, 500)
    assert len(made([0.0] * (limit + 3), limit)) == limit


@given(st.lists(st.floats(0, 30), max_size=80), st.integers(1, 20))
def test_no_caller_gets_more_than_a_burst_and_its_rate(
    gaps: list[float], limit: int
) -> None:
    allowed = made(gaps, limit)
    for start in range(len(allowed)):
        for end in range(start, len(allowed)):
            seconds = allowed[end] - allowed[start]
            assert end - start + 1 <= limit + seconds * limit / WINDOW + 1e-3


@given(st.lists(st.floats(0, 30), max_size=60), st.integers(1, 20))
def test_who_waits_as_long_as_told_is_allowed(gaps: list[float], limit: int) -> None:
    now, full_at = 0.0, 0.0
    for gap in gaps:
        now += gap
        first = allowance(max(0.0, full_at - now), limit)
        if first.is_refused:
            assert first.remaining == 0
            now += first.retry_after
            assert not allowance(max(0.0, full_at - now), limit).is_refused
        full_at = now + spent(max(0.0, full_at - now), limit)


@given(LIMITS)
def test_what_is_left_counts_down_and_comes_back(limit: int) -> None:
    limit = min(limit, 300)
    ahead, left = 0.0, []
    for _ in range(limit):
        left.append(allowance(ahead, limit).remaining)
        ahead = spent(ahead, limit)
    assert left == list(range(limit - 1, -1, -1))
    assert allowance(ahead, limit).is_refused
    assert allowance(0.0, limit).reset <= WINDOW
