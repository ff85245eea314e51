"""Which sinks hear of what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from orders import SinkAccount
from orders.domain.event_names import (
    DRAFT_AWAITING,
    EVERYTHING,
    NEEDS_PERSON,
    ORDER_CANCELLED,
    ORDER_PLACED,
    ORDER_UPDATED,
)
from orders.domain.event_types import EVENT_TYPES
from orders.domain.routing import Facts, facts_of, hears, routed
from orders.provisioning.omnichat import OmniChatOptions
from orders.provisioning.options import BadOptions, SinkOptions, stored_options
from orders.provisioning.webhook import WebhookOptions
from tests.factories import an_order


def a_sink(sink_id: str, kind: str = "webhook", **options: Any) -> SinkAccount:
    return SinkAccount(sink_id, "tenant_1", kind, "https://a.test", "", options=options)


@dataclass(frozen=True)
class Case:
    id: str
    sinks: tuple[SinkAccount, ...]
    facts: Facts
    takes: tuple[str, ...]


NORTH, SOUTH = Facts(channel_id="ch_north"), Facts(channel_id="ch_south")
ANYBODY = a_sink("any")
OF_NORTH = a_sink("north", route={"channels": ["ch_north"]})
OF_ACCOUNT = a_sink("account", route={"accounts": ["ERP-2", "customer_9"]})
OF_TEAM = a_sink("team", route={"teams": ["Kadikoy", "T-7"]})
OF_BOTH = a_sink("both", route={"channels": ["ch_north"], "teams": ["T-7"]})
ALWAYS = a_sink("always", route={"always": True})
CASES = [
    Case("nobody has a route", (ANYBODY, a_sink("too")), NORTH, ("any", "too")),
    Case("a channel's own sink", (ANYBODY, OF_NORTH), NORTH, ("north",)),
    Case("another channel goes to the rest", (ANYBODY, OF_NORTH), SOUTH, ("any",)),
    Case("unknown facts fit no route", (ANYBODY, OF_NORTH), Facts(), ("any",)),
    Case("no sink is left", (OF_NORTH,), SOUTH, ()),
    Case(
        "an account that was selected",
        (ANYBODY, OF_ACCOUNT),
        Facts(accounts=frozenset({"ERP-2"})),
        ("account",),
    ),
    Case(
        "a team by either name",
        (ANYBODY, OF_TEAM),
        Facts(teams=frozenset({"Kadikoy", "T-9"})),
        ("team",),
    ),
    Case("every part must fit", (ANYBODY, OF_BOTH), NORTH, ("any",)),
    Case(
        "and does",
        (ANYBODY, OF_BOTH),
        Facts("ch_north", teams=frozenset({"T-7"})),
        ("both",),
    ),
    Case("beside a route", (ALWAYS, OF_NORTH, ANYBODY), NORTH, ("always", "north")),
    Case("beside the rest", (ALWAYS, OF_NORTH, ANYBODY), SOUTH, ("always", "any")),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_o10_an_order_goes_where_routes_say_and_else_to_all_without_one(
    case: Case,
) -> None:
    found = routed(case.sinks, ORDER_PLACED, case.facts)
    assert tuple(each.id for each in found) == case.takes


def test_a_route_of_a_sink_that_does_not_listen_keeps_nothing_from_others() -> None:
    deaf = a_sink("deaf", route={"channels": ["ch_north"]}, events=[ORDER_PLACED])
    found = routed([ANYBODY, deaf], ORDER_CANCELLED, NORTH)
    assert [each.id for each in found] == ["any"]


#: What a sink of a kind with such options hears.
HEARD: list[tuple[str, str, Mapping[str, object], frozenset[str]]] = [
    ("a webhook of before", "webhook", {}, EVERYTHING - {ORDER_UPDATED}),
    ("a new webhook", "webhook", {"format": "cloudevents"}, EVERYTHING),
    ("a plain webhook", "webhook", {"format": "plain"}, EVERYTHING),
    (
        "an OmniChat of before",
        "omnichat",
        {},
        frozenset({ORDER_PLACED, ORDER_CANCELLED}),
    ),
    (
        "a new OmniChat",
        "omnichat",
        {"status_changes": True},
        frozenset({ORDER_PLACED, ORDER_UPDATED, ORDER_CANCELLED}),
    ),
    (
        "one that wants no statuses",
        "omnichat",
        {"status_changes": False},
        frozenset({ORDER_PLACED, ORDER_CANCELLED}),
    ),
    ("named events", "webhook", {"events": [NEEDS_PERSON]}, frozenset({NEEDS_PERSON})),
    ("what a kind cannot be told", "omnichat", {"events": [NEEDS_PERSON]}, frozenset()),
    ("a kind of its own", "akinon", {}, frozenset({ORDER_PLACED, ORDER_CANCELLED})),
]


@pytest.mark.parametrize("case", HEARD, ids=lambda case: case[0])
def test_what_a_sink_hears(
    case: tuple[str, str, Mapping[str, object], frozenset[str]],
) -> None:
    name, kind, options, heard = case
    sink = a_sink("s", kind, **options)
    found = frozenset(each for each in EVERYTHING if hears(sink, each))
    if name == "a webhook of before":
        alarms = frozenset(each for each in EVERYTHING if ".alarm." in each)
        heard = alarms | {ORDER_PLACED, ORDER_CANCELLED}
    assert found == heard


def test_a_sink_that_is_added_now_is_told_apart_from_those_of_before() -> None:
    assert stored_options(WebhookOptions, {}) == {"format": "cloudevents"}
    assert stored_options(OmniChatOptions, {}) == {"status_changes": True}
    assert not hears(a_sink("old"), DRAFT_AWAITING)
    assert hears(
        a_sink("new", "webhook", **stored_options(WebhookOptions, {})), DRAFT_AWAITING
    )


BAD: dict[str, tuple[Mapping[str, object], str]] = {
    "an event that is none": ({"events": ["order.lost"]}, "'order.lost' is no event"),
    "no events at all": ({"events": []}, "events"),
    "an empty route": ({"route": {}}, "name channels"),
    "an unknown part": ({"route": {"cities": ["X"]}}, "route.cities"),
    "a channel that is none": ({"route": {"channels": [""]}}, "route.channels.0"),
    "a route without orders": (
        {"route": {"teams": ["T"]}, "events": [NEEDS_PERSON]},
        "a route needs 'order.placed'",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_options_that_cannot_be_name_what_is_wrong(name: str) -> None:
    given, said = BAD[name]
    with pytest.raises(BadOptions) as caught:
        stored_options(SinkOptions, given)
    assert said in str(caught.value)


def test_the_accounts_of_an_order_are_its_customer_and_what_was_selected() -> None:
    order = an_order(
        customer_id="customer_9",
        data={"orderAccountSelected": "ERP-2", "paymentAccountSelected": "PSP-1"},
    )
    assert facts_of("ch_1", order, ["T-7"]) == Facts(
        "ch_1",
        frozenset({"customer_9", "ERP-2", "PSP-1"}),
        frozenset({"T-7"}),
    )
    assert facts_of(None, an_order()) == Facts()


def test_every_event_that_has_a_name_is_in_the_registry() -> None:
    assert set(EVENT_TYPES) == EVERYTHING
