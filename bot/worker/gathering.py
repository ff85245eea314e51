"""Turning what was loaded into what readers and decisions look at."""

from collections.abc import Sequence

from bot.domain.snapshot import Snapshot
from bot.reading.reader import ReadableMessage, ReadingRequest
from bot.runtime import Runtime
from bot.worker.judging import MediaFound
from bot.worker.loading import Loaded
from catalog import Index, Product
from catalog.language import languages, load_language
from catalog.store import load_products
from orders import Draft


async def current_index(loaded: Loaded, runtime: Runtime) -> Index:
    """Return the tenant's index at the catalog revision that the turn saw."""

    async def products() -> list[Product]:
        async with runtime.database.reading() as connection:
            return await load_products(connection, loaded.tenant.id)

    return await runtime.indexes.current(
        loaded.tenant.id,
        loaded.catalog_rev,
        products,
        [load_language(code) for code in languages()],
    )


def snapshot_of(
    loaded: Loaded, index: Index, media: Sequence[MediaFound], runtime: Runtime
) -> Snapshot:
    """Return everything that the decision may look at. Makes the ids it may use."""
    tenant = loaded.tenant
    return Snapshot(
        tenant=tenant,
        shop=loaded.shop,
        contact=loaded.contact,
        conversation_id=loaded.claim.conversation_id,
        owner=loaded.owner,
        memory=loaded.memory,
        language=loaded.language or tenant.language,
        messages=loaded.messages,
        draft=loaded.draft or Draft(runtime.new_id("drf"), tenant.currency),
        index=index,
        available=loaded.available,
        last_order=loaded.last_order,
        now=runtime.clock(),
        order_id=runtime.new_id("ord"),
        next_draft_id=runtime.new_id("drf"),
        signing_key=runtime.signing_key,
        media={found.message_id: found.outcome for found in media},
    )


def reading_request(loaded: Loaded, snapshot: Snapshot) -> ReadingRequest:
    """Return what a reader may look at."""
    return ReadingRequest(
        messages=tuple(
            ReadableMessage(
                id=message.id,
                content=message.content,
                sent_at=message.sent_at,
                reply_to=message.reply_to,
            )
            for message in loaded.messages
        ),
        history=loaded.history,
        draft=snapshot.draft,
        asked=snapshot.memory.asked,
        index=snapshot.index,
        language=snapshot.language,
        timezone=snapshot.tenant.timezone,
        country=snapshot.tenant.country,
        now=snapshot.now,
    )
