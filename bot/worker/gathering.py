"""Turning what was loaded into what readers and decisions look at."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.consequences import (
    corrections,
    remembered_then,
    taken_back,
    unheard,
)
from bot.domain.message import Text
from bot.domain.snapshot import Snapshot, TurnMessage
from bot.domain.ticking import ticked
from bot.reading.reader import ReadableMessage, ReadingRequest
from bot.runtime import Runtime
from bot.texts import spoken
from bot.worker.judging import MediaFound
from bot.worker.loading import Loaded
from bot.worker.menus import numbered
from catalog import Index, Product, Taught
from catalog.language import languages, load_language
from catalog.store import load_products
from catalog.teachable import fillers
from orders import Draft


async def current_index(loaded: Loaded, runtime: Runtime) -> Index:
    """Return the tenant's index at the catalog revision that the turn saw.

    It knows, too, what the contact and the shop call things, and how sure of a product
    the shop wants to be.
    """

    async def products() -> list[Product]:
        async with runtime.database.reading() as connection:
            return await load_products(connection, loaded.tenant.id)

    index = await runtime.indexes.current(
        loaded.tenant.id,
        loaded.catalog_rev,
        products,
        [load_language(code) for code in languages()],
    )
    return Taught(
        index,
        loaded.learnt,
        now=runtime.clock(),
        fillers=fillers(),
        sure=loaded.shop.sure,
    )


def snapshot_of(
    loaded: Loaded, index: Index, media: Sequence[MediaFound], runtime: Runtime
) -> Snapshot:
    """Return everything that the decision may look at. Makes the ids it may use."""
    tenant = loaded.tenant
    channel = runtime.channels[loaded.channel_kind]
    menu = loaded.menu if channel.numbered else None
    heard = numbered(
        (_heard(m, media) for m in loaded.messages if m.aside is None), menu
    )
    found = corrections(heard, loaded.caused, loaded.draft)
    memory = remembered_then(loaded.memory, heard, found)
    return Snapshot(
        tenant=tenant,
        shop=loaded.shop,
        contact=loaded.contact,
        conversation_id=loaded.claim.conversation_id,
        owner=loaded.owner,
        memory=memory,
        since=None if memory is loaded.memory else loaded.memory,
        language=loaded.language or tenant.language,
        messages=unheard(heard, found),
        corrections=found,
        draft=loaded.draft or Draft(runtime.new_id("drf"), tenant.currency),
        index=index,
        available=loaded.available,
        last_order=loaded.last_order,
        now=runtime.clock(),
        order_id=runtime.new_id("ord"),
        next_draft_id=runtime.new_id("drf"),
        signing_key=runtime.signing_key,
        old_signing_keys=runtime.old_signing_keys,
        media={found.message_id: found.outcome for found in media},
        spoke_at=max(
            (m.sent_at for m in loaded.history if not m.from_customer), default=None
        ),
        heard_at=_heard_at(loaded),
        window=channel.window,
        more=loaded.more,
        attention=loaded.attention,
        put_away=loaded.put_away,
        buyer=loaded.buyer,
        handover=loaded.handover,
        spoken=spoken(),
        catalog_id=loaded.catalog_id,
    )


def _heard_at(loaded: Loaded) -> datetime | None:
    """Return when the customer wrote before this turn."""
    before = max((m.sent_at for m in loaded.history if m.from_customer), default=None)
    if all(ticked(message.content) for message in loaded.messages):
        return loaded.last_inbound_at or before
    return before


def _heard(message: TurnMessage, media: Sequence[MediaFound]) -> TurnMessage:
    """Return a voice note as what was said in it, anything else as it is."""
    found = next((each for each in media if each.message_id == message.id), None)
    if found is None or not found.transcript:
        return message
    return replace(message, content=Text(text=found.transcript))


def reading_request(
    loaded: Loaded, snapshot: Snapshot, media: Sequence[MediaFound]
) -> ReadingRequest:
    """Return what a reader may look at."""
    found = {each.message_id: each for each in media}
    said = {each.provider_id: _words(each) for each in loaded.history}
    said |= {each.provider_id: _words(each) for each in snapshot.messages}
    return ReadingRequest(
        messages=tuple(
            _readable(message, found.get(message.id), said)
            for message in snapshot.messages
        ),
        history=loaded.history,
        draft=taken_back(snapshot.draft, snapshot.corrections),
        asked=snapshot.memory.asked,
        index=snapshot.index,
        language=snapshot.language,
        timezone=snapshot.tenant.timezone,
        country=snapshot.tenant.country,
        now=snapshot.now,
        tenant_id=snapshot.tenant.id,
        conversation_id=snapshot.conversation_id,
        spoken_of=_spoken_of(snapshot),
        language_told=snapshot.memory.language_told,
    )


def _spoken_of(snapshot: Snapshot) -> str | None:
    """Return the id of the product spoken of last: asked about, put or the only one."""
    memory, lines = snapshot.memory, snapshot.draft.lines
    line = snapshot.draft.line(memory.last_line or "")
    only = lines[0] if len(lines) == 1 else None
    put = line or only
    return memory.last_asked or (put.product_id if put else None)


def _readable(
    message: TurnMessage, found: MediaFound | None, said: Mapping[str | None, str]
) -> ReadableMessage:
    answered = message.reply_to.provider_id if message.reply_to else None
    return ReadableMessage(
        id=message.id,
        content=message.content,
        sent_at=message.sent_at,
        reply_to=message.reply_to,
        provider_id=message.provider_id,
        quoted=_answered(message, said) if answered else None,
        picture=found.picture if found else None,
        seen=found.seen if found else None,
        blind=found.blind if found else None,
        sighting=found.sighting if found else None,
    )


def _words(message: TurnMessage | ReadableMessage) -> str:
    return message.content.text if isinstance(message.content, Text) else ""


def _answered(message: TurnMessage, said: Mapping[str | None, str]) -> str | None:
    """Return the words of the message that one answers, however old it is."""
    found = message.quoted.text if message.quoted else ""
    answered = message.reply_to.provider_id if message.reply_to else None
    return found or said.get(answered) or None
