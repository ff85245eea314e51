"""Questions whether we deliver: set aside, so that no place in them is a product.

The place stands behind the words that ask ("do you deliver to Kadıköy?") or before
them ("Kadıköy'e teslimat var mı?"). What the same sentence orders is kept.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from bot.reading.rules.marks import Kind, Mark, Sentence, sentences
from bot.reading.rules.names import Shelf
from bot.reading.rules.tokens import Break, Token

_KEY = "ask_delivery"
#: A number from here on is rather a postal code than an amount.
_SMALLEST_CODE = 1000
#: What is said beside a question, and is heard for itself.
_COURTESIES = ("greet", "thanks", "yes", "weak_yes", "no", "but", "human")


def without_question(
    text: str, tokens: Sequence[Token], shelf: Shelf, *, answers: bool = False
) -> tuple[str, tuple[Token, ...]] | None:
    """Return a message without what asks whether we deliver; None when nothing does.

    The words that were set aside are blanks in the text: all others stay in place. So
    does a place before the question where it `answers` one of ours for the address.
    """
    found = [
        part
        for sentence in sentences(tokens, shelf)
        if _asks(sentence)
        for part in _asking(sentence, shelf, answers=answers)
    ]
    if not found:
        return None
    aside = {token.start for mark in found for token in mark.tokens}
    asked = [sentence for sentence in sentences(tokens, shelf) if _asks(sentence)]
    beside = {t.start for sentence in asked for mark in sentence for t in mark.tokens}
    kept: list[Token] = []
    apart = Break.NONE
    for token in tokens:
        if token.start in aside:
            apart = max(apart, token.before, Break.COMMA)
        else:
            asks = token.asks and token.start not in beside
            before = max(apart, token.before)
            kept.append(replace(token, before=before, asks=asks))
            apart = Break.NONE
    return _blanked(text, tokens, aside), tuple(kept)


def _asks(sentence: Sentence) -> bool:
    return any(mark.means(_KEY) for mark in sentence)


def _asking(sentence: Sentence, shelf: Shelf, *, answers: bool) -> list[Mark]:
    """Return the marks of a sentence that ask, with the place that they ask about."""
    cuts = [at for at, mark in enumerate(sentence) if at and mark.before]
    parts = [sentence[a:b] for a, b in pairwise([0, *cuts, len(sentence)])]
    found: list[Mark] = []
    for part in parts:
        place = next((at for at, mark in enumerate(part) if mark.means(_KEY)), None)
        if place is not None:
            found += _around(part, place, shelf)
        elif not (answers and _has_number(part)) and _is_place(part, shelf):
            found += part
    return found


def _around(part: Sentence, place: int, shelf: Shelf) -> list[Mark]:
    """Return the words that ask in a part of a sentence, and the place beside them."""
    head, tail = part[:place], part[place + 1 :]
    sold = [at for at, mark in enumerate(tail) if _is_sold(mark, shelf)]
    if sold:
        counted = (at for at, mark in enumerate(tail) if _counts(mark))
        tail = tail[: min((*counted, *sold))]
    if part[place].verb_last or not any(map(_tells, tail)):
        behind = [at for at, mark in enumerate(head) if _is_sold(mark, shelf)]
        head = head[behind[-1] + 1 :] if behind else head
        head = tuple(mark for mark in head if not mark.means(*_COURTESIES))
    else:
        head = ()
    return [*head, part[place], *tail]


def _is_place(part: Sentence, shelf: Shelf) -> bool:
    """Return whether a part between commas may only say where."""
    kinds = (Kind.WORD, Kind.FILLER, Kind.AMOUNT)
    places = all(mark.kind in kinds for mark in part) and part[0].amount is None
    return places and not any(_is_sold(mark, shelf) for mark in part)


def _has_number(part: Sentence) -> bool:
    return any(mark.amount is not None for mark in part)


def _is_sold(mark: Mark, shelf: Shelf) -> bool:
    known = mark.kind is Kind.WORD and any(shelf.knows(t.word) for t in mark.tokens)
    return mark.kind is Kind.NAME or known


def _counts(mark: Mark) -> bool:
    """Return whether it is an amount, and no postal code."""
    return mark.amount is not None and mark.amount.quantity < _SMALLEST_CODE


def _tells(mark: Mark) -> bool:
    return mark.kind in (Kind.WORD, Kind.NAME, Kind.AMOUNT)


def _blanked(text: str, tokens: Sequence[Token], aside: set[int]) -> str:
    """Return a text with blanks for such tokens and for the signs around them."""
    letters = list(text)
    ends = (0, *(token.end for token in tokens))
    starts = (*(token.start for token in tokens[1:]), len(text))
    for token, before, after in zip(tokens, ends, starts, strict=False):
        if token.start not in aside:
            continue
        for at in range(before, after):
            letters[at] = "\n" if letters[at] == "\n" else " "
    return "".join(letters)
