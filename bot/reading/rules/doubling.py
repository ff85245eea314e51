"""Twice as much: "double it", "double the tea"."""

from bot.domain.understanding import Act, Mention
from bot.reading.rules.everything import lines_named
from bot.reading.rules.marks import Kind, Sentence, asks, says
from bot.reading.rules.names import Shelf
from bot.reading.rules.quoting import POINTING, Source, quote_of


def doubled(sentence: Sentence, source: Source, shelf: Shelf) -> tuple[Mention, ...]:
    """Return the lines that shall be twice as much, with how much that is.

    Without a name it is said of the draft's only line; of several nobody can tell.
    """
    if not says(sentence, "double") or asks(sentence):
        return ()
    rest = [mark for mark in sentence if not mark.means("double")]
    if any(mark.amount is not None for mark in rest):
        return ()
    named = lines_named(rest, source, shelf)
    if not named and any(mark.kind in (Kind.NAME, Kind.WORD) for mark in rest):
        return ()
    only = {source.line.id} if source.line is not None else set()
    return tuple(
        Mention(
            act=Act.SET,
            ordinal=number,
            quantity=line.quantity * 2,
            quote=quote_of(sentence, source),
            confidence=POINTING,
        )
        for number, line in enumerate(source.lines, start=1)
        if line.id in (named or only)
    )
