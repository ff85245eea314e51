"""What to offer instead of something that is sold out: the things most like it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from catalog.domain.folding import fold, tokens
from catalog.domain.index import Index
from catalog.domain.product import Product, Variant

#: What makes two products alike, and how much of it. Together they come to 1.
_CATEGORY, _ATTRIBUTES, _NAME, _PRICE = 0.4, 0.3, 0.2, 0.1
#: Without a category, a product this much like it is still an alternative.
_ALIKE = 0.3
#: So many products are compared for each way of looking for them.
_LOOKED_AT = 10

#: Whether there is enough left of a product, or of one of its variants, to be sold.
IsLeft = Callable[[Product, str | None], bool]


@dataclass(frozen=True, slots=True)
class Alternative:
    """A product, or a variant, that may be bought instead."""

    product_id: str
    variant_id: str | None
    likeness: float  #: 0..1
    why: tuple[str, ...]  #: What they have in common: `category`, `colour: red` ...


def alternatives(
    index: Index,
    product: Product,
    variant_id: str | None = None,
    *,
    is_left: IsLeft,
    limit: int = 3,
) -> tuple[Alternative, ...]:
    """Return what may be bought instead of a product, the most alike first.

    Other variants of the same product come before other products. Those are of the
    same category, or much like it where the shop has no categories; all are sold by
    the same unit, have a price and are left.
    """
    found = [
        *_variants(product, variant_id, is_left),
        *_products(index, product, is_left),
    ]
    return tuple(found[:limit])


def replacements(index: Index, product: Product) -> tuple[Product, ...]:
    """Return the other products that may be bought instead, left or not."""
    found = {}
    for query in dict.fromkeys(_queries(product)):
        for candidate in index.search(query, limit=_LOOKED_AT):
            other = index.product(candidate.product_id)
            if other is None or other.id == product.id:
                continue
            if _may_replace(other, product):
                found[other.id] = other
    return tuple(found.values())


def _variants(
    product: Product, variant_id: str | None, is_left: IsLeft
) -> list[Alternative]:
    wanted = product.variant(variant_id)
    if wanted is None:
        return []
    found = [
        Alternative(
            product.id,
            other.id,
            _share_of(_described(wanted), _described(other)),
            tuple(_common(_described(wanted), _described(other))),
        )
        for other in product.variants
        if other.id != wanted.id
        and product.price_of(other.id) is not None
        and is_left(product, other.id)
    ]
    return sorted(found, key=lambda each: -each.likeness)


def _described(variant: Variant) -> dict[str, str]:
    return {name: fold(value) for name, value in variant.attributes.items()}


def _products(index: Index, product: Product, is_left: IsLeft) -> list[Alternative]:
    found = [
        _compared(product, other)
        for other in replacements(index, product)
        if _is_there(other, is_left)
    ]
    alike = [each for each in found if "category" in each.why or _is_alike(each)]
    return sorted(alike, key=lambda each: (-each.likeness, each.product_id))


def _queries(product: Product) -> Iterator[str]:
    """Yield the words under which something alike is found."""
    category = product.category or ""
    yield product.name
    if category:
        yield category
    for value in (product.brand, product.colour, product.material):
        if value and category:
            yield f"{value} {category}"


def _may_replace(other: Product, product: Product) -> bool:
    if not other.active or other.price is None or other.unit != product.unit:
        return False
    apart = product.category and other.category
    return not apart or fold(other.category or "") == fold(product.category or "")


def _is_there(product: Product, is_left: IsLeft) -> bool:
    if not product.variants:
        return is_left(product, None)
    return any(is_left(product, variant.id) for variant in product.variants)


def _compared(product: Product, other: Product) -> Alternative:
    one, two = _attributes(product), _attributes(other)
    same = bool(product.category) and fold(product.category or "") == fold(
        other.category or ""
    )
    likeness = (
        _CATEGORY * same
        + _ATTRIBUTES * _share_of(one, two)
        + _NAME * _named_alike(product, other)
        + _PRICE * _priced_alike(product.price, other.price)
    )
    why = (*(("category",) if same else ()), *_common(one, two))
    return Alternative(other.id, None, round(likeness, 4), why)


def _is_alike(found: Alternative) -> bool:
    return found.likeness >= _ALIKE


def _attributes(product: Product) -> dict[str, str]:
    named = {
        "brand": product.brand,
        "colour": product.colour,
        "material": product.material,
        **product.attributes,
    }
    return {name: fold(value) for name, value in named.items() if value}


def _share_of(one: Mapping[str, str], other: Mapping[str, str]) -> float:
    """Return how much of what is known of one holds for the other, too."""
    if not one:
        return 0.0
    return sum(other.get(name) == value for name, value in one.items()) / len(one)


def _common(one: Mapping[str, str], other: Mapping[str, str]) -> Iterator[str]:
    return (f"{name}: {v}" for name, v in one.items() if other.get(name) == v)


def _named_alike(one: Product, other: Product) -> float:
    mine, others = set(tokens(one.name)), set(tokens(other.name))
    return len(mine & others) / max(len(mine | others), 1)


def _priced_alike(one: Decimal | None, other: Decimal | None) -> float:
    if not one or not other:
        return 0.0
    return float(min(one, other) / max(one, other))
