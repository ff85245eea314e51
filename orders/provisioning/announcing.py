"""Events that are about no order, for a merchant's own system: alarms, people asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import aiohttp

from orders.provisioning.envelope import Event, enveloped
from orders.provisioning.post import post


@dataclass(frozen=True, slots=True)
class Announcement:
    """One attempt to tell one sink. The event is the same on every attempt."""

    event: Event
    url: str
    secret: str  #: Opened; never logged.
    sent_at: datetime  #: The moment of this attempt: it is signed.
    public_only: bool = False
    secret_before: str | None = None
    #: The sink's own settings: they say which form it gets.
    options: Mapping[str, object] = field(default_factory=dict)

    @property
    def event_id(self) -> str:
        """Return what a receiver tells repetitions by."""
        return self.event.id


class Announcer:
    """Tells sinks, with the sessions that orders are sent with."""

    def __init__(
        self, session: aiohttp.ClientSession, public: aiohttp.ClientSession
    ) -> None:
        self._session = session
        self._public = public

    async def tell(self, call: Announcement) -> None:
        """Return when the receiver took it (2xx).

        Raises what `orders.provisioning.post.post` raises.
        """
        session = self._public if call.public_only else self._session
        shape, content_type = enveloped(call.event, call.options)
        await post(session, call, shape, content_type=content_type)
