"""What a draft costs: integers of minor units, and all of them add up exactly."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import starmap

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
    subtotals = [_subtotal(line, draft.currency) for line in draft.lines]
    discount = _discount(draft.discount, sum(subtotals))
    shares = spread(discount, subtotals)
    lines = tuple(
        starmap(
            lambda line, subtotal, share: _amounts(line, subtotal, share, shop),
            zip(draft.lines, subtotals, shares, strict=True),
        )
    )
    goods = sum(subtotals) - discount
    shipping = _shipping(draft, shop, goods)
    return Totals(
        currency=draft.currency,
        lines=lines,
        subtotal=sum(subtotals),
        discount=discount,
        tax=sum(line.tax for line in lines),
        shipping=shipping,
        grand_total=sum(line.total for line in lines) + shipping,
        tax_included=shop.tax_included,
    )


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


def _amounts(line: Line, subtotal: int, discount: int, shop: Shop) -> LineAmounts:
    net = subtotal - discount
    if shop.tax_included:
        tax = _rounded(net * line.tax_rate / (_HUNDRED + line.tax_rate))
        total = net
    else:
        tax = _rounded(net * line.tax_rate / _HUNDRED)
        total = net + tax
    return LineAmounts(line.id, subtotal, discount, tax, total)


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
