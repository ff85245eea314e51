"""The seam to a messaging provider, and how a send may end.

A channel translates webhook bodies (pure) and sends. Delivery errors are those of
`orders.outbox.delivery`: `Refused`, `Unavailable`, `OutcomeUnknown`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

from bot.channels.failure import SendRefused, SendUnavailable
from bot.channels.gate import Gate
from bot.channels.paces import Pace
from bot.domain.account import Account as Account  # noqa: PLC0414  # part of the seam
from bot.domain.message import Alias, OutboundMessage, Received


@dataclass(frozen=True, slots=True)
class FetchedMedia:
    """Media as downloaded: `mime` is sniffed from the bytes, not claimed."""

    mime: str
    sha256: str  #: Hex.
    size: int
    data: bytes


@dataclass(frozen=True, slots=True)
class AccountFound:
    """What a provider says about an account that it let us look at."""

    name: str | None  #: As customers see it.
    number: str | None
    warning: str | None = None  #: What its owner should know.
    at: datetime | None = None  #: The provider's clock.
    expires_at: datetime | None = None  #: When its token ends; None: never, or unsaid.


class MediaGone(Exception):
    """The media is no longer there, refused, too large, or not what it claims."""


class MediaUnavailable(Exception):
    """The media could not be fetched now; a later try may work."""


class Channel(Protocol):
    """A kind of messaging account, such as WhatsApp's Cloud API."""

    kind: ClassVar[str]
    #: So long after the customer's last message anything may be sent; None: always.
    window: ClassVar[timedelta | None]
    #: How fast its numbers may send, unless a channel has a pace of its own.
    pace: ClassVar[Pace]
    #: Who lets its webhooks in at `/webhooks/{kind}/{channel}`; None: they have an
    #: entrance of their own.
    gate: ClassVar[Gate | None]
    #: Choices are shown as numbered lines: a bare number taps one of them.
    numbered: ClassVar[bool]
    #: What comes so long after it was written is history: context, and never answered.
    #: None: however late, somebody waits for an answer.
    history_after: ClassVar[timedelta | None]

    def translate(self, body: bytes) -> Sequence[Received]:
        """Return everything in an authenticated webhook body, in its order.

        Pure; never raises: what it cannot read comes back as `Quarantined`.
        """
        ...

    def parts(self, message: OutboundMessage) -> Sequence[OutboundMessage]:
        """Return the messages, at least one, that say this within the limits.

        Pure; never raises. Called before a message is stored, so that each stored
        message is one call of `send`.
        """
        ...

    def plain(self, message: OutboundMessage) -> OutboundMessage | None:
        """Return a part as a bare text that says the same; None if it is one already.

        Pure; never raises. For a provider that refused the form of a message.
        """
        ...

    def failure(self, code: int | None) -> SendRefused | SendUnavailable:
        """Return what a status `failed` with this code asks of us. Pure."""
        ...

    async def send(
        self, account: Account, message: OutboundMessage, *, callback: str
    ) -> str:
        """Send one part and return the provider's message id.

        `callback` is echoed in the status updates. Raises `Refused` (also, before any
        call, for what exceeds the limits: see `parts`), `Unavailable` or
        `OutcomeUnknown` (it may have arrived) and nothing else; the first two are
        `SendRefused` and `SendUnavailable`, which say what to do.
        """
        ...

    async def mark_read(
        self,
        account: Account,
        provider_id: str,
        *,
        typing: bool,
        to: Alias | None = None,
    ) -> None:
        """Show the customer that a message was read (and that we are typing).

        `to` is who wrote it: gateways do nothing without. A courtesy: raises the same
        errors as `send`; callers ignore them.
        """
        ...

    async def fetch(self, account: Account, media_id: str) -> FetchedMedia:
        """Download media. Raises `MediaGone` or `MediaUnavailable`."""
        ...

    async def check(self, account: Account) -> AccountFound:
        """Ask the provider about an account; nothing is changed or sent.

        Raises `Refused` when its token is not good for it, else `Unavailable`.
        """
        ...
