"""The file of a message, or why there is none."""

import asyncio

import structlog

from bot.channels.media_store import MediaMissing
from bot.channels.sniffing import sniff
from bot.inbox.overview import StoredMessage
from bot.web.api.call import Call, Download
from bot.web.api.problems import NOT_FOUND, UNAVAILABLE, Problem

_log = structlog.get_logger(__name__)

#: A store that is silent for so long, in seconds, is asked again later: meanwhile the
#: call holds a connection to the database that others need.
_PATIENCE = 10.0
#: Files that a browser may show in place; everything else is saved.
_SHOWN_IN_PLACE = ("image/", "audio/", "video/")
#: Why a file is not there, by what became of it.
_WHY_NOT = {
    "gone": "has no file any more, or one that was refused",
    "unavailable": "has a file that could not be fetched",
    "refused": "has a file that was refused",
    "expired": "had a file; it was kept for as long as this shop keeps files",
}


async def file_of(call: Call, stored: StoredMessage) -> Download:
    """Return the file of a message, of the type that it is. Raises Problem."""
    file = stored.media
    if file is None or file.sha256 is None or file.outcome != "stored":
        raise Problem(NOT_FOUND, f"message {stored.id!r} {_why_no_file(stored)}")
    try:
        async with asyncio.timeout(_PATIENCE):
            data = await call.runtime.media.open(file.sha256)
    except MediaMissing:
        raise Problem(
            NOT_FOUND, f"the file of message {stored.id!r} is no longer kept"
        ) from None
    except OSError as error:
        _log.error("media_not_read", message=stored.id, error=str(error))
        raise Problem(
            UNAVAILABLE,
            "the store of media does not answer now: please ask again",
            headers={"Retry-After": "5"},
        ) from None
    mime = sniff(data) or "application/octet-stream"
    in_place = mime.startswith(_SHOWN_IN_PLACE)
    return Download(mime, data, None if in_place else _filename(stored))


def _why_no_file(stored: StoredMessage) -> str:
    file = stored.media
    if file is None:
        waits = stored.kind == "media" and stored.state == "pending"
        return "has a file that is not fetched yet" if waits else "has no file"
    why = _WHY_NOT.get(file.outcome, "has no file")
    return f"{why}: {file.error}" if file.error else why


def _filename(stored: StoredMessage) -> str:
    given = stored.content.get("filename")
    return given if isinstance(given, str) and given else stored.id
