"""An instance of Evolution API as a channel."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta
from http import HTTPMethod
from typing import ClassVar
from urllib.parse import quote

import aiohttp
from pydantic import BaseModel, Field, ValidationError

from bot.channels import jids
from bot.channels.calling import Answer
from bot.channels.channel import Account, AccountFound, FetchedMedia, MediaGone
from bot.channels.channel import MediaUnavailable as Unavailable
from bot.channels.evolution.errors import MEANINGS, reported
from bot.channels.evolution.gate import EvolutionGate
from bot.channels.evolution.translate import translate
from bot.channels.failure import SendRefused, SendUnavailable
from bot.channels.gate import Gate
from bot.channels.gateway import HISTORY_AFTER, Gateway, decoded, fetched
from bot.channels.numbered import (
    filename_of,
    parts,
    plain,
    reaction_id,
    spoken,
)
from bot.channels.paces import GATEWAY, Pace
from bot.domain.message import (
    Alias,
    OutboundMessage,
    OutImage,
    Received,
)
from bot.domain.outgoing import OutDocument, OutReaction
from orders.outbox.delivery import DeliveryError, OutcomeUnknown

#: How Evolution ends the addresses of numbers.
_SERVER = "s.whatsapp.net"
#: So long the customer sees that an answer is being written, milliseconds.
_TYPING = 10_000


class _Key(BaseModel):
    id: str = Field(min_length=1, max_length=200)


class _Sent(BaseModel):
    key: _Key


class _Instance(BaseModel):
    state: str


class _State(BaseModel):
    instance: _Instance


class _Encoded(BaseModel):
    base64: str


class Evolution:
    """A `Channel` over Evolution API. Times are in seconds, sizes in bytes."""

    kind: ClassVar[str] = "evolution"
    window: ClassVar[timedelta | None] = None  #: An own phone may always write.
    pace: ClassVar[Pace] = GATEWAY
    gate: ClassVar[Gate | None] = EvolutionGate()
    numbered: ClassVar[bool] = True
    history_after: ClassVar[timedelta | None] = HISTORY_AFTER

    def __init__(
        self,
        session: aiohttp.ClientSession,
        public: aiohttp.ClientSession,
        *,
        media_hosts: AbstractSet[str],
        media_limit: int,
        timeout: float,
    ) -> None:
        self._gateway = Gateway(
            session,
            public,
            name="Evolution API",
            key_header="apikey",
            meanings=MEANINGS,
            hosts=media_hosts,
            media_limit=media_limit,
            timeout=timeout,
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
        """Return what a status `failed` asks of us."""
        return reported(code)

    async def send(
        self, account: Account, message: OutboundMessage, *, callback: str
    ) -> str:
        """Send one part and return the key of its message. Errors are of the seam."""
        operation, body = _body(message, jids.jid_of(message.to, _SERVER))
        answer = await self._post(account, f"/message/{operation}", body)
        if isinstance(message.content, OutReaction):
            return reaction_id(callback)
        try:
            return _Sent.model_validate_json(answer.body).key.id
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
        if to is None:
            return
        chat = jids.jid_of(to, _SERVER)
        read = {"remoteJid": chat, "fromMe": False, "id": provider_id}
        await self._post(account, "/chat/markMessageAsRead", {"readMessages": [read]})
        if typing:
            shown = {"number": chat, "presence": "composing", "delay": _TYPING}
            await self._post(account, "/chat/sendPresence", shown)

    async def fetch(self, account: Account, media_id: str) -> FetchedMedia:
        """Download media: from a configured store, or from Evolution itself.

        Raises `MediaGone` or `MediaUnavailable`.
        """
        key, _, link = media_id.partition("|")
        if not jids.KEY.fullmatch(key):
            raise MediaGone("the id of the media is not one")
        if link and (found := await self._gateway.download(account, link)):
            return found
        body = {"message": {"key": {"id": key}}, "convertToMp4": False}
        path = f"/chat/getBase64FromMediaMessage/{_instance(account)}"
        try:
            answer = await self._gateway.call(
                HTTPMethod.POST,
                account,
                path,
                json=body,
                most=self._gateway.most_encoded(),
            )
        except DeliveryError as error:
            raise Unavailable(str(error)) from error
        if answer.status in {400, 404}:
            raise MediaGone("Evolution API no longer has the media")
        if not answer.ok:
            raise Unavailable(f"Evolution API gave no media (HTTP {answer.status})")
        return self._media(answer)

    async def check(self, account: Account) -> AccountFound:
        """Return what Evolution says of it. Raises `Refused`, `Unavailable`."""
        path = f"/instance/connectionState/{_instance(account)}"
        state = (await self._gateway.look(account, path, _State)).instance.state
        warning = None
        if state != "open":
            warning = (
                "the instance is not connected to WhatsApp: scan its QR code in"
                " Evolution API"
            )
        return AccountFound(name=account.instance, number=None, warning=warning)

    def _media(self, answer: Answer) -> FetchedMedia:
        if not answer.body:
            raise MediaGone(f"the media is larger than {self._gateway.media_limit}")
        try:
            encoded = _Encoded.model_validate_json(answer.body).base64
        except ValidationError:
            raise Unavailable("Evolution API answered without media") from None
        data = decoded(encoded)
        if not data:
            raise MediaGone("the media is no base64")
        return fetched(data, self._gateway.media_limit)

    async def _post(
        self, account: Account, path: str, body: Mapping[str, object]
    ) -> Answer:
        whole = f"{path}/{_instance(account)}"
        return await self._gateway.post(account, whole, body)


def _body(message: OutboundMessage, chat: str) -> tuple[str, dict[str, object]]:
    """Return the operation and its body. Raises `SendRefused`."""
    to: dict[str, object] = {"number": chat}
    if message.reply_to is not None:
        to["quoted"] = {"key": {"id": message.reply_to}}
    content = message.content
    match content:
        case OutImage(link=link, caption=caption):
            media = {"mediatype": "image", "media": link}
            return "sendMedia", to | media | _told("caption", caption)
        case OutDocument(link=link, caption=caption):
            media = {"mediatype": "document", "media": link}
            named = {"fileName": filename_of(content)}
            return "sendMedia", to | media | named | _told("caption", caption)
        case OutReaction(target=target, emoji=emoji):
            key = {"remoteJid": chat, "fromMe": False, "id": target}
            return "sendReaction", {"key": key, "reaction": emoji or ""}
        case _:
            return "sendText", to | {"text": spoken(content), "linkPreview": False}


def _told(name: str, words: str | None) -> dict[str, object]:
    return {name: words} if words else {}


def _instance(account: Account) -> str:
    return quote(account.instance, safe="")
