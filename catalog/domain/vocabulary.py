"""The words that a catalog uses, and which of them a typed word may mean."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from math import log

from rapidfuzz.distance import OSA

from catalog.domain.lexicon import Lexicon, stem

#: How sure we are that a word is meant, by how it was found.
EXACT = 1.0
SYNONYM = 0.97  #: "kirmizi" for "red"
SAME_STEM = 0.96  #: "lattes" for "latte", "capuccino" for "cappuccino"
JOINED = 0.96  #: "tshirt" for "t shirt", or the other way round
ENDING = 0.92  #: "latteyi" for "latte"
#: An abbreviation is worth more the more of the word it spells.
PREFIX_BASE, PREFIX_SPAN = 0.6, 0.35

#: A word shorter than this is taken as spelt.
_FUZZY_LETTERS = 4
#: From this length on, two slips are forgiven instead of one.
_LONG_LETTERS = 7
_PREFIX_LETTERS = 3
#: A longer word is taken as spelt too: nobody types one, and guessing costs time.
LONGEST_WORD = 40
#: What must be left of a word when a known ending, or any short one, is cut off.
_STEM_LETTERS, _BARE_STEM_LETTERS = 2, 4
_SPARE_LETTERS = 4  #: Longest ending that no language file lists.
#: Turkish softens the last letter before an ending: "ekmek", "ekmegi".
_HARDENED = {"g": "k", "b": "p", "d": "t"}
#: People seldom get the first letter wrong: "hello" is not "jello".
_FIRST_LETTER = 0.75
_MEANINGS = 8  #: A typed word means at most so many words.
_NEIGHBOURS = 40  #: Words compared letter by letter, those with most in common.
_PARTS = 2


@dataclass(frozen=True, slots=True)
class Meaning:
    """Words of the catalog that a typed word may stand for, all of them together."""

    words: tuple[str, ...]
    quality: float  #: 0..1


class Vocabulary:
    """Every word of a catalog with how rare it is. Immutable once built."""

    def __init__(
        self,
        frequencies: Mapping[str, int],
        joined: Mapping[str, tuple[str, str]],
        lexicon: Lexicon,
        documents: int,
    ) -> None:
        """Take words with the number of products that have them.

        `joined` maps two neighbouring words, written as one, to the two.
        """
        self._weights = {
            word: log(1 + documents / count) for word, count in frequencies.items()
        }
        self._joined = {w: two for w, two in joined.items() if w not in frequencies}
        self._lexicon = lexicon
        # Endings come in pairs, and unlisted ones are short: no longer one is tried.
        listed = max(map(len, lexicon.suffixes), default=0)
        self._longest_ending = max(2 * listed, _SPARE_LETTERS)
        self._sorted = sorted(frequencies)
        self._stems = _by_stem((*frequencies, *self._joined))
        self._grams = _by_gram(word for word in self._sorted if _may_be_misspelt(word))
        weights = self._weights.values()
        #: What a word weighs that no product has.
        self.unknown_weight = sum(weights) / len(weights) / 2 if weights else 1.0

    def __contains__(self, word: str) -> bool:
        return word in self._weights

    def weight(self, word: str) -> float:
        """Return how much a word tells: rare words more than common ones."""
        return self._weights.get(word, self.unknown_weight)

    def meanings(self, typed: str) -> tuple[Meaning, ...]:
        """Return what a typed, folded word may stand for, the likeliest first.

        A word of more than `LONGEST_WORD` letters stands for itself alone.
        """
        if len(typed) > LONGEST_WORD:
            return (Meaning((typed,), EXACT),) if typed in self._weights else ()
        found: dict[tuple[str, ...], float] = {}
        for meaning in self._certain(typed):
            found.setdefault(meaning.words, meaning.quality)
        if typed not in self._lexicon.talk:
            look = self._abbreviated if found else self._guessed
            for meaning in look(typed):
                better = max(meaning.quality, found.get(meaning.words, 0.0))
                found[meaning.words] = better
        best = sorted(found.items(), key=lambda item: -item[1])[:_MEANINGS]
        return tuple(Meaning(words, quality) for words, quality in best)

    def pair(self, first: str, second: str) -> tuple[Meaning, ...]:
        """Return what two typed neighbours mean when they are one word here."""
        typed = first + second
        if typed in self._weights:
            return (Meaning((typed,), JOINED),)
        if len(typed) > LONGEST_WORD:
            return ()
        return tuple(
            Meaning((word,), JOINED * SAME_STEM)
            for word in self._stems.get(stem(typed), ())
            if word in self._weights
        )

    def _certain(self, typed: str) -> Iterator[Meaning]:
        if typed in self._weights:
            yield Meaning((typed,), EXACT)
        synonym = self._lexicon.synonyms.get(typed)
        if synonym is not None and synonym in self._weights:
            yield Meaning((synonym,), SYNONYM)
        if typed in self._joined:
            yield Meaning(self._joined[typed], JOINED)
        if typed.isdigit():
            return
        for word in self._stems.get(stem(typed), ()):
            if word in self._weights:
                yield Meaning((word,), SAME_STEM)
            else:
                yield Meaning(self._joined[word], JOINED * SAME_STEM)

    def _guessed(self, typed: str) -> Iterator[Meaning]:
        yield from self._abbreviated(typed)
        yield from self._with_ending(typed)
        yield from self._misspelt(typed)

    def _abbreviated(self, typed: str) -> Iterator[Meaning]:
        if len(typed) < _PREFIX_LETTERS or typed.isdigit():
            return
        start = bisect_left(self._sorted, typed)
        for word in self._sorted[start : start + _NEIGHBOURS]:
            if not word.startswith(typed):
                return
            quality = PREFIX_BASE + PREFIX_SPAN * len(typed) / len(word)
            yield Meaning((word,), quality)

    def _with_ending(self, typed: str) -> Iterator[Meaning]:
        longest = min(len(typed) - _STEM_LETTERS, self._longest_ending)
        for cut in range(1, longest + 1):
            word, ending = typed[:-cut], typed[-cut:]
            is_regular = self._is_ending(ending)
            if word.isdigit() or not (is_regular or _is_spare(word, ending)):
                continue
            softened = _HARDENED.get(word[-1], "") if is_regular else ""
            for said in (word, word[:-1] + softened) if softened else (word,):
                if said in self._weights:
                    yield Meaning((said,), ENDING)
                elif said in self._joined:
                    yield Meaning(self._joined[said], ENDING * JOINED)

    def _is_ending(self, ending: str) -> bool:
        """Return whether a language has it; endings come in pairs: "ekmeg-i-ni"."""
        known = self._lexicon.suffixes
        return ending in known or any(
            ending[:at] in known and ending[at:] in known
            for at in range(1, len(ending))
        )

    def _misspelt(self, typed: str) -> Iterator[Meaning]:
        if not _may_be_misspelt(typed):
            return
        slips = 1 if len(typed) < _LONG_LETTERS else 2
        lengths = range(len(typed) - slips, len(typed) + slips + 1)
        keys = [(length, gram) for gram in _grams(typed) for length in lengths]
        shared: Counter[str] = Counter()
        shared.update(chain.from_iterable(self._grams.get(key, ()) for key in keys))
        for word, _ in shared.most_common(_NEIGHBOURS):
            distance = OSA.distance(typed, word, score_cutoff=slips)
            if distance <= slips:
                cost = distance + _FIRST_LETTER * (typed[0] != word[0])
                yield Meaning((word,), 1 - cost / max(len(typed), len(word)))


def _may_be_misspelt(word: str) -> bool:
    """Codes and numbers are never guessed: "t144" is not "t145"."""
    return len(word) >= _FUZZY_LETTERS and not any(map(str.isdigit, word))


def _is_spare(word: str, ending: str) -> bool:
    return len(word) >= _BARE_STEM_LETTERS and len(ending) <= _SPARE_LETTERS


def _grams(word: str) -> set[str]:
    padded = f" {word} "
    return {padded[at : at + _PARTS] for at in range(len(word) + 1)}


def _by_stem(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    stems: dict[str, tuple[str, ...]] = {}
    for word in words:
        if not word.isdigit():
            stems[stem(word)] = (*stems.get(stem(word), ()), word)
    return stems


def _by_gram(words: Iterable[str]) -> dict[tuple[int, str], list[str]]:
    grams: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    for word in words:
        for gram in _grams(word):
            grams[len(word), gram].append(word)
    return dict(grams)
