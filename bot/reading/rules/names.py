"""The catalog's own words: whole product names inside a text, and option values.

Fuzzy finding is the index's; this knows exact names, so that "Ham and Cheese Toast" and
"7 Grain Bread" stay whole and "latte croissant" is two.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from weakref import WeakKeyDictionary

from bot.reading.rules.tokens import Token, tokenize
from bot.reading.rules.words import Words, joining_words
from catalog import Certain, Index, Match, OptionGroup, Product, Unknown
from catalog.domain.folding import fold

#: A name is not looked for further than this many tokens.
_LONGEST_NAME = 14
#: Nobody names a product at this length; comparing would only take long.
_LONGEST_TEXT = 200
_LONGEST_WORD = 40
#: So many names keep their words: those that were learnt are looked at in every turn.
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Name:
    """A product's name or alias: its words without "and" and the like."""

    words: tuple[str, ...]
    product_id: str
    learnt: bool = False  #: Said by customers: word by word, with every "and" inside.


@dataclass(frozen=True, slots=True)
class Named:
    """A whole name found in a text: so many tokens long."""

    product_id: str
    length: int
    last: str  #: Its last word, without an ending that only grammar gave it.
    exact: bool  #: Whether there was no such ending.
    words: tuple[str, ...] = ()  #: All of them, without such endings.


class Shelf:
    """What a turn may name: the index and its exact names, asked once per text."""

    def __init__(self, index: Index, words: Words) -> None:
        self.index = index
        self.words = words
        self._names = _names_of(index.plain)
        self._phrases = _by_first_word(index.phrases)
        self._found: dict[str, Match] = {}
        self._certain: dict[str, Product | None] = {}
        self._known: dict[str, bool] = {}

    def find(self, text: str) -> Match:
        """Return the index's answer."""
        if text not in self._found:
            too_long = len(text) > _LONGEST_TEXT or _longest_word(text) > _LONGEST_WORD
            self._found[text] = Unknown(text) if too_long else self.index.find(text)
        return self._found[text]

    def certain(self, text: str) -> Product | None:
        """Return the one product that a text means, or None."""
        if text not in self._certain:
            match = self.find(text) if text else None
            sure = match.candidate.product_id if isinstance(match, Certain) else ""
            self._certain[text] = self.index.products.get(sure)
        return self._certain[text]

    def knows(self, word: str) -> bool:
        """Return whether a word describes any product, with or without an ending."""
        if word not in self._known:
            stems = self.words.stems(word) if len(word) <= _LONGEST_WORD else ()
            self._known[word] = any(self.index.knows(stem) for stem in stems)
        return self._known[word]

    def bare(self, word: str) -> str:
        """Return a word without its case ending when only that is known."""
        if len(word) > _LONGEST_WORD or self.index.knows(word):
            return word
        stems = self.words.stems(word)[1:]
        return next((stem for stem in stems if self.index.knows(stem)), word)

    def name_at(self, tokens: Sequence[Token], place: int) -> Named | None:
        """Return the longest whole name that starts at a token."""
        best: Named | None = None
        for first in self.words.stems(tokens[place].word):
            for name in (*self._names.get(first, ()), *self._phrases.get(first, ())):
                length = self._length_of(name, tokens, place)
                if name.learnt and self._is_list(tokens, place, place + length):
                    continue
                if length and (best is None or length > best.length):
                    last = name.words[-1]
                    exact = tokens[place + length - 1].word == last
                    best = Named(name.product_id, length, last, exact, name.words)
        return best

    def _length_of(self, name: Name, tokens: Sequence[Token], place: int) -> int:
        """Return how many tokens a name takes there, 0 when it does not stand there."""
        at, end = 0, min(len(tokens), place + _LONGEST_NAME)
        for here in range(place, end):
            token = tokens[here]
            if here > place and token.before:
                return 0
            if name.words[at] in self.words.stems(token.word):
                at += 1
                if at == len(name.words):
                    return here + 1 - place
            elif name.learnt or token.word not in joining_words():
                return 0
        return 0

    def _is_list(self, tokens: Sequence[Token], start: int, end: int) -> bool:
        """Return whether tokens are whole names of the catalog and nothing else.

        What was learnt never takes two things for one: "milk tea" where both are sold.
        """
        reached = {start}
        for here in range(start, end):
            if here not in reached:
                continue
            if here > start and tokens[here].word in joining_words():
                reached.add(here + 1)
            for first in self.words.stems(tokens[here].word):
                lengths = (
                    self._length_of(name, tokens, here)
                    for name in self._names.get(first, ())
                )
                reached.update(here + length for length in lengths if length)
        return end in reached - {start}


def _longest_word(text: str) -> int:
    return max(map(len, text.split()), default=0)


def option_at(
    tokens: Sequence[Token], place: int, groups: Iterable[OptionGroup], words: Words
) -> int:
    """Return how many tokens name an option value there; 0 when none does."""
    best = 0
    for group in groups:
        for value in group.values:
            for said in (value.name, *value.aliases):
                best = max(best, _said_at(fold(said).split(), tokens, place, words))
    return best


def option_by_word(word: str, groups: Iterable[OptionGroup]) -> bool:
    """Return whether one word alone tells an option value: "oat" of "oat milk"."""
    values = [value for group in groups for value in group.values]
    return sum(word in fold(value.name).split() for value in values) == 1


def _said_at(
    said: Sequence[str], tokens: Sequence[Token], place: int, words: Words
) -> int:
    if not said or place + len(said) > len(tokens):
        return 0
    there = tokens[place : place + len(said)]
    apart = any(token.before for token in there[1:])
    same = all(
        not words.roots(word).isdisjoint(words.roots(token.word))
        for word, token in zip(said, there, strict=True)
    )
    return len(said) if same and not apart else 0


def _by_first_word(phrases: Mapping[str, str]) -> Mapping[str, tuple[Name, ...]]:
    """Return what was learnt as names, by their first word."""
    found: dict[str, tuple[Name, ...]] = {}
    for text, product_id in phrases.items():
        if content := _spoken(text):
            name = Name(content, product_id, learnt=True)
            found[content[0]] = (*found.get(content[0], ()), name)
    return found


@lru_cache(maxsize=_REMEMBERED)
def _content(text: str) -> tuple[str, ...]:
    """Return the words of a name that tell something."""
    words = (token.word for token in tokenize(text))
    return tuple(word for word in words if word not in joining_words())


@lru_cache(maxsize=_REMEMBERED)
def _spoken(text: str) -> tuple[str, ...]:
    """Return the words of a phrase, without those that join it to something else."""
    words = [token.word for token in tokenize(text)]
    while words and words[0] in joining_words():
        del words[0]
    while words and words[-1] in joining_words():
        del words[-1]
    return tuple(words)


_NAMES: WeakKeyDictionary[Index, dict[str, tuple[Name, ...]]] = WeakKeyDictionary()


def _names_of(index: Index) -> dict[str, tuple[Name, ...]]:
    """Return an index's names by first word. Kept as long as the index lives."""
    if index not in _NAMES:
        names: dict[str, dict[Name, None]] = {}
        for product in index.products.values():
            for text in (product.name, *product.aliases) if product.active else ():
                if content := _content(text):
                    name = Name(content, product.id)
                    names.setdefault(content[0], {})[name] = None
        _NAMES[index] = {first: tuple(found) for first, found in names.items()}
    return _NAMES[index]
