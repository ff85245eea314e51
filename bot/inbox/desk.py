"""A draft that lies before somebody, with all that people and programs look at."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.understanding import Intent
from bot.inbox.accounts import load_tenants
from bot.inbox.chats import Chat
from bot.inbox.turns import last_intents
from catalog import Product
from catalog.lookup import find_products
from catalog.stock import Pair, available
from orders import Draft, DraftState, Missing, Order, Shop, missing
from orders.domain.lifecycle import is_ended
from orders.domain.rules import Available
from orders.drafts import StoredDraft, find_draft
from orders.provisioning.registry import required_by
from orders.sinks import load_sinks
from orders.store import last_orders


class DraftGone(LookupError):
    """The tenant has no such draft."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A draft that lies before somebody, with all that rules look at.

    `chat` is None when the draft's conversation is none of ours.
    """

    stored: StoredDraft
    chat: Chat | None
    shop: Shop
    shard: int
    products: Mapping[str, Product]
    available: Available
    language: str = "en"  #: Of the customer, else of the shop.
    order: Order | None = None  #: What it became, else the order before it.
    intents: tuple[Intent, ...] = ()  #: Of the customer's last words, where known.

    @property
    def draft(self) -> Draft:
        """Return the draft."""
        return self.stored.draft

    @property
    def is_ended(self) -> bool:
        """Return whether the draft is closed for ever."""
        return is_ended(self.draft.state)

    def missing(self) -> tuple[Missing, ...]:
        """Return what an order of this draft still lacks."""
        return missing(self.draft, self.shop, self.products, self.available)


async def look(connection: AsyncConnection, tenant_id: str, draft_id: str) -> Desk:
    """Return a draft to look at. Raises DraftGone."""
    stored = await find_draft(connection, tenant_id, draft_id)
    if stored is None:
        raise DraftGone(draft_id)
    return await desk_of(connection, stored, None)


async def desk_of(
    connection: AsyncConnection, stored: StoredDraft, chat: Chat | None
) -> Desk:
    """Return a draft with all that rules look at."""
    entry = (await load_tenants(connection, [stored.tenant_id]))[stored.tenant_id]
    sinks = await load_sinks(connection, [stored.tenant_id])
    lines = stored.draft.lines
    products = await find_products(
        connection, stored.tenant_id, ids={line.product_id for line in lines}
    )
    pairs: set[Pair] = {(line.product_id, line.variant_id) for line in lines}
    return Desk(
        stored=stored,
        chat=chat,
        shop=entry.shop.needing(required_by(sinks[stored.tenant_id])),
        language=(chat.language if chat else None) or entry.tenant.language,
        shard=entry.shard,
        products={product.id: product for product in products},
        available=await available(connection, pairs) if pairs else {},
        order=await _order_about(connection, stored),
        intents=await last_intents(connection, stored.conversation_id),
    )


async def _order_about(
    connection: AsyncConnection, stored: StoredDraft
) -> Order | None:
    """Return the order that the draft became; of one that is open, the last one."""
    found = await last_orders(connection, [stored.conversation_id])
    order = found.get(stored.conversation_id)
    is_ordered = stored.draft.state is DraftState.ORDERED
    is_its_own = order is not None and order.draft_id == stored.draft.id
    return order if is_its_own or not is_ordered else None
