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

from catalog.domain.compact import starts_of_runs
from catalog.domain.entry import LAST_OF_NAME, WORTH, Field
from catalog.domain.query import Query, Term
from catalog.domain.retrieval import Places
from catalog.domain.vocabulary import EXACT, Vocabulary

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


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
TEXTUAL = slice(Feature.SORTED, Feature.INSIDE + 1)
FEATURES = 22
_WORTH = np.array(WORTH, np.float32)
#: From here on a word is met.
_MET = 0.7
_WELL = 0.95
#: A product is clearly meant where it has each word that others have too, so much of
#: its title was said, and hardly anything that nobody sells.
_LITTLE_FOREIGN, _MOST_MISSED = 0.15, 0.35
#: How much of a title: in a shop of hundreds, and what more for each unit of SIZE. The
#: more a shop has, the likelier it is that the unsaid names another product.
_CLEAR_TITLE, _SMALL, _MORE, _CLEAREST = 0.5, 0.65, 0.8, 0.7
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
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a query and some entries have in common, word by word."""

    places: Places
    words: NDArray[np.int32]  #: That entries have and the query may mean.
    fields: NDArray[np.uint8]
    starts: NDArray[np.int64]  #: Where the words of each entry start.
    met: Floats  #: By term (and part of a compound) and word: how well it is met.
    quality: Doubles  #: By term and entry, what the word is worth included.
    named: Doubles  #: By term and entry: the same by the words of names alone.


def evidence_of(query: Query, places: Places) -> Evidence:
    """Compare the words of a query with those of entries. There is one at least."""
    meanings = [
        *(term.meanings for term in query.terms),
        *(part for each in query.compounds for _, part in each.parts),
        *(((word, EXACT),) for word in query.asides),
    ]
    columns = {word: 0 for found in meanings for word, _ in found}
    meant = sorted(columns)
    columns.update(zip(meant, range(len(meant)), strict=True))
    table = np.zeros((len(meanings), len(columns)), np.float32)
    for row, found in enumerate(meanings):
        for word, spelt in found:
            table[row, columns[word]] = spelt
    words, fields, owners, chosen = _shared(places, np.array(meant, np.int32))
    starts = starts_of_runs(owners)
    met = table.take(chosen, axis=1)
    best = np.maximum.reduceat(met * _WORTH[fields], starts, axis=1)
    by_name = np.maximum.reduceat(met * (fields <= LAST_OF_NAME), starts, axis=1)
    return Evidence(
        places=places,
        words=words,
        fields=fields,
        starts=starts,
        met=met,
        quality=_with_compounds(query, best),
        named=_with_compounds(query, by_name),
    )


def features_of(query: Query, evidence: Evidence, vocabulary: Vocabulary) -> Doubles:
    """Return a row of features for each entry, those of `TEXTUAL` still 0."""
    terms = query.terms
    quality, named = evidence.quality, evidence.named
    by_feature = np.zeros((FEATURES, quality.shape[1]))
    by_feature[Feature.ALWAYS] = 1.0
    weights = np.array([term.weight for term in terms])
    optional = [place for place, term in enumerate(terms) if term.optional]
    # An optional term counts only where it is met.
    total = weights.sum()
    if optional:
        unmet = quality[optional] == 0
        total = np.maximum(total - weights[optional] @ unmet, _TINY)
    by_feature[Feature.NAMED] = weights @ named / total
    by_feature[Feature.SPELT] = weights @ (quality >= _WELL) / total
    matched = weights @ quality
    evidence_share = np.minimum(matched / vocabulary.heaviest, _MOST_EVIDENCE)
    by_feature[Feature.EVIDENCE] = evidence_share / _MOST_EVIDENCE
    by_feature[Feature.MATCHED] = matched / _TENS
    by_feature[Feature.SIZE] = vocabulary.heaviest / _TENS
    codes = [place for place, term in enumerate(terms) if _is_code(term)]
    if codes:
        by_feature[Feature.CODE] = quality[codes].max(axis=0) >= _CODE_MET
    foreign = sum(t.weight for t in terms if not t.meanings and not t.optional)
    by_feature[Feature.FOREIGN] = foreign / max(weights.sum(), _TINY)
    if len(optional) < len(terms):
        required = np.delete(quality, optional, axis=0) if optional else quality
        by_feature[Feature.WEAKEST] = np.minimum.reduce(required)
    missing = quality < _HALF
    _add_missed(by_feature, query, quality, missing)
    said = evidence.met.max(axis=0)
    _add_title(by_feature, evidence, said >= _MET, vocabulary)
    _add_numbers(by_feature, query, evidence, said >= _HALF, vocabulary)
    lone = np.add.reduce(named >= _HALF, dtype=np.int32) <= 1
    by_feature[Feature.LONE] = lone & (by_feature[Feature.WHOLE] == 0)
    return by_feature.T


def add_textual(
    rows: Doubles,
    chosen: Sequence[int],
    query: Query,
    evidence: Evidence,
    vocabulary: Vocabulary,
) -> None:
    """Add the features of `TEXTUAL` to some of the rows."""
    said = " ".join(query.words)
    in_order, squeezed = " ".join(sorted(query.words)), "".join(query.words)
    for row in chosen:
        title = _title_of(row, evidence.places, vocabulary)
        rows[row, TEXTUAL] = (
            fuzz.ratio(in_order, " ".join(sorted(title))) / 100,
            fuzz.ratio(said, " ".join(title)) / 100,
            fuzz.partial_ratio(squeezed, "".join(title)) / 100,
        )


def is_clear(features: Doubles) -> bool:
    """Return whether nothing that was said speaks for another product, or for none."""
    return bool(
        features[Feature.CONTRARY] == 0
        and features[Feature.RIVAL] == 0
        and features[Feature.FOREIGN] <= _LITTLE_FOREIGN
        and features[Feature.MISSES] == 0
        and features[Feature.MISSED] <= _MOST_MISSED
        and features[Feature.TITLE] >= _clear_title(features[Feature.SIZE])
    )


def _clear_title(size: float) -> float:
    return min(_CLEAREST, _CLEAR_TITLE + _MORE * max(0.0, size - _SMALL))


def is_whole(features: Doubles) -> bool:
    """Return whether the whole title was said."""
    return bool(features[Feature.WHOLE])


def words_at(row: int, evidence: Evidence) -> slice:
    """Return where the words are that one entry shares with the query."""
    last = row + 1 == len(evidence.starts)
    end = len(evidence.words) if last else int(evidence.starts[row + 1])
    return slice(int(evidence.starts[row]), end)


def _title_of(row: int, places: Places, vocabulary: Vocabulary) -> list[str]:
    """Return the words of an entry's title and its measures."""
    part, entry = places.at(row)
    words = part.segment.words
    here = slice(words.ends[entry], words.ends[entry + 1])
    pairs = zip(
        words.values[here].tolist(), part.segment.fields[here].tolist(), strict=True
    )
    spelt = vocabulary.words
    return [spelt[number] for number, field in pairs if field <= Field.MEASURE]


def _shared(
    places: Places, meant: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    """Return the words of entries that are meant, with the field and owner of each.

    And which one of those that are meant it is.
    """
    found = []
    before = 0
    for part, entries in places.each():
        own = part.segment.words
        at, owners = own.places_of(entries)
        words = own.values[at]
        near = np.minimum(meant.searchsorted(words), len(meant) - 1)
        hits = np.flatnonzero(meant[near] == words)
        found.append(
            (
                words[hits],
                part.segment.fields[at[hits]],
                owners[hits] + before,
                near[hits],
            )
        )
        before += len(entries)
    if len(found) == 1:
        return found[0]
    words, fields, owners, chosen = map(np.concatenate, zip(*found, strict=True))
    return words, fields, owners, chosen


def _with_compounds(query: Query, met: Floats) -> Doubles:
    """Fold the rows of compounds into those of the terms that they stand for."""
    # Rounded, so that 0.95 in four bytes is not less than 0.95 in eight.
    quality: Doubles = met.astype(np.float64).round(_DECIMALS)
    joined = quality[: len(query.terms)].copy()
    row = len(query.terms)
    for compound in query.compounds:
        total = np.zeros(quality.shape[1])
        for share, _ in compound.parts:
            total += share * quality[row]
            row += 1
        total[total < _MOST_OF_IT] = 0.0
        np.minimum(total, 1.0, out=total)
        for term in compound.terms:
            np.maximum(joined[term], total, out=joined[term])
    return joined


def _add_missed(
    by_feature: Doubles, query: Query, quality: Doubles, missing: NDArray[np.bool_]
) -> None:
    """Add what was said and known, and is not there."""
    wanted = [bool(term.meanings) and not term.optional for term in query.terms]
    if not any(wanted):
        return
    known = np.array(wanted, np.float64)
    weights = known * [term.weight for term in query.terms]
    sure = known * [term.quality >= _WELL for term in query.terms]
    by_feature[Feature.MISSED] = (weights @ (1 - quality)) / _TENS
    by_feature[Feature.MISSES] = np.minimum(known @ missing, _MOST_MISSES) / _FEW
    by_feature[Feature.CONTRARY] = sure @ missing > 0


def _add_title(
    by_feature: Doubles,
    evidence: Evidence,
    said: NDArray[np.bool_],
    vocabulary: Vocabulary,
) -> None:
    title = evidence.places.of(lambda part: part.titles)
    length = evidence.places.of(lambda part: part.lengths)
    heard_words = said & (evidence.fields == Field.TITLE)
    told = vocabulary.weights[evidence.words] * heard_words
    heard = np.add.reduceat(told, evidence.starts)
    unsaid = length - np.add.reduceat(heard_words, evidence.starts, dtype=np.int32)
    by_feature[Feature.TITLE] = heard / np.maximum(title, _TINY)
    by_feature[Feature.WHOLE] = unsaid == 0
    by_feature[Feature.UNSAID] = (title - heard) / _TENS
    by_feature[Feature.UNSAYS] = np.minimum(unsaid, _MOST_UNSAID) / _SOME


def _add_numbers(
    by_feature: Doubles,
    query: Query,
    evidence: Evidence,
    said: NDArray[np.bool_],
    vocabulary: Vocabulary,
) -> None:
    numeric = [
        place
        for place, term in enumerate(query.terms)
        if term.numeric and not term.optional
    ]
    if not numeric:
        return
    lacking = np.add.reduce(evidence.quality[numeric] < _HALF, dtype=np.int32)
    by_feature[Feature.NUMBER] = np.minimum(lacking, _MOST_NUMBERS) / _MOST_NUMBERS
    kinds = vocabulary.kinds[evidence.words]
    heard = said & (kinds > 0) & (evidence.fields <= Field.MEASURE)
    own = evidence.places.of(lambda part: part.numbers)
    others = own > np.add.reduceat(heard, evidence.starts, dtype=np.int32)
    by_feature[Feature.RIVAL] = others & (lacking > 0)


def _is_code(term: Term) -> bool:
    """Return whether a term is a code, or a number too long to be an amount."""
    digits = sum(map(str.isdigit, term.text))
    is_long = len(term.text) >= _CODE_LETTERS
    return is_long and digits > 0 and term.dimension is None and not term.optional
