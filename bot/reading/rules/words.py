"""The words of all languages joined, the one that is being spoken first."""

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


#: Meanings that do not say which language is spoken, or are said of anything.
_NO_LANGUAGE = frozenset({"times", "pointers", "payment_transfer"})


class Words:
    """Looks words up. Where languages disagree about a word, the spoken one wins."""

    def __init__(self, packs: Sequence[LanguagePack]) -> None:
        self.numbers: dict[str, Decimal] = {}
        self.multipliers: dict[str, Decimal] = {}
        self.fractions: dict[str, Decimal] = {}
        self.units: dict[str, str] = {}
        self.packs: dict[str, str] = {}
        self.ordinals: dict[str, int] = {}
        self.sizes: dict[str, str] = {}
        self.colours: dict[str, str] = {}
        self.fillers: set[str] = set()
        self._phrases: dict[str, list[Phrase]] = {}
        self._stems: list[tuple[str, Mapping[str, str]]] = []
        self.without: tuple[str, ...] = ()
        self.with_endings: tuple[str, ...] = ()
        self.verb_endings: tuple[str, ...] = ()
        taken: frozenset[str] = frozenset()
        for pack in packs:
            self._learn(pack, taken)
            taken |= _single_words(pack)
        for phrases in self._phrases.values():
            phrases.sort(key=lambda phrase: -len(phrase.words))

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
        self._stems += [(ending, pack.final_letters) for ending in pack.suffixes]
        self.without += pack.without_suffixes
        self.with_endings += pack.with_suffixes
        self.verb_endings += pack.verb_suffixes
        for words, keys in _phrases_of(pack).items():
            if len(words) == 1 and words[0] in taken:
                continue
            phrase = Phrase(words, frozenset(keys), pack.verbs_last)
            self._phrases.setdefault(words[0], []).append(phrase)

    def phrase_at(self, tokens: Sequence[Token], place: int) -> Phrase | None:
        """Return the longest phrase that starts there, within one comma's reach."""
        for phrase in self._phrases.get(tokens[place].word, ()):
            end = place + len(phrase.words)
            if end <= len(tokens) and all(
                token.word == word and (at == 0 or not token.before)
                for at, (token, word) in enumerate(
                    zip(tokens[place:end], phrase.words, strict=True)
                )
            ):
                return phrase
        return None

    def stems(self, word: str) -> tuple[str, ...]:
        """Return a word and what it may be without its ending, itself first."""
        return _stems(self, word)

    def is_share(self, word: str) -> bool:
        """Return whether a number word says how many of them: the Turkish "birini"."""
        stems = self.stems(word)[1:] if word in self.numbers else ()
        return any(stem in self.numbers for stem in stems)

    def roots(self, word: str) -> frozenset[str]:
        """Return all that an option word may come from: "sut" of "sutlu"."""
        bare = (word.removesuffix(ending) for ending in self.with_endings)
        return frozenset(b for w in (word, *bare) for b in self.stems(w) if len(b) > 1)

    def cut(self, word: str) -> Iterable[str]:
        """Yield what a word may be without one of the languages' endings."""
        for ending, final_letters in self._stems:
            if word.endswith(ending) and len(word) - len(ending) > 1:
                bare = word[: len(word) - len(ending)]
                yield bare
                if bare[-1] in final_letters:
                    yield bare[:-1] + final_letters[bare[-1]]


@cache
def words_for(language: str) -> Words:
    """Return all languages' words, those of `language` first."""
    codes = sorted(languages(), key=lambda code: (code != language, code))
    return Words([load_language(code) for code in codes])


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
def telling_words() -> Mapping[str, str]:
    """Return the words that only one language has, with that language."""
    owners: dict[str, set[str]] = {}
    for code in languages():
        for word in _all_words(load_language(code)):
            owners.setdefault(word, set()).add(code)
    return {word: next(iter(own)) for word, own in owners.items() if len(own) == 1}


def words_of(text: str) -> tuple[str, ...]:
    """Return a text's folded words and signs."""
    return tuple(token.word for token in tokenize(text))


@lru_cache(maxsize=_REMEMBERED)
def _stems(words: Words, word: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((word, *words.cut(word))))


def _phrases_of(pack: LanguagePack) -> dict[tuple[str, ...], set[str]]:
    found: dict[tuple[str, ...], set[str]] = {}
    for key in PHRASES:
        for text in pack.phrases[key]:
            if words := words_of(text):
                found.setdefault(words, set()).add(key)
    return found


def _single_words(pack: LanguagePack) -> frozenset[str]:
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
    single = (words[0] for words in _phrases_of(pack) if len(words) == 1)
    return frozenset(single).union(*tables)


def _all_words(pack: LanguagePack) -> frozenset[str]:
    spoken = {
        word
        for key, texts in pack.phrases.items()
        if key not in _NO_LANGUAGE
        for text in texts
        for word in words_of(text)
    }
    counted = {*pack.numbers, *pack.fractions, *pack.multipliers, *pack.ordinals}
    every = spoken | counted | pack.fillers
    return frozenset(word for word in every if len(word) > 1 and word.isalpha())


def _add(
    known: dict[str, Value], more: Mapping[str, Value], taken: Collection[str]
) -> None:
    for word, value in more.items():
        if word not in taken:
            known.setdefault(word, value)
