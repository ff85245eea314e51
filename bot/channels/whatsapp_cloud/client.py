"""WhatsApp's Cloud API as a channel."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta
from http import HTTPStatus
from typing import ClassVar

import aiohttp
from pydantic import BaseModel, Field, ValidationError

from bot.channels.calling import Answer
from bot.channels.channel import Account, AccountFound, FetchedMedia
from bot.channels.failure import SendRefused, SendUnavailable
from bot.channels.gate import Gate
from bot.channels.paces import CLOUD, Pace
from bot.channels.whatsapp_cloud.checking import looked_up
from bot.channels.whatsapp_cloud.errors import is_error, outcome, reported
from bot.channels.whatsapp_cloud.fitting import parts, plain
from bot.channels.whatsapp_cloud.graph import Graph
from bot.channels.whatsapp_cloud.media import MediaSource
from bot.channels.whatsapp_cloud.outbound import body, read_receipt
from bot.channels.whatsapp_cloud.translate import translate
from bot.domain.message import Alias, OutboundMessage, Received
from orders.outbox.delivery import OutcomeUnknown

#: A gateway between us and Meta says this after it passed the request on.
_AMBIGUOUS = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT})


class _Message(BaseModel):
    id: str = Field(min_length=1, max_length=200)


class _Sent(BaseModel):
    messages: tuple[_Message, ...] = Field(min_length=1)


class WhatsAppCloud:
    """A `Channel` over Meta's Graph API. Times are in seconds, sizes in bytes."""

    kind: ClassVar[str] = "whatsapp"
    #: Meta's customer service window.
    window: ClassVar[timedelta | None] = timedelta(hours=24)
    pace: ClassVar[Pace] = CLOUD
    gate: ClassVar[Gate | None] = None  #: Its apps sign for many numbers at once.
    numbered: ClassVar[bool] = False
    history_after: ClassVar[timedelta | None] = None

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        graph_url: str,
        version: str,
        media_hosts: AbstractSet[str],
        media_limit: int,
        timeout: float,
        public: aiohttp.ClientSession | None = None,
    ) -> None:
        """Raise ValueError for a `graph_url` that cannot be one."""
        self._graph = Graph(
            session, graph_url=graph_url, version=version, timeout=timeout
        )
        self._media = MediaSource(
            self._graph, hosts=media_hosts, limit=media_limit, public=public
        )

    def translate(self, body: bytes) -> tuple[Received, ...]:
        """Return everything in an authenticated webhook body."""
        return translate(body)

    def parts(self, message: OutboundMessage) -> tuple[OutboundMessage, ...]:
        """Return the messages, each one call, that say this within the limits."""
        return parts(message)

    def plain(self, message: OutboundMessage) -> OutboundMessage | None:
        """Return a part as a text with its choices numbered; None for a text."""
        return plain(message)

    def failure(self, code: int | None) -> SendRefused | SendUnavailable:
        """Return what a status `failed` with this code asks of us."""
        return reported(code)

    async def send(
        self, account: Account, message: OutboundMessage, *, callback: str
    ) -> str:
        """Send one part and return its wamid. Errors are those of the seam."""
        answer = await self._post(account, body(message, callback=callback))
        try:
            return _Sent.model_validate_json(answer.body).messages[0].id
        except ValidationError:
            raise OutcomeUnknown(
                f"accepted without an id (HTTP {answer.status})"
            ) from None

    async def mark_read(
        self,
        account: Account,
        provider_id: str,
        *,
        typing: bool,
        to: Alias | None = None,
    ) -> None:
        """Show that a message was read. Errors are those of `send`."""
        del to  # the message's id says whose it is
        await self._post(account, read_receipt(provider_id, typing=typing))

    async def fetch(self, account: Account, media_id: str) -> FetchedMedia:
        """Download media. Raises `MediaGone` or `MediaUnavailable`."""
        return await self._media.fetch(account, media_id)

    async def check(self, account: Account) -> AccountFound:
        """Return what Meta says about the number. Raises `Refused`, `Unavailable`."""
        return await looked_up(self._graph, account)

    async def _post(self, account: Account, payload: Mapping[str, object]) -> Answer:
        url = self._graph.url(account.external_id, "messages")
        answer = await self._graph.call("POST", url, account, json=payload)
        if is_error(answer.body):
            raise outcome(answer.status, answer.body, retry_after=answer.retry_after)
        if answer.status in _AMBIGUOUS:
            raise OutcomeUnknown(f"a gateway gave up (HTTP {answer.status})")
        if not answer.ok:
            raise outcome(answer.status, answer.body, retry_after=answer.retry_after)
        return answer
