"""A frozen set of products with the words that each of them has."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from catalog.domain.compact import Runs, counted, different, ends_of, spread
from catalog.domain.entry import Describer, Field
from catalog.domain.exact import ExactGatherer, ExactNames
from catalog.domain.lexicon import Lexicon
from catalog.domain.product import Product
from catalog.domain.shelf import Packer, Shelf

_MOST_COUNTED = np.iinfo(np.uint8).max


@dataclass(frozen=True, slots=True)
class Segment:
    """Products by number, and their entries: one for each title that a product has.

    Words are numbers of a vocabulary. Inactive products are on the shelf only.
    """

    shelf: Shelf
    exact: ExactNames
    words: Runs  #: Of each entry, those of its title first.
    fields: NDArray[np.uint8]  #: Where the entry has each of them (`Field`).
    entries: Runs  #: Of each word.
    products: NDArray[np.int32]  #: Of each entry: the place on the shelf.
    ties: NDArray[np.int64]  #: Of each entry: orders equals the same in any segment.

    @property
    def nbytes(self) -> int:
        runs = self.words.nbytes + self.entries.nbytes
        flat = self.fields.nbytes + self.products.nbytes + self.ties.nbytes
        return self.shelf.nbytes + self.exact.nbytes + runs + flat

    def title_weights(self, weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return how much the title of each entry tells, by its words' weights."""
        if not len(self.words.values):
            return np.zeros(len(self.words), np.float32)
        told = weights[self.words.values]
        told[self.fields != Field.TITLE] = 0.0
        sums = np.add.reduceat(told, self.words.ends[:-1])
        return np.asarray(sums, np.float32)

    def title_lengths(self) -> NDArray[np.uint8]:
        """Return how many words the title of each entry has, 255 at most."""
        return self._count(self.fields == Field.TITLE)

    def numbers_in_names(self, numeric: NDArray[np.bool_]) -> NDArray[np.uint8]:
        """Return how many words of each title and its measures are numeric ones."""
        return self._count(numeric[self.words.values] & (self.fields <= Field.MEASURE))

    def _count(self, flags: NDArray[np.bool_]) -> NDArray[np.uint8]:
        if not len(flags):
            return np.zeros(len(self.words), np.uint8)
        counts = np.add.reduceat(flags, self.words.ends[:-1], dtype=np.int32)
        return np.minimum(counts, _MOST_COUNTED).astype(np.uint8)

    def frequencies(
        self, count: int, alive: NDArray[np.bool_] | None = None
    ) -> NDArray[np.int64]:
        """Return how many (living) entries have each of `count` words."""
        words = self.words.values
        return counted(words if alive is None else words[self._of(alive)], count)

    def telling(self, alive: NDArray[np.bool_] | None = None) -> NDArray[np.int32]:
        """Return the words that are no fillers in this shop.

        They are a whole name ("su" is Turkish for water, and close to "this"), or tell
        two variants apart.
        """
        words, starts = self.words.values, self.words.ends[:-1]
        is_title = self.fields == Field.TITLE
        if not len(starts):
            return words
        lone = np.add.reduceat(is_title, starts, dtype=np.int32) == 1
        of_lone = spread(lone, self.words.ends) & is_title
        tells = of_lone | (self.fields == Field.VARIANT)
        return different(words[tells & self._of(alive)])

    def described(self, alive: NDArray[np.bool_] | None = None) -> NDArray[np.int32]:
        """Return the words that say more of an entry than how much of it there is."""
        amounts = (self.fields == Field.MEASURE) | (self.fields == Field.NUMBER)
        return different(self.words.values[~amounts & self._of(alive)])

    def _of(self, alive: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
        """Return which words belong to living entries."""
        if alive is None:
            return np.ones(len(self.words.values), np.bool_)
        return spread(alive, self.words.ends)


class Numbering(dict[str, int]):
    """Words with their numbers. A word that is new gets the next one."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


@dataclass(slots=True)
class Gatherer:
    """Gathers the products of a segment, one by one."""

    lexicon: Lexicon
    numbers: Numbering = field(default_factory=Numbering)  #: Of the words so far.
    _packer: Packer = field(default_factory=Packer)
    _exact: ExactGatherer = field(default_factory=ExactGatherer)
    _words: "array[int]" = field(default_factory=lambda: array("i"))
    _fields: bytearray = field(default_factory=bytearray)
    _sizes: "array[int]" = field(default_factory=lambda: array("i"))
    _products: "array[int]" = field(default_factory=lambda: array("i"))
    _ties: "array[int]" = field(default_factory=lambda: array("q"))

    def gather(self, products: Iterable[Product]) -> Segment:
        """Return a segment of the products; new words get the numbers that follow."""
        describer = Describer(self.lexicon)
        for product in products:
            number = self._packer.add(product)
            if product.active:
                self._exact.add(number, product)
                self._describe(number, product, describer)
        return self._segment()

    def _describe(self, number: int, product: Product, describer: Describer) -> None:
        number_of = self.numbers.__getitem__
        for place, words in enumerate(describer.entries(product)):
            if not words:
                continue  # A name of signs only is found by its code.
            self._words.extend(map(number_of, words))
            self._fields.extend(words.values())
            self._sizes.append(len(words))
            self._products.append(number)
            self._ties.append(hash((product.id, place)))

    def _segment(self) -> Segment:
        shelf = self._packer.shelf()
        words = Runs(
            ends_of(np.array(self._sizes, np.int64)), np.array(self._words, np.int32)
        )
        owners = spread(np.arange(len(self._sizes), dtype=np.int32), words.ends)
        return Segment(
            shelf=shelf,
            exact=self._exact.names(shelf),
            words=words,
            fields=np.frombuffer(bytes(self._fields), np.uint8),
            entries=Runs.grouped(words.values, owners, len(self.numbers)),
            products=np.array(self._products, np.int32),
            ties=np.array(self._ties, np.int64),
        )
