"""What a customer typed, as terms: what each word may mean and how much it tells."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from catalog.domain.lexicon import Lexicon
from catalog.domain.measure import Dimension, Measure, amount_of
from catalog.domain.vocabulary import SAME_STEM, Meaning, Vocabulary
from catalog.domain.wording import Worded, words_of

#: A mention has few words; what is longer is prose, and its head is enough to tell.
_MOST_LETTERS = 300
MOST_TERMS = 24
#: "tshirt" for "t shirt", or the other way round.
JOINED = 0.96
#: The number of a measure without its unit, or with another one.
_BARE_NUMBER = 0.85
#: A misspelt word is taken for two only if it is worse than this as one.
_WELL_SPELT = 0.9
_MISSPELT = 0.8
#: A joined word has so many letters, and its parts too when they are guessed.
_JOINED_LETTERS, _PART_LETTERS = 4, 3
_JOINED_DIGITS = 8
_LONG_LETTERS = 8
_LONGEST_PART = 20
#: Meanings so close to the best say how rare a typed word is.
_ABOUT_AS_GOOD = 0.02
_LETTERS_OR_DIGITS = re.compile(r"\d+|\D+")
_MOST_PARTS = 4


@dataclass(frozen=True, slots=True)
class Term:
    """One typed word."""

    text: str
    meanings: tuple[Meaning, ...]  #: The likeliest first; none: no product has it.
    weight: float
    #: It may be a quantity rather than a part of the name: no match, no harm.
    optional: bool = False
    dimension: Dimension | None = None

    @property
    def quality(self) -> float:
        """Return how well the word is spelt, if it means what it means best."""
        return self.meanings[0].quality if self.meanings else 0.0

    @property
    def numeric(self) -> bool:
        """Return whether it is a number, a measure or a code."""
        return any(map(str.isdigit, self.text))


@dataclass(frozen=True, slots=True)
class Compound:
    """Another way to cut the letters of some terms into words.

    Either one term is several words, or several terms are one word.
    """

    terms: tuple[int, ...]
    parts: tuple[tuple[float, tuple[Meaning, ...]], ...]  #: With their shares.


@dataclass(frozen=True, slots=True)
class Query:
    """A text as it is looked for."""

    words: tuple[str, ...]  #: Every word but fillers.
    terms: tuple[Term, ...]
    compounds: tuple[Compound, ...]
    asides: tuple[int, ...]  #: Fillers that some product is called by.


def query_of(text: str, lexicon: Lexicon, vocabulary: Vocabulary) -> Query:
    """Return a text as it is looked for. Fillers ask for nothing."""
    words = list(words_of(text[:_MOST_LETTERS], lexicon.units))
    wanted = [word for word in words if word.text not in lexicon.fillers]
    content = [word for word in wanted if word.text not in lexicon.chatter] or wanted
    content = content[:MOST_TERMS]
    terms = [
        _term(word, place == 0, lexicon, vocabulary)
        for place, word in enumerate(content)
    ]
    sizes = [
        _of_text(word.unit, vocabulary, optional=True)
        for word in content
        if word.unit in lexicon.sizes
    ]
    chosen = {word.text for word in content}
    asides = (vocabulary.number(word.text) for word in words if word.text not in chosen)
    compounds = (*_splits(terms, vocabulary), *_joints(content, terms, vocabulary))
    return Query(
        words=tuple(word.text for word in content),
        terms=(*_weighed(terms, compounds, vocabulary), *sizes),
        compounds=compounds,
        asides=tuple(dict.fromkeys(word for word in asides if word is not None)),
    )


def split(word: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the known words that a joined word or code consists of, or nothing.

    Of all ways to cut it the one with the longest parts is taken: "saladklip" is
    "salad" and "klip", "mb13blksee" is "mb13", "blk" and "see".
    """
    length = len(word)
    if length < (_JOINED_DIGITS if word.isdigit() else _JOINED_LETTERS):
        return ()
    best: list[tuple[int, tuple[str, ...]] | None] = [(0, ()), *[None] * length]
    for end in range(1, length + 1):
        for start in range(max(0, end - _LONGEST_PART), end):
            before = best[start]
            if before is None or len(before[1]) == _MOST_PARTS:
                continue
            worth = before[0] + (end - start) ** 2
            known = best[end]
            if known is not None and known[0] >= worth:
                continue
            part = word[start:end]
            if part != word and vocabulary.number(part) is not None:
                best[end] = worth, (*before[1], part)
    whole = best[length]
    if whole is not None:
        return whole[1]
    pieces = tuple(_LETTERS_OR_DIGITS.findall(word))
    return pieces if 1 < len(pieces) <= _MOST_PARTS else ()


def _term(word: Worded, first: bool, lexicon: Lexicon, vocabulary: Vocabulary) -> Term:  # noqa: FBT001 - private
    if word.dimension is not None:
        return _measure(word, vocabulary, optional=first)
    counts = first and (word.text.isdigit() or word.text in lexicon.numbers)
    optional = counts or word.text in lexicon.counters
    return _of_text(word.text, vocabulary, optional=optional)


def _of_text(text: str, vocabulary: Vocabulary, *, optional: bool) -> Term:
    meanings = vocabulary.meanings(text)
    return Term(text, meanings, _weight(text, meanings, vocabulary), optional)


def _measure(word: Worded, vocabulary: Vocabulary, *, optional: bool) -> Term:
    exact = vocabulary.spelt(word.text)[:1]
    bare = tuple(
        Meaning(number, _BARE_NUMBER)
        for number, _ in vocabulary.spelt(word.number)[:1]
        if number not in {each.word for each in exact}
    )
    meanings = exact + bare
    weight = _weight(word.text, meanings, vocabulary)
    return Term(word.text, meanings, weight, optional, word.dimension)


def _weight(text: str, meanings: Sequence[Meaning], vocabulary: Vocabulary) -> float:
    if meanings:
        enough = meanings[0].quality - _ABOUT_AS_GOOD
        best = (each.word for each in meanings if each.quality >= enough)
        return max(vocabulary.told[word] for word in best)
    # A number that no product has names another product than ours; a word that none
    # has may be mere talk.
    return vocabulary.unknown_weight * (2 if text.isdigit() else 1)


def _weighed(
    terms: Sequence[Term], compounds: Sequence[Compound], vocabulary: Vocabulary
) -> Iterator[Term]:
    """Yield terms that weigh as much as what they may mean when they are cut apart."""
    heaviest = {
        compound.terms[0]: max(
            (
                vocabulary.told[word]
                for _, part in compound.parts
                for word, _ in part[:1]
            ),
            default=0.0,
        )
        for compound in compounds
        if len(compound.terms) == 1
    }
    for place, term in enumerate(terms):
        weight = heaviest.get(place, 0.0)
        yield term if weight <= term.weight else replace(term, weight=weight)


def _splits(terms: Sequence[Term], vocabulary: Vocabulary) -> Iterator[Compound]:
    for place, term in enumerate(terms):
        if term.quality >= _WELL_SPELT or term.dimension is not None:
            continue
        parts = split(term.text, vocabulary)
        if not parts:
            parts = _stemmed_split(term.text, vocabulary)
        elif parts[-1].isalpha() and len(parts[-1]) == 1:
            parts = _without_ending(term.text, parts, vocabulary)
        if not parts and term.quality < _MISSPELT and len(term.text) >= _LONG_LETTERS:
            parts = vocabulary.inside(term.text)
        if len(parts) > 1:
            letters = sum(map(len, parts))
            yield Compound(
                (place,),
                tuple(
                    (JOINED * len(part) / letters, vocabulary.meanings(part))
                    for part in parts
                ),
            )


def _without_ending(
    word: str, parts: tuple[str, ...], vocabulary: Vocabulary
) -> tuple[str, ...]:
    """Return "t" and "shirt" for "tshirts": it is no shirt in size S."""
    return parts[:-1] if _stemmed_split(word, vocabulary) else parts


def _stemmed_split(word: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return "t" and "shirts" for "tshirts" where there are shirts."""
    for at in range(1, len(word) - _PART_LETTERS + 1):
        start, end = word[:at], word[at:]
        if vocabulary.number(start) is not None and vocabulary.spelt(end):
            return start, end
    return ()


def _joints(
    words: Sequence[Worded], terms: Sequence[Term], vocabulary: Vocabulary
) -> Iterator[Compound]:
    for place, pair in enumerate(pairwise(words)):
        if pair[0].text.isdigit():
            meanings = _decimal(*pair, vocabulary)
        elif pair[0].dimension is None and pair[1].dimension is None:
            meanings = _joint(terms[place], terms[place + 1], vocabulary)
        else:
            meanings = ()
        if meanings:
            yield Compound((place, place + 1), ((JOINED, meanings),))


def _joint(first: Term, second: Term, vocabulary: Vocabulary) -> tuple[Meaning, ...]:
    joined = first.text + second.text
    exact = vocabulary.number(joined)
    if exact is not None:
        return (Meaning(exact, 1.0),)
    if min(first.quality, second.quality) >= SAME_STEM:
        return vocabulary.spelt(joined)
    return vocabulary.slipped(joined)


def _decimal(
    first: Worded, second: Worded, vocabulary: Vocabulary
) -> tuple[Meaning, ...]:
    """Return what "1 5 lt" and "0 90" mean when a comma was lost, or "7 up" joined."""
    decimals = second.number or second.text
    if not decimals.isdigit():
        return vocabulary.spelt(first.text + second.text)
    amount = amount_of(first.text, decimals)
    if second.dimension is None:
        return vocabulary.spelt(f"{amount.normalize():f}")
    measure = Measure(second.dimension, amount * second.factor)
    return vocabulary.spelt(measure.text)
