"""What an order needs, told once: read by the bot, the pages, prompts and tests.

A rule says which field is missing and when. Their order is the order in which we ask;
a shop may put what it asks for beside the goods into another one.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from operator import attrgetter
from zoneinfo import ZoneInfo

from catalog import Product
from orders.domain.addressing import lacking_parts, structured
from orders.domain.areas import Unserved
from orders.domain.case import Available, Case, Rule
from orders.domain.draft import Draft, Fulfilment
from orders.domain.fields import ADDRESS_PARTS, REQUIRABLE, Field, Missing
from orders.domain.goods import GOODS, stock_of
from orders.domain.hours import WhenClosed
from orders.domain.shop import (
    Shop,
    delivered_to,
    fulfilment_of,
    payment_of,
    payments_of,
)

__all__ = [
    "REQUIRABLE",
    "RULES",
    "Available",
    "Case",
    "Field",
    "Missing",
    "Rule",
    "missing",
    "stock_of",
]


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
    goods = [found for rule in GOODS for found in rule.find(case)]
    rest = [found for rule in ABOUT for found in rule.find(case)]
    closed = list(_hours(case))
    return (*goods, *sorted(rest, key=_place_in(shop)), *closed)


def _place_in(shop: Shop) -> Callable[[Missing], int]:
    """Return at which place the shop asks for something; the rest follows."""
    order = {name: place for place, name in enumerate(shop.fields.order)}

    def place(lacking: Missing) -> int:
        names = (lacking.field.value, lacking.about or "")
        return min(order.get(name, len(order)) for name in names)

    return place


def _fulfilment(case: Case) -> Iterator[Missing]:
    open_ways = len(case.shop.fulfilments) > 1
    if (
        open_ways
        and case.requires(Field.FULFILMENT)
        and fulfilment_of(case.draft, case.shop) is None
    ):
        yield Missing(Field.FULFILMENT)


def _address(case: Case) -> Iterator[Missing]:
    """Find no address, one outside all areas, or the parts that it still lacks."""
    draft, shop = case.draft, case.shop
    if fulfilment_of(draft, shop) is not Fulfilment.DELIVERY:
        return
    parts = [part for part in ADDRESS_PARTS if case.requires(part)]
    if draft.address is None:
        if parts or case.requires(Field.ADDRESS) or shop.areas:
            yield Missing(Field.ADDRESS)
        return
    where = delivered_to(draft, shop)
    if isinstance(where, Unserved):
        yield Missing(Field.ADDRESS, reason=where)


def _part(part: Field) -> Rule:
    """Return the rule of a part of the address; one that will not do has no parts."""

    def find(case: Case) -> Iterator[Missing]:
        address, shop = case.draft.address, case.shop
        if address is None or not case.requires(part) or any(_address(case)):
            return
        if fulfilment_of(case.draft, shop) is Fulfilment.DELIVERY:
            whole = structured(address, shop.formats, shop.country)
            yield from map(Missing, lacking_parts(whole, (part,)))

    return Rule(part, find)


def _date(case: Case) -> Iterator[Missing]:
    """Find no date where one is needed, and one that has passed meanwhile."""
    due_at = case.draft.due_at
    is_over = due_at is not None and _is_over(due_at, case)
    if is_over or (due_at is None and case.requires(Field.DATE)):
        yield Missing(Field.DATE)


def _is_over(due_at: datetime, case: Case) -> bool:
    """Return whether a moment has passed; a day without an hour lasts until its end."""
    if case.now is None:
        return False
    if not case.draft.due_day_only:
        return due_at < case.now
    today = case.now.astimezone(ZoneInfo(case.shop.timezone)).date()
    return due_at.date() < today


def _received(field: Field) -> Rule:
    """Return the rule of a fact about who takes in what is delivered."""

    def find(case: Case) -> Iterator[Missing]:
        is_delivered = fulfilment_of(case.draft, case.shop) is Fulfilment.DELIVERY
        known = getattr(case.draft, field.value)
        if is_delivered and not known and case.requires(field):
            yield Missing(field)

    return Rule(field, find)


def _business(case: Case) -> Iterator[Missing]:
    if case.requires(Field.BUSINESS) and case.draft.business is None:
        yield Missing(Field.BUSINESS)


def _company(case: Case) -> Iterator[Missing]:
    """Ask nobody who buys for themselves what their company is called."""
    is_company = case.draft.business is not False
    if is_company and case.requires(Field.COMPANY) and not case.draft.company:
        yield Missing(Field.COMPANY)


def _tax_office(case: Case) -> Iterator[Missing]:
    is_company = case.draft.business is not False
    if is_company and case.requires(Field.TAX_OFFICE) and not case.draft.tax_office:
        yield Missing(Field.TAX_OFFICE)


def _own(case: Case) -> Iterator[Missing]:
    """Find the shop's own fields that nobody has answered."""
    for own in case.shop.fields.own:
        is_open = own.required and not case.draft.extra.get(own.id)
        if is_open and own.when.holds(case.facts()):
            yield Missing(Field.EXTRA, own.id)


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


def _told(field: Field) -> Rule:
    """Return the rule of a fact that is there as soon as it was told."""
    known = attrgetter(field.value)

    def find(case: Case) -> Iterator[Missing]:
        if case.requires(field) and not known(case.draft):
            yield Missing(field)

    return Rule(field, find)


#: Who, where, when and how it is paid, in the order in which we ask.
ABOUT: tuple[Rule, ...] = (
    Rule(Field.FULFILMENT, _fulfilment),
    Rule(Field.ADDRESS, _address),
    *map(_part, ADDRESS_PARTS),
    Rule(Field.DATE, _date),
    _told(Field.NAME),
    _told(Field.PHONE),
    _told(Field.EMAIL),
    _received(Field.RECIPIENT),
    _received(Field.RECIPIENT_PHONE),
    Rule(Field.BUSINESS, _business),
    Rule(Field.COMPANY, _company),
    _told(Field.TAX_ID),
    Rule(Field.TAX_OFFICE, _tax_office),
    Rule(Field.EXTRA, _own),
    Rule(Field.PAYMENT, _payment),
)

#: Order matters: it is the order in which we ask.
RULES: tuple[Rule, ...] = (*GOODS, *ABOUT, Rule(Field.HOURS, _hours))
