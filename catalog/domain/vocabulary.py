"""The words that a catalog uses, and which of them a typed word may mean."""

import re
from array import array
from collections.abc import Iterable, Sequence
from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from catalog.domain.lexicon import Lexicon, stem
from catalog.domain.lookalikes import (
    LONGEST_WORD,
    Lookalikes,
    likeness,
    may_be_misspelt,
)
from catalog.domain.measure import Dimension

#: How sure we are that a word is meant, by how it was found.
EXACT = 1.0
SYNONYM = 0.97  #: "kirmizi" for "red"
SAME_STEM = 0.96  #: "lattes" for "latte", "capuccino" for "cappuccino"
ENDING = 0.95  #: "latteyi" for "latte"
ANY_ENDING = 0.9  #: "lattesque" for "latte": no language that we know has it.
#: An abbreviation is worth more the more of the word it spells.
PREFIX_BASE, PREFIX_SPAN = 0.6, 0.35
#: A code that goes on, "tob165wh" for "tob165", or stops early.
CODE_BASE, CODE_SPAN = 0.5, 0.45
#: A word that is right as it is spelt may still be another one, misspelt.
_RIGHT_ALREADY = 0.9

_PREFIX_LETTERS = 3
_CODE_LETTERS = 4
#: What must be left of a word when a known ending, or any short one, is cut off.
_STEM_LETTERS, _BARE_STEM_LETTERS = 2, 4
_SPARE_LETTERS = 4  #: Longest ending that no language file lists.
#: Turkish softens the last letter before an ending: "ekmek", "ekmegi".
_HARDENED = {"g": "k", "b": "p", "d": "t"}
_MEANINGS = 10  #: A typed word means at most so many words.
_NEIGHBOURS = 40  #: Words looked at in the alphabet.
_INSIDE = 70  #: Percent of the letters of a word that must be inside a longer one.
_REMEMBERED = 20_000  #: Typed words whose meanings are kept.
#: A filler that a product is called by tells little.
_LITTLE = 0.3
_DIMENSIONS = tuple(Dimension)
_FIRST_MEASURE = 2
_BY_UNIT = {dimension.unit: dimension for dimension in Dimension}
_DIGITS = re.compile(r"\d")
_MEASURED = re.compile(rf"\d+(?:\.\d+)?({'|'.join(_BY_UNIT)})")


#: Words by number, with how well each is spelt.
Qualities = dict[int, float]


class Meaning(NamedTuple):
    """A word of the catalog that a typed word may stand for."""

    word: int
    quality: float  #: 0..1


class Vocabulary:
    """Every word of a catalog with how rare it is. Immutable once built."""

    def __init__(
        self,
        words: Sequence[str],
        lookalikes: tuple[Lookalikes, ...],
        frequencies: NDArray[np.int64],
        documents: int,
        lexicon: Lexicon,
    ) -> None:
        """Take words with the number of entries that have them, of so many in all.

        A word that none has any more is not known. `lookalikes` are those of the words.
        """
        self.words = words
        self.lookalikes = lookalikes
        self._numbers = {word: number for number, word in enumerate(words)}
        # Plain arrays: one element of them is read several times as fast.
        self._frequencies = array("q", frequencies.astype(np.int64).tobytes())
        self._lexicon = lexicon
        #: What a word is: 0 letters only, 1 a number or code, above a measure.
        self.kinds: NDArray[np.uint8] = np.fromiter(map(_kind, words), np.uint8)
        #: How much each word tells: rare words more than common ones.
        self.told = array("f", self._weigh(documents, frequencies).tobytes())
        self.weights: NDArray[np.float32] = np.frombuffer(self.told, np.float32)
        #: What a word weighs that one entry alone has.
        self.heaviest = log(1 + max(1, documents))
        # Sorted, so that the sum is the same in whatever order words were met.
        known = np.sort(self.weights[frequencies > 0].astype(np.float64))
        #: What a word weighs that no entry has.
        self.unknown_weight = float(known.mean() / 2) if len(known) else 1.0
        # Endings come in pairs, and unlisted ones are short: no longer one is tried.
        listed = max(map(len, lexicon.suffixes), default=0)
        self._longest_ending = max(2 * listed, _SPARE_LETTERS)
        self._memory: dict[str, tuple[Meaning, ...]] = {}

    def _weigh(
        self, documents: int, frequencies: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        weights = np.log1p(documents / np.maximum(frequencies, 1))
        soft = self._lexicon.fillers | self._lexicon.chatter
        little = [self._numbers[word] for word in soft if word in self._numbers]
        weights[little] *= _LITTLE
        weights[frequencies == 0] = 0.0
        return weights.astype(np.float32)

    @property
    def nbytes(self) -> int:
        """Return roughly how much memory this takes."""
        letters = sum(map(len, self.words)) + 150 * len(self.words)
        return letters + sum(each.nbytes for each in self.lookalikes)

    def frequency(self, word: int) -> int:
        """Return how many entries have a word."""
        return self._frequencies[word]

    def number(self, word: str) -> int | None:
        """Return the number of a word that some entry has, or None."""
        number = self._numbers.get(word)
        return None if number is None or not self._frequencies[number] else number

    def meanings(self, typed: str) -> tuple[Meaning, ...]:
        """Return what a typed word may stand for, the likeliest first.

        A word of more than `LONGEST_WORD` letters stands for itself alone.
        """
        found = self._memory.get(typed)
        if found is None:
            if len(self._memory) >= _REMEMBERED:
                self._memory.clear()
            found = self._memory[typed] = self._find(typed)
        return found

    def spelt(self, typed: str) -> tuple[Meaning, ...]:
        """Return what a typed word means when nothing is guessed."""
        return self._ordered(self._certain(typed))

    def slipped(self, typed: str) -> tuple[Meaning, ...]:
        """Return what a typed word means if its letters slipped once."""
        if not may_be_misspelt(typed):
            return ()
        found: Qualities = {}
        for part in self.lookalikes:
            self._misspelt(typed, part.near(typed), 1.0, found)
        return self._ordered(found)

    def _find(self, typed: str) -> tuple[Meaning, ...]:
        if len(typed) > LONGEST_WORD:
            number = self.number(typed)
            return () if number is None else (Meaning(number, EXACT),)
        found = self._certain(typed)
        if typed not in self._lexicon.talk:
            self._guess(typed, found)
        return self._ordered(found)

    def _ordered(self, found: Qualities) -> tuple[Meaning, ...]:
        if len(found) < 2:  # noqa: PLR2004 - nothing to order
            return tuple(map(Meaning._make, found.items()))
        words = self.words
        ordered = sorted((-found[number], words[number], number) for number in found)
        return tuple(
            Meaning(number, -worth) for worth, _, number in ordered[:_MEANINGS]
        )

    def _certain(self, typed: str) -> Qualities:
        found: Qualities = {}
        self._add(self._numbers.get(typed), EXACT, found)
        said = self._lexicon.synonyms.get(typed)
        if said is not None:
            self._add(self._numbers.get(said), SYNONYM, found)
        if not typed.isdigit():
            core = stem(typed)
            itself = self._numbers.get(core)
            if itself is not None and stem(core) == core:
                self._add(itself, SAME_STEM, found)
            for part in self.lookalikes:
                for word in part.stems.get(core, ()):
                    self._add(word, SAME_STEM, found)
        return found

    def _add(self, word: int | None, quality: float, found: Qualities) -> None:
        """Note a word that some entry has, unless it is there as well spelt."""
        if (
            word is not None
            and self._frequencies[word]
            and quality > found.get(word, 0.0)
        ):
            found[word] = quality

    def _guess(self, typed: str, found: Qualities) -> None:
        """Add what a word may mean that its writer spelt differently."""
        known = bool(found)
        if _DIGITS.search(typed):
            if not known:
                self._as_code(typed, found)
            return
        self._as_abbreviation(typed, found)
        if not known:
            self._with_ending(typed, found)
        if may_be_misspelt(typed):
            self._as_misspelt(typed, found, known=known)
        elif len(typed) == _PREFIX_LETTERS and not known:
            for part in self.lookalikes:
                self._misspelt(typed, part.near(typed), 1.0, found)

    def inside(self, typed: str) -> tuple[str, ...]:
        """Return words that may be joined in a typed one, misspelt, longest first."""
        found = {n for part in self.lookalikes for n in part.inside(typed)}
        words = [self.words[n] for n in found if self._frequencies[n]]
        fitting = [
            word
            for word in words
            if len(typed) > len(word) > _PREFIX_LETTERS
            and fuzz.partial_ratio(word, typed) >= _INSIDE
        ]
        return tuple(sorted(fitting, key=lambda word: (-len(word), word))[:_MEANINGS])

    def _as_abbreviation(self, typed: str, found: Qualities) -> None:
        if len(typed) < _PREFIX_LETTERS:
            return
        span = PREFIX_SPAN * len(typed)
        for part in self.lookalikes:
            for word in part.starting(typed, _NEIGHBOURS):
                self._add(word, PREFIX_BASE + span / len(self.words[word]), found)

    def _as_code(self, typed: str, found: Qualities) -> None:
        """Add codes that begin alike and have the same digits: "dc50w", "dc50b"."""
        if len(typed) < _CODE_LETTERS or typed.isdigit():
            return
        digits = _digits(typed)
        for part in self.lookalikes:
            for number in part.beside(typed, _NEIGHBOURS // 4):
                word = self.words[number]
                if _digits(word) == digits and not word.isdigit():
                    common = _common_start(typed, word)
                    share = common / max(len(typed), len(word))
                    if common >= _CODE_LETTERS:
                        self._add(number, CODE_BASE + CODE_SPAN * share, found)

    def _with_ending(self, typed: str, found: Qualities) -> None:
        longest = min(len(typed) - _STEM_LETTERS, self._longest_ending)
        for cut in range(1, longest + 1):
            word, ending = typed[:-cut], typed[-cut:]
            plain = self._numbers.get(word)
            softened = _HARDENED.get(word[-1], "")
            hard = self._numbers.get(word[:-1] + softened) if softened else None
            if (plain is None and hard is None) or word.isdigit():
                continue
            if self._is_ending(ending):
                self._add(plain, ENDING, found)
                self._add(hard, ENDING, found)
            elif _is_spare(word, ending):
                self._add(plain, ANY_ENDING, found)

    def _is_ending(self, ending: str) -> bool:
        """Return whether a language has it; endings come in pairs: "ekmeg-i-ni"."""
        known = self._lexicon.suffixes
        return ending in known or any(
            ending[:at] in known and ending[at:] in known
            for at in range(1, len(ending))
        )

    def _as_misspelt(self, typed: str, found: Qualities, *, known: bool) -> None:
        for part in self.lookalikes:
            near = part.near(typed)
            if known:
                worth = _RIGHT_ALREADY if len(typed) > _PREFIX_LETTERS else 1.0
                self._misspelt(typed, near, worth, found)
            else:
                self._misspelt(typed, part.alike(typed) | near, 1.0, found)

    def _misspelt(
        self, typed: str, numbers: Iterable[int], worth: float, found: Qualities
    ) -> None:
        for number in numbers:
            alike = likeness(typed, self.words[number])
            if alike:
                self._add(number, worth * alike, found)


def kind_of(dimension: Dimension) -> int:
    """Return the kind of words that are measures of a dimension."""
    return _FIRST_MEASURE + _DIMENSIONS.index(dimension)


def _kind(word: str) -> int:
    if not any(map(str.isdigit, word)):
        return 0
    found = _MEASURED.fullmatch(word)
    return kind_of(_BY_UNIT[found[1]]) if found else 1


def _digits(word: str) -> str:
    return "".join(filter(str.isdigit, word))


def _common_start(first: str, second: str) -> int:
    pairs = enumerate(zip(first, second, strict=False))
    shorter = min(len(first), len(second))
    return next((at for at, (a, b) in pairs if a != b), shorter)


def _is_spare(word: str, ending: str) -> bool:
    return len(word) >= _BARE_STEM_LETTERS and len(ending) <= _SPARE_LETTERS
