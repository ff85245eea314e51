"""Words as their language spells them: "pozhaluysta" as a Russian reads it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice, product

from bot.reading.rules.tokens import Break, Token
from bot.reading.rules.words import lexicon, vocabulary
from catalog.language import load_language

#: A word of many letters that may be written several ways has no more spellings.
_SPELLINGS = 256


@cache
def romanised(code: str) -> Mapping[str, str]:
    """Return how a language's words are written with a Latin keyboard, and the words.

    Empty for languages that are written in Latin letters anyway.
    """
    letters = load_language(code).romanised
    found: dict[str, str] = {}
    if letters:
        for word in sorted(word for word in lexicon(code) if not word.isascii()):
            ways = (letters.get(letter, (letter,)) for letter in word)
            for spelling in islice(product(*ways), _SPELLINGS):
                found.setdefault("".join(spelling), word)
    return found


def respelt(
    tokens: Sequence[Token], codes: Sequence[str], kept: Iterable[str]
) -> tuple[Token, ...]:
    """Return tokens whose words are spelt as the languages of the turn spell them.

    `codes` are those languages, the leading one first: what is one of its words stays
    as it is, and so do the words to be `kept`, which name products. A language that
    hardly anything else of the message is in is not what a word is in: the "try" of an
    English sentence. A word that says several is several: "polkilo". Texts stay
    verbatim.
    """
    silent = frozenset(kept)
    heard = tuple(code for code in codes if _is_heard(code, tokens, codes, silent))
    return tuple(
        part
        for token in tokens
        for part in _split(_in_own_letters(token, heard, silent), codes)
    )


def _is_heard(
    code: str, tokens: Sequence[Token], codes: Sequence[str], silent: frozenset[str]
) -> bool:
    """Return whether enough of a message is in a language to be spelt in its letters.

    The leading one is; another one with two words of its own, or with half as many as
    the leading one has.
    """
    if code == codes[0] or not romanised(code):
        return True
    words = {token.word for token in tokens} - silent
    led = words & vocabulary(codes[0])
    own = (words & romanised(code).keys()) - led
    return len(own) > 1 or 2 * len(own) >= len(led)


def _in_own_letters(
    token: Token, codes: Sequence[str], silent: frozenset[str]
) -> Token:
    latin = token.word.isascii() and token.word.isalpha()
    is_size = len(token.text) == 1 and token.text.isupper()
    if not latin or is_size or token.word in silent:
        return token
    for code in codes:
        word = romanised(code).get(token.word)
        if word is not None:
            return replace(token, word=word)
        if token.word in vocabulary(code):
            break
    return token


def _split(token: Token, codes: Sequence[str]) -> Iterable[Token]:
    words = next(
        (spelt[token.word] for spelt in map(_spelt, codes) if token.word in spelt), None
    )
    if words is None:
        yield token
        return
    first, *rest = words
    yield replace(token, word=first)
    yield from (
        replace(token, word=word, before=Break.NONE, glued=False) for word in rest
    )


def _spelt(code: str) -> Mapping[str, tuple[str, ...]]:
    return load_language(code).spelt
