"""Making something of the media of a turn: what was said, what can be seen.

A file that was read before in the same shop is not read again: what was heard or seen
in it is kept with the message that it came with.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError
from sqlalchemy import String, cast, select

from bot.db import DatabaseUnavailable
from bot.domain.message import Content, Media, MediaKind
from bot.domain.snapshot import Snapshot
from bot.domain.speech import Timeline
from bot.domain.understanding import Visual
from bot.inbox.table import media as media_table
from bot.inbox.table import message
from bot.reading.budget import Payer
from bot.reading.listening import Listener, Sound
from bot.reading.pictures import Unreadable, picture_of
from bot.reading.reader import ReaderUnavailable
from bot.runtime import Runtime
from bot.worker.glancing import Shelf, glanced
from bot.worker.judging import MediaFound
from bot.worker.loading import Loaded
from catalog import Index

_SPOKEN = frozenset({MediaKind.VOICE, MediaKind.AUDIO})
_SEEN = frozenset({MediaKind.IMAGE, MediaKind.DOCUMENT})
#: So many names of products help to understand what is said.
_NAMES = 40
_TRANSCRIPT, _VISUAL, _WORDED = "transcript", "visual", "worded"
#: So many readings of the same bytes are looked at for one that may be used.
_LOOKED_THROUGH = 20
#: Why a file was left to a person, for the shop's staff.
_DEAF = "not heard: nobody listens to voice notes here"
_BLIND = "not recognised: no code and no picture of the catalog in it"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a file was sent: in which turn, to which shop."""

    loaded: Loaded
    index: Index
    runtime: Runtime

    @property
    def listener(self) -> Listener | None:
        """Return who listens. Whoever does has eyes, too."""
        return self.runtime.listener


async def sense(
    found: MediaFound, content: Media, data: bytes, there: Surroundings
) -> MediaFound:
    """Return a stored file with what is to be known of it, as far as we have senses.

    Raises ReaderUnavailable when a voice note is to wait for the model.
    """
    listener = there.listener
    if content.kind in _SPOKEN:
        if listener is None:
            return replace(found, error=_DEAF)
        known = await _known(found, there)
        heard = known.transcript is not None
        return known if heard else await _listened(found, data, listener, there)
    if content.kind not in _SEEN:
        return found
    shelf = Shelf(there.loaded.tenant.id, there.index, there.runtime)
    found = await glanced(found, data, shelf)
    sighting = found.sighting
    if sighting is not None and sighting.is_settled:
        return found  # A model could only agree.
    if listener is None:
        shown = sighting is not None and sighting.things
        return found if shown or found.error else replace(found, error=_BLIND)
    known = await _known(found, there)
    return known if known.seen is not None else await _looked_at(found, data)


async def _known(found: MediaFound, there: Surroundings) -> MediaFound:
    """Return a file with what was made of the same bytes before, in this shop."""
    loaded = there.loaded
    query = (
        select(media_table.c.reading, message.c.conversation_id)
        .join(message, message.c.id == media_table.c.message_id)
        .where(
            media_table.c.tenant_id == loaded.tenant.id,
            media_table.c.sha256 == found.sha256,
            # Neither SQL's null nor JSON's.
            cast(media_table.c.reading, String) != "null",
        )
        .limit(_LOOKED_THROUGH)
    )
    try:
        async with there.runtime.database.reading() as connection:
            rows = (await connection.execute(query)).all()
    except DatabaseUnavailable:
        return found
    for row in rows:
        # What was seen with somebody's words in mind is no guide to anybody else.
        own = row.conversation_id == loaded.claim.conversation_id
        if own or not row.reading.get(_WORDED):
            return replace(found, **_read(row.reading))
    return found


def _read(stored: Mapping[str, object]) -> dict[str, Any]:
    if isinstance(text := stored.get(_TRANSCRIPT), str):
        return {"transcript": text, "timeline": Timeline.load(stored)}
    try:
        return {"seen": Visual.model_validate(stored[_VISUAL])}
    except (KeyError, ValidationError):
        return {}  # An older or newer version's: it is read anew.


async def _listened(
    found: MediaFound, data: bytes, listener: Listener, there: Surroundings
) -> MediaFound:
    loaded, runtime = there.loaded, there.runtime
    tenant = loaded.tenant
    spoken = dict.fromkeys((loaded.language or tenant.language, tenant.language))
    sound = Sound(
        data=data,
        mime=found.mime or "",
        sha256=found.sha256 or "",
        languages=tuple(code.split("-")[0].lower() for code in spoken),
        # A large catalog takes a while to go through.
        words=await asyncio.to_thread(_words, there),
    )
    try:
        heard = await listener.hear(sound, Payer(tenant.id, tenant.timezone))
    except ReaderUnavailable as error:
        runtime.metrics.count_reading("transcriber", error.reason)
        if runtime.settings.reader == "openai" and not error.lasting:
            raise
        return replace(found, error=f"not heard: {error}", calls=error.calls)
    runtime.metrics.count_reading("transcriber", "read")
    why = None if heard.text else "not heard: nothing can be understood"
    return replace(
        found,
        transcript=heard.text,
        timeline=heard.timeline,
        error=why,
        calls=heard.calls,
    )


def _words(there: Surroundings) -> tuple[str, ...]:
    """Return names that may be said: those of the draft, and some of the catalog."""
    draft = there.loaded.draft
    drafted = [line.name for line in draft.lines] if draft else []
    sold = [name for _, names in there.index.categories(5) for name in names]
    return tuple(dict.fromkeys((*drafted, *sold)))[:_NAMES]


async def _looked_at(found: MediaFound, data: bytes) -> MediaFound:
    try:
        picture = await asyncio.to_thread(picture_of, data, found.mime)
    except Unreadable as why:
        return replace(found, blind=str(why), error=f"not seen: {why}")
    return replace(found, picture=picture)


def with_seen(
    media: Sequence[MediaFound], snapshot: Snapshot, visual: Sequence[Visual]
) -> tuple[MediaFound, ...]:
    """Return the media of a turn with what its reading saw, without the pictures."""
    seen = {snapshot.messages[each.message].id: each for each in visual}
    worded = any(_has_words(each.content) for each in snapshot.messages)
    return tuple(
        replace(
            found,
            picture=None,
            seen=found.seen or seen.get(found.message_id),
            worded=worded,
        )
        for found in media
    )


def _has_words(content: Content) -> bool:
    return bool(content.caption if isinstance(content, Media) else True)


def reading_of(found: MediaFound) -> dict[str, object] | None:
    """Return what to keep of what was heard or seen, None when it was nothing."""
    if found.transcript is not None:
        when = found.timeline.stored() if found.timeline else {}
        return {_TRANSCRIPT: found.transcript, **when}
    if found.seen is not None and not found.seen.warnings:
        seen = found.seen.model_dump(mode="json")
        return {_VISUAL: seen, **({_WORDED: True} if found.worded else {})}
    return None
