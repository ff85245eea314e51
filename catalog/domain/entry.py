"""A product as it is searched: its titles, every word that describes it, its forms."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from catalog.domain.folding import tokens
from catalog.domain.lexicon import Lexicon
from catalog.domain.measure import Measure, measured
from catalog.domain.product import Product, Variant

#: What a matched word is worth by where the product has it.
TITLE = 1.0
CATEGORY = 1.0
VARIANT = 0.95
BRAND = 0.95
ATTRIBUTE = 0.9
OPTION = 0.85

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """A variant: one set of equivalent words for each word of its attributes."""

    variant_id: str
    words: tuple[frozenset[str], ...]
    every: frozenset[str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A product as it is searched. All words are folded."""

    product: Product
    titles: tuple[Words, ...]  #: The name, then the aliases.
    sorted_titles: tuple[str, ...]  #: Their words in alphabetical order.
    worth: Mapping[str, float]  #: Every word that describes it.
    title_words: frozenset[str]
    forms: tuple[Form, ...]
    measures: tuple[Measure, ...]

    @property
    def length(self) -> int:
        """How many words the name has."""
        return len(self.titles[0])


def entry_of(product: Product, lexicon: Lexicon) -> Entry:
    """Return a product as it is searched."""
    texts = (product.name, *product.aliases)
    spoken = [measured(text, lexicon.units) for text in texts]
    titles = tuple(
        _title(each.rest, lexicon.fillers) or tokens(text)
        for each, text in zip(spoken, texts, strict=True)
    )
    forms = tuple(_form(variant, product, lexicon) for variant in product.variants)
    worth: dict[str, float] = {}
    for value, word in _described(product, titles, forms):
        worth[word] = max(value, worth.get(word, 0.0))
        synonym = lexicon.synonyms.get(word)
        if synonym is not None:
            worth[synonym] = max(value, worth.get(synonym, 0.0))
    return Entry(
        product=product,
        titles=titles,
        sorted_titles=tuple(" ".join(sorted(title)) for title in titles),
        worth=worth,
        title_words=frozenset(word for title in titles for word in title),
        forms=forms,
        measures=tuple(measure for each in spoken for measure in each.measures),
    )


def _title(text: str, fillers: frozenset[str]) -> Words:
    """Return a title's words; a title of fillers only keeps them."""
    words = tokens(text)
    return tuple(word for word in words if word not in fillers) or words


def _described(
    product: Product, titles: Iterable[Words], forms: Iterable[Form]
) -> Iterator[tuple[float, str]]:
    for title in titles:
        yield from ((TITLE, word) for word in title)
    for form in forms:
        yield from ((VARIANT, word) for word in form.every)
    texts = (
        (CATEGORY, product.category),
        (BRAND, product.brand),
        (BRAND, product.colour),
        (ATTRIBUTE, product.material),
        *((ATTRIBUTE, value) for value in product.attributes.values()),
        *(
            (OPTION, text)
            for group in product.option_groups
            for value in group.values
            for text in (value.name, *value.aliases)
        ),
    )
    for value, text in texts:
        yield from ((value, word) for word in tokens(text or ""))


def _form(variant: Variant, product: Product, lexicon: Lexicon) -> Form:
    name = frozenset(tokens(product.name))
    texts = [*variant.attributes.values()] or [variant.name]
    spelt = [
        word
        for text in texts
        for word in tokens(text)
        if variant.attributes or word not in name
    ]
    words = tuple(frozenset({word, lexicon.synonyms.get(word, word)}) for word in spelt)
    every = frozenset().union(*words, frozenset(tokens(variant.name)) - name)
    return Form(variant.id, words, every)
