"""A signed call that means nothing: whether the receiver answers and believes us."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import aiohttp

from orders.provisioning.post import post

#: The `type` of the body. Receivers of every kind are sent this plain form.
PING: Final = "ping"


@dataclass(frozen=True, slots=True)
class Ping:
    """One test call of one sink."""

    event_id: str
    sink_id: str
    url: str
    secret: str  #: Opened; never logged.
    sent_at: datetime
    public_only: bool = False
    secret_before: str | None = None


class Pinger:
    """Calls sinks for a test, with the sessions that orders are sent with."""

    def __init__(
        self, session: aiohttp.ClientSession, public: aiohttp.ClientSession
    ) -> None:
        self._session = session
        self._public = public

    async def ping(self, ping: Ping) -> None:
        """Return when the receiver took it (2xx).

        Raises what `orders.provisioning.post.post` raises.
        """
        session = self._public if ping.public_only else self._session
        await post(session, ping, body(ping))


def body(ping: Ping) -> Mapping[str, object]:
    """Return the event `ping`."""
    return {
        "type": PING,
        "timestamp": ping.sent_at.isoformat(),
        "data": {"sink_id": ping.sink_id},
    }
