"""Which of a tenant's sinks hear of what: pure rules over the options of each.

A sink that was added before options has none, and hears what it always heard.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from orders.domain.event_names import (
    ALARMS,
    EVERYTHING,
    ORDER_CANCELLED,
    ORDER_PLACED,
    ORDER_UPDATED,
)
from orders.domain.events import SinkAccount
from orders.domain.order import Order

#: OmniChat's words for the systems that were selected for an order.
_ACCOUNTS: Final = ("orderAccountSelected", "paymentAccountSelected")
_ORDERS: Final = frozenset({ORDER_PLACED, ORDER_CANCELLED})

#: What a kind of sink can be told at all; another kind takes orders and their end.
_UNDERSTOOD: Final[Mapping[str, frozenset[str]]] = {
    "webhook": EVERYTHING,
    "omnichat": _ORDERS | {ORDER_UPDATED},
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What routes look at. None and empty: unknown, which no route names."""

    channel_id: str | None = None
    #: The customer's id, and the accounts that were selected for the order.
    accounts: frozenset[str] = frozenset()
    #: The team of the agent who confirmed: its name, or its id elsewhere.
    teams: frozenset[str] = frozenset()


def facts_of(channel_id: str | None, order: Order, teams: Iterable[str] = ()) -> Facts:
    """Return what routes look at in an order."""
    selected = (order.data.get(name) for name in _ACCOUNTS)
    accounts = (order.customer_id, *selected)
    return Facts(
        channel_id=channel_id,
        accounts=frozenset(str(each) for each in accounts if each),
        teams=frozenset(teams),
    )


def hears(sink: SinkAccount, event_type: str) -> bool:
    """Return whether a sink is told of events of a type."""
    understood = _UNDERSTOOD.get(sink.kind, _ORDERS)
    named = sink.options.get("events")
    if isinstance(named, list | tuple):
        return event_type in understood and event_type in named
    return event_type in understood & _heard_unasked(sink)


def _heard_unasked(sink: SinkAccount) -> frozenset[str]:
    """Return what a sink hears that names no events."""
    if is_new(sink):
        return EVERYTHING
    return _ORDERS | ALARMS


def is_new(sink: SinkAccount) -> bool:
    """Return whether it was added to hear more than orders and alarms."""
    return "format" in sink.options or sink.options.get("status_changes") is True


def routed(
    sinks: Iterable[SinkAccount], event_type: str, facts: Facts
) -> tuple[SinkAccount, ...]:
    """Return the sinks that hear of it, in their order.

    Those whose route names one of the facts take it; what no route names goes to all
    that have no route. A route that is `always` takes part beside whoever takes it.
    """
    listening = [each for each in sinks if hears(each, event_type)]
    named = {each.id for each in listening if _names(_route(each), facts)}
    return tuple(
        each
        for each in listening
        if _takes(each, named_it=each.id in named, any_named=bool(named))
    )


def _takes(sink: SinkAccount, *, named_it: bool, any_named: bool) -> bool:
    route = _route(sink)
    if route.get("always") is True:
        return True
    return named_it or (not route and not any_named)


def has_route(sink: SinkAccount) -> bool:
    """Return whether only some orders go there."""
    return bool(_route(sink))


def _route(sink: SinkAccount) -> Mapping[str, object]:
    route = sink.options.get("route")
    return route if isinstance(route, Mapping) else {}


def _names(route: Mapping[str, object], facts: Facts) -> bool:
    """Return whether every part of a route names one of the facts."""
    parts = (
        ("channels", frozenset({facts.channel_id} - {None})),
        ("accounts", facts.accounts),
        ("teams", facts.teams),
    )
    asked = [(_words(route.get(name)), has) for name, has in parts if route.get(name)]
    return bool(asked) and all(
        any(word in has for word in words) for words, has in asked
    )


def _words(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()
