"""How well a product answers a query: shares of words, made probabilities.

The curve and the weights below were set by hand on small shops. They are honest about
order and caution; probabilities fitted to data can replace this module alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp

from rapidfuzz import fuzz

from catalog.domain.entry import Entry, Form, Words
from catalog.domain.measure import Measure
from catalog.domain.query import Query, Term
from catalog.domain.vocabulary import ENDING, Meaning, Vocabulary

#: Where the share of matched words makes a product as likely as not, and how fast the
#: likelihood rises there: 0.75 of the words is a guess, 0.85 is a typo.
_MIDDLE, _STEEPNESS = 0.66, 14.0
#: What ranks products whose words match equally: how much of the title was said,
#: whether all of it was, and how alike the texts look.
_TITLE_SHARE, _WHOLE_TITLE, _LIKENESS = 0.12, 0.3, 0.05
#: Scores this far apart make one product e times as likely as the other.
_TEMPERATURE = 0.08
#: A product that says 50 cl is hardly the one with 33 cl.
_OTHER_MEASURE = 0.6
#: A product without any measure may be the one, a little less than one that has it.
_NO_MEASURE = 0.02
#: Brand, category and attributes alone never make a product certain.
_NOT_BY_NAME = 0.7
#: One abbreviated or misspelt word that is only a part of a name is a guess.
_GUESS = 0.75
#: One right word must be at least this share of the name to mean it alone.
_ENOUGH_OF_NAME = 0.3
#: Words matched worse than this do not complete a title or choose a variant.
_SURE_WORD = 0.7


@dataclass(frozen=True, slots=True)
class Scored:
    """A product and how well it answers a query."""

    entry: Entry
    strength: float  #: 0..1: how well the words fit, whatever else there is.
    score: float  #: Ranks products against each other.
    hits: tuple["Hit", ...]

    @property
    def why(self) -> tuple[str, ...]:
        """Return what spoke for the product, word by word."""
        return tuple(_reason(hit, self.entry) for hit in self.hits)


@dataclass(frozen=True, slots=True)
class Hit:
    """A typed word and the product's word that it stands for."""

    term: Term
    words: Words
    quality: float  #: Of the spelling.
    worth: float  #: Of the place where the product has the word.


def score(entry: Entry, query: Query, vocabulary: Vocabulary) -> Scored:
    """Return how well a product answers a query."""
    hits = [_hit(term, entry) for term in query.terms]
    found = [hit for hit in hits if hit.worth > 0]
    matched = _matched(found)
    title = max(_title_share(words, matched, vocabulary) for words in entry.titles)
    coverage = _coverage(hits) * _agreement(query.measures, entry.measures)
    whole = title >= 1
    rank = (
        coverage
        + _TITLE_SHARE * title
        + _WHOLE_TITLE * whole
        + _LIKENESS * _likeness(query, entry)
        - _NO_MEASURE * bool(query.measures and not entry.measures)
    )
    return Scored(
        entry=entry,
        strength=min(_strength(coverage), _ceiling(found, title, entry)),
        score=rank,
        hits=tuple(found),
    )


def probabilities(scored: Sequence[Scored]) -> list[float]:
    """Return how likely each product is meant; together at most 1."""
    if not scored:
        return []
    best = max(each.score for each in scored)
    shares = [exp((each.score - best) / _TEMPERATURE) for each in scored]
    total = sum(shares)
    return [
        each.strength * share / total
        for each, share in zip(scored, shares, strict=True)
    ]


def form_of(entry: Entry, terms: Sequence[Term]) -> Form | None:
    """Return the variant that the terms leave, or None while several are possible."""
    forms = entry.forms
    for term in terms:
        hits = tuple(form for form in forms if _names(term, form))
        if hits:
            forms = hits
    if len(forms) > 1:
        # "blue" is also a word of "light blue": prefer what was named completely.
        forms = tuple(form for form in forms if _names_all(terms, form))
    return forms[0] if len(forms) == 1 else None


def _hit(term: Term, entry: Entry) -> Hit:
    worths = entry.worth
    best: Meaning | None = None
    best_worth = best_value = 0.0
    for meaning in term.meanings:
        if meaning.quality <= best_value:
            break
        worth = 1.0
        for word in meaning.words:
            worth = min(worth, worths.get(word, 0.0))
        if meaning.quality * worth > best_value:
            best, best_worth = meaning, worth
            best_value = meaning.quality * worth
    if best is None:
        return Hit(term, (), 0.0, 0.0)
    return Hit(term, best.words, best.quality, best_worth)


def _matched(hits: Sequence[Hit]) -> Mapping[str, float]:
    matched: dict[str, float] = {}
    for hit in hits:
        for word in hit.words:
            matched[word] = max(hit.quality, matched.get(word, 0.0))
    return matched


def _title_share(
    title: Words, matched: Mapping[str, float], vocabulary: Vocabulary
) -> float:
    said = total = 0.0
    whole = True
    for word in title:
        weight = vocabulary.weight(word)
        total += weight
        if matched.get(word, 0.0) >= _SURE_WORD:
            said += weight
        else:
            whole = False
    return 1.0 if whole else said / total


def _coverage(hits: Sequence[Hit]) -> float:
    share = total = 0.0
    for hit in hits:
        if hit.worth > 0 or not hit.term.optional:
            total += hit.term.weight
            share += hit.term.weight * hit.quality * hit.worth
    return share / total if total else 0.0


def _agreement(asked: Sequence[Measure], offered: Sequence[Measure]) -> float:
    agreement = 1.0
    for measure in asked:
        same = [each for each in offered if each.dimension is measure.dimension]
        if same and measure not in same:
            agreement *= _OTHER_MEASURE
    return agreement


def _likeness(query: Query, entry: Entry) -> float:
    typed = query.sorted_words
    return max(fuzz.ratio(typed, title) for title in entry.sorted_titles) / 100


def _strength(coverage: float) -> float:
    return 1 / (1 + exp(-_STEEPNESS * (coverage - _MIDDLE)))


def _ceiling(hits: Sequence[Hit], title: float, entry: Entry) -> float:
    """Return how likely a product can be at most, given what kind of words matched."""
    by_name = [hit for hit in hits if entry.title_words.issuperset(hit.words)]
    if not by_name:
        return _NOT_BY_NAME
    if title < 1 and len(by_name) == 1:
        few = title < _ENOUGH_OF_NAME
        return _GUESS if few or by_name[0].quality < ENDING else 1.0
    return 1.0


def _names(term: Term, form: Form) -> bool:
    return any(
        meaning.quality >= _SURE_WORD and form.every.issuperset(meaning.words)
        for meaning in term.meanings
    )


def _names_all(terms: Sequence[Term], form: Form) -> bool:
    said = {
        word
        for term in terms
        for meaning in term.meanings
        if meaning.quality >= _SURE_WORD
        for word in meaning.words
    }
    return bool(form.words) and all(
        not said.isdisjoint(equivalents) for equivalents in form.words
    )


def _reason(hit: Hit, entry: Entry) -> str:
    place = "name" if entry.title_words.issuperset(hit.words) else "attribute"
    word = " ".join(hit.words)
    return place if word == hit.term.text else f"{place}: {hit.term.text} ~ {word}"
