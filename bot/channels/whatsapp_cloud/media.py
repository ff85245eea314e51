"""Media of Meta's: an address that lives five minutes, then the bytes. Trusts neither.

Source: Meta's Cloud API reference, "Media".
"""

import hashlib
import re
from collections.abc import Set as AbstractSet
from http import HTTPStatus

import aiohttp
from pydantic import BaseModel, ValidationError
from yarl import URL

from bot.channels.calling import Answer
from bot.channels.channel import Account, FetchedMedia, MediaGone, MediaUnavailable
from bot.channels.failure import Action
from bot.channels.promised import digest_of
from bot.channels.sniffing import sniff
from bot.channels.trusted_hosts import TrustedHosts, address
from bot.channels.whatsapp_cloud.errors import outcome
from bot.channels.whatsapp_cloud.graph import Graph
from orders.outbox.delivery import DeliveryError
from orders.provisioning.public import NotPublic

#: Media ids come from webhook bodies, and become a part of a path.
_MEDIA_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:=-]{0,199}")
_HOPS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_EXPIRED = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
#: A token that was not accepted may be replaced by then.
_MAYBE_LATER = frozenset({Action.RETRY, Action.SLOW_DOWN, Action.PAUSE_CHANNEL})


#: Meta's own hosts of media: nobody here chose them, so they must be public ones.
_METAS = frozenset({"lookaside.fbsbx.com"})


class _Expired(Exception):
    """The address is no longer good: ask for another one."""


class _Described(BaseModel):
    url: str
    sha256: str | None = None
    file_size: int | None = None


class MediaSource:
    """Downloads media that messages name.

    The access token goes to the Graph API's own origin and to `hosts`, and to nobody
    else: see `TrustedHosts`. Nothing above `limit` bytes is kept. `public` reaches
    hosts of the public internet only, and is used for Meta's: a name server that lies
    leads to nothing of ours.
    """

    def __init__(
        self,
        graph: Graph,
        *,
        hosts: AbstractSet[str],
        limit: int,
        public: aiohttp.ClientSession | None = None,
    ) -> None:
        self._graph = graph
        self._public = public or graph.session
        self._hosts = TrustedHosts(graph.origin, hosts)
        self._limit = limit

    async def fetch(self, account: Account, media_id: str) -> FetchedMedia:
        """Return media whose size, hash and type are what was promised.

        Raises `MediaGone` or `MediaUnavailable`.
        """
        if not _MEDIA_ID.fullmatch(media_id):
            raise MediaGone("the id of the media is not one")
        try:
            try:
                return await self._attempt(account, media_id)
            except _Expired:
                return await self._attempt(account, media_id)
        except _Expired:
            raise MediaGone("the media is no longer there") from None
        except DeliveryError as error:
            raise MediaUnavailable(str(error)) from error

    async def _attempt(self, account: Account, media_id: str) -> FetchedMedia:
        described = await self._describe(account, media_id)
        if described.file_size is not None and described.file_size > self._limit:
            raise self._too_large()
        data = await self._download(account, described)
        digest = hashlib.sha256(data).digest()
        if described.sha256 is not None and digest != digest_of(described.sha256):
            raise MediaGone("the media is not what was announced: its hash differs")
        mime = sniff(data)
        if mime is None:
            raise MediaGone("the media is of no type that we read")
        return FetchedMedia(mime, digest.hex(), len(data), data)

    async def _describe(self, account: Account, media_id: str) -> _Described:
        answer = await self._graph.call(
            "GET",
            self._graph.url(media_id),
            account,
            params={"phone_number_id": account.external_id},
        )
        if not answer.ok:
            raise _problem(answer)
        try:
            return _Described.model_validate_json(answer.body)
        except ValidationError:
            raise MediaUnavailable("the Graph API described no media") from None

    async def _download(self, account: Account, described: _Described) -> bytes:
        """Return the bytes, following redirects by hand: each one is checked."""
        url = self._trusted(described.url)
        headers = self._graph.headers(account)
        most = min(self._limit, described.file_size or self._limit)
        try:
            for _ in range(_HOPS):
                session = self._public if url.host in _METAS else self._graph.session
                if session.closed:
                    raise MediaUnavailable("we are shutting down")
                async with session.get(
                    url,
                    headers=headers,
                    timeout=self._graph.timeout,
                    allow_redirects=False,
                ) as response:
                    if response.status not in _REDIRECTS:
                        return await self._read(response, most)
                    url = self._trusted(response.headers.get("Location", ""), url)
        except (aiohttp.ClientError, TimeoutError) as error:
            if isinstance(error.__cause__, NotPublic):
                raise MediaGone(str(error.__cause__)) from None
            raise MediaUnavailable(f"broke off: {type(error).__name__}") from error
        raise MediaGone("the address of the media leads from one to the next")

    async def _read(self, response: aiohttp.ClientResponse, most: int) -> bytes:
        if response.status in _EXPIRED:
            raise _Expired
        if response.status != HTTPStatus.OK:
            raise _problem(Answer(response.status, b"", None))
        if (response.content_length or 0) > most:
            raise self._too_large()
        data = bytearray()
        async for chunk in response.content.iter_any():
            data += chunk
            if len(data) > most:
                response.close()
                raise self._too_large()
        return bytes(data)

    def _trusted(self, text: str, base: URL | None = None) -> URL:
        """Return an address that may be called with the token, or raise."""
        url = address(text)
        if url is None:
            raise MediaGone("the address of the media is not one")
        url = base.join(url) if base else url
        if not self._hosts.trust(url):
            raise MediaGone(f"the media is at {url.host!r}, which is not allowed")
        return url

    def _too_large(self) -> MediaGone:
        return MediaGone(
            f"the media is larger than announced or than {self._limit} bytes"
        )


def _problem(answer: Answer) -> MediaGone | MediaUnavailable:
    error = outcome(answer.status, answer.body)
    if error.action in _MAYBE_LATER:
        return MediaUnavailable(str(error))
    return MediaGone(str(error))
