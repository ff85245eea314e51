"""Whether a message that answers "where to?" says where: what cannot be told is not."""

from collections.abc import Sequence
from functools import cache

from rapidfuzz import fuzz, process

from bot.reading.rules.details import Said
from bot.reading.rules.marks import Kind, Mark, says
from bot.reading.rules.names import Shelf
from bot.reading.rules.tokens import Token
from bot.reading.rules.words import vocabulary
from catalog import Unknown
from catalog.language import languages

#: Of these words nobody lives in one, whatever else stands beside them.
_ELSEWHERE = ("pickup", "no", "no_more", "delivery", "again", "more", "order_status")
_TALK = ("talk", "questions", "positive", "negative")
#: Beside these only a name with a capital letter tells a place: "in Moda".
_CLAUSES = ("clause",)
_SHORTEST_PLACE = 2  #: Words of an address that neither a number nor a street tells.
_LONG_WORD = 6  #: A longer one may be a place by itself.
_TELLING = 3  #: A shorter word is too often another.
_TYPED = 5  #: A longer word that is nearly one of a language is that word.
_NEARLY = 85.0
#: A number before a name that is no larger counts more often than it tells a house.
_FEW = 100


def is_address(
    said: Said, telling: Sequence[Mark], shelf: Shelf, *, completes: bool
) -> bool:
    """Return whether a message is a place and not, say, "pickup" or "2 latte".

    A street word or a number tells it, or words of no language that we know. What only
    `completes` an address, a city or a postal code, may be a single such word.
    """
    words = _words(telling)
    announced = any(m.means("address_before", "address_after") for m in telling)
    if not words or announced or telling[0].tokens[0].asks or _orders(telling, shelf):
        return False
    numbered = any(any(map(str.isdigit, t.text)) for m in telling for t in m.tokens)
    if any(_is_street(mark, shelf, numbered=numbered) for mark in telling):
        return True
    if any(mark.means(*_ELSEWHERE) for mark in telling) or _talks(said, _TALK, shelf):
        return False
    strange = [token for token in words if _is_strange(token, shelf)]
    if numbered or completes:
        named = bool(strange) or any(token.text[0].isupper() for token in words)
        return named and not _counts(telling, shelf)
    return _is_named(said, words, strange, shelf)


def _is_named(
    said: Said, words: Sequence[Token], strange: Sequence[Token], shelf: Shelf
) -> bool:
    """Return whether strange words are a place by themselves: "Kadıköy", "in Moda".

    Beside talk only a capital letter shows it: not "I will ask my husband".
    """
    first = said.tokens[0].start
    capital = any(t.text[0].isupper() and t.start > first for t in strange)
    if _talks(said, _CLAUSES, shelf) and not capital:
        return False
    if len(words) > 1:
        return len(strange) >= _SHORTEST_PLACE and 2 * len(strange) > len(words)
    hails = any(says(sentence, "greet", "again") for sentence in said.sentences)
    is_long = len(said.tokens) > 1 or len(words[0].text) > _LONG_WORD
    return bool(strange) and is_long and not hails


def _words(telling: Sequence[Mark]) -> list[Token]:
    """Return the words that may be of a place: they count and mean nothing."""
    named = (mark for mark in telling if mark.kind in (Kind.WORD, Kind.NAME))
    return [token for mark in named for token in mark.tokens if token.word.isalpha()]


def _is_street(mark: Mark, shelf: Shelf, *, numbered: bool) -> bool:
    """Return whether a mark is "street" and the like; "no" and "d" need a number."""
    measures = mark.amount is not None and mark.amount.is_measure
    for token in () if measures else mark.tokens:
        phrase = shelf.words.phrase_at((token,), 0)
        if phrase is None or "address_words" not in phrase.keys:
            continue
        written = len(token.word) >= _TELLING or token.text[0].isupper()
        only = len(phrase.keys) == 1 and written
        if numbered or only:
            return True
    return False


def _orders(telling: Sequence[Mark], shelf: Shelf) -> bool:
    """Return whether goods are counted, or named and nothing else."""
    words = _words(telling)
    text = " ".join(token.text for token in words)
    streets = any(_is_street(mark, shelf, numbered=True) for mark in telling)
    counted = any(mark.amount is not None for mark in telling)
    named = any(mark.kind is Kind.NAME for mark in telling)
    measured = any(m.amount is not None and m.amount.unit is not None for m in telling)
    known = any(shelf.knows(t.word) for t in words if len(t.word) >= _TELLING)
    more = any(mark.means("more") for mark in telling)
    goods = (counted and named) or (measured and known) or (more and (named or known))
    return not streets and (goods or shelf.certain(text) is not None)


def _counts(telling: Sequence[Mark], shelf: Shelf) -> bool:
    """Return whether a small number stands before what may be goods: "2 latts"."""
    first = telling[0].amount
    text = " ".join(token.text for token in _words(telling))
    few = first is not None and first.quantity < _FEW
    return few and not isinstance(shelf.find(text), Unknown)


def _talks(said: Said, keys: Sequence[str], shelf: Shelf) -> bool:
    return any(
        shelf.words.means(token.word, key) for token in said.tokens for key in keys
    )


def _is_strange(token: Token, shelf: Shelf) -> bool:
    """Return whether a word is of no language or product, no verb and no slip."""
    word = token.word
    if len(word) < _TELLING or word in _spoken() or shelf.knows(word):
        return False
    if token.text[0].islower() and word.endswith(shelf.words.verb_endings):
        return False
    near = len(word) >= _TYPED and process.extractOne(
        word, _spoken(), scorer=fuzz.ratio, score_cutoff=_NEARLY
    )
    return not near


@cache
def _spoken() -> frozenset[str]:
    """Return the words by which the languages are known."""
    return frozenset().union(*(vocabulary(code) for code in languages()))
