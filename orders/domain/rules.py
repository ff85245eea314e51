"""What an order needs, told once: read by the bot, the pages, prompts and tests.

A rule says which field is missing and when. Their order is the order in which we ask.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from catalog import OptionGroup, Product
from orders.domain.areas import Unserved
from orders.domain.draft import Draft, Fulfilment, Line
from orders.domain.hours import WhenClosed
from orders.domain.pricing import price
from orders.domain.quantities import quantity_problem
from orders.domain.shop import (
    Shop,
    delivered_to,
    fulfilment_of,
    payment_of,
    payments_of,
    terms_of,
)

#: What may be sold right now: (product id, variant id) -> quantity, None: not counted.
Available = Mapping[tuple[str, str | None], Decimal | None]


class Field(StrEnum):
    """Something an order may lack, or a question may be about."""

    LINES = "lines"
    PRODUCT = "product"
    VARIANT = "variant"
    OPTIONS = "options"
    QUANTITY = "quantity"
    STOCK = "stock"
    PRICE = "price"
    FULFILMENT = "fulfilment"
    ADDRESS = "address"
    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    MINIMUM = "minimum"
    PAYMENT = "payment"
    HOURS = "hours"  #: The shop is closed and takes no orders until it opens.
    CONFIRMATION = "confirmation"  #: Never missing; asked with the summary.


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that an order still lacks.

    `about` is the id of the line, or of the open mention, that it is about.
    """

    field: Field
    about: str | None = None
    group_id: str | None = None  #: OPTIONS: the group that is open.
    nearest: Decimal | None = None  #: QUANTITY: the nearest that can be sold.
    available: Decimal | None = None  #: STOCK: what there is for all such lines.
    short_by: int | None = None  #: MINIMUM: minor units that are still to come.
    area: str | None = None  #: MINIMUM: the delivery area that asks for it.
    reason: Unserved | None = None  #: ADDRESS: why the one there is will not do.
    opens_at: datetime | None = None  #: HOURS: in the shop's zone; None: not known.


@dataclass(frozen=True, slots=True)
class Case:
    """All that a rule may look at."""

    draft: Draft
    shop: Shop
    products: Mapping[str, Product]
    available: Available
    now: datetime | None = None  #: None: opening hours are not looked at.

    def sold_lines(self) -> Iterator[tuple[Line, Product]]:
        """Yield every line whose product is sold, with the product."""
        for line in self.draft.lines:
            product = self.products.get(line.product_id)
            if product is not None and product.active:
                yield line, product

    def requires(self, field: Field) -> bool:
        """Return whether the shop asks for that field at all."""
        return field.value in self.shop.required


@dataclass(frozen=True, slots=True)
class Rule:
    """One field, and how to find what of it is missing."""

    field: Field
    find: Callable[[Case], Iterator[Missing]]


def missing(
    draft: Draft,
    shop: Shop,
    products: Mapping[str, Product],
    available: Available,
    now: datetime | None = None,
) -> tuple[Missing, ...]:
    """Return everything that the order lacks, in the order in which we ask.

    `products` are those of the draft's lines; a pair that `available` does not name
    has the stock that its product says. Without `now` nobody asks whether the shop is
    open: its own people order at any hour.
    """
    case = Case(draft, shop, products, available, now)
    return tuple(found for rule in RULES for found in rule.find(case))


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


def _fulfilment(case: Case) -> Iterator[Missing]:
    open_ways = len(case.shop.fulfilments) > 1
    if (
        open_ways
        and case.requires(Field.FULFILMENT)
        and fulfilment_of(case.draft, case.shop) is None
    ):
        yield Missing(Field.FULFILMENT)


def _address(case: Case) -> Iterator[Missing]:
    """Find no address, or one outside all areas: nobody knows the fee there."""
    draft, shop = case.draft, case.shop
    if fulfilment_of(draft, shop) is not Fulfilment.DELIVERY:
        return
    if draft.address is None:
        if case.requires(Field.ADDRESS) or shop.areas:
            yield Missing(Field.ADDRESS)
        return
    where = delivered_to(draft, shop)
    if isinstance(where, Unserved):
        yield Missing(Field.ADDRESS, reason=where)


def _payment(case: Case) -> Iterator[Missing]:
    """One method is taken silently; without any, only a shop that requires it asks."""
    draft, shop = case.draft, case.shop
    if payments_of(draft, shop):
        if payment_of(draft, shop) is None:
            yield Missing(Field.PAYMENT)
    elif case.requires(Field.PAYMENT) and not draft.payment and not shop.payments:
        yield Missing(Field.PAYMENT)


def _hours(case: Case) -> Iterator[Missing]:
    """Judged last: what was said while the shop is closed is kept."""
    shop, now = case.shop, case.now
    refuses = shop.when_closed is WhenClosed.REFUSE
    if now is not None and refuses and not shop.is_open(now):
        yield Missing(Field.HOURS, opens_at=shop.opens_at(now))


def _name(case: Case) -> Iterator[Missing]:
    if case.requires(Field.NAME) and not case.draft.name:
        yield Missing(Field.NAME)


def _phone(case: Case) -> Iterator[Missing]:
    if case.requires(Field.PHONE) and not case.draft.phone:
        yield Missing(Field.PHONE)


def _email(case: Case) -> Iterator[Missing]:
    if case.requires(Field.EMAIL) and not case.draft.email:
        yield Missing(Field.EMAIL)


#: What a shop may or may not ask for; the other fields no order can be without.
REQUIRABLE = (
    Field.NAME,
    Field.FULFILMENT,
    Field.ADDRESS,
    Field.PHONE,
    Field.EMAIL,
    Field.PAYMENT,
)

#: Order matters: it is the order in which we ask.
RULES: tuple[Rule, ...] = (
    Rule(Field.PRODUCT, _product),
    Rule(Field.LINES, _lines),
    Rule(Field.VARIANT, _variant),
    Rule(Field.OPTIONS, _options),
    Rule(Field.QUANTITY, _quantity),
    Rule(Field.STOCK, _stock),
    Rule(Field.PRICE, _price),
    Rule(Field.MINIMUM, _minimum),
    Rule(Field.FULFILMENT, _fulfilment),
    Rule(Field.ADDRESS, _address),
    Rule(Field.NAME, _name),
    Rule(Field.PHONE, _phone),
    Rule(Field.EMAIL, _email),
    Rule(Field.PAYMENT, _payment),
    Rule(Field.HOURS, _hours),
)
