"""Every kind of sink. A new one is a module and a line here."""

from collections.abc import Callable, Iterable, Mapping

import aiohttp

from orders.domain.events import SinkAccount
from orders.domain.fields import Field
from orders.provisioning.omnichat import OmniChatSink
from orders.provisioning.options import SinkOptions
from orders.provisioning.sink import Sink
from orders.provisioning.webhook import WebhookSink

#: Makes the sink of a kind; sinks share one client session.
SINKS: Mapping[str, Callable[[aiohttp.ClientSession], Sink]] = {
    "omnichat": OmniChatSink,
    "webhook": WebhookSink,
}

#: What an order needs before a system of a kind can work on it.
REQUIRED: Mapping[str, frozenset[Field]] = {
    OmniChatSink.kind: OmniChatSink.required,
    WebhookSink.kind: WebhookSink.required,
}

#: Which settings of its own a sink of a kind takes.
OPTIONS: Mapping[str, type[SinkOptions]] = {
    OmniChatSink.kind: OmniChatSink.options,
    WebhookSink.kind: WebhookSink.options,
}

#: Kinds whose secret is a key of the other system's: it must be given.
KEYED: frozenset[str] = frozenset(
    sink.kind for sink in (OmniChatSink, WebhookSink) if sink.keyed
)


def required_by(sinks: Iterable[SinkAccount]) -> frozenset[Field]:
    """Return what orders need before all of a tenant's systems can work on them.

    Also a paused one: what is ordered meanwhile waits for it.
    """
    nothing: frozenset[Field] = frozenset()
    return nothing.union(*(REQUIRED.get(sink.kind, nothing) for sink in sinks))
