"""What needs no guessing: codes, and texts that are a name or an alias as it stands."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from catalog.domain.folding import fold, tokens
from catalog.domain.product import Product, Variant

#: A code inside a sentence has at least so many letters and digits, and a digit; one
#: of digits only must be longer, or it may be a quantity.
_CODE_LETTERS, _CODE_DIGITS = 4, 6
#: People write "T 144 B" for "T-144B": so many words may be one code.
_CODE_WORDS = 3
#: A sentence longer than this is not searched for codes.
_SEARCHED_WORDS = 40


@dataclass(frozen=True, slots=True)
class Found:
    """A product, or one of its variants, that a text names exactly."""

    product_id: str
    variant_id: str | None
    why: str


class ExactNames:
    """Everything that names a product exactly. Immutable once built."""

    def __init__(self, products: Sequence[Product]) -> None:
        self._codes = _grouped(_codes(products))
        self._names = _grouped(_names(products))
        self._aliases = _grouped(_aliases(products))
        self._retailer = _retailer_ids(products)

    def by_code(self, text: str) -> tuple[Found, ...]:
        """Return what the whole text is a code of: SKU, external id, GTIN ..."""
        return self._codes.get(squeezed(text), ())

    def by_name(self, text: str) -> tuple[Found, ...]:
        """Return what the whole text is a name of; aliases only if nothing has it."""
        key = squeezed(text)
        return self._names.get(key) or self._aliases.get(key, ())

    def with_code(self, text: str) -> tuple[Found, ...]:
        """Return what a code inside the text stands for."""
        words = tokens(text)[:_SEARCHED_WORDS]
        for count in range(_CODE_WORDS, 0, -1):
            for start in range(len(words) - count + 1):
                code = "".join(words[start : start + count])
                if _may_be_code(code) and code in self._codes:
                    return self._codes[code]
        return ()

    def by_retailer_id(self, text: str) -> tuple[Product, Variant | None] | None:
        """Return what a SKU, an external id or a GTIN stands for, in this order."""
        key = text.strip()
        return (
            self._retailer.get(key)
            or self._retailer.get(key.casefold())
            or self._retailer.get(_gtin_key(key))
        )


def squeezed(text: str) -> str:
    """Return a folded text without spaces: "T-Shirt" and "tshirt" are the same."""
    return fold(text).replace(" ", "")


def _may_be_code(word: str) -> bool:
    shortest = _CODE_DIGITS if word.isdigit() else _CODE_LETTERS
    return len(word) >= shortest and any(map(str.isdigit, word))


def _grouped(pairs: Iterable[tuple[str, Found]]) -> Mapping[str, tuple[Found, ...]]:
    groups: defaultdict[str, dict[tuple[str, str | None], Found]] = defaultdict(dict)
    for text, found in pairs:
        key = squeezed(text)
        if key:
            groups[key].setdefault((found.product_id, found.variant_id), found)
    return {key: tuple(group.values()) for key, group in groups.items()}


def _coded(product: Product) -> Iterator[tuple[Variant | None, str, str | None]]:
    yield None, "sku", product.sku
    yield None, "external id", product.external_id
    yield None, "gtin", product.gtin
    yield None, "reference", product.reference
    for variant in product.variants:
        yield variant, "sku", variant.sku
        yield variant, "external id", variant.external_id
        yield variant, "gtin", variant.gtin


def _codes(products: Iterable[Product]) -> Iterator[tuple[str, Found]]:
    for product in products:
        for variant, why, code in _coded(product):
            if code:
                yield code, Found(product.id, variant.id if variant else None, why)


def _names(products: Iterable[Product]) -> Iterator[tuple[str, Found]]:
    for product in products:
        yield product.name, Found(product.id, None, "name")
        for variant in product.variants:
            is_full = squeezed(variant.name).startswith(squeezed(product.name))
            name = variant.name if is_full else f"{product.name} {variant.name}"
            yield name, Found(product.id, variant.id, "name")


def _aliases(products: Iterable[Product]) -> Iterator[tuple[str, Found]]:
    for product in products:
        for alias in product.aliases:
            yield alias, Found(product.id, None, "alias")


def _gtin_key(text: str) -> str:
    """Readers of bar codes disagree about leading zeros: compare without them."""
    return f"gtin {text.lstrip('0')}" if text.isdigit() else text


def _retailer_ids(
    products: Sequence[Product],
) -> Mapping[str, tuple[Product, Variant | None]]:
    ids: dict[str, tuple[Product, Variant | None]] = {}
    for kind in ("sku", "external id", "gtin"):
        for fit in (str, str.casefold):
            for product in products:
                for variant, why, code in _coded(product):
                    if code and why == kind:
                        key = _gtin_key(code) if kind == "gtin" else code
                        ids.setdefault(fit(key), (product, variant))
    return ids
