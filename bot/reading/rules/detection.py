"""Which languages a turn is in, told by its words and letters."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from bot.reading.rules.spelling import romanised
from bot.reading.rules.tokens import Token
from bot.reading.rules.words import Words, lexicon, vocabulary, words_for
from catalog.language import languages, load_language

#: A shorter word in Latin letters is too often one of a language that has them.
_ROMANISED_LETTERS = 3
#: What a word counts, to be shared among its languages without a rest.
_SHARED = 60


@dataclass(frozen=True, slots=True)
class Heard:
    """The languages of a turn."""

    told: str | None  #: The language that the turn tells; None when it does not tell.
    codes: tuple[str, ...]  #: Those to read it in, the leading one first.


def languages_in(
    tokens: Sequence[Token], products: Iterable[str], spoken: str
) -> Heard:
    """Return the languages that a turn is in.

    A word counts for every language that has it, and the less the more of them have it.
    Words of `products` say nothing: a latte is a latte. With an even count the language
    `spoken` so far stays, so that an "ok" never changes it.
    """
    silent = frozenset(products)
    owned = [_owners(token, silent, spoken) for token in tokens]
    votes: Counter[str] = Counter()
    for owners in owned:
        for code in owners:
            votes[code] += _SHARED // len(owners)
    most = max(votes.values(), default=0)
    leading = sorted(code for code in votes if votes[code] == most)
    if spoken not in leading:
        leading = _fullest(tokens, leading)
    first = spoken if spoken in leading or not leading else leading[0]
    own = any(owners == {first} for owners in owned)
    told = first if len(leading) == 1 or (own and first == spoken) else None
    known = [
        owners | _having(t.word, lexicon, spoken)
        for t, owners in zip(tokens, owned, strict=True)
    ]
    beside = {code for owners in known if first not in owners for code in owners}
    if not any(known):  # Nothing but endings can tell what is meant.
        beside = set(languages())
    others = sorted(beside, key=lambda code: (-votes[code], code))
    return Heard(told, tuple(dict.fromkeys((first, *others, spoken))))


def _fullest(tokens: Sequence[Token], codes: list[str]) -> list[str]:
    """Return those of the languages whose phrases take most of the words."""
    if len(codes) <= 1:
        return codes
    taken = {code: _taken(tokens, words_for(code, ())) for code in codes}
    return [code for code in codes if taken[code] == max(taken.values())]


def _taken(tokens: Sequence[Token], words: Words) -> int:
    phrases = (words.phrase_at(tokens, place) for place in range(len(tokens)))
    lengths = (len(phrase.words) for phrase in phrases if phrase)
    return sum(length for length in lengths if length > 1)


def _owners(token: Token, silent: frozenset[str], spoken: str) -> frozenset[str]:
    """Return the languages that have a word or, when none does, that write like it."""
    is_ending = token.glued and token.word.isalpha()  # The "si" of "2'si".
    known = frozenset[str]() if is_ending else _having(token.word, vocabulary, spoken)
    if token.word not in silent and known:
        return known
    return frozenset(
        code for code, letters in _alphabets() if not letters.isdisjoint(token.text)
    )


@cache
def _alphabets() -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple((code, load_language(code).letters) for code in languages())


def _having(
    word: str, words_of: Callable[[str], frozenset[str]], spoken: str
) -> frozenset[str]:
    """Return the languages that have a word; a short one in Latin letters if spoken."""
    long = len(word) >= _ROMANISED_LETTERS
    return frozenset(
        code
        for code in languages()
        if word in words_of(code)
        or (
            (long or code == spoken)
            and word in romanised(code)
            and word not in _units()
        )
    )


@cache
def _units() -> frozenset[str]:
    """Return the units of all languages: a "kilo" is no Russian in Latin letters."""
    packs = [load_language(code) for code in languages()]
    return frozenset(unit for pack in packs for unit in pack.units)
