"""What a turn needs to know, loaded once, for many turns with one query each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Column, Row, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.claims import Claim
from bot.domain.amending import DELETED, Mark, amended
from bot.domain.handed import Handover, why_of
from bot.domain.message import (
    CORRECTIONS,
    EDIT,
    REVOKE,
    Content,
    ReplyTo,
    Text,
)
from bot.domain.numbering import Menu
from bot.domain.snapshot import (
    Buyer,
    Caused,
    Contact,
    Memory,
    Owner,
    Tenant,
    TurnMessage,
)
from bot.domain.ticking import CLOCK
from bot.inbox.table import channel, contact, conversation, media, message
from bot.reading.reader import ReadableMessage
from bot.worker.menus import open_menu
from bot.worker.originals import Originals, as_it_reads, is_hidden, originals_of
from bot.worker.parties import (
    BUYER_COLUMNS,
    DEFAULT_ADDRESS,
    OF_CONTACT,
    buyer_of,
    contact_of,
    tenant_of,
)
from bot.worker.quotes import Quotes, answered, quotes_of
from bot.worker.recalling import (
    buttons_reacted_to,
    drafts_put_away,
    with_buttons,
)
from bot.worker.spending import Spent
from catalog.aliases import load_aliases
from catalog.domain.learnt import Learnt
from catalog.store import available
from catalog.table import tenant
from orders import Draft, Order, Shop
from orders.codec import load_shop
from orders.domain.events import SinkAccount
from orders.provisioning.registry import required_by
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
    message.c.event,
    message.c.state,
    message.c.content,
    message.c.correction,
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
    last_inbound_at: datetime | None = None  #: When the customer wrote last.
    attention: str | None = None  #: What a person is to look at.
    handover: Handover | None = None  #: While a person has the conversation.
    put_away: Draft | None = None  #: An unfinished draft of before, not told yet.
    marks: tuple[Mark, ...] = ()  #: What to note with messages that were corrected.
    caused: Mapping[str, Caused] = field(default_factory=dict)  #: By their messages.
    buyer: Buyer | None = None  #: Whom the shop knows the contact as.
    menu: Menu | None = None  #: The choices that the customer has not answered yet.
    catalog_id: str | None = None  #: By which the channel shows products as cards.


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found for all of them, by conversation unless it is said."""

    rows: Mapping[str, Row[Any]]
    messages: Mapping[str, list[Any]]
    heard: Mapping[str, str]  #: By message.
    originals: Mapping[str, Originals]
    buttons: Mapping[tuple[str, str], tuple[str, ...]]
    quotes: Quotes
    put_away: Mapping[str, Draft]
    drafts: Mapping[str, Draft]
    orders: Mapping[str, Order]
    sinks: Mapping[str, tuple[SinkAccount, ...]]  #: By tenant.
    stock: Mapping[tuple[str, str | None], Any]  #: By product and variant.
    learnt: Mapping[tuple[str, str], tuple[Learnt, ...]]  #: By tenant and contact.


async def load(
    connection: AsyncConnection, claims: Sequence[Claim]
) -> tuple[Loaded, ...]:
    """Return one `Loaded` for each claim, in their order."""
    ids = [claim.conversation_id for claim in claims]
    rows = {row.id: row for row in await connection.execute(_conversations(ids))}
    messages = await _messages(connection, claims)
    every = [row for rows in messages.values() for row in rows]
    drafts = await load_drafts(connection, ids)
    lines = [line for draft in drafts.values() for line in draft.lines]
    pairs = {(line.product_id, line.variant_id) for line in lines}
    people = {(row.tenant_id, row.contact_id) for row in rows.values()}
    found = _Found(
        rows=rows,
        messages=messages,
        heard=await heard_in(connection, every),
        originals=await originals_of(connection, every),
        buttons=await buttons_reacted_to(connection, messages),
        quotes=await quotes_of(connection, every),
        put_away=await drafts_put_away(connection, list(rows.values())),
        drafts=drafts,
        orders=await last_orders(connection, ids),
        sinks=await load_sinks(connection, {c.tenant_id for c in claims}),
        stock=await available(connection, pairs) if pairs else {},
        learnt=await load_aliases(connection, people),
    )
    return tuple(_loaded(claim, found) for claim in claims)


def _loaded(claim: Claim, found: _Found) -> Loaded:
    row, rows = found.rows[claim.conversation_id], found.messages[claim.conversation_id]
    owned, history = _split(rows, found.heard)
    about = found.originals.get(row.id, Originals())
    quoted = answered(owned[:TURN], found.quotes.get(row.id, {}))
    turn = amended(quoted, Memory.model_validate(row.memory), about.handled)
    sinks = found.sinks.get(claim.tenant_id, ())
    return Loaded(
        claim=claim,
        channel_id=row.channel_id,
        channel_kind=row.channel_kind,
        tenant=tenant_of(row),
        shop=_shop(row, sinks),
        shard=row.shard,
        catalog_rev=row.catalog_rev,
        contact=contact_of(row, found.orders.get(row.id)),
        owner=Owner(row.owner),
        language=row.language,
        memory=turn.memory,
        messages=with_buttons(turn.messages, row.id, found.buttons),
        more=len(owned) > TURN,
        history=history,
        draft=found.drafts.get(row.id),
        last_order=found.orders.get(row.id),
        available=found.stock,
        sinks=sinks,
        spent=tuple(row.spent or ()),
        learnt=found.learnt[row.tenant_id, row.contact_id],
        last_inbound_at=row.last_inbound_at,
        attention=row.attention,
        handover=_handover(row),
        put_away=found.put_away.get(row.id),
        marks=turn.marks,
        caused=about.caused,
        buyer=buyer_of(row),
        menu=open_menu(rows),
        catalog_id=row.catalog_id,
    )


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
            conversation.c.last_inbound_at,
            conversation.c.attention,
            conversation.c.owner_id,
            conversation.c.handover_reason,
            conversation.c.handover_at,
            conversation.c.answered_at,
            contact.c.name,
            contact.c.opted_out,
            contact.c.identity_changed_at,
            channel.c.kind.label("channel_kind"),
            channel.c.catalog_id,
            tenant.c.name.label("tenant_name"),
            tenant.c.language.label("tenant_language"),
            tenant.c.timezone,
            tenant.c.currency,
            tenant.c.country,
            tenant.c.shop,
            tenant.c.catalog_rev,
            *BUYER_COLUMNS,
        )
        .join(contact, contact.c.id == conversation.c.contact_id)
        .join(channel, channel.c.id == conversation.c.channel_id)
        .join(tenant, tenant.c.id == conversation.c.tenant_id)
        .outerjoin(*OF_CONTACT)
        .outerjoin(*DEFAULT_ADDRESS)
        .where(conversation.c.id.in_(ids))
    )


def _handover(row: Row[Any]) -> Handover | None:
    if row.owner != Owner.AGENT:
        return None
    why = why_of(row.handover_reason)
    return Handover(why, row.handover_at, row.owner_id, row.answered_at)


def _shop(row: Row[Any], sinks: Sequence[SinkAccount]) -> Shop:
    """Return a tenant's rules, with what the systems need that get its orders."""
    shop = load_shop(row.shop, timezone=row.timezone, country=row.country)
    return shop.needing(required_by(sinks))


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
    """Return rows of `MESSAGE_COLUMNS` as a turn's messages and as its history.

    What the clock said is no history: nobody wrote it. Neither is what was deleted;
    what was edited reads as it does now.
    """
    before = _readable([r for r in before if r.event != CLOCK])
    handled_until = max(
        (r.sent_at for r in before if r.direction == "in"), default=None
    )
    return (
        tuple(
            TurnMessage(
                id=r.id,
                seq=r.seq,
                content=as_it_reads(_CONTENT.validate_python(r.content), r.correction),
                aside=DELETED if is_hidden(r.correction) else None,
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


def _readable(rows: Sequence[Any]) -> Sequence[Any]:
    """Return messages of before that may still be read.

    An edit whose message never came, or came too late, says what that one would have.
    """
    read = [r for r in rows if not is_hidden(r.correction) and r.event != REVOKE]
    there = {r.provider_id for r in read if r.event not in CORRECTIONS}
    return [r for r in read if r.event != EDIT or r.content.get("target") not in there]


def _before(row: Row[Any], heard: Mapping[str, str]) -> Content:
    """Return a message of before, in words where there are any."""
    if row.id in heard:
        return Text(text=heard[row.id])
    if row.event == EDIT:
        return Text(text=row.content.get("text") or "")
    content = row.content if row.direction == "in" else _as_text(row.content)
    return as_it_reads(_CONTENT.validate_python(content), row.correction)


def _is_late(sent_at: datetime, handled_until: datetime | None) -> bool:
    return handled_until is not None and sent_at < handled_until


def _reply_to(stored: Mapping[str, Any] | None) -> ReplyTo | None:
    return ReplyTo.model_validate(stored) if stored else None


def _as_text(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what we said as plain text: readers need the words, not the buttons."""
    return {"type": "text", "text": content.get("body") or content.get("caption") or ""}
