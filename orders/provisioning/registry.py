"""Every kind of sink. A new one is a module and a line here."""

from collections.abc import Callable, Mapping

import aiohttp

from orders.provisioning.omnichat import OmniChatSink
from orders.provisioning.sink import Sink
from orders.provisioning.webhook import WebhookSink

#: Makes the sink of a kind; sinks share one client session.
SINKS: Mapping[str, Callable[[aiohttp.ClientSession], Sink]] = {
    "omnichat": OmniChatSink,
    "webhook": WebhookSink,
}
