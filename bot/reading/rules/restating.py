"""Amounts said anew: "no, 2", "2 lattes instead", and the same words once more."""

from bot.reading.rules.items import items_of
from bot.reading.rules.marks import Kind, Sentence, asks
from bot.reading.rules.names import Shelf
from bot.reading.rules.quoting import Source
from bot.reading.rules.retracting import limits
from bot.reading.rules.words import words_of
from orders import Line

#: What may stand beside an amount that is said once more, and says nothing itself.
_BESIDE = ("greet", "thanks", "yes", "weak_yes", "want", "again")


def restates(sentence: Sentence, source: Source, shelf: Shelf) -> bool:
    """Return whether a sentence says how much there shall be, instead of how much more.

    It opens with a "no", closes with an "instead", or says of a line on our summary
    what that line was made of.
    """
    opens = sentence[0].means("no") or limits(sentence)
    return opens or _closes(sentence) or _is_said_again(sentence, source, shelf)


def _closes(sentence: Sentence) -> bool:
    telling = [mark for mark in sentence if mark.kind is not Kind.FILLER]
    return len(telling) > 1 and telling[-1].means("correction")


def _is_said_again(sentence: Sentence, source: Source, shelf: Shelf) -> bool:
    """Return whether one product's amount, and nothing else, answers our summary.

    Goods by weight are named with all of their weight; pieces only when the words are
    those that made the line. Who wants more on top says "more", "also", "and".
    """
    if not source.summed_up or asks(sentence):
        return False
    telling = [m for m in sentence if m.kind is not Kind.FILLER]
    amounts = [m for m in telling if m.kind is Kind.AMOUNT]
    others = [m for m in telling if m.kind is Kind.PHRASE and not m.means(*_BESIDE)]
    items = items_of(sentence, shelf)
    if len(amounts) != 1 or others or len(items) != 1 or items[0].options:
        return False
    amount, product = amounts[0].amount, shelf.certain(items[0].text(shelf))
    lines = [e for e in source.lines if product and e.product_id == product.id]
    if amount is None or not amount.said or len(lines) != 1:
        return False
    weighed = amount.is_measure and lines[0].unit == amount.unit
    return weighed or _said(sentence, source) in _made_of(lines[0])


def _said(sentence: Sentence, source: Source) -> tuple[str, ...]:
    telling = [m for m in sentence if m.kind is not Kind.FILLER and not m.keys]
    return words_of(source.text[telling[0].start : telling[-1].end])


def _made_of(line: Line) -> frozenset[tuple[str, ...]]:
    quotes = (evidence.quote for evidence in line.evidence)
    return frozenset(words_of(quote) for quote in quotes if quote)
