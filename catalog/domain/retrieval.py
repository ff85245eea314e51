"""Which of a million entries are worth a close look: those with the rarest words.

The rare words of a query are counted in every entry that has them. The common ones
would cost most and tell least: they are only looked up in the entries that lead by
then.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.domain.compact import starts_of_runs
from catalog.domain.query import Query
from catalog.domain.segment import Segment
from catalog.domain.vocabulary import Vocabulary

#: So many entries are counted; the rarest word is always counted whole.
_COUNTED = 25_000
#: So many of those in front are looked up for the common words.
_LEADING = 1_000
#: So many are looked at closely.
_CLOSE = 48
#: What a title has besides the words that were said speaks a little against it.
_UNSAID = 0.15
#: A word that is only a part of a typed one counts a little less.
_IN_COMPOUND = 0.9
#: What a common word that was said counts in the first glance.
_ASIDE = 0.5


@dataclass(frozen=True, slots=True)
class Part:
    """A segment as it is searched: which of its entries live, how heavy titles are."""

    segment: Segment
    title_weights: NDArray[np.float32]
    alive: NDArray[np.bool_] | None = None  #: None: all of them.


@dataclass(frozen=True, slots=True)
class Places:
    """Entries of the parts of an index: entry `entries[n]` of part `parts[n]`."""

    parts: NDArray[np.int8]
    entries: NDArray[np.int64]
    scores: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.entries)

    def of(self, part: int) -> NDArray[np.int64]:
        """Return the entries of one part."""
        entries: NDArray[np.int64] = self.entries[self.parts == part]
        return entries


def promising(query: Query, parts: Sequence[Part], vocabulary: Vocabulary) -> Places:
    """Return the entries that share most with the query, in no order."""
    wanted = _wanted(query, vocabulary)
    words = sorted(
        wanted, key=lambda word: (vocabulary.frequency(word), vocabulary.words[word])
    )
    counted, common = _divided(words, vocabulary)
    found = [
        _counted(part, number, counted, wanted) for number, part in enumerate(parts)
    ]
    places = _joined(found)
    if common:
        leading = _best(places, parts, _LEADING)
        found = [
            _with_common(part, leading, number, common, wanted)
            for number, part in enumerate(parts)
        ]
        places = _joined(found)
    return _best(places, parts, _CLOSE)


def _wanted(query: Query, vocabulary: Vocabulary) -> dict[int, float]:
    """Return what each word counts that the query may mean."""
    wanted: dict[int, float] = {}
    meanings = [(1.0, each) for term in query.terms for each in term.meanings]
    for compound in query.compounds:
        for _, part in compound.parts:
            meanings.extend((_IN_COMPOUND, each) for each in part)
    weights = vocabulary.weights
    for worth, (word, quality) in meanings:
        counts = worth * quality * quality * float(weights[word])
        if counts > wanted.get(word, 0.0):
            wanted[word] = counts
    for word in query.asides:
        wanted.setdefault(word, _ASIDE * float(weights[word]))
    return wanted


def _divided(
    words: Sequence[int], vocabulary: Vocabulary
) -> tuple[Sequence[int], Sequence[int]]:
    total = 0
    for place, word in enumerate(words):
        total += vocabulary.frequency(word)
        if place and total > _COUNTED:
            return words[:place], words[place:]
    return words, ()


def _counted(
    part: Part, number: int, words: Sequence[int], wanted: dict[int, float]
) -> Places:
    entries = part.segment.entries
    known = np.array([word for word in words if word < len(entries)], np.int64)
    places = entries.places(known)
    if not len(places):
        return _nothing(number)
    touched = entries.values[places]
    counts = np.array([wanted[int(word)] for word in known], np.float32)
    scores = np.zeros(len(part.title_weights), np.float32)
    np.add.at(scores, touched, np.repeat(counts, entries.sizes(known)))
    # Most entries have one of the words only and cannot win: drop them unsorted.
    if len(touched) > _LEADING:
        reached = scores[touched] - _UNSAID * part.title_weights[touched]
        least = np.partition(reached, -_LEADING)[-_LEADING]
        touched = touched[reached >= least]
    touched = np.sort(touched)
    touched = touched[starts_of_runs(touched)]
    if part.alive is not None:
        touched = touched[part.alive[touched]]
    return _places(number, touched, scores[touched])


def _with_common(
    part: Part,
    leading: Places,
    number: int,
    words: Sequence[int],
    wanted: dict[int, float],
) -> Places:
    chosen = leading.parts == number
    entries, scores = leading.entries[chosen], leading.scores[chosen]
    order = np.argsort(entries)
    entries, scores = entries[order], scores[order]
    for word in words:
        if word < len(part.segment.entries) and len(entries):
            having = part.segment.entries.one(word)
            at = np.minimum(having.searchsorted(entries), len(having) - 1)
            if len(having):
                scores[having[at] == entries] += np.float32(wanted[word])
    return _places(number, entries, scores)


def _best(places: Places, parts: Sequence[Part], most: int) -> Places:
    """Return the `most` places in front; equals in the same order in any segment."""
    if len(places) <= most:
        return places
    reached = places.scores.copy()
    for number, part in enumerate(parts):
        chosen = places.parts == number
        reached[chosen] -= _UNSAID * part.title_weights[places.entries[chosen]]
    least = np.partition(reached, -most)[-most]
    kept = np.flatnonzero(reached >= least)
    if len(kept) > most:
        ties = np.zeros(len(kept), np.int64)
        for number, part in enumerate(parts):
            chosen = places.parts[kept] == number
            ties[chosen] = part.segment.ties[places.entries[kept[chosen]]]
        kept = kept[np.lexsort((ties, -reached[kept]))[:most]]
    return Places(places.parts[kept], places.entries[kept], places.scores[kept])


def _joined(found: Sequence[Places]) -> Places:
    if len(found) == 1:
        return found[0]
    return Places(
        np.concatenate([each.parts for each in found]),
        np.concatenate([each.entries for each in found]),
        np.concatenate([each.scores for each in found]),
    )


def _nothing(number: int) -> Places:
    return _places(number, np.zeros(0, np.int64), np.zeros(0, np.float32))


def _places(
    number: int,
    entries: NDArray[np.int64] | NDArray[np.int32],
    scores: NDArray[np.float32],
) -> Places:
    parts = np.full(len(entries), number, np.int8)
    return Places(parts, entries.astype(np.int64), scores)
