"""Which of a million entries are worth a close look: those with the rarest words.

The entries that have a rare word of the query are the ones to choose from. The common
words only say which of those lead: they would bring in most of the catalog.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from catalog.domain.compact import starts_of_runs
from catalog.domain.query import Query
from catalog.domain.segment import Segment
from catalog.domain.vocabulary import Vocabulary

#: So many entries are counted; those of the rarest word all are.
_COUNTED = 8_000
#: So many of those in front are looked up for the words that more entries have.
_LEADING = 300
#: Whoever has so much of what the best one has is in front, if so many have.
_SHARES = (0.5, 0.25, 0.0)
#: So many are looked at closely.
_CLOSE = 32
#: What a title has besides the words that were said speaks a little against it.
_UNSAID = np.float32(0.15)
#: A query may mean at most so many words: terms and compounds have ten each.
_WORD_BITS = 12
_WORD_MASK = (1 << _WORD_BITS) - 1
#: A word that is only a part of a typed one counts a little less.
_IN_COMPOUND = 0.9
#: What a common word that was said counts in the first glance.
_ASIDE = 0.5

Entries = NDArray[np.int64]
Scores = NDArray[np.float32]
Counts = NDArray[np.uint8]
T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Part:
    """A segment as it is searched: with what the titles of its entries tell."""

    segment: Segment
    #: How much the words of a title tell.
    titles: Scores
    #: How many they are, and how many of the name's words are numbers or codes.
    lengths: Counts
    numbers: Counts
    #: By entry: its title speaks against it as long as nothing is said; endlessly so
    #: against the dead ones.
    handicaps: Scores

    @classmethod
    def of(
        cls,
        segment: Segment,
        vocabulary: Vocabulary,
        alive: NDArray[np.bool_] | None = None,
    ) -> "Part":
        """Return a segment as it is searched. `alive` are its entries that are."""
        titles = segment.title_weights(vocabulary.weights)
        handicaps = -_UNSAID * titles
        if alive is not None:
            handicaps[~alive] = -np.inf
        numeric = vocabulary.kinds > 0
        lengths, numbers = segment.title_lengths(), segment.numbers_in_names(numeric)
        return cls(segment, titles, lengths, numbers, handicaps)

    @property
    def nbytes(self) -> int:
        """Return how much memory it takes beside the segment."""
        return 2 * self.titles.nbytes + 2 * self.lengths.nbytes


@dataclass(frozen=True, slots=True)
class Places:
    """Entries of each part of an index, with their scores at the first glance."""

    parts: Sequence[Part]
    entries: tuple[Entries, ...]
    scores: tuple[Scores, ...]

    def __len__(self) -> int:
        return sum(map(len, self.entries))

    def each(self) -> Iterator[tuple[Part, Entries]]:
        """Yield every part with its entries."""
        return zip(self.parts, self.entries, strict=True)

    def at(self, row: int) -> tuple[Part, int]:
        """Return the part and the entry that are at a place."""
        for part, entries in self.each():
            if row < len(entries):
                return part, int(entries[row])
            row -= len(entries)
        raise IndexError(row)

    def of(self, values: Callable[[Part], NDArray[T]]) -> NDArray[T]:
        """Return what the entries have in an array that each part has."""
        return _joined([values(part)[entries] for part, entries in self.each()])


@dataclass(frozen=True, slots=True)
class _Words:
    """Words that are looked for, with what each of them counts."""

    numbers: Sequence[int]
    worths: Sequence[float]


def promising(query: Query, parts: Sequence[Part], vocabulary: Vocabulary) -> Places:
    """Return the entries that share most with the query, in no order."""
    rare, common = _divided(_counts(query, vocabulary), vocabulary)
    enough = _LEADING if common.numbers else _CLOSE
    places = _ahead(parts, [_having(part, rare) for part in parts], enough)
    if common.numbers and len(places):
        places = _best(places, _LEADING)
        for (part, entries), scores in zip(places.each(), places.scores, strict=True):
            _add_common(part, entries, scores, common)
    return _best(places, _CLOSE)


def _counts(query: Query, vocabulary: Vocabulary) -> dict[int, float]:
    """Return what each word counts that the query may mean."""
    told = vocabulary.told
    wanted: dict[int, float] = {}
    for term in query.terms:
        for word, quality in term.meanings:
            counts = quality * quality * told[word]
            if counts > wanted.get(word, 0.0):
                wanted[word] = counts
    for compound in query.compounds:
        for _, part in compound.parts:
            for word, quality in part:
                counts = _IN_COMPOUND * quality * quality * told[word]
                if counts > wanted.get(word, 0.0):
                    wanted[word] = counts
    for word in query.asides:
        wanted.setdefault(word, _ASIDE * told[word])
    return wanted


def _divided(counts: dict[int, float], vocabulary: Vocabulary) -> tuple[_Words, _Words]:
    """Return the rare words and the common ones."""
    words, frequency = vocabulary.words, vocabulary.frequency
    order = sorted([(frequency(number), words[number], number) for number in counts])
    total = rare = 0
    for having, _, _ in order:
        total += having
        if total > _COUNTED and rare:
            break
        rare += 1
    numbers = [number for _, _, number in order]
    worths = [counts[number] for number in numbers]
    return _Words(numbers[:rare], worths[:rare]), _Words(numbers[rare:], worths[rare:])


def _having(part: Part, words: _Words) -> tuple[Entries, Scores]:
    """Return the entries that have some of the words, each once, and their scores.

    By sorting, so that it takes no memory and no time for all other entries.
    """
    having = part.segment.entries
    numbers = np.array(words.numbers, np.int64)
    numbers = numbers[numbers < len(having)]
    sizes = having.sizes(numbers)
    # An entry and the word that it has, in one number.
    pairs = having.all_of(numbers.tolist()).astype(np.int64)
    pairs <<= _WORD_BITS
    pairs += np.repeat(np.arange(len(numbers)), sizes)
    pairs.sort()
    worths = np.array(words.worths, np.float32)[pairs & _WORD_MASK]
    pairs >>= _WORD_BITS
    starts = starts_of_runs(pairs)
    if not len(starts):
        return pairs, worths
    entries = pairs[starts]
    return entries, np.add.reduceat(worths, starts) + part.handicaps[entries]


def _ahead(
    parts: Sequence[Part], found: Sequence[tuple[Entries, Scores]], enough: int
) -> Places:
    """Return the entries in front: not many more than are enough."""
    highest = max((float(s.max()) for _, s in found if len(s)), default=0.0)
    bounds = [share * highest for share in _SHARES] if highest > 0 else []
    # Where the words tell little, whatever has one of them is better than nothing.
    ahead: list[Entries] = []
    for least in (*bounds, -np.inf):
        ahead = [np.flatnonzero(scores > least) for _, scores in found]
        if sum(map(len, ahead)) >= enough:
            break
    pairs = list(zip(found, ahead, strict=True))
    return Places(
        parts,
        tuple(entries[chosen] for (entries, _), chosen in pairs),
        tuple(scores[chosen] for (_, scores), chosen in pairs),
    )


def _add_common(part: Part, entries: Entries, scores: Scores, words: _Words) -> None:
    """Add to the scores of some entries what words count that very many have."""
    for word, worth in zip(words.numbers, words.worths, strict=True):
        if word < len(part.segment.entries):
            having = part.segment.entries.one(word)
            if len(having):
                at = np.minimum(having.searchsorted(entries), len(having) - 1)
                scores[having[at] == entries] += np.float32(worth)


def _best(places: Places, most: int) -> Places:
    """Return the `most` places in front; equals in the same order in any segment."""
    if len(places) <= most:
        return places
    reached = _joined(places.scores)
    least = np.partition(reached, -most)[-most]
    kept = reached >= least
    if np.count_nonzero(kept) > most:
        found = np.flatnonzero(kept)
        ties = places.of(lambda part: part.segment.ties)
        kept[found[np.lexsort((ties[found], -reached[found]))[most:]]] = False
    chosen, end = [], 0
    for entries in places.entries:
        chosen.append(kept[end : end + len(entries)])
        end += len(entries)
    return Places(
        places.parts,
        tuple(e[flags] for e, flags in zip(places.entries, chosen, strict=True)),
        tuple(s[flags] for s, flags in zip(places.scores, chosen, strict=True)),
    )


def _joined(arrays: Sequence[NDArray[T]]) -> NDArray[T]:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
