"""The seam to a messaging provider, and how a send may end.

A channel translates webhook bodies (pure) and sends. Delivery errors are those of
`orders.outbox.delivery`: `Refused`, `Unavailable`, `OutcomeUnknown`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from bot.domain.message import OutboundMessage, Received


@dataclass(frozen=True, slots=True)
class Account:
    """One messaging account of a tenant, with what is needed to speak for it."""

    channel_id: str
    tenant_id: str
    external_id: str  #: WhatsApp's phone_number_id.
    access_token: str


@dataclass(frozen=True, slots=True)
class FetchedMedia:
    """Media as downloaded: `mime` is sniffed from the bytes, not claimed."""

    mime: str
    sha256: str  #: Hex.
    size: int
    data: bytes


class MediaGone(Exception):
    """The media is no longer there, refused, too large, or not what it claims."""


class MediaUnavailable(Exception):
    """The media could not be fetched now; a later try may work."""


class Channel(Protocol):
    """A kind of messaging account, such as WhatsApp's Cloud API."""

    kind: ClassVar[str]

    def translate(self, body: bytes) -> Sequence[Received]:
        """Return everything in an authenticated webhook body, in its order.

        Pure; never raises: what it cannot read comes back as `Quarantined`.
        """
        ...

    async def send(
        self, account: Account, message: OutboundMessage, *, callback: str
    ) -> str:
        """Send and return the provider's message id.

        `callback` is echoed in the status updates. Raises `Refused`, `Unavailable` or
        `OutcomeUnknown` (it may have arrived) and nothing else.
        """
        ...

    async def mark_read(
        self, account: Account, provider_id: str, *, typing: bool
    ) -> None:
        """Show the customer that a message was read (and that we are typing).

        A courtesy: raises the same errors as `send`; callers ignore them.
        """
        ...

    async def fetch(self, account: Account, media_id: str) -> FetchedMedia:
        """Download media. Raises `MediaGone` or `MediaUnavailable`."""
        ...


