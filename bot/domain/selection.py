"""The choices of each question, as they are now."""

from dataclasses import dataclass
from decimal import Decimal

from bot.domain.course import Course
from bot.domain.terms import payment_titles
from catalog import Product
from orders import Choice, Fulfilment, Line, OwnKind, Unresolved, Unserved
from orders.domain.quantities import quantity_problem
from orders.domain.rules import Field, stock_of
from orders.domain.shop import Shop

#: The choice to leave out what could not be told apart.
NONE = "none"
#: Answers to whether a company buys.
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Offer:
    """One choice: its id, what it is called, and other words for it."""

    id: str
    title: str
    aliases: tuple[str, ...] = ()
    price: Decimal | None = None  #: Of one; of an option: what it adds.


def offers(course: Course, field: Field, about: str | None) -> tuple[Offer, ...]:
    """Return the choices of a question as they are now; not all may be shown.

    Empty when it is an open question, or no longer one.
    """
    match field:
        case Field.FULFILMENT:
            return fulfilment_offers(course.snapshot.shop)
        case Field.ADDRESS:
            return _instead(course.snapshot.shop) if about == Unserved.OUTSIDE else ()
        case Field.PAYMENT:
            return tuple(Offer(*each) for each in payment_titles(course))
        case Field.BUSINESS:
            return Offer(YES, ""), Offer(NO, "")
        case Field.EXTRA:
            return _own_offers(course, about)
        case _:
            return _of_goods(course, field, about)


def _of_goods(course: Course, field: Field, about: str | None) -> tuple[Offer, ...]:
    mention = unresolved(course, about)
    if mention is not None:
        return product_offers(mention) if field is Field.PRODUCT else ()
    line = course.draft.line(about or "")
    product = course.product(line.product_id) if line else None
    if line is None or product is None:
        return ()
    return _line_offers(course, field, line, product)


def unresolved(course: Course, mention_id: str | None) -> Unresolved | None:
    """Return the open mention with that id, or None."""
    return next((u for u in course.draft.unresolved if u.id == mention_id), None)


def product_offers(mention: Unresolved) -> tuple[Offer, ...]:
    """Return the products that a mention may mean, and the way out."""
    known = (
        Offer(choice_id(choice), choice.name, price=choice.unit_price)
        for choice in mention.choices
    )
    return (*known, Offer(NONE, ""))


def choice_id(choice: Choice) -> str:
    return f"{choice.product_id}|{choice.variant_id or ''}"


def fulfilment_offers(shop: Shop) -> tuple[Offer, ...]:
    return tuple(Offer(way.value, "") for way in shop.fulfilments)


def _instead(shop: Shop) -> tuple[Offer, ...]:
    """Return what is left when we do not deliver to an address."""
    return tuple(o for o in fulfilment_offers(shop) if o.id != Fulfilment.DELIVERY)


def _own_offers(course: Course, about: str | None) -> tuple[Offer, ...]:
    """Return what there is to choose in a field of the shop's own."""
    own = course.snapshot.shop.fields.field(about)
    if own is None or own.kind is not OwnKind.CHOICE:
        return ()
    return tuple(
        Offer(each.id, each.called(course.languages), tuple(each.names.values()))
        for each in own.options
    )


def _line_offers(
    course: Course, field: Field, line: Line, product: Product
) -> tuple[Offer, ...]:
    if field is Field.VARIANT:
        return _variant_offers(course, product)
    if field is Field.OPTIONS:
        return _option_offers(line, product)
    if field is Field.QUANTITY:
        found = quantity_problem(product, line.quantity)
        return (Offer(f"{found.nearest:f}", f"{found.nearest:f}"),) if found else ()
    return ()


def _variant_offers(course: Course, product: Product) -> tuple[Offer, ...]:
    """Return the variants, those that there are first; sold-out ones if all are."""
    available = course.snapshot.available
    there = [v for v in product.variants if stock_of(product, v.id, available) != 0]
    return tuple(
        Offer(v.id, v.name, tuple(v.attributes.values()), product.price_of(v.id))
        for v in (there or product.variants)
    )


def _option_offers(line: Line, product: Product) -> tuple[Offer, ...]:
    for group in product.option_groups:
        chosen = [o for o in line.options if o.group_id == group.id and not o.negated]
        if group.default is None and len(chosen) < group.minimum:
            taken = {o.value_id for o in chosen}
            return tuple(
                Offer(
                    f"{group.id}|{value.id}",
                    value.name,
                    value.aliases,
                    value.surcharge,
                )
                for value in group.values
                if value.id not in taken
            )
    return ()
