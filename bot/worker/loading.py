"""What a turn needs to know, loaded once, for many turns with one query each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Column, Row, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.claims import Claim
from bot.domain.message import Alias, Content, ReplyTo, Text
from bot.domain.snapshot import Contact, Memory, Owner, Tenant, TurnMessage
from bot.inbox.table import channel, contact, conversation, media, message
from bot.reading.reader import ReadableMessage
from bot.worker.spending import Spent
from catalog.aliases import load_aliases
from catalog.domain.learnt import Learnt
from catalog.store import available
from catalog.table import tenant
from orders import Draft, Order, Shop
from orders.codec import load_shop
from orders.domain.events import SinkAccount
from orders.sinks import load_sinks
from orders.store import last_orders, load_drafts

#: How many earlier messages a reader may look at.
HISTORY = 20
#: How many messages one turn takes; a bigger backlog is handled in several turns.
TURN = 50

#: What `split` reads.
MESSAGE_COLUMNS: Sequence[Column[Any]] = (
    message.c.id,
    message.c.conversation_id,
    message.c.seq,
    message.c.direction,
    message.c.state,
    message.c.content,
    message.c.reply_to,
    message.c.provider_id,
    message.c.sent_at,
    message.c.received_at,
)

_CONTENT: TypeAdapter[Content] = TypeAdapter(Content)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A conversation as it was when its turn began."""

    claim: Claim
    channel_id: str
    channel_kind: str
    tenant: Tenant
    shop: Shop
    shard: int
    catalog_rev: int
    contact: Contact
    owner: Owner
    language: str | None
    memory: Memory
    messages: tuple[TurnMessage, ...]
    more: bool  #: More messages wait than one turn takes.
    history: tuple[ReadableMessage, ...]
    draft: Draft | None
    last_order: Order | None
    available: Mapping[tuple[str, str | None], Any]
    sinks: tuple[SinkAccount, ...]
    spent: tuple[Spent, ...] = ()  #: What earlier attempts took.
    learnt: tuple[Learnt, ...] = ()  #: What the contact, and the shop, call things.


async def load(
    connection: AsyncConnection, claims: Sequence[Claim]
) -> tuple[Loaded, ...]:
    """Return one `Loaded` for each claim, in their order."""
    ids = [claim.conversation_id for claim in claims]
    rows = {row.id: row for row in await connection.execute(_conversations(ids))}
    messages = await _messages(connection, claims)
    heard = await heard_in(
        connection, [row for rows in messages.values() for row in rows]
    )
    drafts = await load_drafts(connection, ids)
    orders = await last_orders(connection, ids)
    sinks = await load_sinks(connection, {c.tenant_id for c in claims})
    pairs = {
        (line.product_id, line.variant_id)
        for draft in drafts.values()
        for line in draft.lines
    }
    stock = await available(connection, pairs) if pairs else {}
    learnt = await load_aliases(
        connection, {(row.tenant_id, row.contact_id) for row in rows.values()}
    )
    loaded = []
    for claim in claims:
        row = rows[claim.conversation_id]
        owned, history = _split(messages[claim.conversation_id], heard)
        loaded.append(
            Loaded(
                claim=claim,
                channel_id=row.channel_id,
                channel_kind=row.channel_kind,
                tenant=_tenant(row),
                shop=load_shop(row.shop, timezone=row.timezone, country=row.country),
                shard=row.shard,
                catalog_rev=row.catalog_rev,
                contact=_contact(row),
                owner=Owner(row.owner),
                language=row.language,
                memory=Memory.model_validate(row.memory),
                messages=owned[:TURN],
                more=len(owned) > TURN,
                history=history,
                draft=drafts.get(claim.conversation_id),
                last_order=orders.get(claim.conversation_id),
                available=stock,
                sinks=sinks.get(claim.tenant_id, ()),
                spent=tuple(row.spent or ()),
                learnt=learnt[row.tenant_id, row.contact_id],
            )
        )
    return tuple(loaded)


def _conversations(ids: Sequence[str]) -> Select[Any]:
    return (
        select(
            conversation.c.id,
            conversation.c.tenant_id,
            conversation.c.channel_id,
            conversation.c.contact_id,
            conversation.c.shard,
            conversation.c.address,
            conversation.c.owner,
            conversation.c.language,
            conversation.c.memory,
            conversation.c.spent,
            contact.c.name,
            contact.c.opted_out,
            channel.c.kind.label("channel_kind"),
            tenant.c.name.label("tenant_name"),
            tenant.c.language.label("tenant_language"),
            tenant.c.timezone,
            tenant.c.currency,
            tenant.c.country,
            tenant.c.shop,
            tenant.c.catalog_rev,
        )
        .join(contact, contact.c.id == conversation.c.contact_id)
        .join(channel, channel.c.id == conversation.c.channel_id)
        .join(tenant, tenant.c.id == conversation.c.tenant_id)
        .where(conversation.c.id.in_(ids))
    )


def _tenant(row: Row[Any]) -> Tenant:
    return Tenant(
        row.tenant_id,
        row.tenant_name,
        row.tenant_language,
        row.timezone,
        row.currency,
        row.country,
    )


def _contact(row: Row[Any]) -> Contact:
    address = Alias.model_validate(row.address)
    digits = address.value if address.value.isdigit() else None
    return Contact(
        id=row.contact_id,
        name=row.name,
        phone=f"+{digits}" if digits else None,
        address=address,
        opted_out=row.opted_out,
    )


async def _messages(
    connection: AsyncConnection, claims: Sequence[Claim]
) -> dict[str, list[Any]]:
    """Return each conversation's pending and recent messages, oldest first."""
    claimed = {claim.conversation_id: claim.seq for claim in claims}
    result = await connection.execute(
        select(*MESSAGE_COLUMNS)
        .join(conversation, conversation.c.id == message.c.conversation_id)
        .where(
            message.c.conversation_id.in_(claimed),
            or_(
                message.c.state == "pending",
                message.c.seq > conversation.c.seq - HISTORY,
            ),
        )
        .order_by(message.c.conversation_id, message.c.sent_at, message.c.seq)
    )
    by_conversation: dict[str, list[Any]] = defaultdict(list)
    for row in result:
        # What came after the claim belongs to the next turn.
        if row.seq <= claimed[row.conversation_id]:
            by_conversation[row.conversation_id].append(row)
    return by_conversation


async def heard_in(
    connection: AsyncConnection, rows: Sequence[Any]
) -> Mapping[str, str]:
    """Return what was said in the voice notes of before, by message."""
    files = [
        row.id
        for row in rows
        if row.state != "pending" and row.content.get("type") == "media"
    ]
    if not files:
        return {}
    query = select(media.c.message_id, media.c.reading)
    found = await connection.execute(query.where(media.c.message_id.in_(files)))
    return {
        row.message_id: row.reading["transcript"]
        for row in found
        if row.reading and row.reading.get("transcript")
    }


def _split(
    rows: Sequence[Any], heard: Mapping[str, str]
) -> tuple[tuple[TurnMessage, ...], tuple[ReadableMessage, ...]]:
    return split(
        [r for r in rows if r.direction == "in" and r.state == "pending"],
        [r for r in rows if r.state != "pending"],
        heard,
    )


def split(
    owned: Sequence[Any], before: Sequence[Any], heard: Mapping[str, str]
) -> tuple[tuple[TurnMessage, ...], tuple[ReadableMessage, ...]]:
    """Return rows of `MESSAGE_COLUMNS` as a turn's messages and as its history."""
    handled_until = max(
        (r.sent_at for r in before if r.direction == "in"), default=None
    )
    return (
        tuple(
            TurnMessage(
                id=r.id,
                seq=r.seq,
                content=_CONTENT.validate_python(r.content),
                sent_at=r.sent_at,
                received_at=r.received_at,
                provider_id=r.provider_id,
                reply_to=_reply_to(r.reply_to),
                late=_is_late(r.sent_at, handled_until),
            )
            for r in owned
        ),
        tuple(
            ReadableMessage(
                id=r.id,
                content=_before(r, heard),
                sent_at=r.sent_at,
                from_customer=r.direction == "in",
                reply_to=_reply_to(r.reply_to),
                provider_id=r.provider_id,
            )
            for r in before
        ),
    )


def _before(row: Row[Any], heard: Mapping[str, str]) -> Content:
    """Return a message of before, in words where there are any."""
    if row.id in heard:
        return Text(text=heard[row.id])
    return _CONTENT.validate_python(
        row.content if row.direction == "in" else _as_text(row.content)
    )


def _is_late(sent_at: datetime, handled_until: datetime | None) -> bool:
    return handled_until is not None and sent_at < handled_until


def _reply_to(stored: Mapping[str, Any] | None) -> ReplyTo | None:
    return ReplyTo.model_validate(stored) if stored else None


def _as_text(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what we said as plain text: readers need the words, not the buttons."""
    return {"type": "text", "text": content.get("body") or content.get("caption") or ""}
