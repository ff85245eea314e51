"""A product as it is searched: under each of its titles, with all that describes it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from catalog.domain.lexicon import Lexicon
from catalog.domain.product import Product, Variant
from catalog.domain.wording import plain_words, words_of


class Field:
    """Where a product has a word. Plain numbers: there are millions of them."""

    TITLE: Final = 0
    MEASURE: Final = 1  #: In the title: "500g".
    NUMBER: Final = 2  #: Of a measure in the title: people leave the unit out.
    BRAND: Final = 3
    CATEGORY: Final = 4
    VARIANT: Final = 5
    ATTRIBUTE: Final = 6
    OPTION: Final = 7
    SYNONYM: Final = 8  #: The word of another language for one of its words.


#: What a matched word is worth, by field.
WORTH = (1.0, 1.0, 0.9, 0.95, 1.0, 0.95, 0.9, 0.85, 0.97)
#: The fields up to this one make a product's name.
LAST_OF_NAME = Field.NUMBER

Words = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Form:
    """A variant: one set of equivalent words for each word of its attributes."""

    variant_id: str
    words: tuple[frozenset[str], ...]
    every: frozenset[str]


class Describer:
    """Turns products into words. Remembers texts that many products share."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._shared: dict[str, tuple[str, ...]] = {}

    def entries(self, product: Product) -> Iterator[Words]:
        """Yield what a product is found by, once for its name and each alias."""
        beside = self._beside(product, forms_of(product, self._lexicon))
        synonyms = self._lexicon.synonyms
        for title in (product.name, *product.aliases):
            named = self._title(title)
            # Those of the title stay in front, and stay the title's.
            words = {**named, **beside, **named}
            for word in sorted(synonyms.keys() & words.keys()):
                words.setdefault(synonyms[word], Field.SYNONYM)
            yield words

    def _title(self, title: str) -> dict[str, int]:
        words: dict[str, int] = {}
        measures = []
        for text, dimension, number, _, _ in words_of(title, self._lexicon.units):
            if dimension is None:
                words[text] = Field.TITLE
            else:
                measures.append((text, number))
        for text, number in measures:
            words[text] = Field.MEASURE
            words[number] = Field.NUMBER
        return words

    def _beside(self, product: Product, forms: Iterable[Form]) -> dict[str, int]:
        """Return what else a product is found by; the field named first counts."""
        words: dict[str, int] = {}
        for form in forms:
            for word in form.every:
                words[word] = Field.VARIANT
        for field, text in (
            (Field.CATEGORY, product.category),
            (Field.BRAND, product.brand),
            (Field.BRAND, product.colour),
            (Field.ATTRIBUTE, product.material),
            *((Field.ATTRIBUTE, value) for value in product.attributes.values()),
        ):
            if text:
                for word in self._words(text):
                    words.setdefault(word, field)
        for group in product.option_groups:
            for value in group.values:
                for text in (value.name, *value.aliases):
                    for word in plain_words(text):
                        words.setdefault(word, Field.OPTION)
        return words

    def _words(self, text: str) -> Sequence[str]:
        words = self._shared.get(text)
        if words is None:
            found = words_of(text, self._lexicon.units)
            words = self._shared[text] = tuple(word.text for word in found)
        return words


def forms_of(product: Product, lexicon: Lexicon) -> tuple[Form, ...]:
    """Return the variants of a product as words."""
    if not product.variants:
        return ()
    name = frozenset(plain_words(product.name))
    return tuple(map(partial(_form, product=name, lexicon=lexicon), product.variants))


def _form(variant: Variant, product: frozenset[str], lexicon: Lexicon) -> Form:
    texts = [*variant.attributes.values()] or [variant.name]
    spelt = [
        word
        for text in texts
        for word in plain_words(text)
        if variant.attributes or word not in product
    ]
    words = tuple(frozenset({word, lexicon.synonyms.get(word, word)}) for word in spelt)
    every = frozenset().union(*words, frozenset(plain_words(variant.name)) - product)
    return Form(variant.id, words, every)
