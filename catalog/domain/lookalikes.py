"""Words that look like a typed one, found among very many in microseconds."""

import re
import sys
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA, Indel

from catalog.domain.compact import Lookup, Runs, starts_of_runs
from catalog.domain.lexicon import stem

_DIGIT = re.compile(r"\d")
#: A longer word is taken as spelt: nobody types one, and guessing costs time.
LONGEST_WORD = 40
#: A word shorter than this is taken as spelt.
_FUZZY_LETTERS = 4
#: So many slips are forgiven a word of so many letters, and of more.
_FORGIVEN = (0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3)
_MOST_FORGIVING = len(_FORGIVEN) - 1
#: People seldom get the first letter wrong: "hello" is not "jello".
_FIRST_LETTER = 0.75
#: A word that shares most letters in order, however many slips apart, is worth less.
_FAR = 0.1
_FAR_LETTERS = 6
#: What a word of three letters is worth that lost one.
_SHORT = 0.7
#: Below this a likeness is chance.
LEAST = 0.6
#: Words compared letter by letter, those with most trigrams in common.
_COMPARED = 16
_LEAST_SHARED = 0.18
#: A word that is a part of another one has so many of its trigrams there.
_LEAST_INSIDE = 0.5
_GRAM = 3
#: Words are sorted in parts that have so many letters in common.
_BEGINNING = 3
#: No letter comes after it.
_LAST_LETTER = chr(sys.maxunicode)


@dataclass(frozen=True, slots=True)
class Lookalikes:
    """How a part of a vocabulary is spelt. Words are numbered from `first` on."""

    first: int
    ordered: Sequence[str]
    places: "array[int]"  #: The numbers of the ordered words.
    #: Words by their stem, where it is another word.
    stems: dict[str, tuple[int, ...]]
    #: Every word under itself and under itself without one letter: two words one slip
    #: apart meet there.
    slips: Lookup
    grams: dict[str, int]
    with_gram: Runs
    sizes: NDArray[np.int32]  #: How many different trigrams a word has.

    @classmethod
    def of(cls, words: Sequence[str], first: int = 0) -> "Lookalikes":
        order = _alphabetical(words)
        grams: dict[str, int] = {}
        keys, owners = array("i"), array("i")
        sizes = np.zeros(len(words), np.int32)
        for place, word in enumerate(words):
            if may_be_misspelt(word):
                own = _grams(word)
                sizes[place] = len(own)
                for gram in own:
                    keys.append(grams.setdefault(gram, len(grams)))
                    owners.append(place)
        return cls(
            first=first,
            ordered=[words[place] for place in order],
            places=array("i", (first + place for place in order)),
            stems=_stems(words, first),
            slips=_slips(words, first),
            grams=grams,
            with_gram=Runs.grouped(
                np.array(keys, np.int32), np.array(owners, np.int32), len(grams)
            ),
            sizes=sizes,
        )

    @property
    def nbytes(self) -> int:
        return self.slips.nbytes + self.with_gram.nbytes

    def starting(self, start: str, most: int) -> Sequence[int]:
        """Return words that start so, at most so many, in alphabetical order."""
        ordered = self.ordered
        place = bisect_left(ordered, start)
        end = min(place + most, len(ordered))
        end = bisect_left(ordered, start + _LAST_LETTER, place, end)
        return self.places[place:end]

    def beside(self, word: str, most: int) -> Sequence[int]:
        """Return the words around the place that a word has in the alphabet."""
        place = bisect_left(self.ordered, word)
        return self.places[max(0, place - most) : place + most]

    def near(self, typed: str) -> set[int]:
        """Return the words that are one slip apart from a typed one, or none."""
        return self.slips.find_any(_shortened(typed))

    def alike(self, typed: str) -> set[int]:
        """Return the words that have most trigrams in common with a typed one."""
        owners, shared = self._sharing(typed)
        alike = shared / (self.sizes[owners] + len(typed) - shared)
        return self._chosen(owners, alike, _LEAST_SHARED)

    def inside(self, typed: str) -> set[int]:
        """Return long words that may be a part of a typed one, with slips."""
        owners, shared = self._sharing(typed)
        return self._chosen(owners, shared / self.sizes[owners], _LEAST_INSIDE)

    def _sharing(self, typed: str) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return the words that share trigrams with a typed one, and how many."""
        known = [self.grams[gram] for gram in _grams(typed) if gram in self.grams]
        owners = self.with_gram.all_of(known)
        owners.sort()
        starts = starts_of_runs(owners)
        shared = np.empty(len(starts), np.int64)
        shared[-1:] = len(owners) - starts[-1:]
        np.subtract(starts[1:], starts[:-1], out=shared[:-1])
        return owners[starts], shared

    def _chosen(
        self, owners: NDArray[np.int32], worth: NDArray[np.float64], least: float
    ) -> set[int]:
        best = np.flatnonzero(worth >= least)
        if len(best) > _COMPARED:
            best = best[np.argpartition(-worth[best], _COMPARED)[:_COMPARED]]
        return {self.first + owner for owner in owners[best].tolist()}


def may_be_misspelt(word: str) -> bool:
    """Codes and numbers are never guessed: "t144" is not "t145"."""
    return _FUZZY_LETTERS <= len(word) <= LONGEST_WORD and not _DIGIT.search(word)


def likeness(typed: str, word: str) -> float:
    """Return how likely a typed word is a misspelt one: 0, or `LEAST` to 1."""
    letters = len(typed)
    if letters == _FUZZY_LETTERS - 1:
        # "hrb" for "herb": a short word forgives a letter left out and nothing else.
        lost = len(word) == _FUZZY_LETTERS and OSA.distance(typed, word) == 1
        return _SHORT if lost else 0.0
    forgiven = _FORGIVEN[min(letters, _MOST_FORGIVING)]
    longest = max(letters, len(word))
    distance = OSA.distance(typed, word, score_cutoff=forgiven)
    wrong_start = _FIRST_LETTER * (typed[0] != word[0])
    if distance <= forgiven:
        alike = 1 - (distance + wrong_start) / longest
    elif letters >= _FAR_LETTERS:
        alike = Indel.normalized_similarity(typed, word) - _FAR - wrong_start / longest
    else:
        alike = 0.0
    return alike if alike >= LEAST else 0.0


def _alphabetical(words: Sequence[str]) -> list[int]:
    """Return the places of words in alphabetical order.

    Sorted in parts, by how words begin: one sort of all would keep the event loop
    waiting, which gets its turn only between two steps of this.
    """
    parts: defaultdict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(words):
        parts[word[:_BEGINNING]].append(place)
    order: list[int] = []
    for start in sorted(parts):
        order += sorted(parts[start], key=words.__getitem__)
    return order


def _grams(word: str) -> set[str]:
    padded = f"^{word}$"
    return {padded[at : at + _GRAM] for at in range(len(padded) - _GRAM + 1)}


def _shortened(word: str) -> set[str]:
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def _stems(words: Sequence[str], first: int) -> dict[str, tuple[int, ...]]:
    stems: dict[str, tuple[int, ...]] = {}
    for number, word in enumerate(words, first):
        core = stem(word)
        if core != word and not word.isdigit():
            stems[core] = (*stems.get(core, ()), number)
    return stems


def _slips(words: Sequence[str], first: int) -> Lookup:
    keys, values = array("q"), array("i")
    for place, word in enumerate(words):
        if may_be_misspelt(word):
            hashes = [hash(each) for each in _shortened(word)]
            keys.extend(hashes)
            values.extend([first + place] * len(hashes))
    return Lookup.of_arrays(keys, values)
