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
from bot.inbox.table import channel, contact, conversation, media, message
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
    name: str | None = None  #: A part of the contact's name.
    channel_id: str | None = None
    contact_id: str | None = None
    waits: bool | None = None  #: It waits for a person.


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


@dataclass(frozen=True, slots=True)
class StoredMedia:
    """What became of the file of a message."""

    outcome: str
    mime: str | None
    sha256: str | None
    size: int | None
    error: str | None = None  #: Why it cannot be read, or was not understood.


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


_IS_FAILED = and_(conversation.c.error.is_not(None), conversation.c.ready_at.is_(None))
_IS_WORKING = or_(
    conversation.c.ready_at.is_not(None), conversation.c.lease_until.is_not(None)
)
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
    ChatState.WORKING: _IS_WORKING,
    ChatState.FAILED: and_(~_IS_WORKING, _IS_FAILED),
    ChatState.QUIET: and_(~_IS_WORKING, ~_IS_FAILED),
}


async def list_chats(
    connection: AsyncConnection,
    tenant_id: str,
    wanted: ChatFilter,
    *,
    limit: int,
    offset: int = 0,
) -> tuple[Sequence[ChatEntry], int]:
    """Return conversations, the one written to last first, and how many there are."""
    mine = [conversation.c.tenant_id == tenant_id, *_conditions(wanted)]
    total = await connection.execute(
        select(func.count())
        .select_from(conversation)
        .join(contact, contact.c.id == conversation.c.contact_id)
        .where(*mine)
    )
    rows = await connection.execute(
        _chats()
        .where(*mine)
        .order_by(
            conversation.c.last_inbound_at.desc().nulls_last(),
            conversation.c.id.desc(),
        )
        .limit(limit)
        .offset(offset)
    )
    return await _entries(connection, rows.all()), total.scalar_one()


async def find_chat(
    connection: AsyncConnection, tenant_id: str, conversation_id: str
) -> ChatEntry | None:
    """Return the tenant's conversation, or None: another tenant's is none."""
    rows = await connection.execute(
        _chats().where(
            conversation.c.tenant_id == tenant_id, conversation.c.id == conversation_id
        )
    )
    return next(iter(await _entries(connection, rows.all())), None)


def _conditions(wanted: ChatFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [conversation.c.merged_into.is_(None)]
    if wanted.owner is not None:
        found.append(conversation.c.owner == wanted.owner)
    if wanted.state is not None:
        found.append(_STATES[wanted.state])
    if wanted.name is not None:
        name = func.lower(contact.c.name)
        found.append(name.contains(wanted.name.lower(), autoescape=True))
    if wanted.channel_id is not None:
        found.append(conversation.c.channel_id == wanted.channel_id)
    if wanted.waits is not None:
        found.append(_WAITS if wanted.waits else ~_WAITS)
    if wanted.contact_id is not None:
        found.append(conversation.c.contact_id == wanted.contact_id)
    return found


def _chats() -> Select[Any]:
    return (
        select(
            conversation,
            contact.c.name,
            contact.c.opted_out,
            channel.c.kind.label("channel_kind"),
        )
        .join(contact, contact.c.id == conversation.c.contact_id)
        .join(channel, channel.c.id == conversation.c.channel_id)
    )


async def _entries(
    connection: AsyncConnection, rows: Sequence[Row[Any]]
) -> Sequence[ChatEntry]:
    drafts = await load_drafts(connection, [row.id for row in rows])
    return [
        ChatEntry(
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
            draft=drafts.get(row.id),
        )
        for row in rows
    ]


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
        .where(message.c.tenant_id == tenant_id, message.c.id.in_(sorted(ids)))
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
    ).outerjoin(media, media.c.message_id == message.c.id)


def _message(row: Row[Any]) -> StoredMessage:
    file = None
    if row.outcome is not None:
        file = StoredMedia(row.outcome, row.mime, row.sha256, row.size, row.error)
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
