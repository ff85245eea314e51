"""What the lines of an order may lack: products, variants, options, amounts, prices."""

from collections.abc import Iterator
from decimal import Decimal

from catalog import OptionGroup, Product
from orders.domain.case import Available, Case, Rule
from orders.domain.draft import Line
from orders.domain.fields import Field, Missing
from orders.domain.pricing import price
from orders.domain.quantities import quantity_problem
from orders.domain.shop import terms_of


def _product(case: Case) -> Iterator[Missing]:
    """Open mentions, and lines whose product is no longer sold."""
    for mention in case.draft.unresolved:
        yield Missing(Field.PRODUCT, mention.id)
    sold = {line.id for line, _ in case.sold_lines()}
    for line in case.draft.lines:
        if line.id not in sold:
            yield Missing(Field.PRODUCT, line.id)


def _lines(case: Case) -> Iterator[Missing]:
    if not case.draft.lines:
        yield Missing(Field.LINES)


def _variant(case: Case) -> Iterator[Missing]:
    for line, product in case.sold_lines():
        if _is_open(line, product):
            yield Missing(Field.VARIANT, line.id)


def _is_open(line: Line, product: Product) -> bool:
    """Return whether the line's variant is still to be chosen, or is gone."""
    wants_one = bool(product.variants) or line.variant_id is not None
    return wants_one and product.variant(line.variant_id) is None


def _options(case: Case) -> Iterator[Missing]:
    for line, product in case.sold_lines():
        for group in product.option_groups:
            if group.default is None and _chosen(line, group) < group.minimum:
                yield Missing(Field.OPTIONS, line.id, group_id=group.id)


def _chosen(line: Line, group: OptionGroup) -> int:
    offered = {value.id for value in group.values}
    return sum(
        1
        for option in line.options
        if option.group_id == group.id
        and option.value_id in offered
        and not option.negated
    )


def _quantity(case: Case) -> Iterator[Missing]:
    for line, product in case.sold_lines():
        found = quantity_problem(product, line.quantity)
        if found is not None:
            yield Missing(Field.QUANTITY, line.id, nearest=found.nearest)


def _stock(case: Case) -> Iterator[Missing]:
    """Once per product and variant, about the last of its lines."""
    wanted: dict[tuple[str, str | None], Decimal] = {}
    last: dict[tuple[str, str | None], tuple[Line, Product]] = {}
    for line, product in case.sold_lines():
        if not _is_open(line, product):
            pair = line.product_id, line.variant_id
            wanted[pair] = wanted.get(pair, Decimal(0)) + line.quantity
            last[pair] = line, product
    for pair, quantity in wanted.items():
        line, product = last[pair]
        there = stock_of(product, line.variant_id, case.available)
        if there is not None and quantity > there:
            yield Missing(Field.STOCK, line.id, available=there)


def stock_of(
    product: Product, variant_id: str | None, available: Available
) -> Decimal | None:
    """Return what may be sold right now, never below 0; None when nobody counts."""
    pair = product.id, variant_id
    there = available[pair] if pair in available else product.stock_of(variant_id)
    return there if there is None else max(there, Decimal(0))


def _price(case: Case) -> Iterator[Missing]:
    for line, _ in case.sold_lines():
        if line.unit_price is None:
            yield Missing(Field.PRICE, line.id)


def _minimum(case: Case) -> Iterator[Missing]:
    """Judged once every line has a price: before that, nobody knows."""
    if not case.draft.lines or any(_price(case)):
        return
    terms = terms_of(case.draft, case.shop)
    short_by = terms.minimum_order - price(case.draft, case.shop).subtotal
    if short_by > 0:
        area = terms.area
        asks = area is not None and area.minimum_order > case.shop.minimum_order
        yield Missing(
            Field.MINIMUM, short_by=short_by, area=area.name if area and asks else None
        )


#: Order matters: it is the order in which we ask.
GOODS: tuple[Rule, ...] = (
    Rule(Field.PRODUCT, _product),
    Rule(Field.LINES, _lines),
    Rule(Field.VARIANT, _variant),
    Rule(Field.OPTIONS, _options),
    Rule(Field.QUANTITY, _quantity),
    Rule(Field.STOCK, _stock),
    Rule(Field.PRICE, _price),
    Rule(Field.MINIMUM, _minimum),
)
