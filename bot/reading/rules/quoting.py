"""Evidence of a mention: where it was said, its words, and how sure they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.understanding import Mention, Quote
from bot.reading.rules.items import Item
from bot.reading.rules.marks import Mark
from bot.reading.rules.names import Shelf
from catalog import Ambiguous, Certain
from orders import Line

#: How sure a mention is, by what the catalog said of its words.
UNCLEAR = 0.3  #: The amount makes no sense: it is asked for.
SURE, CHOICE, UNKNOWN, POINTING, GUESSED = 0.95, 0.7, 0.4, 0.85, 0.6


@dataclass(frozen=True, slots=True)
class Source:
    """Where a sentence was said, and what the draft held then."""

    message: int
    text: str
    drafted: frozenset[str]  #: Product ids on the draft.
    line: Line | None = None  #: The draft's line, when it has but one.
    lines: tuple[Line, ...] = ()  #: All of them.
    summed_up: bool = False  #: They stood in our last message, to be confirmed.


def judged(mention: Mention, item: Item, source: Source, shelf: Shelf) -> Mention:
    """Return a mention with its quote and how sure the catalog is of its words."""
    match = shelf.find(mention.text)
    sure = UNKNOWN
    if isinstance(match, Certain):
        sure = SURE
    elif isinstance(match, Ambiguous):
        sure = CHOICE
    quoted = quoted_by(mention, item, source)
    sure = min(sure, quoted.confidence)
    return quoted.model_copy(update={"confidence": sure})


def quoted_by(mention: Mention, item: Item, source: Source) -> Mention:
    unclear = item.amount is not None and item.amount.unclear
    sure = UNCLEAR if unclear else mention.confidence
    quote = quote_of(item.marks, source)
    return mention.model_copy(update={"quote": quote, "confidence": sure})


def quote_of(marks: Sequence[Mark], source: Source) -> Quote | None:
    if not marks:
        return None
    start = min(mark.start for mark in marks)
    end = max(mark.end for mark in marks)
    return Quote(message=source.message, text=source.text[start:end])
