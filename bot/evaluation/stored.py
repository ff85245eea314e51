"""Stored turns as they were when they began. Only reads.

The catalog, the stock and the rules of the shop are those of now: nobody keeps older
ones. Everything else is what the turn had; of what was learnt about words, one lesson
back is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.claims import Claim
from bot.domain.snapshot import TurnMessage
from bot.domain.understanding import Understanding
from bot.inbox.table import analysis, media, message
from bot.worker.before import Before
from bot.worker.judging import MediaFound
from bot.worker.loading import HISTORY, MESSAGE_COLUMNS, Loaded, heard_in, load, split
from catalog.alias_past import load_aliases_at
from catalog.store import available
from orders import Draft, DraftState, Order, Shop, as_shown, proposed
from orders.codec import load_draft
from orders.store import ORDER_COLUMNS, stored_order
from orders.table import draft_version
from orders.table import order as order_table


class NotKept(Exception):
    """Too little is left of a turn to read it again. The message says what is gone."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which stored turns: newest first, at most `limit`."""

    tenant_id: str
    turns: Sequence[str] = ()
    conversation: str | None = None
    since: datetime | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A turn that ended, and what it began with."""

    id: str
    conversation_id: str
    at: datetime
    provider: str
    loaded: Loaded
    media: tuple[MediaFound, ...]
    said: Understanding
    after: Draft | None  #: The draft that it left; None: not kept.
    ordered: bool
    is_whole: bool  #: False: from a version that did not keep what it began with.


async def chosen(connection: AsyncConnection, choice: Choice) -> Sequence[Row[Any]]:
    """Return which turns came to an end, oldest first: id, conversation_id, started_at.

    What they are is read one by one: there may be very many.
    """
    columns: Sequence[Column[Any]] = (
        analysis.c.id,
        analysis.c.conversation_id,
        analysis.c.started_at,
    )
    query = select(*columns).where(
        analysis.c.tenant_id == choice.tenant_id, analysis.c.status == "completed"
    )
    if choice.turns:
        query = query.where(analysis.c.id.in_(choice.turns))
    if choice.conversation is not None:
        query = query.where(analysis.c.conversation_id == choice.conversation)
    if choice.since is not None:
        query = query.where(analysis.c.started_at >= choice.since)
    newest = query.order_by(analysis.c.started_at.desc(), analysis.c.id.desc())
    return (await connection.execute(newest.limit(choice.limit))).all()[::-1]


async def as_it_was(connection: AsyncConnection, turn_id: str) -> StoredTurn:
    """Return a turn as it began. Raises NotKept."""
    found = await connection.execute(select(analysis).where(analysis.c.id == turn_id))
    row = found.one_or_none()
    if row is None:
        raise NotKept("it was removed")
    claim = Claim(
        conversation_id=row.conversation_id,
        tenant_id=row.tenant_id,
        fence=0,
        rev=0,
        seq=row.to_seq,
        attempts=1,
        supersedes=0,
        ready_at=row.started_at,
    )
    (now,) = await load(connection, [claim])
    owned = await _owned(connection, row)
    earlier = await _earlier(connection, row, {each.id for each in owned})
    messages, history = split(owned, earlier, await heard_in(connection, earlier))
    before = Before.model_validate(row.before or {})
    draft = await _draft_before(connection, row, before, now.shop)
    pairs = {(line.product_id, line.variant_id) for line in draft.lines}
    loaded = replace(
        now,
        contact=replace(now.contact, opted_out=before.opted_out),
        owner=before.owner,
        language=before.language if row.before else now.language,
        memory=before.memory,
        messages=messages,
        more=False,
        history=history,
        draft=replace(draft, currency=now.tenant.currency),
        last_order=await _last_order(connection, row),
        learnt=await load_aliases_at(
            connection, row.tenant_id, now.contact.id, row.started_at
        ),
        available=await available(connection, pairs) if pairs else {},
    )
    return StoredTurn(
        id=row.id,
        conversation_id=row.conversation_id,
        at=row.started_at,
        provider=row.provider or "",
        loaded=loaded,
        media=await _media(connection, messages),
        said=Understanding.model_validate(row.result),
        after=await _after(connection, row),
        ordered=row.order_id is not None,
        is_whole=row.before is not None,
    )


async def _owned(connection: AsyncConnection, row: Row[Any]) -> Sequence[Row[Any]]:
    found = await connection.execute(
        select(*MESSAGE_COLUMNS)
        .where(
            message.c.conversation_id == row.conversation_id,
            message.c.analysis_id == row.id,
            message.c.direction == "in",
        )
        .order_by(message.c.sent_at, message.c.seq)
    )
    owned = found.all()
    if not owned:
        raise NotKept("its messages were removed")
    return owned


async def _earlier(
    connection: AsyncConnection, row: Row[Any], owned: set[str]
) -> Sequence[Row[Any]]:
    """Return what stood in the chat when the turn began, oldest first."""
    newest = await connection.execute(
        select(*MESSAGE_COLUMNS)
        .where(
            message.c.conversation_id == row.conversation_id,
            message.c.seq <= row.to_seq,
            message.c.seq > row.to_seq - HISTORY,
            message.c.id.not_in(owned),
        )
        .order_by(message.c.sent_at, message.c.seq)
    )
    return newest.all()


async def _draft_before(
    connection: AsyncConnection, row: Row[Any], before: Before, shop: Shop
) -> Draft:
    if row.before is None:
        found = await _draft_at(connection, row)
    else:
        found = await _version(connection, row.draft_id, before.draft_version)
    if found is None and before.draft_version:
        raise NotKept("its draft was removed")
    draft = found or Draft(row.draft_id, "", version=before.draft_version or 0)
    match before.draft_state:
        case DraftState.PROPOSED:
            return proposed(draft, as_shown(draft, shop))
        case DraftState.AWAITING:
            return replace(draft, state=DraftState.AWAITING)
        case _:
            return draft


async def _draft_at(connection: AsyncConnection, row: Row[Any]) -> Draft | None:
    """Return the newest version that was there when the turn began."""
    bodies = await connection.execute(
        select(draft_version.c.body)
        .where(
            draft_version.c.draft_id == row.draft_id,
            draft_version.c.at < row.started_at,
        )
        .order_by(draft_version.c.version.desc())
        .limit(1)
    )
    body = bodies.scalar_one_or_none()
    return None if body is None else load_draft(body)


async def _after(connection: AsyncConnection, row: Row[Any]) -> Draft | None:
    if not row.draft_version:
        return Draft(row.draft_id, "")
    return await _version(connection, row.draft_id, row.draft_version)


async def _version(
    connection: AsyncConnection, draft_id: str, version: int | None
) -> Draft | None:
    if not version:
        return None
    bodies = await connection.execute(
        select(draft_version.c.body).where(
            draft_version.c.draft_id == draft_id, draft_version.c.version == version
        )
    )
    body = bodies.scalar_one_or_none()
    return None if body is None else load_draft(body)


async def _last_order(connection: AsyncConnection, row: Row[Any]) -> Order | None:
    columns: Sequence[Column[Any]] = ORDER_COLUMNS
    orders = await connection.execute(
        select(*columns)
        .where(
            order_table.c.conversation_id == row.conversation_id,
            order_table.c.placed_at < row.started_at,
        )
        .order_by(order_table.c.placed_at.desc(), order_table.c.number.desc())
        .limit(1)
    )
    found = orders.one_or_none()
    return None if found is None else stored_order(found).order


async def _media(
    connection: AsyncConnection, messages: Sequence[TurnMessage]
) -> tuple[MediaFound, ...]:
    """Return the files of a turn. What was heard is kept; pictures are seen anew."""
    files = await connection.execute(
        select(media).where(media.c.message_id.in_([each.id for each in messages]))
    )
    return tuple(
        MediaFound(
            row.message_id,
            row.outcome,
            mime=row.mime,
            sha256=row.sha256,
            size=row.size,
            error=row.error,
            transcript=(row.reading or {}).get("transcript"),
        )
        for row in files
    )
