"""What a customer typed, as terms: what each word may mean and how much it tells."""

from dataclasses import dataclass
from itertools import pairwise

from catalog.domain.folding import tokens
from catalog.domain.lexicon import Lexicon
from catalog.domain.measure import Measure, measured
from catalog.domain.vocabulary import Meaning, Vocabulary

#: A mention has few words; what is longer is prose, and its head is enough to tell.
_MOST_LETTERS = 300
MOST_TERMS = 16


@dataclass(frozen=True, slots=True)
class Term:
    """One typed word."""

    text: str
    meanings: tuple[Meaning, ...]  #: The likeliest first; none: no product has it.
    weight: float
    #: It may be a quantity rather than a part of the name: no match, no harm.
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A text as it is looked for."""

    sorted_words: str  #: Every word but fillers and measures, alphabetically.
    terms: tuple[Term, ...]
    measures: tuple[Measure, ...]


def query_of(text: str, lexicon: Lexicon, vocabulary: Vocabulary) -> Query:
    """Return a text as it is looked for. `lexicon.fillers` are left out."""
    head = text[:_MOST_LETTERS]
    split = measured(head, lexicon.units)
    words = [word for word in tokens(split.rest) if word not in lexicon.fillers]
    terms = _terms(words[:MOST_TERMS], lexicon, vocabulary)
    sizes = [_term(unit, vocabulary, optional=True) for unit in split.units]
    return Query(
        sorted_words=" ".join(sorted(words)),
        terms=(*terms, *(size for size in sizes if size.text in lexicon.sizes)),
        measures=split.measures,
    )


def _terms(words: list[str], lexicon: Lexicon, vocabulary: Vocabulary) -> list[Term]:
    pairs = [vocabulary.pair(first, second) for first, second in pairwise(words)]
    terms = []
    for place, word in enumerate(words):
        counts = word.isdigit() or word in lexicon.numbers
        optional = (place == 0 and counts) or word in lexicon.counters
        beside = (*pairs[max(0, place - 1) : place], *pairs[place : place + 1])
        joined = tuple(meaning for pair in beside for meaning in pair)
        terms.append(_term(word, vocabulary, joined, optional=optional))
    return terms


def _term(
    word: str,
    vocabulary: Vocabulary,
    joined: tuple[Meaning, ...] = (),
    *,
    optional: bool,
) -> Term:
    meanings = sorted(
        (*vocabulary.meanings(word), *joined), key=lambda meaning: -meaning.quality
    )
    if meanings:
        best = meanings[0].words
        weight = sum(map(vocabulary.weight, best)) / len(best)
    else:
        # A number that no product has names another product than ours; a word that
        # none has may be mere talk.
        weight = vocabulary.unknown_weight * (2 if word.isdigit() else 1)
    return Term(word, tuple(meanings), weight, optional)
