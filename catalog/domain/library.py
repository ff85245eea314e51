"""Everything that an index knows: segments of products and the words they share.

A library is a large segment that was built once and a small one of what has changed
since. Products of the large one that were changed or removed are dead: their entries
are skipped, and count nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from catalog.domain.entry import Describer
from catalog.domain.exact import ExactNames, Found
from catalog.domain.goods import Goods
from catalog.domain.language import LanguagePack
from catalog.domain.lexicon import Chatter, Lexicon
from catalog.domain.lookalikes import Lookalikes
from catalog.domain.product import Product, Variant
from catalog.domain.query import Query, query_of, split
from catalog.domain.retrieval import Part
from catalog.domain.segment import Gatherer, Numbering, Segment
from catalog.domain.vocabulary import Vocabulary
from catalog.domain.wording import latin

#: A word is taken for a product's own from here on.
_SURE_WORD = 0.8


@dataclass(frozen=True, slots=True)
class Library:
    """The products of one tenant with all that is needed to find them. Immutable."""

    lexicon: Lexicon  #: Without the fillers that are names in this shop.
    vocabulary: Vocabulary
    parts: tuple[Part, ...]
    goods: Goods
    described: NDArray[np.bool_]  #: The words that say what a product is.
    spoken: Lexicon  #: As the languages have it, whatever the shop sells.

    @classmethod
    def of(
        cls,
        products: Iterable[Product],
        languages: Sequence[LanguagePack],
        chatter: Chatter | None,
    ) -> "Library":
        """Return a library of the products."""
        lexicon = Lexicon.of(languages, chatter)
        gatherer = Gatherer(lexicon)
        segment = gatherer.gather(products)
        words = list(gatherer.numbers)
        lookalikes = (Lookalikes.of(words),)
        return _library(lexicon, words, lookalikes, ((segment, frozenset()),))

    def changed(self, products: Iterable[Product], removed: Iterable[str]) -> "Library":
        """Return a library with some products added or replaced, and some gone."""
        base = self.parts[0].segment
        new = {product.id: product for product in self._changed_before()}
        new.update((product.id, product) for product in products)
        gone = set(self.goods.gone[0])
        for product_id in (*new, *(out := tuple(removed))):
            number = base.shelf.number(product_id)
            if number is not None:
                gone.add(number)
        for product_id in out:
            new.pop(product_id, None)
        known = self.vocabulary.words[: self._first_of_delta]
        gatherer = Gatherer(self.spoken, Numbering(zip(known, count(), strict=False)))
        delta = gatherer.gather(new.values())
        words = list(gatherer.numbers)
        lookalikes = Lookalikes.of(words[len(known) :], len(known))
        return _library(
            self.spoken,
            words,
            (self.vocabulary.lookalikes[0], lookalikes),
            ((base, frozenset(gone)), (delta, frozenset())),
        )

    @property
    def changes(self) -> int:
        """Return how many products differ from those the library was built of."""
        return len(self.goods.gone[0]) + sum(map(len, self.goods.shelves[1:]))

    @property
    def nbytes(self) -> int:
        parts = sum(part.segment.nbytes + part.nbytes for part in self.parts)
        return parts + self.vocabulary.nbytes

    @property
    def units(self) -> Mapping[str, str]:
        """Return what unit words, folded, stand for."""
        return self.lexicon.units

    def describes(self, word: str, least: float) -> bool:
        """Return whether a word (so well spelt at least) says what a product is."""
        typed = latin(word)
        if typed in self.lexicon.fillers:
            return False
        best = self.vocabulary.meanings(typed)[:1]
        if best and best[0].quality >= least:
            return bool(self.described[best[0].word])
        parts = split(typed, self.vocabulary)
        return bool(parts) and all(self.vocabulary.spelt(part) for part in parts)

    def without_fillers(self, words: Iterable[str]) -> Iterator[str]:
        """Yield those of some folded words that ask for something."""
        fillers, chatter = self.lexicon.fillers, self.lexicon.chatter
        return (
            word
            for word, searched in ((word, latin(word)) for word in words)
            if searched not in fillers and searched not in chatter
        )

    def query(self, text: str) -> Query:
        """Return a text as it is looked for here."""
        return query_of(text, self.lexicon, self.vocabulary)

    def fits(self, product_id: str, query: Query) -> bool:
        """Return whether the words around a product's code may well mean that product.

        What looks like its code may be a part of another product's name; then the
        other words have nothing to do with it.
        """
        product = self.goods[product_id]
        entries = Describer(self.lexicon).entries(product)
        own = {word for entry in entries for word in entry}
        shared = total = 0.0
        for term in query.terms:
            if term.numeric or term.optional or term.quality < _SURE_WORD:
                continue
            total += term.weight
            if any(self.vocabulary.words[each.word] in own for each in term.meanings):
                shared += term.weight
        return shared >= total / 2

    def by_code(self, key: str) -> tuple[Found, ...]:
        """Return what a squeezed text is a code of: SKU, external id, GTIN ..."""
        return self._exactly(lambda names: names.by_code(key))

    def by_name(self, key: str) -> tuple[Found, ...]:
        """Return what a squeezed text is a name of."""
        return self._exactly(lambda names: names.by_name(key))

    def by_alias(self, key: str) -> tuple[Found, ...]:
        """Return what a squeezed text is an alias of."""
        return self._exactly(lambda names: names.by_alias(key))

    def by_retailer_id(self, key: str) -> tuple[Product, Variant | None] | None:
        """Return what a SKU, an external id or a GTIN key stands for, in this order."""
        answers = [
            answer
            for part in self.parts
            for answer in part.segment.exact.by_retailer_id(key)
            if self.goods.get(answer[1].id) == answer[1]
        ]
        best = min(answers, key=lambda answer: (answer[0], answer[1].id), default=None)
        return None if best is None else best[1:]

    def _exactly(
        self, look: Callable[[ExactNames], Iterator[Found]]
    ) -> tuple[Found, ...]:
        found: list[Found] = []
        for part, gone in zip(self.parts, self.goods.gone, strict=True):
            shelf = part.segment.shelf
            found += (
                each
                for each in look(part.segment.exact)
                if shelf.number(each.product_id) not in gone
            )
        return tuple(sorted(found, key=lambda each: each.product_id))

    def _changed_before(self) -> Iterator[Product]:
        for part in self.parts[1:]:
            shelf = part.segment.shelf
            yield from map(shelf.at, range(len(shelf)))

    @property
    def _first_of_delta(self) -> int:
        return len(self.parts[0].segment.entries)


def _library(
    spoken: Lexicon,
    words: Sequence[str],
    lookalikes: tuple[Lookalikes, ...],
    segments: tuple[tuple[Segment, frozenset[int]], ...],
) -> Library:
    alive = [_alive(segment, gone) for segment, gone in segments]
    pairs = [(seg, live) for (seg, _), live in zip(segments, alive, strict=True)]
    frequencies = sum(
        (segment.frequencies(len(words), live) for segment, live in pairs),
        np.zeros(len(words), np.int64),
    )
    telling = {words[n] for seg, live in pairs for n in seg.telling(live)}
    lexicon = replace(
        spoken, fillers=spoken.fillers - telling, chatter=spoken.chatter - telling
    )
    entries = sum(
        len(segment.products) if live is None else int(live.sum())
        for segment, live in pairs
    )
    vocabulary = Vocabulary(words, lookalikes, frequencies, entries, lexicon)
    described = np.zeros(len(words), np.bool_)
    for segment, live in pairs:
        described[segment.described(live)] = True
    return Library(
        lexicon=lexicon,
        vocabulary=vocabulary,
        parts=tuple(Part.of(segment, vocabulary, live) for segment, live in pairs),
        goods=Goods([seg.shelf for seg, _ in segments], [gone for _, gone in segments]),
        described=described,
        spoken=spoken,
    )


def _alive(segment: Segment, gone: frozenset[int]) -> NDArray[np.bool_] | None:
    if not gone:
        return None
    return ~np.isin(segment.products, np.fromiter(gone, np.int32))
