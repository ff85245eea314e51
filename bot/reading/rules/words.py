"""The words of a turn's languages joined, the one that is being spoken first."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import TypeVar

from bot.reading.rules.tokens import Token, tokenize
from catalog.domain.language import PHRASES, LanguagePack
from catalog.language import languages, load_language

#: Words of customers are without end; so many of them are remembered.
_REMEMBERED = 20_000

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sequence of words, every meaning that it has, and where its verb stands."""

    words: tuple[str, ...]
    keys: frozenset[str]
    verb_last: bool


#: A shorter rest of a word may be any word's beginning.
_SHORTEST_BASE = 3


@dataclass(frozen=True, slots=True)
class _Ending:
    """What may stand at the end of a word, and what the word may be without it."""

    text: str
    final_letters: Mapping[str, str]
    base_endings: tuple[str, ...]

    def off(self, word: str) -> Iterable[str]:
        bare = word.removesuffix(self.text)
        if bare != word and len(bare) > 1:
            yield bare
            if bare[-1] in self.final_letters:
                yield bare[:-1] + self.final_letters[bare[-1]]

    def based(self, word: str) -> Iterable[str]:
        """Yield the word with the endings that a dictionary has instead."""
        bare = word.removesuffix(self.text)
        if bare != word and len(bare) >= _SHORTEST_BASE:
            yield from (bare + ending for ending in self.base_endings)


#: Meanings of words that are also parts of what is sold: "everything bagel".
OF_LINES = frozenset({"all", "cheapest", "dearest", "except", "keep", "only"})
#: Meanings that do not say which language is spoken, or are said of anything.
_NO_LANGUAGE = frozenset({"times", "pointers", "payment_transfer"})


class Words:
    """Looks words up. Where languages disagree about a word, the spoken one wins."""

    def __init__(self, codes: Sequence[str]) -> None:
        self.numbers: dict[str, Decimal] = {}
        self.multipliers: dict[str, Decimal] = {}
        self.fractions: dict[str, Decimal] = {}
        self.units: dict[str, str] = {}
        self.packs: dict[str, str] = {}
        self.ordinals: dict[str, int] = {}
        self.sizes: dict[str, str] = {}
        self.colours: dict[str, str] = {}
        self.fillers: set[str] = set()
        #: By first word: how long phrases are, longest first, and the phrases.
        self._phrases: dict[str, tuple[list[int], dict[tuple[str, ...], Phrase]]] = {}
        self.days: dict[tuple[str, ...], str] = {}
        self.day_parts: dict[tuple[str, ...], str] = {}
        self._stems: list[_Ending] = []
        self.without: tuple[str, ...] = ()
        self.with_endings: tuple[str, ...] = ()
        self.verb_endings: tuple[str, ...] = ()
        taken: frozenset[str] = frozenset()
        for code in codes:
            self._learn(load_language(code), taken)
            taken |= _single_words(code)
        for lengths, phrases in self._phrases.values():
            lengths.extend(sorted({len(words) for words in phrases}, reverse=True))
        self.times = frozenset(
            first
            for first, (_, phrases) in self._phrases.items()
            if (phrase := phrases.get((first,))) and "times" in phrase.keys
        )
        self._spoken = frozenset(
            first
            for first, (_, phrases) in self._phrases.items()
            if any(not phrase.keys <= OF_LINES for phrase in phrases.values())
        )
        #: Words that may start an amount.
        self.counting = self.times.union(self.numbers, self.multipliers, self.fractions)

    def _learn(self, pack: LanguagePack, taken: frozenset[str]) -> None:
        _add(self.numbers, pack.numbers, taken)
        _add(self.multipliers, pack.multipliers, taken)
        _add(self.fractions, pack.fractions, taken)
        _add(self.units, pack.units, taken)
        _add(self.packs, pack.packs, taken)
        _add(self.ordinals, pack.ordinals, taken)
        _add(self.sizes, pack.sizes, taken)
        _add(self.colours, pack.colours, taken)
        self.fillers |= pack.fillers - taken
        for known, said in (
            (self.days, pack.days),
            (self.day_parts, pack.day_parts),
        ):
            for text, meaning in said.items():
                known.setdefault(words_of(text), meaning)
        self._stems += [
            _Ending(text, pack.final_letters, pack.base_endings)
            for text in pack.suffixes
        ]
        self.without += pack.without_suffixes
        self.with_endings += pack.with_suffixes
        self.verb_endings += pack.verb_suffixes
        for words, phrase in _phrases_of(pack.code).items():
            if len(words) == 1 and words[0] in taken:
                continue
            _, phrases = self._phrases.setdefault(words[0], ([], {}))
            phrases.setdefault(words, phrase)

    def phrase_at(self, tokens: Sequence[Token], place: int) -> Phrase | None:
        """Return the longest phrase that starts there, within one comma's reach."""
        first = self._phrases.get(tokens[place].word)
        if first is None:
            return None
        lengths, phrases = first
        said = [tokens[place].word]
        for token in tokens[place + 1 : place + lengths[0]]:
            if token.before:
                break
            said.append(token.word)
        for length in lengths:
            fits = length <= len(said)
            if fits and (phrase := phrases.get(tuple(said[:length]))):
                return phrase
        return None

    def means(self, word: str, key: str) -> bool:
        """Return whether a single word has a meaning."""
        found = self._phrases.get(word)
        phrase = found[1].get((word,)) if found else None
        return phrase is not None and key in phrase.keys

    def speaks(self, word: str) -> bool:
        """Return whether a phrase of any language starts with a word."""
        return word in self._spoken

    def stems(self, word: str) -> tuple[str, ...]:
        """Return a word and what it may be without its ending, itself first."""
        return _stems(self, word)

    def is_unit(self, word: str) -> bool:
        """Return whether a word is a unit or a pack, with or without an ending."""
        return any(s in self.units or s in self.packs for s in self.stems(word))

    def is_share(self, word: str) -> bool:
        """Return whether a number word says how many of them: the Turkish "birini"."""
        stems = (bare for ending in self._stems for bare in ending.off(word))
        return word in self.numbers and any(stem in self.numbers for stem in stems)

    def roots(self, word: str) -> frozenset[str]:
        """Return all that an option word may come from: "sut" of "sutlu"."""
        return _roots(self, word)

    def cut(self, word: str) -> Iterable[str]:
        """Yield what a word may be without one of the languages' endings."""
        for ending in self._stems:
            yield from ending.off(word)
            yield from ending.based(word)


@cache
def words_for(language: str, others: tuple[str, ...] | None = None) -> Words:
    """Return a language's words, then those of `others`: of all when not told.

    Where they disagree the earlier one wins.
    """
    codes = dict.fromkeys((language, *(languages() if others is None else others)))
    return Words([code for code in codes if code in languages()])


@cache
def whole_messages(key: str) -> frozenset[tuple[str, ...]]:
    """Return every language's phrases for `key`, as folded words."""
    packs = [load_language(code) for code in languages()]
    return frozenset(words_of(text) for pack in packs for text in pack.phrases[key])


@cache
def joining_words() -> frozenset[str]:
    """Return the single words that join items in any language: "and", "&", "ve"."""
    return frozenset(w[0] for w in whole_messages("connectors") if len(w) == 1)


@cache
def vocabulary(code: str) -> frozenset[str]:
    """Return the single words by which a language is known."""
    return _all_words(load_language(code))


@cache
def lexicon(code: str) -> frozenset[str]:
    """Return all single words of a language, those for amounts and looks too."""
    pack = load_language(code)
    looks = (word for table in (pack.colours, pack.sizes) for word in table)
    single = {part for word in looks for part in word.split()}
    letters = _all_words(pack, 1)
    return letters | single | pack.units.keys() | pack.packs.keys()


def words_of(text: str) -> tuple[str, ...]:
    """Return a text's folded words and signs."""
    return tuple(token.word for token in tokenize(text))


@lru_cache(maxsize=_REMEMBERED)
def _stems(words: Words, word: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((word, *words.cut(word))))


@lru_cache(maxsize=_REMEMBERED)
def _roots(words: Words, word: str) -> frozenset[str]:
    bare = (word.removesuffix(ending) for ending in words.with_endings)
    return frozenset(b for w in (word, *bare) for b in words.stems(w) if len(b) > 1)


@cache
def _phrases_of(code: str) -> Mapping[tuple[str, ...], Phrase]:
    """Return a language's phrases by their words."""
    pack = load_language(code)
    found: dict[tuple[str, ...], set[str]] = {}
    for key in PHRASES:
        for text in pack.phrases[key]:
            if words := words_of(text):
                found.setdefault(words, set()).add(key)
    for text in pack.days:
        found.setdefault(words_of(text), set()).add("date")
    return {
        words: Phrase(words, frozenset(keys), pack.verbs_last)
        for words, keys in found.items()
    }


@cache
def _single_words(code: str) -> frozenset[str]:
    pack = load_language(code)
    tables: tuple[Collection[str], ...] = (
        pack.numbers,
        pack.multipliers,
        pack.fractions,
        pack.units,
        pack.packs,
        pack.ordinals,
        pack.fillers,
        pack.sizes,
        pack.colours,
    )
    single = (words[0] for words in _phrases_of(code) if len(words) == 1)
    return frozenset(single).union(*tables)


def _all_words(pack: LanguagePack, shortest: int = 2) -> frozenset[str]:
    spoken = {
        word
        for key, texts in pack.phrases.items()
        if key not in _NO_LANGUAGE
        for text in texts
        for word in words_of(text)
    }
    counted = {*pack.numbers, *pack.fractions, *pack.multipliers, *pack.ordinals}
    days = {w for text in pack.days for w in words_of(text)}
    every = spoken | counted | days | pack.fillers
    return frozenset(word for word in every if len(word) >= shortest and word.isalpha())


def _add(
    known: dict[str, Value], more: Mapping[str, Value], taken: Collection[str]
) -> None:
    for word, value in more.items():
        if word not in taken:
            known.setdefault(word, value)
