"""The media store of the fake Graph API: what phones sent, and what they were sent."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

V = TypeVar("V")

#: How long a download address works, by Meta's Cloud API reference.
ADDRESS_LIFE = timedelta(minutes=5)
_KEPT = 200  #: Older media are forgotten, so that a long demo stays small.
_ADDRESSES_KEPT = 1000


@dataclass(frozen=True, slots=True)
class StoredMedia:
    id: str
    mime: str
    data: bytes

    @property
    def sha256(self) -> str:
        """Hex, as the media endpoint tells it."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def sha256_base64(self) -> str:
        """Base64, as webhooks tell it."""
        return base64.b64encode(hashlib.sha256(self.data).digest()).decode()


class MediaStore:
    """Bytes by media id, and addresses that work for five minutes."""

    def __init__(self, new_id: Callable[[], str]) -> None:
        self._new_id = new_id
        self._media: dict[str, StoredMedia] = {}
        self._addresses: dict[str, tuple[str, datetime]] = {}

    def add(self, data: bytes, mime: str) -> StoredMedia:
        """Keep bytes under a new id of sixteen digits, as Meta's are."""
        digest = hashlib.sha256(self._new_id().encode()).digest()
        media = StoredMedia(
            str(int.from_bytes(digest[:8], "big")).zfill(16)[:16], mime, data
        )
        self._media[media.id] = media
        _forget(self._media, _KEPT)
        return media

    def get(self, media_id: str) -> StoredMedia | None:
        return self._media.get(media_id)

    def address(self, media_id: str, *, now: datetime) -> str:
        """Return the last part of a download address that works for a while."""
        token = self._new_id()
        self._addresses[token] = (media_id, now + ADDRESS_LIFE)
        _forget(self._addresses, _ADDRESSES_KEPT)
        return token

    def at_address(self, token: str, *, now: datetime) -> StoredMedia | None:
        """Return the media behind an address, or None once it has expired."""
        media_id, expires = self._addresses.get(token, ("", now))
        return self._media.get(media_id) if now < expires else None


def _forget(kept: dict[str, V], most: int) -> None:
    while len(kept) > most:
        del kept[next(iter(kept))]
