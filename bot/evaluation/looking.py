"""Looking again at the pictures of a stored turn, as a worker does."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bot.channels.media_store import MediaMissing
from bot.domain.message import Media, MediaKind
from bot.evaluation.stored import NotKept, StoredTurn
from bot.reading.pictures import Unreadable, picture_of
from bot.runtime import Runtime
from bot.worker.glancing import Shelf, glanced
from bot.worker.judging import MediaFound
from catalog import Index

_SEEN = frozenset({MediaKind.IMAGE, MediaKind.DOCUMENT})


async def looked_at(
    turn: StoredTurn, index: Index, runtime: Runtime, *, has_eyes: bool
) -> Sequence[MediaFound]:
    """Return the files of a turn with what its pictures show of what the shop sells.

    `has_eyes`: the reader is a model that sees; what a code or a picture of the catalog
    does not settle, it is shown. Raises NotKept when a picture was removed.
    """
    seen = {
        message.id
        for message in turn.loaded.messages
        if isinstance(message.content, Media) and message.content.kind in _SEEN
    }
    shelf = Shelf(turn.loaded.tenant.id, index, runtime)
    return [
        await _looked_at(found, found.sha256, shelf, has_eyes=has_eyes)
        if found.message_id in seen and found.sha256 is not None
        else found
        for found in turn.media
    ]


async def _looked_at(
    found: MediaFound, sha256: str, shelf: Shelf, *, has_eyes: bool
) -> MediaFound:
    try:
        data = await shelf.runtime.media.open(sha256)
    except MediaMissing:
        raise NotKept("a picture of it was removed") from None
    found = await glanced(found, data, shelf)
    is_settled = found.sighting is not None and found.sighting.is_settled
    if is_settled or not has_eyes:
        return found
    try:
        picture = await asyncio.to_thread(picture_of, data, found.mime)
    except Unreadable as why:
        return replace(found, blind=str(why))
    return replace(found, picture=picture)
