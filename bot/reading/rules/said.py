"""A message as the readers of details see it, and what they find in it."""

from dataclasses import dataclass
from datetime import date, datetime

from bot.domain.understanding import Detail, DetailMention, Quote
from bot.reading.rules.marks import Sentence
from bot.reading.rules.tokens import Token
from orders.domain.rules import Field


@dataclass(frozen=True, slots=True)
class Said:
    """A message as the readers of details see it."""

    number: int
    text: str
    tokens: tuple[Token, ...]
    sentences: tuple[Sentence, ...]
    asked: Field | None
    country: str
    now: datetime  #: By the shop's clock.
    also: tuple[Field, ...] = ()  #: What was asked for in the same question.
    day: date | None = None  #: The day for which the order is, its hour not said yet.

    def expects(self, *fields: Field) -> bool:
        """Return whether any of the fields was asked for."""
        return self.asked in fields or not set(fields).isdisjoint(self.also)


@dataclass(frozen=True, slots=True)
class Found:
    """A detail and the stretch of the message that says it."""

    mention: DetailMention
    start: int
    end: int


def detail(kind: Detail, value: str, said: Said, start: int, end: int) -> Found:
    """Return a detail that quotes a stretch of its message."""
    quote = Quote(message=said.number, text=said.text[start:end])
    return Found(DetailMention(detail=kind, value=value, quote=quote), start, end)
