"""News of placed orders: what customers are told when something happens to one.

They are told once for each occasion, whoever has the conversation; to those who said
STOP only what is essential, and only where the shop says so; not in its quiet hours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, Select, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.buttons import OfferTap, made
from bot.domain.courtesies import About, LinesShort, PaymentLink, Shortfall
from bot.domain.describing import Voice, amount
from bot.domain.fitting import INTERACTIVE_BODY, shortened
from bot.domain.message import (
    Alias,
    Button,
    OutboundMessage,
    OutButtons,
    OutContent,
    OutText,
)
from bot.domain.offers import SHORT
from bot.domain.paying import payable
from bot.domain.phrasing import render_text
from bot.domain.replies import OrderNews, Statement
from bot.domain.snapshot import Tenant
from bot.domain.voice import voice_of
from bot.inbox.handing_out import hand_out
from bot.inbox.outside import outside_of
from bot.inbox.ownership import attend
from bot.inbox.speaking import Said, speak
from bot.inbox.table import channel, conversation
from bot.runtime import Runtime
from bot.texts import wording_for
from catalog.table import tenant
from orders import Order, OrderState
from orders.codec import load_shop
from orders.domain.style import Style
from orders.domain.templates import TemplateEvent
from orders.provisioning.shortfalls import ShortLine
from orders.store import StoredOrder
from orders.table import outbox

#: States that a customer is told about; the others are the merchant's own business.
TOLD = frozenset(
    {
        OrderState.PROVISIONED,
        OrderState.PROVISIONING_FAILED,
        OrderState.PREPARING,
        OrderState.PARTIALLY_SHIPPED,
        OrderState.SHIPPED,
        OrderState.DELIVERED,
        OrderState.CANCELLED,
        OrderState.REFUNDED,
    }
)
#: Of these a customer must know, whatever else they do not want to hear.
ESSENTIAL = frozenset(
    {
        OrderState.PARTIALLY_SHIPPED,
        OrderState.SHIPPED,
        OrderState.DELIVERED,
        OrderState.CANCELLED,
        OrderState.REFUNDED,
    }
)
#: What can be done about an order that cannot be delivered whole.
_WAYS = (About.DO_WITHOUT, About.CANCEL_ORDER, About.PERSON)
_TITLES = {About.CANCEL_ORDER: "cancel"}
_MARK = 16


@dataclass(frozen=True, slots=True)
class News:
    """What happened to an order, as far as its customer is concerned."""

    order: Order
    moved: bool  #: It has a new state.
    link: str | None = None  #: Where it is paid, if that is new.
    short: tuple[ShortLine, ...] = ()

    @property
    def is_essential(self) -> bool:
        """Return whether it is told even after STOP, where the shop wants that."""
        asks = bool(self.link or self.short)
        return asks or (self.moved and self.order.state in ESSENTIAL)


async def lock_conversation(
    connection: AsyncConnection, stored: StoredOrder
) -> Row[*tuple[Any, ...]] | None:
    """Return an order's conversation, locked, and its shop; None: nobody to tell."""
    if stored.conversation_id is None:
        return None
    query = _told_in(stored.conversation_id)
    row: Row[*tuple[Any, ...]] | None = (await connection.execute(query)).one_or_none()
    if row is None:
        # It was joined into another one while we waited for it: look again.
        row = (await connection.execute(query)).one_or_none()
    return row


def _told_in(conversation_id: str) -> Select[Any]:
    """Return the query for a conversation, or for that which it was joined into."""
    asked = conversation.alias("asked")
    goes_on = select(func.coalesce(asked.c.merged_into, asked.c.id)).where(
        asked.c.id == conversation_id
    )
    return (
        select(
            conversation.c.id,
            conversation.c.channel_id,
            conversation.c.shard,
            conversation.c.seq,
            conversation.c.address,
            conversation.c.language,
            channel.c.kind.label("channel_kind"),
            tenant.c.id.label("tenant_id"),
            tenant.c.name,
            tenant.c.language.label("tenant_language"),
            tenant.c.timezone,
            tenant.c.currency,
            tenant.c.country,
            tenant.c.shop,
        )
        .join(tenant, tenant.c.id == conversation.c.tenant_id)
        .join(channel, channel.c.id == conversation.c.channel_id)
        .where(
            conversation.c.id == goes_on.scalar_subquery(),
            # Whoever was erased is told nothing any more.
            conversation.c.erased_at.is_(None),
        )
        .with_for_update(of=conversation)
    )


async def tell(
    connection: AsyncConnection,
    runtime: Runtime,
    row: Row[*tuple[Any, ...]],
    news: News,
) -> bool:
    """Tell a customer, once; False when there is nothing to tell, or it was told."""
    key = _key(news)
    if key is None or await _was_told(connection, row.tenant_id, key):
        return False
    now = runtime.clock()
    shop = load_shop(row.shop, timezone=row.timezone, country=row.country)
    kind = runtime.channels[row.channel_kind]
    to = Alias.model_validate(row.address)
    contents = _contents(runtime, row, news, shop.style)
    messages = tuple(
        part
        for content in contents
        for part in kind.parts(OutboundMessage(to=to, content=content))
    )
    said = Said(
        tenant_id=row.tenant_id,
        shard=row.shard,
        channel_id=row.channel_id,
        conversation_id=row.id,
        seq=row.seq,
        key=key,
        messages=messages,
        notice=True,
        despite_stop=shop.manners.notices_after_stop and news.is_essential,
        not_before=shop.manners.not_before(now, shop.timezone),
        outside=outside_of(
            shop.templates,
            event=_event(news),
            number=news.order.number or 0,
            languages=(row.language, row.tenant_language),
            instead_of=contents[0],
        ),
    )
    await speak(connection, [said], new_id=runtime.new_id, now=now)
    await connection.execute(
        update(conversation)
        .where(conversation.c.id == row.id)
        .values(seq=conversation.c.seq + len(messages))
    )
    if news.short:
        await ask_people(connection, runtime, row, SHORT)
    return True


async def ask_people(
    connection: AsyncConnection,
    runtime: Runtime,
    row: Row[*tuple[Any, ...]],
    about: str,
) -> None:
    """Let a person look at something of a conversation, and say whose work that is."""
    now = runtime.clock()
    await attend(connection, {row.id: about}, now=now)
    shop = load_shop(row.shop, timezone=row.timezone, country=row.country)
    place = (connection, row.tenant_id, [row.id])
    await hand_out(*place, shop.humans, new_id=runtime.new_id, now=now)


def _key(news: News) -> str | None:
    """Return what names the occasion for ever; None when there is nothing to tell."""
    order = news.order
    told = news.moved and order.state in TOLD
    if not (told or news.link or news.short):
        return None
    more = [news.link or "", *(f"{s.line.id}={s.available}" for s in news.short)]
    if not any(more):
        return f"order:{order.id}:{order.state}"
    # A repeat moves nothing: only what it says tells that it is one.
    mark = sha256(" ".join(more).encode()).hexdigest()[:_MARK]
    return f"order:{order.id}:news:{mark}"


def _event(news: News) -> str | None:
    """Return what a shop's template for it is named after; None: it has none."""
    if news.link:
        return TemplateEvent.PAYMENT_LINK
    return news.order.state.value if news.moved else None


async def _was_told(connection: AsyncConnection, tenant_id: str, key: str) -> bool:
    mine = (outbox.c.tenant_id == tenant_id, outbox.c.unique_key == f"reply:{key}:1")
    return bool(await connection.scalar(select(exists().where(*mine))))


def _contents(
    runtime: Runtime, row: Row[*tuple[Any, ...]], news: News, style: Style
) -> Sequence[OutContent]:
    order, number = news.order, news.order.number or 0
    shop = Tenant(
        row.tenant_id,
        row.name,
        row.tenant_language,
        row.timezone,
        row.currency,
        row.country,
    )
    wording = wording_for(row.language, row.tenant_language, country=row.country)
    voice = voice_of(wording, shop.name, order.currency, style)

    def said(statement: Statement) -> str:
        return render_text(statement, tenant=shop, wording=wording, style=style)

    statements: list[Statement] = []
    # That something is not there says why there is a delay.
    delayed = order.state is OrderState.PROVISIONING_FAILED and news.short
    if news.moved and order.state in TOLD and not delayed:
        statements.append(OrderNews(number, order.state))
    words = "\n\n".join(map(said, statements))
    texts: list[OutContent] = []
    if news.link:
        texts.extend(payable(words, PaymentLink(number, news.link), voice))
    elif words:
        texts.append(OutText(body=words))
    if news.short:
        body = said(LinesShort(number, _shortfalls(news.short, voice)))
        buttons = tuple(
            Button(
                id=made(
                    runtime.signing_key,
                    row.id,
                    OfferTap(way.value, order.id, is_yes=True),
                ),
                title=voice.text(f"buttons.{_TITLES.get(way, way.value)}"),
            )
            for way in _WAYS
        )
        body = shortened(body, INTERACTIVE_BODY)
        texts.append(OutButtons(body=body, buttons=buttons))
    return texts


def _shortfalls(short: Sequence[ShortLine], voice: Voice) -> tuple[Shortfall, ...]:
    return tuple(
        Shortfall(
            each.line.name,
            amount(voice, each.available, each.line.unit) if each.available else None,
        )
        for each in short
    )
