"""Products as a customer may choose them, and what is kept of a wish until then."""

from collections.abc import Sequence

from bot.domain.understanding import OptionMention
from catalog import Product
from orders import Choice, unit_price


def choice_of(product: Product, variant_id: str | None, probability: float) -> Choice:
    """Return a product, or one of its variants, as a choice."""
    variant = product.variant(variant_id)
    name = f"{product.name} ({variant.name})" if variant else product.name
    price = unit_price(product, variant_id, ())
    return Choice(product.id, variant_id, name, price, probability)


def wishes_of(
    options: Sequence[OptionMention], note: str | None
) -> tuple[tuple[str, bool, str | None], ...]:
    """Return what was said about an item, for as long as the item is open."""
    said = tuple((o.text, o.negated, o.qualifier) for o in options)
    return (*said, (note, False, None)) if note else said
