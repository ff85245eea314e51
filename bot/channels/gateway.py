"""Calls of a gateway's own API: bounded in time and size, honest about the outcome.

What an answer means is one table for each kind of gateway: see `Meaning`. Words of a
gateway are looked at and never repeated: they may hold a number or a key.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import aiohttp
from pydantic import BaseModel, ValidationError
from yarl import URL

from bot.channels.calling import (
    Answer,
    bounded,
    called,
    key_of,
    patience,
    unavailable,
    wait_asked,
)
from bot.channels.channel import Account, FetchedMedia, MediaGone, MediaUnavailable
from bot.channels.failure import Action, SendRefused, SendUnavailable, failed
from bot.channels.sniffing import sniff
from bot.channels.trusted_hosts import TrustedHosts, address
from orders.outbox.delivery import OutcomeUnknown

#: A phone that was offline brings what was written meanwhile: so late, it is history.
HISTORY_AFTER = timedelta(hours=1)
#: What an answer without media in it holds at most, bytes.
_USUAL = 256 * 1024
#: Of JSON around media, beside the media itself.
_AROUND = 64 * 1024
_MISSING = frozenset({404, 410})

Seen = TypeVar("Seen", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an answer means whose status is one of these and whose body says `says`.

    `action` None: nobody knows whether the message went out. `lost`: the gateway has
    no connection to WhatsApp, and tells when that is back.
    """

    statuses: AbstractSet[int]
    action: Action | None
    why: str
    says: bytes = b""  #: Lower case.
    lost: bool = False


def outcome(
    answer: Answer, meanings: Sequence[Meaning]
) -> SendRefused | SendUnavailable | OutcomeUnknown:
    """Return the error that an answer means: the first that fits. The last must."""
    body = _squeezed(answer.body.lower())
    meaning = next(
        (
            m
            for m in meanings
            if answer.status in m.statuses and _squeezed(m.says) in body
        ),
        meanings[-1],
    )
    said = f"{meaning.why} (HTTP {answer.status})"
    action, code = meaning.action, answer.status
    if action is None:
        return OutcomeUnknown(said)
    wait = wait_asked(answer.retry_after)
    return failed(said, code=code, action=action, retry_after=wait, lost=meaning.lost)


def _squeezed(text: bytes) -> bytes:
    """Return text without spaces: JSON may have them anywhere."""
    return b"".join(text.split())


class Gateway:
    """Speaks for accounts at their own addresses, with their key in one header.

    `name` is what people call the kind of gateway, `meanings` what its answers mean.
    `public` reaches hosts of the public internet only. `hosts` may be asked for media,
    without the key. Sizes are in bytes, times in seconds.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        public: aiohttp.ClientSession,
        *,
        name: str,
        key_header: str,
        meanings: Sequence[Meaning],
        hosts: AbstractSet[str],
        media_limit: int,
        timeout: float,
    ) -> None:
        self.media_limit = media_limit
        self._session = session
        self._public = public
        self._name = name
        self._key_header = key_header
        self._meanings = meanings
        self._hosts = hosts
        self._timeout = patience(timeout)

    async def call(
        self,
        method: str,
        account: Account,
        path: str,
        *,
        json: Mapping[str, object] | None = None,
        params: Mapping[str, str] | None = None,
        most: int = _USUAL,
    ) -> Answer:
        """Call once and return the answer, whatever its status.

        `path` begins with a slash, its parts quoted. Raises `SendUnavailable` when
        nothing was written, `OutcomeUnknown` when the request may have arrived without
        an answer, and `SendRefused` for an address or key that cannot be one.
        """
        key = key_of(account, "API key")
        return await called(
            self._public if account.public_only else self._session,
            method,
            self._url(account, path),
            headers={self._key_header: key, "User-Agent": "chatorder"},
            timeout=self._timeout,
            most=most,
            json=json,
            params=params,
        )

    async def look(self, account: Account, path: str, reply: type[Seen]) -> Seen:
        """Return what a gateway says of an account; nothing is changed or sent.

        Raises `SendRefused` and `SendUnavailable`.
        """
        try:
            answer = await self.call("GET", account, path)
        except OutcomeUnknown as error:  # nothing was to be changed
            raise unavailable(str(error)) from error
        if not answer.ok:
            problem = outcome(answer, self._meanings)
            if isinstance(problem, OutcomeUnknown):
                raise unavailable(str(problem), code=answer.status)
            raise problem
        try:
            return reply.model_validate_json(answer.body)
        except ValidationError:
            why = f"the answer is not one of {self._name} (HTTP {answer.status})"
            raise unavailable(why) from None

    async def post(
        self, account: Account, path: str, body: Mapping[str, object]
    ) -> Answer:
        """Return the answer of a gateway that did as it was told.

        Raises what `call` does, and what else an answer means.
        """
        answer = await self.call("POST", account, path, json=body)
        if not answer.ok:
            raise outcome(answer, self._meanings)
        return answer

    async def download(self, account: Account, link: str) -> FetchedMedia | None:
        """Return media of a configured host; None where the link leads elsewhere.

        Neither a key nor a redirect goes with it: such links are signed. Raises
        `MediaGone` and `MediaUnavailable`.
        """
        url = address(link)
        base = URL(account.base_url)
        if url is None or url.origin() == base.origin():
            return None
        if not TrustedHosts(base, self._hosts).trust(url) or self._session.closed:
            return None
        try:
            async with self._session.get(
                url, timeout=self._timeout, allow_redirects=False
            ) as response:
                status = response.status
                data = await bounded(response, self.media_limit)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise MediaUnavailable(f"broke off: {type(error).__name__}") from error
        return self.media_of(Answer(status, data))

    def media_of(self, answer: Answer) -> FetchedMedia:
        """Return the bytes of an answer as media. Raises MediaGone and -Unavailable."""
        if answer.status in _MISSING:
            raise MediaGone("the media is no longer there")
        if not answer.ok:
            raise MediaUnavailable(f"the media was not given (HTTP {answer.status})")
        if not answer.body:
            raise MediaGone(f"the media is empty or larger than {self.media_limit}")
        return fetched(answer.body, self.media_limit)

    def most_encoded(self) -> int:
        """Return how long an answer with the largest media in base64 is."""
        return self.media_limit * 4 // 3 + _AROUND

    def _url(self, account: Account, path: str) -> URL:
        base = address(account.base_url)
        if base is None or base.scheme not in {"http", "https"} or not base.host:
            raise SendRefused(
                "the address of the gateway is not one: set it again",
                code=None,
                action=Action.PAUSE_CHANNEL,
            )
        return URL(str(base).rstrip("/") + path, encoded=True)


def fetched(data: bytes, limit: int) -> FetchedMedia:
    """Return bytes as media of the type that they are. Raises MediaGone."""
    if len(data) > limit:
        raise MediaGone(f"the media is larger than {limit} bytes")
    mime = sniff(data)
    if mime is None:
        raise MediaGone("the media is of no type that we read")
    return FetchedMedia(mime, hashlib.sha256(data).hexdigest(), len(data), data)


def decoded(text: str) -> bytes | None:
    """Return the bytes of base64, also of a data URL; None for what is none."""
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None
