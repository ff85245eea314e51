"""What a draft costs: integers of minor units, and all of them add up exactly."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from catalog.domain.money import line_total
from orders.domain.areas import Unserved
from orders.domain.draft import Discount, Draft, Fulfilment, Line
from orders.domain.shop import Shop, delivered_to, fulfilment_of, terms_of

_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class LineAmounts:
    """One line's amounts. `total` = subtotal - discount + tax when tax is added."""

    line_id: str
    subtotal: int
    discount: int
    tax: int
    total: int


@dataclass(frozen=True, slots=True)
class Totals:
    """A draft's amounts. With included tax, `tax` is part of the other amounts."""

    currency: str
    lines: tuple[LineAmounts, ...]
    subtotal: int
    discount: int
    tax: int
    shipping: int
    grand_total: int
    tax_included: bool


def price(draft: Draft, shop: Shop) -> Totals:
    """Return what the draft costs. A line without a price counts as nothing yet.

    A line is rounded once, half up; its tax once more. A discount never takes more
    than the goods cost. Shipping carries no tax of its own.
    """
    goods = [
        Goods(line.id, _subtotal(line, draft.currency), line.tax_rate)
        for line in draft.lines
    ]
    totals = reckon(
        goods, draft.currency, draft.discount, tax_included=shop.tax_included
    )
    shipping = _shipping(draft, shop, totals.subtotal - totals.discount)
    return replace(totals, shipping=shipping, grand_total=totals.grand_total + shipping)


def discount_percent(draft: Draft, shop: Shop) -> Decimal:
    """Return how much of the goods the discount takes: 0 to 100."""
    totals = price(draft, shop)
    share = Decimal(totals.discount) / totals.subtotal if totals.subtotal else 0
    return Decimal(share * _HUNDRED).quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Goods:
    """A line to be priced: what it costs by itself, minor units, rounded already."""

    line_id: str
    subtotal: int
    tax_rate: Decimal = Decimal(0)  #: Percent.
    discount: Discount | None = None  #: On this line alone.


def reckon(
    goods: Sequence[Goods],
    currency: str,
    discount: Discount | None = None,
    *,
    shipping: int = 0,
    tax_included: bool = True,
) -> Totals:
    """Return what lines cost together. Every order is priced here, whoever made it.

    First each line's own discount; then the order's, a percentage of what is left,
    spread over the lines in proportion; then each line's tax, rounded once, half up.
    No discount takes more than there is, and the order of the lines changes nothing.
    Shipping carries no tax of its own.
    """
    own = [_discount(each.discount, each.subtotal) for each in goods]
    left = [each.subtotal - off for each, off in zip(goods, own, strict=True)]
    shared = _shared(goods, left, _discount(discount, sum(left)))
    lines = tuple(
        _amounts(each, off + share, tax_included=tax_included)
        for each, off, share in zip(goods, own, shared, strict=True)
    )
    return Totals(
        currency=currency,
        lines=lines,
        subtotal=sum(line.subtotal for line in lines),
        discount=sum(line.discount for line in lines),
        tax=sum(line.tax for line in lines),
        shipping=shipping,
        grand_total=sum(line.total for line in lines) + shipping,
        tax_included=tax_included,
    )


def _shared(
    goods: Sequence[Goods], left: Sequence[int], discount: int
) -> Sequence[int]:
    """Spread the order's discount; lines that differ are told apart by what they are.

    Not by their place: in another order the same lines would get the odd units, and
    with other tax rates the total would change.
    """
    places = sorted(
        range(len(goods)),
        key=lambda at: (left[at], goods[at].tax_rate, goods[at].subtotal),
    )
    parts = spread(discount, [left[at] for at in places])
    shares = [0] * len(goods)
    for at, part in zip(places, parts, strict=True):
        shares[at] = part
    return shares


def spread(amount: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Split an amount in proportion to the weights, so that the parts add up to it.

    What rounding down leaves goes, one unit each, to the largest remainders, the
    first of equals. Without any weight nothing can be split: every part is 0.
    """
    whole = sum(weights)
    if whole == 0:
        return tuple(0 for _ in weights)
    parts, remainders = [], []
    for weight in weights:
        part, remainder = divmod(amount * weight, whole)
        parts.append(part)
        remainders.append(remainder)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-remainders[i], i))
    for position in by_remainder[: amount - sum(parts)]:
        parts[position] += 1
    return tuple(parts)


def _subtotal(line: Line, currency: str) -> int:
    if line.unit_price is None:
        return 0
    return line_total(line.unit_price, line.quantity, currency)


def _discount(discount: Discount | None, subtotal: int) -> int:
    if discount is None:
        return 0
    wanted = discount.amount + _rounded(subtotal * discount.percent / _HUNDRED)
    return max(0, min(wanted, subtotal))


def _amounts(goods: Goods, discount: int, *, tax_included: bool) -> LineAmounts:
    net = goods.subtotal - discount
    if tax_included:
        tax = _rounded(net * goods.tax_rate / (_HUNDRED + goods.tax_rate))
        total = net
    else:
        tax = _rounded(net * goods.tax_rate / _HUNDRED)
        total = net + tax
    return LineAmounts(goods.line_id, goods.subtotal, discount, tax, total)


def _shipping(draft: Draft, shop: Shop, goods: int) -> int:
    """Return the fee: what was set for this draft, else what the shop's rules say.

    Nothing yet while nobody knows which area's fee it will be.
    """
    way = fulfilment_of(draft, shop)
    if not draft.lines or way is Fulfilment.PICKUP:
        return 0
    if draft.shipping is not None:
        return draft.shipping
    where = delivered_to(draft, shop)
    is_open = isinstance(where, Unserved) or (bool(shop.areas) and where is None)
    if way is None or is_open:
        return 0
    terms = terms_of(draft, shop)
    is_free = terms.free_from is not None and goods >= terms.free_from
    return 0 if is_free else terms.fee


def _rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))
