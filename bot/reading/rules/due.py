"""When an order is wanted, as a message says it: a moment, a day, or other words."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.domain.understanding import Detail
from bot.reading.rules.dates import written_in
from bot.reading.rules.days import day_alone, day_in, moment_of
from bot.reading.rules.names import Shelf
from bot.reading.rules.said import Found, Said, detail
from orders.domain.rules import Field


def days_of(said: Said, shelf: Shelf) -> Iterable[Found]:
    """Yield when it is wanted: as a moment, as a day, or in the words that say it."""
    written = _written(said)
    if written is not None:
        yield written
        return
    span = day_in(said.text, said.tokens, said.sentences, shelf.words)
    if span is None:
        return
    start, end = span
    tokens = [token for token in said.tokens if start <= token.start < end]
    words = said.text[start:end]
    moment = moment_of(said.text, tokens, shelf.words, said.now, said.day)
    if moment is not None:
        value = moment.isoformat(timespec="minutes")
        yield detail(Detail.DATE, value, said, start, end)
        return
    day, more = day_alone(tokens, shelf.words, said.now) or (None, False)
    value = day.isoformat() if day else words
    yield detail(Detail.DATE, value, said, start, end)
    if more:
        # What is no clear hour is for people to see.
        noted = detail(Detail.NOTE, words, said, start, end)
        yield replace(noted, start=end)


def _written(said: Said) -> Found | None:
    """Return the date that a message writes, if it does."""
    asked = said.expects(Field.DATE)
    found = written_in(said.text, said.now, country=said.country, asked=asked)
    if found is None:
        return None
    value = found.day.isoformat()
    if found.at is not None:
        moment = datetime.combine(found.day, found.at, said.now.tzinfo)
        value = moment.isoformat(timespec="minutes")
    return detail(Detail.DATE, value, said, found.start, found.end)
