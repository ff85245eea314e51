"""For how long what is kept: defaults, wishes, and what they cannot be."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.privacy.kinds import (
    KINDS,
    LONGEST,
    NAMES,
    BadRetention,
    retention_of,
    stored_retention,
)
from tests.factories import NOON

days = st.integers(1, LONGEST)


def test_what_nobody_decided_is_the_default() -> None:
    kept = {each.kind.name: (each.days, each.is_default) for each in retention_of({})}
    assert kept == {kind.name: (kind.days, True) for kind in KINDS}


def test_none_is_the_default_again() -> None:
    assert retention_of({"media": None}) == retention_of({})


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"orders": 30}, "orders: is no kind; there are media, analyses"),
        ({"media": 0}, "media: give 1 to 36500 days, not 0"),
        ({"audit": 36_501}, "audit: give 1 to 36500 days, not 36501"),
    ],
)
def test_what_cannot_be_is_named(wanted: dict[str, int], message: str) -> None:
    with pytest.raises(BadRetention, match=message):
        retention_of(wanted)


def test_orders_are_no_kind() -> None:
    assert "orders" not in NAMES


@given(st.dictionaries(st.sampled_from(NAMES), days))
def test_what_quotes_messages_is_kept_no_longer_than_they_are(
    wanted: dict[str, int],
) -> None:
    retention = retention_of(wanted)
    messages = retention.days("messages")
    for each in retention:
        assert each.effective <= each.days
        if each.kind.quotes:
            assert each.effective <= messages
        else:
            assert each.effective == each.days
        limit = retention.limits(NOON)[each.kind.name]
        assert limit == NOON - timedelta(days=each.effective)


def test_kinds_of_a_newer_program_do_not_disturb() -> None:
    assert stored_retention({"dreams": 3, "media": 7}).wanted == {"media": 7}
    assert stored_retention(None).wanted == {}
