"""Catalog carts: what the phone says was bought, at the prices that we know."""

from decimal import Decimal

from bot.domain.course import Course
from bot.domain.details import with_note
from bot.domain.items import Wanted, put
from bot.domain.message import Cart, CartItem
from bot.domain.replies import CannotRead, CannotTake, NotFound
from bot.domain.snapshot import TurnMessage
from catalog import Product, Variant
from orders.domain.bounds import LARGEST_QUANTITY


def cart_taken(course: Course, message: TurnMessage, cart: Cart) -> None:
    """Put the items of a cart; name those that cannot be sold. Claims are ignored."""
    evidence = course.evidence(message)
    if not cart.items:
        # Some phones send the cart without what is in it.
        course.say(CannotRead("cart"))
    for item in _summed(cart.items):
        found = course.snapshot.index.by_retailer_id(item.retailer_id)
        if found is None:
            course.say(NotFound((item.retailer_id,)))
        elif not _sensible(item.quantity):
            course.say(CannotTake((_name(*found),)))
        else:
            product, variant = found
            put(
                course,
                Wanted(
                    product,
                    evidence,
                    variant_id=variant.id if variant else None,
                    quantity=item.quantity,
                    words=product.name,
                ),
            )
    if cart.note and cart.note.strip():
        course.change(with_note(course, cart.note.strip(), evidence))


def _summed(items: tuple[CartItem, ...]) -> list[CartItem]:
    """Return one item for each retailer id; what makes no sense stays by itself."""
    summed: dict[str, CartItem] = {}
    senseless = []
    for item in items:
        if not _sensible(item.quantity):
            senseless.append(item)
            continue
        before = summed.get(item.retailer_id)
        quantity = item.quantity + (before.quantity if before else Decimal(0))
        summed[item.retailer_id] = item.model_copy(update={"quantity": quantity})
    return [*summed.values(), *senseless]


def _sensible(quantity: Decimal) -> bool:
    return quantity.is_finite() and 0 < quantity <= LARGEST_QUANTITY


def _name(product: Product, variant: Variant | None) -> str:
    return f"{product.name} ({variant.name})" if variant else product.name
