"""What needs no guessing: codes, and texts that are a name or an alias as it stands."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from catalog.domain.compact import Lookup
from catalog.domain.folding import fold
from catalog.domain.product import Product, Variant
from catalog.domain.shelf import Shelf

#: A code inside a sentence has at least so many letters and digits, and a digit; one
#: of digits only must be longer, or it may be a quantity.
_CODE_LETTERS, _CODE_DIGITS = 4, 6
#: People write "T 144 B" for "T-144B": so many words may be one code.
_CODE_WORDS = 3
#: A sentence longer than this is not searched for codes.
_SEARCHED_WORDS = 40
#: So many products of one name are looked at: more are no answer to anything.
_NAMESAKES = 50
#: The kinds of codes that a cart may name a product by, the strongest first.
_RETAILER = ("sku", "external id", "gtin")


@dataclass(frozen=True, slots=True)
class Found:
    """A product, or one of its variants, that a text names exactly."""

    product_id: str
    variant_id: str | None
    why: str


class ExactNames:
    """Everything that names a product exactly. Immutable."""

    def __init__(
        self,
        shelf: Shelf,
        codes: Lookup,
        names: Lookup,
        aliases: Lookup,
        retailer: Lookup,
    ) -> None:
        self._shelf = shelf
        self._codes, self._names, self._aliases = codes, names, aliases
        self._retailer = retailer

    @property
    def nbytes(self) -> int:
        tables = (self._codes, self._names, self._aliases, self._retailer)
        return sum(table.nbytes for table in tables)

    def by_code(self, key: str) -> Iterator[Found]:
        """Yield what a squeezed text is a code of: SKU, external id, GTIN ..."""
        for product in self._products(self._codes, key):
            said: set[str | None] = set()
            for variant, why, code in _coded(product):
                variant_id = variant.id if variant else None
                if code and squeezed(code) == key and variant_id not in said:
                    said.add(variant_id)
                    yield Found(product.id, variant_id, why)

    def by_name(self, key: str) -> Iterator[Found]:
        """Yield what a squeezed text is a name of."""
        for product in self._products(self._names, key):
            for variant_id, name in _named(product):
                if squeezed(name) == key:
                    yield Found(product.id, variant_id, "name")

    def by_alias(self, key: str) -> Iterator[Found]:
        """Yield what a squeezed text is an alias of."""
        for product in self._products(self._aliases, key):
            if any(squeezed(alias) == key for alias in product.aliases):
                yield Found(product.id, None, "alias")

    def by_retailer_id(self, key: str) -> Iterator[tuple[int, Product, Variant | None]]:
        """Yield what has a SKU, an external id or a GTIN key.

        The first number says how good an answer it is: less is better.
        """
        for product in self._products(self._retailer, key):
            for rank, variant, each in _retailer_keys(product):
                if each == key:
                    yield rank, product, variant

    def _products(self, table: Lookup, key: str) -> Iterator[Product]:
        if found := table.find(key):
            for number in dict.fromkeys(found[:_NAMESAKES]):
                yield self._shelf.at(number)


class ExactGatherer:
    """Gathers what names the active products of a shelf."""

    def __init__(self) -> None:
        self._tables = [(array("q"), array("i")) for _ in range(4)]

    def add(self, number: int, product: Product) -> None:
        """Add a product by the number of its place on the shelf."""
        codes = {code for _, _, code in _coded(product) if code}
        keys = (
            set(map(squeezed, codes)),
            {squeezed(name) for _, name in _named(product)},
            set(map(squeezed, product.aliases)),
            {key for _, _, key in _retailer_keys(product)},
        )
        for texts, (hashes, numbers) in zip(keys, self._tables, strict=True):
            for text in texts:
                if text:
                    hashes.append(hash(text))
                    numbers.append(number)

    def names(self, shelf: Shelf) -> ExactNames:
        return ExactNames(shelf, *(Lookup.of_arrays(*each) for each in self._tables))


def squeezed(text: str) -> str:
    """Return a folded text without spaces: "T-Shirt" and "tshirt" are the same."""
    if text.isascii() and text.isalnum():
        return text.lower()  # What folding does, ten times as fast.
    return fold(text).replace(" ", "")


def codes_in(words: Sequence[str]) -> Iterator[str]:
    """Yield what may be a code among some words, squeezed, the longest first."""
    words = words[:_SEARCHED_WORDS]
    for count in range(_CODE_WORDS, 0, -1):
        for start in range(len(words) - count + 1):
            code = "".join(words[start : start + count])
            if _may_be_code(code):
                yield code


def retailer_keys(text: str) -> tuple[str, ...]:
    """Return how a cart's name of a product is looked for, the likeliest way first."""
    key = text.strip()
    return tuple(dict.fromkeys((key, key.casefold(), _gtin_key(key))))


def _may_be_code(word: str) -> bool:
    shortest = _CODE_DIGITS if word.isdigit() else _CODE_LETTERS
    return len(word) >= shortest and any(map(str.isdigit, word))


def _coded(product: Product) -> Iterator[tuple[Variant | None, str, str | None]]:
    yield None, "sku", product.sku
    yield None, "external id", product.external_id
    yield None, "gtin", product.gtin
    yield None, "reference", product.reference
    for variant in product.variants:
        yield variant, "sku", variant.sku
        yield variant, "external id", variant.external_id
        yield variant, "gtin", variant.gtin


def _named(product: Product) -> Iterator[tuple[str | None, str]]:
    yield None, product.name
    for variant in product.variants:
        is_full = squeezed(variant.name).startswith(squeezed(product.name))
        yield variant.id, variant.name if is_full else f"{product.name} {variant.name}"


def _gtin_key(text: str) -> str:
    """Readers of bar codes disagree about leading zeros: compare without them."""
    return f"gtin {text.lstrip('0')}" if text.isdigit() else text


def _retailer_keys(product: Product) -> Iterator[tuple[int, Variant | None, str]]:
    for variant, why, code in _coded(product):
        if code and why in _RETAILER:
            rank = 2 * _RETAILER.index(why)
            key = _gtin_key(code) if why == "gtin" else code
            yield rank, variant, key
            if key.casefold() != key:
                yield rank + 1, variant, key.casefold()
