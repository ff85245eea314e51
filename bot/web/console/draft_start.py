"""A conversation without an open draft: its last orders, and what may be wanted."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from bot.domain.found import FoundMatch, load_found
from bot.domain.understanding import Act
from bot.inbox.table import analysis
from bot.web.api.conversation_views import ConversationView
from bot.web.api.order_views import OrderLineView, OrderView
from bot.web.api.orders import OrdersGiven, list_of_orders
from bot.web.console.draft_lines import safe_image
from bot.web.console.frame import Visit
from catalog import Product
from catalog.lookup import find_products
from orders.advice.activities import list_activities
from orders.advice.domain.condition import Condition
from orders.advice.domain.request import Status
from orders.faces.repzo import KeptResult

#: What is usual is told by so many last orders.
_LAST = 5
_SHOWN = 3
#: More lines than this are no "usual" any more.
_MOST = 12
#: What is said about a product when it is wanted.
_WANTED = frozenset({Act.ADD, Act.SET, Act.REPLACE})


@dataclass(frozen=True, slots=True)
class Offer:
    """A product that may be wanted again, and why we think so."""

    name: str
    image: str | None
    quantity: Decimal
    why: str


@dataclass(frozen=True, slots=True)
class Offers:
    """Products that can be put into a draft at once."""

    offers: Sequence[Offer]
    changes: str = "[]"  #: JSON of what puts them.
    activity_id: str | None = None  #: Of the advice that they are from.


@dataclass(frozen=True, slots=True)
class Start:
    """What stands in the place of a draft."""

    orders: Sequence[OrderView]
    said: Offers | None  #: What the last words name, where no order came of them.
    usual: Offers | None
    advice: Offers | None


async def start_of(visit: Visit, conversation: ConversationView) -> Start:
    """Return what a draft may begin with."""
    page = await list_of_orders(
        visit.call, OrdersGiven(conversation_id=conversation.id, limit=_LAST)
    )
    usual = await _usual(visit, page.data)
    customers = [each.customer_id for each in page.data if each.customer_id]
    return Start(
        orders=page.data[:_SHOWN],
        said=await _said(visit, conversation.id),
        usual=usual,
        advice=await _advice(visit, customers[0]) if customers else None,
    )


async def _usual(visit: Visit, orders: Sequence[OrderView]) -> Offers | None:
    """Return what was bought in most of the last orders; of one order, all of it."""
    by_item: dict[tuple[str, str | None], list[OrderLineView]] = {}
    for order in orders:
        lines = {(line.product_id, line.variant_id): line for line in order.lines}
        for item, line in lines.items():
            by_item.setdefault(item, []).append(line)
    fewest = (len(orders) + 1) // 2
    often = {item: lines for item, lines in by_item.items() if len(lines) >= fewest}
    if not often:
        return None
    found = await find_products(
        visit.connection, visit.tenant.id, ids={product for product, _ in often}
    )
    sold = {each.id: each for each in found if each.active}
    usual = sorted(often.values(), key=len, reverse=True)
    there = [lines for lines in usual if _is_sold(lines[0], sold)][:_MOST]
    if not there:
        return None
    return Offers(
        [
            Offer(
                name=_name(lines[0]),
                image=safe_image(sold[lines[0].product_id].image),
                quantity=lines[0].quantity,
                why=_why(len(lines), len(orders), visit),
            )
            for lines in there
        ],
        json.dumps([_put(lines[0], sold[lines[0].product_id]) for lines in there]),
    )


def _why(times: int, orders: int, visit: Visit) -> str:
    if orders == 1:
        return visit.say("draft.usual_once")
    return visit.say("draft.usual_why", times=times, orders=orders)


async def _said(visit: Visit, conversation_id: str) -> Offers | None:
    """Return the products that the last turn found, if nobody ordered them yet."""
    rows = await visit.connection.execute(
        select(analysis.c.order_id, analysis.c.result, analysis.c.matches)
        .where(
            analysis.c.tenant_id == visit.tenant.id,
            analysis.c.conversation_id == conversation_id,
        )
        .order_by(analysis.c.to_seq.desc(), analysis.c.id.desc())
        .limit(1)
    )
    row = rows.one_or_none()
    if row is None or row.order_id is not None:
        return None
    mentions = (row.result or {}).get("mentions") or ()
    found = [
        (mentions[each.mention], each)
        for each in load_found(row.matches)
        if each.products and each.mention < len(mentions)
    ]
    wanted = [each for each in found if each[0].get("act") in _WANTED]
    if not wanted:
        return None
    return Offers(
        [_mentioned(mention, match) for mention, match in wanted],
        json.dumps([_named(mention, match) for mention, match in wanted]),
    )


def _mentioned(mention: Mapping[str, object], match: FoundMatch) -> Offer:
    best = match.products[0]
    return Offer(best.name, None, _amount(mention, match), match.text)


def _named(mention: Mapping[str, object], match: FoundMatch) -> dict[str, object]:
    best = match.products[0]
    change: dict[str, object] = {
        "type": "put_line",
        "product_id": best.product_id,
        "quantity": f"{_amount(mention, match):f}",
    }
    if best.variant_id:
        change["variant_id"] = best.variant_id
    return change


def _amount(mention: Mapping[str, object], match: FoundMatch) -> Decimal:
    """Return how much was said, in the product's unit where that is known."""
    known = match.amount.quantity if match.amount else None
    return known or Decimal(str(mention.get("quantity") or 1))


def _is_sold(line: OrderLineView, sold: dict[str, Product]) -> bool:
    product = sold.get(line.product_id)
    if product is None:
        return False
    return line.variant_id is None or product.variant(line.variant_id) is not None


def _name(line: OrderLineView) -> str:
    options = [each.name for each in line.options if not each.negated]
    return ", ".join(each for each in (line.name, line.variant_name, *options) if each)


def _put(line: OrderLineView, product: Product) -> dict[str, object]:
    change: dict[str, object] = {
        "type": "put_line",
        "product_id": product.id,
        "quantity": f"{line.quantity:f}",
        "options": list(_options(line, product)),
    }
    if line.variant_id:
        change["variant_id"] = line.variant_id
    return change


def _options(line: OrderLineView, product: Product) -> Iterator[dict[str, object]]:
    """Yield the options of a line that the product still has."""
    known = {
        (group.id, value.id)
        for group in product.option_groups
        for value in group.values
    }
    for each in line.options:
        if (each.group_id, each.value_id) in known:
            yield each.model_dump(exclude={"name"})


async def _advice(visit: Visit, customer_id: str) -> Offers | None:
    """Return what the last advice about a customer proposes, if nobody took it."""
    of_them = Condition("client", "$eq", (customer_id,))
    found, _ = await list_activities(
        visit.connection, visit.tenant.id, conditions=[of_them], limit=1
    )
    if not found or found[0].state is not Status.COMPLETED or found[0].draft_id:
        return None
    result = KeptResult.of(found[0].result)
    if result is None or result.generated_order is None:
        return None
    return Offers(
        [
            Offer(each.product_name, None, Decimal(each.quantity), each.reason)
            for each in result.recommendations
        ],
        activity_id=found[0].id,
    )
