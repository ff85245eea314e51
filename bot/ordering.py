"""People and programs at a draft: they change it, take back, confirm and reject.

They write through the same compare-and-set on the version as a turn does; their call is
the confirmation, and what they do to the customer's order, the customer is told.
Everything happens in the caller's transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.fitting import TEXT, split
from bot.domain.lessons import learnt_by_correction, learnt_by_order
from bot.domain.message import OutboundMessage, OutText
from bot.domain.replies import DraftRejected, OrderPlaced, Statement
from bot.domain.saying import said
from bot.domain.voice import voice_of
from bot.inbox.announcing import provisioning_items
from bot.inbox.chats import Chat, forget_question, lock_chat, say
from bot.inbox.desk import Desk as Desk  # noqa: PLC0414  # what is worked at
from bot.inbox.desk import DraftGone as DraftGone  # noqa: PLC0414
from bot.inbox.desk import desk_of
from bot.inbox.desk import look as look  # noqa: PLC0414
from bot.inbox.ownership import attend
from bot.inbox.selling import note_sellers, teams_of
from bot.runtime import Runtime
from bot.texts import wording_for
from catalog.teaching import teach, unlearn
from orders import (
    Change,
    Draft,
    DraftState,
    Evidence,
    Field,
    Missing,
    NotReady,
    Order,
    Source,
    changed,
    ended,
    place,
)
from orders.domain.lifecycle import after
from orders.domain.routing import facts_of
from orders.drafts import find_draft
from orders.outbox.store import append
from orders.placement import PlacedOrder, SoldOut, place_orders
from orders.sinks import load_sinks
from orders.store import DraftWrite, lock_drafts, write_drafts
from orders.versions import Version, before, keep_versions


class NeedsPerson(Exception):
    """The shop's rules ask for an agent's approval, and a program gave it."""


class StaleVersion(Exception):
    """Somebody has changed the draft meanwhile."""

    def __init__(self, newest: int) -> None:
        super().__init__(f"the draft is at version {newest}")
        self.newest = newest


class NotOrdered(Exception):
    """The draft cannot become an order now: what lacks, and what differs."""

    def __init__(self, why: NotReady, desk: Desk) -> None:
        super().__init__("the draft is not ready")
        self.why = why
        self.desk = desk


async def hold(
    connection: AsyncConnection, tenant_id: str, draft_id: str, version: int
) -> Desk:
    """Return a draft that nobody else changes until the commit.

    Raises DraftGone, or StaleVersion when it is not at that version.
    """
    stored = await find_draft(connection, tenant_id, draft_id)
    if stored is None:
        raise DraftGone(draft_id)
    chat = await lock_chat(connection, tenant_id, stored.conversation_id)
    held = await find_draft(connection, tenant_id, draft_id, lock=True)
    if held is None:
        raise DraftGone(draft_id)
    if held.draft.version != version:
        raise StaleVersion(held.draft.version)
    return await desk_of(connection, held, chat)


async def open_draft(
    connection: AsyncConnection,
    runtime: Runtime,
    tenant_id: str,
    conversation_id: str,
    *,
    actor: str,
    now: datetime,
) -> Desk:
    """Return a conversation's draft, held; where it has none, a fresh one.

    Raises LookupError when the tenant has no such conversation.
    """
    chat = await lock_chat(connection, tenant_id, conversation_id)
    if chat is None:
        raise LookupError(conversation_id)
    draft = (await lock_drafts(connection, [chat.id])).get(chat.id)
    if draft is None:
        draft = Draft(runtime.new_id("drf"), chat.tenant.currency)
        write = DraftWrite(
            tenant_id=tenant_id,
            conversation_id=chat.id,
            draft=draft,
            changes=(),
            actor=actor,
            created=True,
        )
        await write_drafts(connection, [write], now=now)
    return await hold(connection, tenant_id, draft.id, draft.version)


async def change(
    connection: AsyncConnection,
    desk: Desk,
    changes: Sequence[Change],
    *,
    actor: str,
    now: datetime,
) -> Desk:
    """Change a held draft; return the desk after it. Raises ChangeRefused for all."""
    return await _rewritten(
        connection, desk, changed(desk.draft, changes), changes, actor=actor, now=now
    )


async def take_back(
    connection: AsyncConnection, desk: Desk, *, actor: str, now: datetime
) -> Desk:
    """Make a held draft what it was before its last change, as a new version.

    Raises NothingBefore, or IllegalMove when it has ended.
    """
    after(desk.draft.state, DraftState.OPEN)
    old, restored = await before(connection, desk.draft)
    return await _rewritten(
        connection, desk, old, (), actor=actor, now=now, restored=restored
    )


async def _rewritten(
    connection: AsyncConnection,
    desk: Desk,
    new: Draft,
    changes: Sequence[Change],
    *,
    actor: str,
    now: datetime,
    restored: int | None = None,
) -> Desk:
    stored = desk.stored
    if new != stored.draft:
        # One that was written before versions were kept can be taken back to, too.
        past = Version(stored.tenant_id, stored.draft, "unknown")
        await keep_versions(connection, [past], now=stored.updated_at)
        await write_drafts(
            connection,
            [
                DraftWrite(
                    tenant_id=stored.tenant_id,
                    conversation_id=stored.conversation_id,
                    draft=new,
                    changes=tuple(changes),
                    actor=actor,
                    created=False,
                    restored=restored,
                )
            ],
            now=now,
        )
        if restored is None:
            await _learn(connection, desk, new, actor=actor, now=now)
        else:
            await _unlearn(connection, desk, new, actor=actor)
        stored = replace(stored, draft=new, updated_at=now)
    return await desk_of(connection, stored, desk.chat)


async def _learn(
    connection: AsyncConnection, desk: Desk, new: Draft, *, actor: str, now: datetime
) -> None:
    """Remember what the customer meant, as the one who corrects the draft sees it."""
    if desk.chat is None:
        return
    lessons = learnt_by_correction(desk.draft, new, desk.chat.contact.id, actor)
    await teach(connection, desk.stored.tenant_id, lessons, now=now)


async def _unlearn(
    connection: AsyncConnection, desk: Desk, old: Draft, *, actor: str
) -> None:
    """Forget what the change taught that is taken back. Taking back teaches nothing.

    A lesson has the moment of its version; what was learnt since stays.
    """
    if desk.chat is None:
        return
    lessons = learnt_by_correction(old, desk.draft, desk.chat.contact.id, actor)
    tenant_id, at = desk.stored.tenant_id, desk.stored.updated_at
    await unlearn(connection, tenant_id, lessons, taught_at=at)


async def confirm(
    connection: AsyncConnection,
    runtime: Runtime,
    desk: Desk,
    *,
    confirmed_by: Evidence,
    told: Callable[[Order], Order] | None = None,
    now: datetime,
) -> Order:
    """Make a held draft an order, or approve one that its customer confirmed.

    Stock is held, the tenant's sinks get their events, the customer is told. `told`
    adds what is kept with the order as it was given: tags, data. Raises NotOrdered,
    NeedsPerson, or IllegalMove when the draft has ended.
    """
    order = place(
        desk.draft,
        shop=desk.shop,
        products=desk.products,
        available=desk.available,
        order_id=runtime.new_id("ord"),
        now=now,
        confirmed_by=confirmed_by,
    )
    if isinstance(order, NotReady):
        raise NotOrdered(order, desk)
    by_program = confirmed_by.source is Source.KEY
    if by_program and desk.shop.needs_approval(order.grand_total):
        raise NeedsPerson(f"an agent has to approve draft {desk.draft.id}")
    if told is not None:
        order = told(order)
    wanted = PlacedOrder(
        tenant_id=desk.stored.tenant_id,
        conversation_id=desk.stored.conversation_id,
        contact_id=desk.chat.contact.id if desk.chat else None,
        order=order,
    )
    placed = (await place_orders(connection, [wanted], new_id=runtime.new_id, now=now))[
        order.id
    ]
    if isinstance(placed, SoldOut):
        raise NotOrdered(NotReady(_sold_out(desk.draft, placed)), desk)
    await note_sellers(connection, [placed.id])
    await _bought(connection, desk, now=now)
    await _end(connection, desk, DraftState.ORDERED, actor=_who(confirmed_by), now=now)
    await _announce(connection, runtime, desk, placed, now=now)
    news = OrderPlaced(placed, desk.shop.fields.own)
    await _tell(connection, runtime, desk.chat, news, now=now)
    return placed


async def reject(
    connection: AsyncConnection,
    runtime: Runtime,
    desk: Desk,
    *,
    reason: str,
    actor: str,
    now: datetime,
) -> Desk:
    """End a held draft without an order; its customer hears why.

    Raises IllegalMove when it has ended already.
    """
    closed = await _end(
        connection, desk, DraftState.REJECTED, actor=actor, reason=reason, now=now
    )
    if desk.draft.lines or desk.draft.unresolved:
        await _tell(connection, runtime, desk.chat, DraftRejected(reason), now=now)
    return replace(desk, stored=replace(desk.stored, draft=closed, updated_at=now))


async def _bought(connection: AsyncConnection, desk: Desk, *, now: datetime) -> None:
    """Remember what the customer calls what they bought; nobody waits for them now."""
    if desk.chat is None:
        return
    lessons = learnt_by_order(desk.draft, desk.chat.contact.id)
    await teach(connection, desk.stored.tenant_id, lessons, now=now)
    await attend(connection, {}, ordered=[desk.chat.id], now=now)


def _who(evidence: Evidence) -> str:
    return evidence.actor or evidence.source.value


def _sold_out(draft: Draft, short: SoldOut) -> tuple[Missing, ...]:
    """Return the lines that somebody else has bought a moment ago."""
    return tuple(
        Missing(Field.STOCK, line.id)
        for line in draft.lines
        if (line.product_id, line.variant_id) in short.pairs
    )


async def _end(
    connection: AsyncConnection,
    desk: Desk,
    state: DraftState,
    *,
    actor: str,
    reason: str | None = None,
    now: datetime,
) -> Draft:
    closed = replace(ended(desk.draft, state), end_reason=reason)
    write = DraftWrite(
        tenant_id=desk.stored.tenant_id,
        conversation_id=desk.stored.conversation_id,
        draft=closed,
        changes=(),
        actor=actor,
        created=False,
    )
    await write_drafts(connection, [write], now=now)
    return closed


async def _announce(
    connection: AsyncConnection,
    runtime: Runtime,
    desk: Desk,
    order: Order,
    *,
    now: datetime,
) -> None:
    tenant_id = desk.stored.tenant_id
    sinks = await load_sinks(connection, [tenant_id])
    patience = timedelta(seconds=runtime.settings.provisioning_overdue_seconds)
    items = provisioning_items(
        order.id,
        tenant_id=tenant_id,
        shard=desk.shard,
        sinks=sinks[tenant_id],
        now=now,
        overdue_at=now + patience,
        facts=facts_of(
            desk.chat.channel_id if desk.chat else None,
            order,
            await teams_of(connection, tenant_id, order),
        ),
    )
    await append(connection, items, now=now)


async def _tell(
    connection: AsyncConnection,
    runtime: Runtime,
    chat: Chat | None,
    statement: Statement,
    *,
    now: datetime,
) -> None:
    """Tell the customer; the bot's open question is settled by it."""
    if chat is None:
        return
    tenant = chat.tenant
    wording = wording_for(chat.language, tenant.language, country=tenant.country)
    voice = voice_of(wording, tenant.name, tenant.currency, chat.shop.style)
    channel = runtime.channels[chat.channel_kind]
    messages = [
        part
        for piece in split(said(statement, voice), TEXT)
        for part in channel.parts(
            OutboundMessage(to=chat.contact.address, content=OutText(body=piece))
        )
    ]
    key = runtime.new_id("say")
    await say(connection, chat, messages, key=key, new_id=runtime.new_id, now=now)
    await forget_question(connection, chat)
