"""A session of WAHA as a channel."""

import mimetypes
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import ClassVar
from urllib.parse import quote

import aiohttp
from pydantic import BaseModel

from bot.channels import jids
from bot.channels.calling import Answer
from bot.channels.channel import Account, AccountFound, FetchedMedia
from bot.channels.failure import Action, SendRefused, SendUnavailable
from bot.channels.gate import Gate
from bot.channels.gateway import HISTORY_AFTER, Gateway, outcome
from bot.channels.numbered import (
    filename_of,
    parts,
    plain,
    reaction_id,
    spoken,
)
from bot.channels.paces import GATEWAY, Pace
from bot.channels.waha import wire
from bot.channels.waha.errors import MEANINGS, reported
from bot.channels.waha.gate import WahaGate
from bot.channels.waha.media import MediaSource
from bot.channels.waha.translate import translate
from bot.domain.message import Alias, OutboundMessage, OutImage, Received
from bot.domain.outgoing import OutDocument, OutReaction
from orders.outbox.delivery import OutcomeUnknown

#: How WAHA ends the addresses of numbers.
_SERVER = "c.us"
#: Versions of WAHA take reactions by different methods, and say so with one of these.
_METHODS, _OTHER_METHOD = ("PUT", "POST"), frozenset({404, 405})


class _Sent(BaseModel):
    """Each engine answers in another shape; the key is in one of these."""

    id: object = None
    key: object = None


class _Person(BaseModel):
    id: str | None = None
    pushName: str | None = None  # noqa: N815  # WAHA's own name


class _Session(BaseModel):
    status: str
    me: _Person | None = None


class Waha:
    """A `Channel` over WAHA's API. Times are in seconds, sizes in bytes."""

    kind: ClassVar[str] = "waha"
    window: ClassVar[timedelta | None] = None  #: An own phone may always write.
    pace: ClassVar[Pace] = GATEWAY
    gate: ClassVar[Gate | None] = WahaGate()
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
            name="WAHA",
            key_header="X-Api-Key",
            meanings=MEANINGS,
            hosts=media_hosts,
            media_limit=media_limit,
            timeout=timeout,
        )
        self._media = MediaSource(self._gateway)

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
        """Return what an ack of an error asks of us."""
        return reported(code)

    async def send(
        self, account: Account, message: OutboundMessage, *, callback: str
    ) -> str:
        """Send one part and return the key of its message. Errors are of the seam."""
        chat = jids.jid_of(message.to, _SERVER)
        if isinstance(message.content, OutReaction):
            await self._react(account, chat, message.content)
            return reaction_id(callback)
        operation, body = _body(message, chat)
        answer = await self._post(account, operation, body)
        try:
            sent = _Sent.model_validate_json(answer.body)
            return wire.key_of(sent.key if sent.id is None else sent.id)
        except ValueError:  # pydantic's too
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
        seen = {"chatId": chat, "messageIds": [f"false_{chat}_{provider_id}"]}
        await self._post(account, "sendSeen", seen)
        if typing:
            await self._post(account, "startTyping", {"chatId": chat})

    async def fetch(self, account: Account, media_id: str) -> FetchedMedia:
        """Download media. Raises `MediaGone` or `MediaUnavailable`."""
        return await self._media.fetch(account, media_id)

    async def check(self, account: Account) -> AccountFound:
        """Return what WAHA says of the session. Raises `Refused`, `Unavailable`."""
        path = f"/api/sessions/{quote(account.instance, safe='')}"
        session = await self._gateway.look(account, path, _Session)
        me = session.me or _Person()
        own = jids.read(me.id).alias
        warning = None
        if session.status != "WORKING":
            warning = f"the session is {session.status}: start it in WAHA, and scan"
            warning += " its QR code when it asks for that"
        return AccountFound(me.pushName, own.value if own else None, warning=warning)

    async def _react(self, account: Account, chat: str, reaction: OutReaction) -> None:
        path = "/api/reaction"
        body = {
            "session": account.instance,
            "messageId": f"false_{chat}_{reaction.target}",
            "reaction": reaction.emoji or "",
        }
        method, other = _METHODS
        answer = await self._gateway.call(method, account, path, json=body)
        if answer.status in _OTHER_METHOD:
            answer = await self._gateway.call(other, account, path, json=body)
        if answer.status in _OTHER_METHOD:
            why = f"this WAHA takes no reactions (HTTP {answer.status})"
            raise SendRefused(why, code=answer.status, action=Action.REFUSE)
        if not answer.ok:
            raise outcome(answer, MEANINGS)

    async def _post(
        self, account: Account, operation: str, body: Mapping[str, object]
    ) -> Answer:
        whole = {"session": account.instance, **body}
        return await self._gateway.post(account, f"/api/{operation}", whole)


def _body(message: OutboundMessage, chat: str) -> tuple[str, dict[str, object]]:
    """Return the operation and its body. Raises `SendRefused`."""
    to: dict[str, object] = {"chatId": chat}
    if message.reply_to is not None:
        to["reply_to"] = f"false_{chat}_{message.reply_to}"
    content = message.content
    match content:
        case OutImage(link=link, caption=caption):
            file = {"url": link, "mimetype": _mime(link, "image/jpeg")}
            return "sendImage", to | {"file": file} | _told("caption", caption)
        case OutDocument(link=link, caption=caption):
            name = filename_of(content)
            mime = _mime(name, "application/octet-stream")
            file = {"url": link, "mimetype": mime, "filename": name}
            return "sendFile", to | {"file": file} | _told("caption", caption)
        case _:
            return "sendText", to | {"text": spoken(content), "linkPreview": False}


def _mime(link: str, usual: str) -> str:
    return mimetypes.guess_type(link.partition("?")[0])[0] or usual


def _told(name: str, words: str | None) -> dict[str, object]:
    return {name: words} if words else {}
