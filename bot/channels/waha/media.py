"""WAHA's media: files that it keeps for minutes, at an address that may not be its own.

WAHA names its files as it thinks that it is reached, often `localhost:3000`: only the
path is taken from there. Source: WAHA's documentation, "Receive messages".
"""

import re
from http import HTTPMethod
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from bot.channels.channel import Account, FetchedMedia, MediaGone, MediaUnavailable
from bot.channels.gateway import Gateway
from bot.channels.trusted_hosts import address
from orders.outbox.delivery import DeliveryError

_SERIALIZED = re.compile(r"(?:true|false)_([^_@\s|]{1,80}@[a-z.]{1,30})_[^\s|]{1,200}")
_FILES = re.compile(r"/api/files/[A-Za-z0-9@._~%=+-]+(?:/[A-Za-z0-9@._~%=+-]+){0,4}")
_UP = re.compile(r"(^|/)(\.|%2e){1,2}(/|$)", re.IGNORECASE)


class _Media(BaseModel):
    url: str | None = None


class _Message(BaseModel):
    media: _Media | None = None


class MediaSource:
    """Fetches the media of messages. The key goes to the gateway's address only."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def fetch(self, account: Account, media_id: str) -> FetchedMedia:
        """Return media by its `id|link`: where the link leads, or asked for anew.

        Raises `MediaGone` or `MediaUnavailable`.
        """
        message_id, _, link = media_id.partition("|")
        try:
            if link:
                try:
                    found = await self._at(account, link)
                except MediaGone:
                    found = None  # deleted already: WAHA may download it once more
                if found is not None:
                    return found
            return await self._again(account, message_id)
        except DeliveryError as error:
            raise MediaUnavailable(str(error)) from error

    async def _at(self, account: Account, link: str) -> FetchedMedia | None:
        path = _path(link)
        if path is None:
            return await self._gateway.download(account, link)
        answer = await self._gateway.call(
            HTTPMethod.GET, account, path, most=self._gateway.media_limit
        )
        return self._gateway.media_of(answer)

    async def _again(self, account: Account, message_id: str) -> FetchedMedia:
        match = _SERIALIZED.fullmatch(message_id)
        if match is None:
            raise MediaGone("WAHA did not keep the media")
        session, chat = quote(account.instance, safe=""), quote(match[1], safe="")
        answer = await self._gateway.call(
            HTTPMethod.GET,
            account,
            f"/api/{session}/chats/{chat}/messages/{quote(message_id, safe='')}",
            params={"downloadMedia": "true"},
        )
        if not answer.ok:
            raise MediaGone(f"WAHA no longer has the media (HTTP {answer.status})")
        try:
            media = _Message.model_validate_json(answer.body).media
        except ValidationError:
            raise MediaUnavailable("WAHA described no media") from None
        found = await self._at(account, media.url) if media and media.url else None
        if found is None:
            raise MediaGone("WAHA did not keep the media")
        return found


def _path(link: str) -> str | None:
    """Return the path of a file that WAHA itself keeps, None for anything else."""
    url = address(link)
    if url is None:
        return None
    match = _FILES.search(url.raw_path)
    if match is None or match.end() != len(url.raw_path) or _UP.search(match[0]):
        return None
    return match[0]
