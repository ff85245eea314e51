"""Which words may be taught: those that tell a thing and have no other meaning.

What a customer answers with ("yes", "thanks", "stop") and how much they want must keep
its meaning, whatever an agent or an order would have it mean.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Final

from catalog.domain.folding import tokens
from catalog.domain.learnt import key_of
from catalog.language import languages, load_language

#: What these say, they say as a whole message: see `catalog.domain.language.PHRASES`.
_ANSWERS: Final = (
    *("greet", "thanks", "yes", "weak_yes", "no", "no_more", "stop", "start"),
    *("human", "browse", "order_status", "cancel_order", "cancel", "want"),
    *("ask_price", "ask_have", "remove", "set", "add", "more", "pointers"),
    *("connectors", "correction", "negation", "negation_after", "times"),
    *("delivery", "pickup", "payment_cash", "payment_card", "payment_transfer"),
    *("date", "positive", "negative", "questions"),
)
_NEGATIONS: Final = ("no", "negation", "negation_after")
#: Up to here a number says how many; a larger one may belong to a name: "iphone 15".
_AMOUNTS: Final = 10


class NotTeachable(ValueError):
    """The words cannot be taught; the message says why, and what to do."""


@cache
def fillers() -> frozenset[str]:
    """Return the words of all languages that say nothing about what is meant.

    No negation is among them: without it words mean the opposite.
    """
    packs = [load_language(code) for code in languages()]
    said = {part for pack in packs for word in pack.fillers for part in word.split()}
    negated = {
        part
        for pack in packs
        for key in _NEGATIONS
        for text in pack.phrases[key]
        if len(parts := tokens(text)) == 1
        for part in parts
    }
    return frozenset(said - negated)


def teachable(words: str) -> str:
    """Return what of some words can be taught: "coke 2" teaches "coke".

    Raises NotTeachable.
    """
    said = " ".join(words.split())
    if not tokens(said):
        raise NotTeachable("give words with letters or digits")
    if _is_amount(said):
        raise NotTeachable("a number or an amount means how much; give a name")
    bare = _without_amount(said)
    if _answers().intersection((_joined(bare), key_of(bare, fillers()))):
        raise NotTeachable(
            "customers say this as a whole message, and it has to keep that meaning;"
            " give words that only name a product"
        )
    if not key_of(bare, fillers()):
        raise NotTeachable("the words are too long to be a name")
    return bare


@cache
def _answers() -> frozenset[str]:
    """Return what customers say as a whole message, in all languages."""
    packs = [load_language(code) for code in languages()]
    texts = {text for pack in packs for key in _ANSWERS for text in pack.phrases[key]}
    days = {text for pack in packs for text in (*pack.days, *pack.day_parts)}
    return frozenset(joined for text in texts | days if (joined := _joined(text)))


def _joined(words: str) -> str:
    return "".join(tokens(words))


# -- amounts --------------------------------------------------------------------------


def _is_amount(words: str) -> bool:
    """Return whether nothing but an amount is said: "2", "two kilos", "x2"."""
    said = tokens(words)
    numbers = [word for word in said if _number(word) is not None]
    return bool(numbers) and all(
        _number(word) is not None or word in _measures() or word in _times()
        for word in said
    )


def _without_amount(words: str) -> str:
    """Return words without how many of it: "2x coke", "coke 2", "coke 2 boxes"."""
    parts = words.split()
    if len(parts) > 1 and _counts(parts[0]):
        after = _folded(parts[1])
        if after in _times() or after in _counted():
            parts = parts[2:]
        elif after not in _measures():
            parts = parts[1:]
    if len(parts) > 1 and _counts(parts[-1]):
        parts = parts[:-2] if _folded(parts[-2]) in _times() else parts[:-1]
    elif len(parts) > 2 and _counts(parts[-2]):  # noqa: PLR2004  # and a name
        parts = parts[:-2] if _folded(parts[-1]) in _counted() else parts
    return " ".join(parts)


def _counts(part: str) -> bool:
    """Return whether a word says how many: "2", "2x", "two"; not "15"."""
    number = _number(_folded(part))
    return number is not None and number < _AMOUNTS


def _number(word: str) -> Decimal | None:
    for sign in _times():
        word = word.removeprefix(sign) or word
        word = word.removesuffix(sign) or word
    return Decimal(word) if word.isdecimal() else _numbers().get(word)


def _folded(part: str) -> str:
    return _joined(part)


@cache
def _numbers() -> Mapping[str, Decimal]:
    """Return the number words; of those that are one letter nobody can tell."""
    packs = [load_language(code) for code in languages()]
    tables = (
        table
        for pack in packs
        for table in (pack.numbers, pack.multipliers, pack.fractions)
    )
    return {w: n for table in tables for w, n in table.items() if len(w) > 1}


@cache
def _measures() -> frozenset[str]:
    packs = [load_language(code) for code in languages()]
    return _counted().union(*(pack.units for pack in packs))


@cache
def _counted() -> frozenset[str]:
    """Return the words for what is counted: pieces and packs."""
    packs = [load_language(code) for code in languages()]
    pieces = (w for pack in packs for w, unit in pack.units.items() if unit == "piece")
    return frozenset(pieces).union(*(pack.packs for pack in packs))


@cache
def _times() -> frozenset[str]:
    """Return the signs between a number and a thing: the "x" of "2x"."""
    packs = [load_language(code) for code in languages()]
    said = (
        word
        for pack in packs
        for text in pack.phrases["times"]
        for word in tokens(text)
    )
    return frozenset(word for word in said if len(word) == 1)
