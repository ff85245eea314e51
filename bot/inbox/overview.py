"""A tenant's conversations and messages as people look at them. Nothing is written."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.handed import Handover, why_of
from bot.domain.snapshot import Owner
from bot.inbox.labels import Label, labels_of, wears
from bot.inbox.people_table import user as users
from bot.inbox.previews import Preview, previews_of, unread_of
from bot.inbox.queues import (
    IS_FAILED,
    IS_WORKING,
    WAITING,
    Assigned,
    LiveDrafts,
    Queue,
)
from bot.inbox.searching import LATEST, search_chats
from bot.inbox.table import channel, contact, conversation, media, message
from catalog.column import unindexed
from catalog.paging import Paged
from orders import Draft
from orders.store import load_drafts


class ChatState(StrEnum):
    """How a conversation stands with the bot."""

    WORKING = "working"  #: Messages wait for a turn, or one is under way.
    FAILED = "failed"  #: The last turn failed for good: a person must look.
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class ChatFilter:
    """Which conversations; None: whichever."""

    owner: Owner | None = None
    state: ChatState | None = None
    search: str | None = None  #: See `bot.inbox.searching`.
    channel_id: str | None = None
    contact_id: str | None = None
    waits: bool | None = None  #: It waits for a person.
    queue: Queue = Queue.ALL
    assigned: Assigned | None = None
    label_id: str | None = None


@dataclass(frozen=True, slots=True)
class ChatEntry:
    """One conversation."""

    id: str
    channel_id: str
    channel_kind: str
    contact_id: str
    contact_name: str | None
    address: Mapping[str, str]
    opted_out: bool
    owner: Owner
    owner_id: str | None
    state: ChatState
    language: str | None
    last_inbound_at: datetime | None
    waiting_since: datetime | None
    attention: str | None  #: What a person is to look at: `image`, `voice` ...
    handover: Handover | None  #: While a person has it.
    created_at: datetime
    draft: Draft | None  #: The one that has not ended.
    needs: Sequence[Queue] = ()  #: The waiting queues that it stands in.
    waits_since: datetime | None = None  #: Since when, in the first of them.
    assigned_to: str | None = None  #: A user.
    assigned_name: str | None = None
    assigned_at: datetime | None = None
    team: str | None = None
    labels: Sequence[Label] = ()
    unread: int = 0  #: Messages of the customer that the caller has not seen, to 99.
    preview: Preview | None = None  #: The last message.


@dataclass(frozen=True, slots=True)
class StoredMedia:
    """What became of the file of a message."""

    outcome: str
    mime: str | None
    sha256: str | None
    size: int | None
    error: str | None = None  #: Why it cannot be read, or was not understood.
    transcript: str | None = None  #: What a voice note says.


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message, as it is stored."""

    id: str
    conversation_id: str
    seq: int
    direction: str
    kind: str
    content: Mapping[str, Any]
    reply_to: Mapping[str, Any] | None
    state: str
    actor: str | None
    why_silent: str | None
    analysis_id: str | None
    provider_id: str | None
    sent_at: datetime
    received_at: datetime
    media: StoredMedia | None
    event: str = "message"  #: Or `edit`, `revoke` ...
    correction: Mapping[str, Any] | None = None  #: How its author corrected it.
    origin: Mapping[str, Any] | None = None  #: See `bot.domain.message.Origin`.


#: Nobody has taken it or answered yet, or something is to be looked at.
_WAITS = or_(
    and_(
        conversation.c.owner == Owner.AGENT,
        conversation.c.owner_id.is_(None),
        conversation.c.answered_at.is_(None),
    ),
    conversation.c.attention.is_not(None),
)
_STATES: Mapping[ChatState, ColumnElement[bool]] = {
    ChatState.WORKING: IS_WORKING,
    ChatState.FAILED: and_(~IS_WORKING, IS_FAILED),
    ChatState.QUIET: and_(~IS_WORKING, ~IS_FAILED),
}


async def list_chats(
    connection: AsyncConnection,
    tenant_id: str,
    wanted: ChatFilter,
    *,
    limit: int,
    offset: int = 0,
    reader_id: str | None = None,
    counted: int | None = None,
) -> tuple[Sequence[ChatEntry], int]:
    """Return conversations and how many there are.

    In a waiting queue the customer who waits longest comes first; elsewhere the one
    that was written to last. `reader_id`: the user for whom unread messages count.
    `counted`: how many there are, where the caller knows.
    """
    live = LiveDrafts(tenant_id, queue=wanted.queue)
    mine = [conversation.c.tenant_id == tenant_id, *_conditions(wanted)]
    if wanted.search is not None:
        found = await search_chats(connection, tenant_id, wanted.search)
        mine[0] = unindexed(conversation.c.tenant_id) == tenant_id
        mine.append(conversation.c.id.in_(found))
    source, is_in = live.found_in(wanted.queue)
    if wanted.queue is not Queue.ALL:
        mine.append(is_in)
    page = await connection.execute(
        select(conversation.c.id)
        .select_from(source)
        .where(*mine)
        .order_by(*_order(live, wanted.queue))
        .limit(limit)
        .offset(offset)
    )
    ids = list(page.scalars())
    entries = await _entries(connection, tenant_id, ids, reader_id=reader_id)
    count = counted or select(func.count()).select_from(source).where(*mine)
    return entries, await Paged(limit, offset).total(connection, len(ids), count)


async def has_chat(
    connection: AsyncConnection, tenant_id: str, conversation_id: str
) -> bool:
    """Return whether the tenant has that conversation."""
    found = await connection.execute(
        select(conversation.c.id).where(
            conversation.c.tenant_id == tenant_id, conversation.c.id == conversation_id
        )
    )
    return found.first() is not None


async def find_chat(
    connection: AsyncConnection,
    tenant_id: str,
    conversation_id: str,
    *,
    reader_id: str | None = None,
) -> ChatEntry | None:
    """Return the tenant's conversation, or None: another tenant's is none."""
    shown = await _entries(
        connection, tenant_id, [conversation_id], reader_id=reader_id
    )
    return next(iter(shown), None)


def _order(live: LiveDrafts, queue: Queue) -> tuple[ColumnElement[Any], ...]:
    if queue in WAITING:
        return (live.since(queue).asc().nulls_last(), conversation.c.id.asc())
    return LATEST


def _conditions(wanted: ChatFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [conversation.c.merged_into.is_(None)]
    if wanted.owner is not None:
        found.append(conversation.c.owner == wanted.owner)
    if wanted.state is not None:
        found.append(_STATES[wanted.state])
    if wanted.channel_id is not None:
        found.append(conversation.c.channel_id == wanted.channel_id)
    if wanted.waits is not None:
        found.append(_WAITS if wanted.waits else ~_WAITS)
    if wanted.contact_id is not None:
        found.append(conversation.c.contact_id == wanted.contact_id)
    if wanted.assigned is not None:
        found.append(wanted.assigned.condition())
    if wanted.label_id is not None:
        found.append(wears(wanted.label_id))
    return found


async def _entries(
    connection: AsyncConnection,
    tenant_id: str,
    ids: Sequence[str],
    *,
    reader_id: str | None,
) -> Sequence[ChatEntry]:
    """Return what is told of these conversations: a fixed number of queries."""
    if not ids:
        return ()
    live = LiveDrafts(tenant_id, ids)
    found = await connection.execute(
        select(
            conversation,
            contact.c.name,
            contact.c.opted_out,
            channel.c.kind.label("channel_kind"),
            users.c.name.label("assigned_name"),
            *(live.is_in(queue).label(f"in_{queue}") for queue in WAITING),
            *(live.since(queue).label(f"since_{queue}") for queue in WAITING),
        )
        .select_from(
            live.beside(conversation)
            .join(contact, contact.c.id == conversation.c.contact_id)
            .join(channel, channel.c.id == conversation.c.channel_id)
            .outerjoin(users, users.c.id == conversation.c.assigned_to)
        )
        .where(conversation.c.tenant_id == tenant_id, conversation.c.id.in_(ids))
    )
    rows = {row.id: row for row in found}
    ids = [each for each in ids if each in rows]
    if not ids:
        return ()
    drafts = await load_drafts(connection, ids)
    labels = await labels_of(connection, ids)
    previews = await previews_of(connection, ids)
    unread = await unread_of(connection, ids, reader_id)
    return [
        _entry(
            rows[each],
            drafts.get(each),
            labels=labels.get(each, ()),
            preview=previews.get(each),
            unread=unread.get(each, 0),
        )
        for each in ids
    ]


def _entry(row: Row[Any], draft: Draft | None, **marks: Any) -> ChatEntry:  # noqa: ANN401  # fields of ChatEntry
    needed = [queue for queue in WAITING if getattr(row, f"in_{queue}")]
    return ChatEntry(
        id=row.id,
        channel_id=row.channel_id,
        channel_kind=row.channel_kind,
        contact_id=row.contact_id,
        contact_name=row.name,
        address=row.address,
        opted_out=row.opted_out,
        owner=Owner(row.owner),
        owner_id=row.owner_id,
        state=_state(row),
        language=row.language,
        last_inbound_at=row.last_inbound_at,
        waiting_since=row.waiting_since,
        attention=row.attention,
        handover=_handover(row),
        created_at=row.created_at,
        draft=draft,
        needs=needed,
        waits_since=getattr(row, f"since_{needed[0]}") if needed else None,
        assigned_to=row.assigned_to,
        assigned_name=row.assigned_name,
        assigned_at=row.assigned_at,
        team=row.team,
        **marks,
    )


def _handover(row: Row[Any]) -> Handover | None:
    if row.owner != Owner.AGENT:
        return None
    why = why_of(row.handover_reason)
    return Handover(why, row.handover_at, row.owner_id, row.answered_at)


def _state(row: Row[Any]) -> ChatState:
    if row.ready_at is not None or row.lease_until is not None:
        return ChatState.WORKING
    return ChatState.QUIET if row.error is None else ChatState.FAILED


# -- messages -------------------------------------------------------------------------


async def newest_messages(
    connection: AsyncConnection,
    tenant_id: str,
    conversation_id: str,
    *,
    before: int | None,
    limit: int,
) -> Sequence[StoredMessage]:
    """Return a conversation's messages, newest first, below the number `before`."""
    query = _messages().where(
        message.c.tenant_id == tenant_id, message.c.conversation_id == conversation_id
    )
    if before is not None:
        query = query.where(message.c.seq < before)
    rows = await connection.execute(query.order_by(message.c.seq.desc()).limit(limit))
    return [_message(row) for row in rows]


async def find_messages(
    connection: AsyncConnection, tenant_id: str, ids: Collection[str]
) -> Sequence[StoredMessage]:
    """Return the tenant's messages with these ids, in the order of their numbers."""
    rows = await connection.execute(
        _messages()
        .where(
            unindexed(message.c.tenant_id) == tenant_id, message.c.id.in_(sorted(ids))
        )
        .order_by(message.c.conversation_id, message.c.seq)
    )
    return [_message(row) for row in rows]


def _messages() -> Select[Any]:
    return select(
        message,
        media.c.outcome,
        media.c.mime,
        media.c.sha256,
        media.c.size,
        media.c.error,
        media.c.reading,
    ).outerjoin(media, media.c.message_id == message.c.id)


def _message(row: Row[Any]) -> StoredMessage:
    file = None
    if row.outcome is not None:
        heard = (row.reading or {}).get("transcript")
        file = StoredMedia(
            row.outcome, row.mime, row.sha256, row.size, row.error, heard
        )
    return StoredMessage(
        id=row.id,
        conversation_id=row.conversation_id,
        seq=row.seq,
        direction=row.direction,
        kind=row.kind,
        content=row.content,
        reply_to=row.reply_to,
        state=row.state,
        actor=row.actor,
        why_silent=row.why_silent,
        analysis_id=row.analysis_id,
        provider_id=row.provider_id,
        sent_at=row.sent_at,
        received_at=row.received_at,
        media=file,
        event=row.event,
        correction=row.correction,
        origin=row.origin,
    )
