"""Fetching what customers photographed and said, before a turn is read."""

import asyncio

from bot.channels.channel import Account, Channel, MediaGone, MediaUnavailable
from bot.channels.media_store import MediaMissing, MediaStore
from bot.channels.promised import check_promise
from bot.channels.sniffing import sniff
from bot.domain.message import Media
from bot.runtime import Runtime
from bot.worker.judging import MediaFound
from bot.worker.loading import Loaded
from bot.worker.sensing import Surroundings, sense
from catalog import Index

#: Media that fails for a passing reason is asked for this often within one turn.
_TRIES = 3
_PAUSE = 0.3


async def perceive(
    loaded: Loaded, index: Index, runtime: Runtime
) -> tuple[MediaFound, ...]:
    """Fetch and keep the media of a turn, all at once; say what became of each.

    Raises ReaderUnavailable when a voice note is to wait for the model.
    """
    wanted = [
        (message.id, message.content)
        for message in loaded.messages
        if isinstance(message.content, Media) and message.aside is None
    ]
    if not wanted:
        return ()
    entry = await runtime.directories.channel(loaded.channel_id)
    if entry is None:
        return tuple(
            MediaFound(message_id, "gone", error="the channel was removed")
            for message_id, _ in wanted
        )
    channel = runtime.channels[entry.kind]

    async def fetch(message_id: str, media: Media) -> MediaFound:
        try:
            async with asyncio.timeout(runtime.settings.turn_budget_seconds):
                async with runtime.media_slots:
                    found, data = await _fetch(
                        message_id, media, entry.account, channel, runtime.media
                    )
        except TimeoutError:
            return MediaFound(message_id, "unavailable", error="it took too long")
        if data is None:
            return found
        return await sense(found, media, data, Surroundings(loaded, index, runtime))

    return tuple(await asyncio.gather(*(fetch(*each) for each in wanted)))


async def _fetch(
    message_id: str,
    media: Media,
    account: Account,
    channel: Channel,
    store: MediaStore,
) -> tuple[MediaFound, bytes | None]:
    if media.stored is not None:
        came = await _kept(message_id, media.stored, store)
        if came is not None:
            return came
    if media.provider_media_id is None:
        nameless = "the message names no media id"
        return MediaFound(message_id, "gone", error=nameless), None
    error = ""
    for attempt in range(_TRIES):
        if attempt:
            await asyncio.sleep(_PAUSE * 2**attempt)
        try:
            found = await channel.fetch(account, media.provider_media_id)
            check_promise(media, found)
        except MediaGone as gone:
            return MediaFound(message_id, "gone", error=str(gone)), None
        except MediaUnavailable as unavailable:
            error = str(unavailable)
            continue
        try:
            await store.put(found.sha256, found.data)
        except OSError as full:
            # The words beside a picture are worth more than the picture.
            why = f"not kept: {full}"
            return MediaFound(message_id, "unavailable", error=why), None
        stored = MediaFound(message_id, "stored", found.mime, found.sha256, found.size)
        return stored, found.data
    return MediaFound(message_id, "unavailable", error=error), None


async def _kept(
    message_id: str, sha256: str, store: MediaStore
) -> tuple[MediaFound, bytes | None] | None:
    """Return what came with the message itself; None when it is not there any more."""
    try:
        data = await store.open(sha256)
    except (MediaMissing, OSError, ValueError):
        return None
    mime = sniff(data)
    if mime is None:
        unread = "the media is of no type that we read"
        return MediaFound(message_id, "gone", error=unread), None
    return MediaFound(message_id, "stored", mime, sha256, len(data)), data
