"""Every kind of sink. A new one is a module and its class in one line here."""

from collections.abc import Callable, Iterable, Mapping

import aiohttp

from orders.domain.events import SinkAccount
from orders.domain.fields import Field
from orders.provisioning.akinon import AkinonSink
from orders.provisioning.omnichat import OmniChatSink
from orders.provisioning.options import SinkOptions
from orders.provisioning.sink import Sink
from orders.provisioning.webhook import WebhookSink
from orders.provisioning.zegoal import ZegoalSink

_KINDS = (AkinonSink, OmniChatSink, WebhookSink, ZegoalSink)

#: Makes the sink of a kind; sinks share one client session.
SINKS: Mapping[str, Callable[[aiohttp.ClientSession], Sink]] = {
    each.kind: each for each in _KINDS
}

#: What an order needs before a system of a kind can work on it.
REQUIRED: Mapping[str, frozenset[Field]] = {each.kind: each.required for each in _KINDS}

#: Which settings of its own a sink of a kind takes.
OPTIONS: Mapping[str, type[SinkOptions]] = {each.kind: each.options for each in _KINDS}

#: Kinds whose secret is a key of the other system's: it must be given.
KEYED: frozenset[str] = frozenset(each.kind for each in _KINDS if each.keyed)


def required_by(sinks: Iterable[SinkAccount]) -> frozenset[Field]:
    """Return what orders need before all of a tenant's systems can work on them.

    Also a paused one: what is ordered meanwhile waits for it.
    """
    nothing: frozenset[Field] = frozenset()
    return nothing.union(*(REQUIRED.get(sink.kind, nothing) for sink in sinks))
