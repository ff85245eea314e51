"""Alarms begin and end once: what raises one lies well above what clears it."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.alarming import (
    AlarmKind,
    Tallied,
    event_type,
    link_is_lost,
    signatures_fail,
    token_ends,
)
from orders.domain.event_types import EVENT_TYPES

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

#: Webhooks (taken, refused, refused of a day), whether it stands, whether it is wrong.
WEBHOOKS = {
    "all is well": (100, 0, 0, False, False),
    "nobody calls": (0, 0, 0, False, False),
    "one stranger": (0, 1, 1, False, False),
    "a stranger beside good ones": (50, 5, 5, False, False),
    "all are refused": (0, 3, 3, False, True),
    "a stranger who is louder than the provider": (1, 5000, 5000, False, False),
    "two are refused": (0, 2, 2, False, False),
    "it goes on": (0, 4, 20, True, True),
    "the sender waits for its next try": (0, 0, 20, True, True),
    "believed again, and a stranger goes on": (1, 5000, 9000, True, False),
    "believed, and no more strangers": (1, 0, 20, True, False),
    "a quiet day": (0, 0, 0, True, False),
}


@pytest.mark.parametrize("case", WEBHOOKS.values(), ids=WEBHOOKS)
def test_a_wrong_secret_is_told_from_a_stranger_and_from_silence(
    case: tuple[int, int, int, bool, bool],
) -> None:
    taken, refused, of_day, stands, wrong = case
    assert signatures_fail(Tallied(taken, refused, of_day), stands=stands) is wrong


@pytest.mark.parametrize(
    ("days", "stands", "ends"),
    [
        (9, False, False),
        (7.5, False, False),
        (6, False, True),
        (7.5, True, True),
        (-1, False, True),
        (9, True, False),
    ],
)
def test_a_token_is_told_of_a_week_before_its_end(
    days: float, stands: bool, ends: bool
) -> None:
    until = NOW + timedelta(days=days)
    assert token_ends(until, NOW, stands=stands) is ends


def test_a_token_without_an_end_never_ends() -> None:
    assert not token_ends(None, NOW, stands=True)


def test_a_connection_that_blinks_is_worth_no_word() -> None:
    lost = NOW - timedelta(seconds=30)
    assert not link_is_lost(lost, NOW, stands=False)
    assert link_is_lost(lost, NOW + timedelta(minutes=1), stands=False)
    assert link_is_lost(lost, NOW, stands=True)
    assert not link_is_lost(None, NOW, stands=True)


def test_events_say_what_they_are_about() -> None:
    assert event_type(AlarmKind.LINK, raised=True) == "channel.alarm.raised"
    told = event_type(AlarmKind.UNANSWERED, raised=False)
    assert told == "conversation.alarm.cleared"


def test_every_alarm_is_an_event_of_the_registry() -> None:
    for kind in AlarmKind:
        for raised in (True, False):
            assert event_type(kind, raised=raised) in EVENT_TYPES
