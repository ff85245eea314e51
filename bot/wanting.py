"""What an operator wants of an order, against what the shop sells and whom it knows.

Prices, taxes and names are the catalog's; what is said becomes changes of the draft,
and stands in its history beside what it was before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.desk import Desk
from bot.ordering import change
from catalog import Product, Variant
from catalog.domain.folding import fold
from catalog.lookup import find_products
from orders import (
    Address,
    Change,
    ChangeRefused,
    Clear,
    Draft,
    Evidence,
    Fulfilment,
    Line,
    PutLine,
    SetAddress,
    SetCustomer,
    SetEmail,
    SetFulfilment,
    SetName,
    SetNote,
    SetPayment,
    SetPhone,
    SetRecipient,
    SetRecipientPhone,
    Source,
    quantity_problem,
    unit_price,
)
from orders.customers import Customer, load_customer
from orders.domain.editing import apply as edited
from orders.people import people_of


@dataclass(frozen=True, slots=True)
class WantedItem:
    """A product that the operator names in the place of the draft's lines."""

    product: str  #: Our id, or its SKU.
    quantity: Decimal
    variant: str | None = None  #: In words: the variant's id, SKU or name.
    data: Mapping[str, JsonValue] | None = None  #: Kept as given.


@dataclass(frozen=True, slots=True)
class WantedOrder:
    """What the operator says; what is None is the draft's."""

    face: str  #: Under this name `data` is kept with the order.
    items: tuple[WantedItem, ...] | None = None
    customer_id: str | None = None
    contact_id: str | None = None
    fulfilment: Fulfilment | None = None
    address: Address | None = None
    recipient: str | None = None
    recipient_phone: str | None = None
    payment: str | None = None
    note: str | None = None
    tags: tuple[str, ...] = ()
    data: Mapping[str, JsonValue] | None = None
    draft_version: int | None = None  #: The version of the draft that they saw.
    entity_version: int | None = None  #: The version of the analysis that they saw.
    allow_duplicate: bool = False


class Unfit(Exception):
    """Fields that do not fit the shop: where, and why."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{where}: {why}" for where, why in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Told:
    """What is kept with the order besides: by line, and of the person."""

    lines: Mapping[str, Mapping[str, JsonValue]]
    contact: Mapping[str, JsonValue] | None


async def as_wanted(
    connection: AsyncConnection,
    desk: Desk,
    wanted: WantedOrder,
    because: Evidence,
    now: datetime,
) -> tuple[Desk, Told]:
    """Return the draft as the operator wants it; the change stands in its history."""
    buyer = await _buyer(connection, desk, wanted)
    contact = await _person(connection, desk, wanted)
    changes: list[Change] = []
    lines: dict[str, Mapping[str, JsonValue]] = {}
    if wanted.items is not None:
        put = await _lines(connection, desk, wanted.items, because)
        changes += [Clear(because), *(PutLine(line) for line in put)]
        try:
            lines = _by_line(desk.draft, changes, wanted.items)
        except ChangeRefused as refused:  # Too much of one product, for example.
            raise Unfit([("items", str(refused))]) from None
    changes += [*_facts(wanted, because), *_known(desk, buyer, because)]
    if not changes:
        return desk, Told(lines, contact)
    actor = because.actor or because.source.value
    try:
        after = await change(connection, desk, changes, actor=actor, now=now)
    except ChangeRefused as refused:
        raise Unfit([("body", str(refused))]) from None
    return after, Told(lines, contact)


def _facts(wanted: WantedOrder, because: Evidence) -> list[Change]:
    """Return what is said about everything but the goods."""
    found: list[Change] = []
    if wanted.customer_id is not None:
        found.append(SetCustomer(wanted.customer_id, because))
    if wanted.address is not None:
        found.append(SetAddress(wanted.address, because))
    if wanted.fulfilment is not None:
        found.append(SetFulfilment(wanted.fulfilment, because))
    if wanted.recipient is not None:
        found.append(SetRecipient(wanted.recipient, because))
    if wanted.recipient_phone is not None:
        found.append(SetRecipientPhone(wanted.recipient_phone, because))
    if wanted.payment is not None:
        found.append(SetPayment(wanted.payment, because))
    if wanted.note is not None:
        found.append(SetNote(wanted.note, because))
    return found


async def _buyer(
    connection: AsyncConnection, desk: Desk, wanted: WantedOrder
) -> Customer | None:
    """Return the customer that the operator names. Raises Unfit."""
    name = wanted.customer_id
    if name is None:
        return None
    found = await load_customer(connection, desk.stored.tenant_id, name)
    if found is None:
        raise Unfit([("customerId", f"the shop has no customer {name!r}")])
    return found


def _known(desk: Desk, buyer: Customer | None, because: Evidence) -> list[Change]:
    """Return what need not be asked: of the customer, else of who writes."""
    draft, profile = desk.draft, Evidence(Source.PROFILE, actor=because.actor)
    contact = desk.chat.contact if desk.chat else None
    name = (buyer.name if buyer else None) or (contact.name if contact else None)
    phone = (buyer.phone if buyer else None) or (contact.phone if contact else None)
    found: list[Change] = []
    if draft.name is None and name:
        found.append(SetName(name, profile))
    if draft.phone is None and phone:
        found.append(SetPhone(phone, profile))
    if draft.email is None and buyer is not None and buyer.email:
        found.append(SetEmail(buyer.email, profile))
    return found


async def _person(
    connection: AsyncConnection, desk: Desk, wanted: WantedOrder
) -> Mapping[str, JsonValue] | None:
    """Return the person that the operator names, if not the chat's. Raises Unfit."""
    tenant_id, name = desk.stored.tenant_id, wanted.contact_id
    if name is None or (desk.chat is not None and name == desk.chat.contact.id):
        return None
    buyer = wanted.customer_id or desk.draft.customer_id
    for each in await people_of(connection, tenant_id, buyer) if buyer else ():
        if name in (each.id, each.contact_id):
            return {
                "id": each.id,
                "name": each.name,
                "phone": each.phone,
                "email": each.email,
            }
    why = f"{name!r} is neither the person of this chat nor one who buys for the"
    raise Unfit([("contactId", f"{why} customer: leave it out, or add them first")])


async def _lines(
    connection: AsyncConnection,
    desk: Desk,
    items: Sequence[WantedItem],
    because: Evidence,
) -> list[Line]:
    """Return the lines of items; price, tax and name are the catalog's."""
    names = {each.product for each in items}
    found = await find_products(
        connection, desk.stored.tenant_id, ids=names, skus=names
    )
    known: dict[str, Product] = {}
    for product in found:
        own = (product.id, product.sku, *(form.sku for form in product.variants))
        known.update(dict.fromkeys(own, product))
    problems: list[tuple[str, str]] = []
    lines: list[Line] = []
    for place, item in enumerate(items):
        product_ = known.get(item.product)
        wrong = _wrong(item, product_, desk.draft.currency)
        if wrong is not None or product_ is None:
            field, why = wrong or ("productId", "is unknown")
            problems.append((f"items.{place}.{field}", why))
        else:
            lines.append(_line(item, product_, because))
    if problems:
        raise Unfit(problems)
    return lines


def _wrong(
    item: WantedItem, product: Product | None, currency: str
) -> tuple[str, str] | None:
    """Return which field of an item cannot be so, and why."""
    if product is None:
        why = f"the shop has no product {item.product!r}: name one of its catalog"
        return "productId", why
    if not product.active:
        return "productId", f"{product.sku} is not sold any more: leave it out"
    if product.currency != currency:
        why = f"{product.sku} costs {product.currency}; the order is {currency}"
        return "productId", f"{why}: one order has one currency"
    if item.quantity <= 0:
        return "quantity", "has to be above 0: leave out what is not wanted"
    odd = quantity_problem(product, item.quantity)
    if odd is not None:
        return "quantity", (
            f"{product.sku} is sold from {odd.minimum:f} {odd.unit} in steps of"
            f" {odd.step:f}: {odd.nearest:f} would do"
        )
    return None


def _line(item: WantedItem, product: Product, because: Evidence) -> Line:
    variant = variant_meant(product, item.product, item.variant)
    said = (item.variant or "").strip()
    # Where there is nothing to choose, it is a wish about the line.
    note = said if said and not product.variants else None
    variant_id = variant.id if variant else None
    return Line(
        id="",
        product_id=product.id,
        sku=variant.sku if variant else product.sku,
        name=product.name,
        quantity=item.quantity,
        unit=product.unit,
        variant_id=variant_id,
        variant_name=variant.name if variant else None,
        note=note,
        unit_price=unit_price(product, variant_id, ()),
        list_price=product.list_price,
        tax_rate=product.tax_rate,
        evidence=(because,),
    )


def variant_meant(product: Product, named: str, note: str | None) -> Variant | None:
    """Return the variant that an id, a SKU or words name; None: none, or several.

    Words name it when they are its name, or all of its attributes in any order.
    """
    if len(product.variants) == 1:
        return product.variants[0]
    said = (note or "").strip()
    for form in product.variants:
        if form.sku == named or said in (form.id, form.sku):
            return form
    words = frozenset(fold(said).replace(",", " ").replace("/", " ").split())
    meant = [form for form in product.variants if words and words == _words(form)]
    return meant[0] if len(meant) == 1 else None


def _words(form: Variant) -> frozenset[str]:
    return frozenset(fold(form.name).replace(",", " ").replace("/", " ").split())


def _by_line(
    draft: Draft, changes: Sequence[Change], items: Sequence[WantedItem]
) -> dict[str, Mapping[str, JsonValue]]:
    """Return what is kept of each line: items of one product become one line."""
    found: dict[str, Mapping[str, JsonValue]] = {}
    data = iter(items)
    for each in changes:
        before, draft = draft, edited(draft, each)
        if not isinstance(each, PutLine):
            continue
        kept = next(data).data or {}
        changed = next(line.id for line in draft.lines if line not in before.lines)
        found[changed] = {**found.get(changed, {}), **kept}
    return found
