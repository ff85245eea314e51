"""How well entries answer a query: a few features of each, made probabilities.

The features are shares of words and letters, so that they mean the same in a cafe and
in a catalog of a million. What they are worth was fitted (`catalog.domain.weights`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from catalog.domain.entry import LAST_OF_NAME, WORTH, Field
from catalog.domain.query import Query, Term
from catalog.domain.retrieval import Part, Places
from catalog.domain.vocabulary import EXACT, Vocabulary

Floats = NDArray[np.float32]


class Feature:
    """What is known of an entry, as numbers that are 0 to 1 or not much more."""

    ALWAYS: Final = 0  #: 1.
    CODE: Final = 1  #: It has a code or a long number that was said.
    NAMED: Final = 2  #: How much of what was said is in its name.
    SPELT: Final = 3  #: How much of it the entry has, anywhere, without a slip.
    WEAKEST: Final = 4  #: How well the worst of the words is met.
    TITLE: Final = 5  #: How much of the title was said.
    WHOLE: Final = 6  #: Whether all of it was.
    EVIDENCE: Final = 7  #: How much the words tell, against what names one entry.
    FOREIGN: Final = 8  #: How much of what was said no entry has.
    NUMBER: Final = 9  #: Numbers and codes that were said and that it lacks.
    RIVAL: Final = 10  #: It has other numbers instead.
    LONE: Final = 11  #: One word of a longer name is all that was said of it.
    SORTED: Final = 12  #: How alike the texts are, word order apart.
    ORDERED: Final = 13  #: How alike they are in their order.
    INSIDE: Final = 14  #: How well the letters fit somewhere inside.
    MATCHED: Final = 15  #: How much the words tell that it has, in tens of nats.
    MISSED: Final = 16  #: How much those tell that others have instead.
    MISSES: Final = 17  #: How many they are.
    UNSAID: Final = 18  #: How much the words of its title tell that were not said.
    UNSAYS: Final = 19  #: How many they are.
    SIZE: Final = 20  #: How much it takes to name one entry among all.
    CONTRARY: Final = 21  #: It lacks a word that was well spelt and that others have.


#: Features that need the letters: only the entries in front are given them.
TEXTUAL = (Feature.SORTED, Feature.ORDERED, Feature.INSIDE)
FEATURES = 22
_WORTH = np.array(WORTH, np.float32)
#: From here on a word is met.
_MET = 0.7
_WELL = 0.95
#: A product is clearly meant where it has each word that others have too, so much of
#: its title was said, and hardly anything that nobody sells.
_CLEAR_TITLE, _LITTLE_FOREIGN = 0.5, 0.15
_HALF = 0.5
#: A word that is cut apart counts where most of it is met.
_MOST_OF_IT = 0.6
#: Evidence for three entries is no better than for two.
_MOST_EVIDENCE = 2.0
_MOST_NUMBERS = 2.0
#: What keeps counts and weights near 1, and where they stop to matter.
_TENS, _FEW, _SOME = 10.0, 3.0, 4.0
_MOST_MISSES, _MOST_UNSAID = 6, 8
_CODE_LETTERS, _CODE_MET = 4, 0.8
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a query and some entries have in common, word by word."""

    words: NDArray[np.int32]  #: Of all entries, one behind the other.
    fields: NDArray[np.uint8]
    starts: NDArray[np.int64]  #: Where the words of each entry start.
    met: Floats  #: By term (and part of a compound) and word: how well it is met.
    quality: Floats  #: By term and entry, what the word is worth included.
    named: Floats  #: By term and entry: the same by the words of names alone.


def evidence_of(
    query: Query, places: Places, parts: Sequence[Part], vocabulary: Vocabulary
) -> Evidence:
    """Compare the words of a query with those of entries. There is one at least."""
    words, fields, starts = _words(places, parts)
    meanings = [
        *(term.meanings for term in query.terms),
        *(part for each in query.compounds for _, part in each.parts),
        *(((word, EXACT),) for word in query.asides),
    ]
    # Each word that is meant gets a column, all others share column 0.
    columns = {word: 0 for found in meanings for word, _ in found}
    columns = {word: column + 1 for column, word in enumerate(columns)}
    table = np.zeros((len(meanings), len(columns) + 1), np.float32)
    for row, found in enumerate(meanings):
        for word, spelt in found:
            table[row, columns[word]] = spelt
    slots = np.zeros(len(vocabulary.words), np.int16)
    slots[list(columns)] = list(columns.values())
    met = table[:, slots[words]]
    valued = met * _WORTH[fields]
    best = np.maximum.reduceat(valued, starts, axis=1)
    by_name = np.maximum.reduceat(met * (fields <= LAST_OF_NAME), starts, axis=1)
    return Evidence(
        words=words,
        fields=fields,
        starts=starts,
        met=met,
        quality=_with_compounds(query, best),
        named=_with_compounds(query, by_name),
    )


def features_of(
    query: Query, evidence: Evidence, vocabulary: Vocabulary
) -> NDArray[np.float64]:
    """Return a row of features for each entry, those of `TEXTUAL` still 0."""
    terms = query.terms
    quality, named = evidence.quality, evidence.named
    rows = np.zeros((quality.shape[1], FEATURES))
    rows[:, Feature.ALWAYS] = 1.0
    weights = np.array([term.weight for term in terms])
    optional = np.array([term.optional for term in terms])
    # An optional term counts only where it is met.
    counted = weights[:, None] * ~(optional[:, None] & (quality == 0))
    total = np.maximum(counted.sum(axis=0), _TINY)
    rows[:, Feature.NAMED] = (counted * named).sum(axis=0) / total
    rows[:, Feature.SPELT] = (counted * (quality >= _WELL)).sum(axis=0) / total
    matched = (weights[:, None] * quality).sum(axis=0)
    evidence_share = np.minimum(matched / vocabulary.heaviest, _MOST_EVIDENCE)
    rows[:, Feature.EVIDENCE] = evidence_share / _MOST_EVIDENCE
    rows[:, Feature.MATCHED] = matched / _TENS
    rows[:, Feature.SIZE] = vocabulary.heaviest / _TENS
    codes = [place for place, term in enumerate(terms) if _is_code(term)]
    rows[:, Feature.CODE] = (quality[codes] >= _CODE_MET).any(axis=0)
    foreign = np.array([not term.meanings for term in terms]) & ~optional
    rows[:, Feature.FOREIGN] = (weights * foreign).sum() / max(weights.sum(), 1e-9)
    if not optional.all():
        rows[:, Feature.WEAKEST] = quality[~optional].min(axis=0)
    _add_missed(rows, query, quality)
    _add_title(rows, evidence, vocabulary)
    _add_numbers(rows, query, evidence, vocabulary)
    lone = (named >= _HALF).sum(axis=0) <= 1
    rows[:, Feature.LONE] = lone & (rows[:, Feature.WHOLE] == 0)
    return rows


def add_textual(
    rows: NDArray[np.float64],
    chosen: Sequence[int],
    query: Query,
    evidence: Evidence,
    vocabulary: Vocabulary,
) -> None:
    """Add the features of `TEXTUAL` to some of the rows."""
    said = " ".join(query.words)
    in_order, squeezed = " ".join(sorted(query.words)), "".join(query.words)
    for row in chosen:
        title = title_of(row, evidence, vocabulary)
        rows[row, Feature.SORTED] = fuzz.ratio(in_order, " ".join(sorted(title))) / 100
        rows[row, Feature.ORDERED] = fuzz.ratio(said, " ".join(title)) / 100
        inside = fuzz.partial_ratio(squeezed, "".join(title)) / 100
        rows[row, Feature.INSIDE] = inside


def is_clear(features: NDArray[np.float64]) -> bool:
    """Return whether nothing that was said speaks for another product, or for none."""
    return bool(
        features[Feature.CONTRARY] == 0
        and features[Feature.RIVAL] == 0
        and features[Feature.FOREIGN] <= _LITTLE_FOREIGN
        and features[Feature.MISSES] == 0
        and features[Feature.TITLE] >= _CLEAR_TITLE
    )


def is_whole(features: NDArray[np.float64]) -> bool:
    """Return whether the whole title was said."""
    return bool(features[Feature.WHOLE])


def title_of(row: int, evidence: Evidence, vocabulary: Vocabulary) -> list[str]:
    """Return the words of an entry's title and its measures."""
    here = words_at(row, evidence)
    named = evidence.fields[here] <= Field.MEASURE
    return [vocabulary.words[word] for word in evidence.words[here][named]]


def words_at(row: int, evidence: Evidence) -> slice:
    """Return where the words of one entry are."""
    last = row + 1 == len(evidence.starts)
    end = len(evidence.words) if last else int(evidence.starts[row + 1])
    return slice(int(evidence.starts[row]), end)


def _words(
    places: Places, parts: Sequence[Part]
) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.int64]]:
    words, fields, sizes = [], [], []
    for number, part in enumerate(parts):
        own, entries = part.segment.words, places.of(number)
        at = own.places(entries)
        words.append(own.values[at])
        fields.append(part.segment.fields[at])
        sizes.append(own.sizes(entries))
    ends = np.cumsum(np.concatenate(sizes))
    starts = np.concatenate([[0], ends[:-1]]).astype(np.int64)
    return np.concatenate(words), np.concatenate(fields), starts


def _with_compounds(query: Query, quality: Floats) -> Floats:
    """Fold the rows of compounds into those of the terms that they stand for."""
    joined = quality[: len(query.terms)].copy()
    row = len(query.terms)
    for compound in query.compounds:
        total = np.zeros(quality.shape[1], np.float32)
        for share, _ in compound.parts:
            total += np.float32(share) * quality[row]
            row += 1
        total[total < _MOST_OF_IT] = 0.0
        np.minimum(total, 1.0, out=total)
        for term in compound.terms:
            np.maximum(joined[term], total, out=joined[term])
    return joined


def _add_missed(rows: NDArray[np.float64], query: Query, quality: Floats) -> None:
    """Add what was said and known, and is not there."""
    wanted = [
        place
        for place, term in enumerate(query.terms)
        if term.meanings and not term.optional
    ]
    if not wanted:
        return
    weights = np.array([query.terms[place].weight for place in wanted])
    sure = np.array([query.terms[place].quality >= _WELL for place in wanted])
    missing = quality[wanted] < _HALF
    lacking = (weights[:, None] * (1 - quality[wanted])).sum(axis=0)
    rows[:, Feature.MISSED] = lacking / _TENS
    rows[:, Feature.MISSES] = np.minimum(missing.sum(axis=0), _MOST_MISSES) / _FEW
    rows[:, Feature.CONTRARY] = (sure[:, None] & missing).any(axis=0)


def _add_title(
    rows: NDArray[np.float64], evidence: Evidence, vocabulary: Vocabulary
) -> None:
    in_title = evidence.fields == Field.TITLE
    told = vocabulary.weights[evidence.words] * in_title
    said = evidence.met.max(axis=0) >= _MET
    title = np.add.reduceat(told, evidence.starts)
    heard = np.add.reduceat(told * said, evidence.starts)
    unsaid = np.add.reduceat(in_title & ~said, evidence.starts, dtype=np.int32)
    rows[:, Feature.TITLE] = heard / np.maximum(title, _TINY)
    rows[:, Feature.WHOLE] = unsaid == 0
    rows[:, Feature.UNSAID] = (title - heard) / _TENS
    rows[:, Feature.UNSAYS] = np.minimum(unsaid, _MOST_UNSAID) / _SOME


def _add_numbers(
    rows: NDArray[np.float64],
    query: Query,
    evidence: Evidence,
    vocabulary: Vocabulary,
) -> None:
    numeric = [
        place
        for place, term in enumerate(query.terms)
        if term.numeric and not term.optional
    ]
    if not numeric:
        return
    lacking = (evidence.quality[numeric] < _HALF).sum(axis=0)
    rows[:, Feature.NUMBER] = np.minimum(lacking, _MOST_NUMBERS) / _MOST_NUMBERS
    unsaid = evidence.met.max(axis=0) < _HALF
    kinds = vocabulary.kinds[evidence.words]
    others = unsaid & (kinds > 0) & (evidence.fields <= Field.MEASURE)
    has_other = np.maximum.reduceat(others, evidence.starts)
    rows[:, Feature.RIVAL] = has_other & (lacking > 0)


def _is_code(term: Term) -> bool:
    """Return whether a term is a code, or a number too long to be an amount."""
    digits = sum(map(str.isdigit, term.text))
    is_long = len(term.text) >= _CODE_LETTERS
    return is_long and digits > 0 and term.dimension is None and not term.optional
