"""Media as it was announced: by whoever sent it, and by whoever keeps it."""

import base64
import binascii
import hashlib

from bot.channels.channel import FetchedMedia, MediaGone
from bot.domain.message import Media

_DIGEST = hashlib.sha256().digest_size


def digest_of(claimed: str) -> bytes:
    """Return a hash that is written as hex or, as in webhooks, as base64.

    Raises MediaGone for what is none.
    """
    try:
        if len(claimed) == 2 * _DIGEST:
            return bytes.fromhex(claimed)
        return base64.b64decode(claimed, altchars=b"-_", validate=False)
    except (ValueError, binascii.Error):
        raise MediaGone("the hash of the media is not one") from None


def check_promise(announced: Media, found: FetchedMedia) -> None:
    """Raise MediaGone unless media is what its message announced.

    Gateways announce much and keep to little: a hash that cannot be one says nothing.
    """
    if announced.size is not None and found.size > announced.size > 0:
        raise MediaGone("the media is larger than announced")
    if announced.sha256 is None:
        return
    try:
        digest = digest_of(announced.sha256)
    except MediaGone:
        return
    if len(digest) == _DIGEST and digest.hex() != found.sha256:
        raise MediaGone("the media is not what was announced: its hash differs")
