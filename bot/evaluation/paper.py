"""A channel without a network: files are handed over, and nothing is ever sent."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

from bot.channels.channel import Account, AccountFound, FetchedMedia, MediaGone
from bot.channels.failure import Action, SendRefused, SendUnavailable
from bot.channels.gate import Gate
from bot.channels.paces import UNLIMITED, Pace
from bot.channels.sniffing import sniff
from bot.channels.whatsapp_cloud.client import WhatsAppCloud
from bot.channels.whatsapp_cloud.errors import reported
from bot.channels.whatsapp_cloud.fitting import parts, plain
from bot.channels.whatsapp_cloud.translate import translate
from bot.domain.message import Alias, OutboundMessage, Received


class PaperChannel:
    """A `Channel` with WhatsApp's limits. Customers' files are kept by their hash."""

    kind: ClassVar[str] = WhatsAppCloud.kind
    window: ClassVar[timedelta | None] = None
    pace: ClassVar[Pace] = UNLIMITED
    gate: ClassVar[Gate | None] = None
    numbered: ClassVar[bool] = False
    history_after: ClassVar[timedelta | None] = None

    def __init__(self) -> None:
        self._files: dict[str, FetchedMedia] = {}

    def keep(self, data: bytes) -> str:
        """Return the id under which a file may be fetched."""
        sha256 = hashlib.sha256(data).hexdigest()
        mime = sniff(data) or "application/octet-stream"
        self._files[sha256] = FetchedMedia(mime, sha256, len(data), data)
        return sha256

    def translate(self, body: bytes) -> Sequence[Received]:
        return translate(body)

    def parts(self, message: OutboundMessage) -> Sequence[OutboundMessage]:
        return parts(message)

    def plain(self, message: OutboundMessage) -> OutboundMessage | None:
        return plain(message)

    def failure(self, code: int | None) -> SendRefused | SendUnavailable:
        return reported(code)

    async def send(
        self, account: Account, message: OutboundMessage, *, callback: str
    ) -> str:
        del account, message, callback
        raise SendRefused("paper sends nothing", code=None, action=Action.REFUSE)

    async def mark_read(
        self,
        account: Account,
        provider_id: str,
        *,
        typing: bool,
        to: Alias | None = None,
    ) -> None:
        del account, provider_id, typing, to

    async def fetch(self, account: Account, media_id: str) -> FetchedMedia:
        del account
        if media_id not in self._files:
            raise MediaGone(f"no file {media_id}")
        return self._files[media_id]

    async def check(self, account: Account) -> AccountFound:
        return AccountFound(account.external_id, None)
