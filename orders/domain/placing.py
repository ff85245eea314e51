"""The moment of confirmation: is what was shown still true, and if so, the order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from pydantic import TypeAdapter

from catalog import OptionGroup, Product
from orders.domain.addressing import structured
from orders.domain.changes import Change, DropLine, Reopen, Reprice, SetQuantity
from orders.domain.draft import (
    Address,
    Discount,
    Draft,
    DraftState,
    Evidence,
    Fulfilment,
    Line,
    LineOption,
    Shown,
    Source,
)
from orders.domain.lifecycle import IllegalMove, is_ended
from orders.domain.order import Order, OrderLine
from orders.domain.pricing import LineAmounts, price
from orders.domain.quantities import at_most
from orders.domain.rules import Available, Missing, missing, stock_of
from orders.domain.shop import Shop, fulfilment_of, payment_of

_SNAPSHOT = TypeAdapter(Product)
_FROM_CATALOG = Evidence(Source.CATALOG)


@dataclass(frozen=True, slots=True)
class PriceMoved:
    """The catalog's unit price (major units) is no longer the line's; None: none."""

    line_id: str
    name: str
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True, slots=True)
class StockShort:
    """Of what the line asks, only `available` can be sold (0: nothing)."""

    line_id: str
    name: str
    asked: Decimal
    available: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The line's product or variant is no longer sold."""

    line_id: str
    name: str


@dataclass(frozen=True, slots=True)
class TermsMoved:
    """The shop's rules make it cost, or be paid, in another way than was shown."""

    before: Shown
    after: Shown


LineDifference = PriceMoved | StockShort | Gone
Difference = LineDifference | TermsMoved
#: States in which a summary was shown and still stands.
_SHOWN = frozenset({DraftState.PROPOSED, DraftState.AWAITING})


@dataclass(frozen=True, slots=True)
class NotReady:
    """Why no order was placed: what is missing, and what is no longer as shown."""

    missing: tuple[Missing, ...]
    differences: tuple[Difference, ...] = ()


def review(
    draft: Draft, products: Mapping[str, Product], available: Available
) -> tuple[LineDifference, ...]:
    """Return where the draft and the catalog part, in the order of the lines.

    Lines of the same product and variant share what there is; the first come first.
    """
    found: list[LineDifference] = []
    left: dict[tuple[str, str | None], Decimal] = {}
    for line in draft.lines:
        product = products.get(line.product_id)
        if product is None or not _is_sold(product, line):
            found.append(Gone(line.id, line.name))
            continue
        pair = line.product_id, line.variant_id
        there = left.get(pair, stock_of(product, line.variant_id, available))
        short = _short(line, product, there)
        if there is not None:
            left[pair] = there - (short.available if short else line.quantity)
        if short is None or short.available:
            # A price says nothing about a line that goes.
            found.extend(_price_moved(line, product))
        if short:
            found.append(short)
    return tuple(found)


def as_shown(draft: Draft, shop: Shop) -> Shown:
    """Return what a summary of the draft says now beside its lines."""
    totals = price(draft, shop)
    method = payment_of(draft, shop)
    paid = method.id if method else draft.payment
    return Shown(totals.shipping, totals.grand_total, paid)


def review_terms(draft: Draft, shop: Shop) -> tuple[TermsMoved, ...]:
    """Return where the shop's rules and the summary that was shown part, if they do.

    The lines are taken as shown: what the catalog changed is told by `review`.
    """
    if draft.state not in _SHOWN or draft.shown is None:
        return ()
    now = as_shown(draft, shop)
    return () if now == draft.shown else (TermsMoved(draft.shown, now),)


def adjustments(differences: Iterable[Difference]) -> tuple[Change, ...]:
    """Return the changes after which the draft and the catalog agree again."""
    return tuple(_adjustment(difference) for difference in differences)


def unit_price(
    product: Product, variant_id: str | None, options: Sequence[LineOption]
) -> Decimal | None:
    """Return the catalog's price of one unit with its options, major units.

    Surcharges are the catalog's, whatever the options say; a group of which nothing
    was chosen counts with its default. None when the product has no price.
    """
    base = product.price_of(variant_id)
    if base is None:
        return None
    extra = sum((_surcharge(g, options) for g in product.option_groups), Decimal(0))
    return max(base + extra, Decimal(0))  # An option never makes it pay to buy.


def place(
    draft: Draft,
    *,
    shop: Shop,
    products: Mapping[str, Product],
    available: Available,
    order_id: str,
    now: datetime,
    confirmed_by: Evidence,
) -> Order | NotReady:
    """Return the order that the draft becomes, or why it cannot become one.

    Whoever confirmed saw this version: that is the caller's to know. Prices, stock and
    the shop's rules are looked at again here; a difference places nothing. Of a draft
    that awaits approval, `confirmed_by` approves what its customer confirmed. Only
    customers are bound to opening hours. Raises IllegalMove when the draft has ended,
    or when a customer would approve.
    """
    if is_ended(draft.state):
        raise IllegalMove(f"draft {draft.id} has ended as {draft.state.value}")
    by_customer = confirmed_by.source is Source.MESSAGE
    is_approval = draft.state is DraftState.AWAITING
    if is_approval and by_customer:
        raise IllegalMove(f"draft {draft.id} awaits the approval of an agent")
    lacking = missing(draft, shop, products, available, now if by_customer else None)
    differences = (
        *review(draft, products, available),
        *review_terms(draft, shop),
    )
    if lacking or differences:
        return NotReady(lacking, differences)
    order = _order_of(
        draft,
        shop,
        products,
        confirmed_by=confirmed_by,
        order_id=order_id,
        now=now,
    )
    return replace(order, discount_percent=_percent(draft.discount))


def _order_of(
    draft: Draft,
    shop: Shop,
    products: Mapping[str, Product],
    *,
    confirmed_by: Evidence,
    order_id: str,
    now: datetime,
) -> Order:
    customer = draft.confirmed_by if draft.state is DraftState.AWAITING else None
    totals = price(draft, shop)
    way = fulfilment_of(draft, shop)
    method = payment_of(draft, shop)
    order = Order(
        id=order_id,
        draft_id=draft.id,
        draft_version=draft.version,
        currency=draft.currency,
        lines=tuple(
            _order_line(line, amounts, products[line.product_id])
            for line, amounts in zip(draft.lines, totals.lines, strict=True)
        ),
        subtotal=totals.subtotal,
        discount_total=totals.discount,
        tax_total=totals.tax,
        shipping_total=totals.shipping,
        grand_total=totals.grand_total,
        placed_at=now,
        tax_included=totals.tax_included,
        customer_id=draft.customer_id,
        name=draft.name,
        phone=draft.phone,
        email=draft.email,
        tax_id=draft.tax_id,
        fulfilment=way,
        due_at=draft.due_at,
        payment=method.id if method else draft.payment,
        payment_method=method,
        coupon=draft.coupon,
        gift_note=draft.gift_note,
        note=draft.note,
        confirmed_by=customer or confirmed_by,
        approved_by=confirmed_by if customer else None,
        business=draft.business,
        company=draft.company,
        tax_office=draft.tax_office,
        extra=dict(draft.extra),
        due_day_only=draft.due_day_only,
    )
    return order if way is Fulfilment.PICKUP else _brought(order, draft, shop)


def _percent(discount: Discount | None) -> Decimal | None:
    """Return a discount that is nothing but a percentage."""
    if discount is None or discount.amount or not discount.percent:
        return None
    return discount.percent


def _brought(order: Order, draft: Draft, shop: Shop) -> Order:
    """Return an order with where it is brought, and to whom."""
    return replace(
        order,
        address=_address_of(draft, shop),
        recipient=draft.recipient,
        recipient_phone=draft.recipient_phone,
    )


def _address_of(draft: Draft, shop: Shop) -> Address | None:
    """Return the address, with its parts where somebody needs any of them."""
    if draft.address is None or not shop.needs_parts:
        return draft.address
    return structured(draft.address, shop.formats, shop.country)


def snapshot_of(product: Product, variant_id: str | None) -> Mapping[str, object]:
    """Return the product as JSON, as it is sold now, with the chosen variant alone."""
    chosen = tuple(v for v in product.variants if v.id == variant_id)
    snapshot: Mapping[str, object] = _SNAPSHOT.dump_python(
        replace(product, variants=chosen), mode="json"
    )
    return snapshot


def _order_line(line: Line, amounts: LineAmounts, product: Product) -> OrderLine:
    return OrderLine(
        id=line.id,
        product_id=line.product_id,
        sku=line.sku,
        name=line.name,
        quantity=line.quantity,
        unit=line.unit,
        unit_price=line.unit_price or Decimal(0),
        subtotal=amounts.subtotal,
        discount=amounts.discount,
        tax_rate=line.tax_rate,
        tax=amounts.tax,
        total=amounts.total,
        variant_id=line.variant_id,
        variant_name=line.variant_name,
        options=line.options,
        note=line.note,
        snapshot=snapshot_of(product, line.variant_id),
        evidence=line.evidence,
    )


def _is_sold(product: Product, line: Line) -> bool:
    known = line.variant_id is None or product.variant(line.variant_id) is not None
    return product.active and known


def _price_moved(line: Line, product: Product) -> Iterable[PriceMoved]:
    now = unit_price(product, line.variant_id, line.options)
    if now != line.unit_price:
        yield PriceMoved(line.id, line.name, line.unit_price, now)


def _short(line: Line, product: Product, there: Decimal | None) -> StockShort | None:
    open_variant = bool(product.variants) and line.variant_id is None
    if there is None or open_variant or line.quantity <= there:
        return None
    possible = at_most(product, there)
    return StockShort(line.id, line.name, line.quantity, possible, line.unit)


def _adjustment(difference: Difference) -> Change:
    match difference:
        case PriceMoved(line_id, _, _, now):
            return Reprice(line_id, now)
        case StockShort(line_id, _, _, possible) if possible > 0:
            return SetQuantity(line_id, possible, _FROM_CATALOG)
        case StockShort(line_id) | Gone(line_id):
            return DropLine(line_id, _FROM_CATALOG)
        case TermsMoved():
            return Reopen()


def _surcharge(group: OptionGroup, options: Sequence[LineOption]) -> Decimal:
    said = {
        option.value_id: option for option in options if option.group_id == group.id
    }
    wanted = {value_id for value_id, option in said.items() if not option.negated}
    if not wanted and group.default is not None and group.default not in said:
        wanted = {group.default}
    return sum(
        (
            value.surcharge * (said[value.id].count if value.id in said else 1)
            for value in group.values
            if value.id in wanted
        ),
        Decimal(0),
    )
