"""What a shop asks for beside the goods: which fields, in which order, and when.

Conditions and the shop's own fields are data; `orders.domain.rules` asks them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from catalog.domain.folding import fold
from orders.domain.draft import Fulfilment
from orders.domain.postal import spelt

#: As long as an answer to a field of the shop's own may be.
LONGEST_ANSWER = 500


@dataclass(frozen=True, slots=True)
class Facts:
    """What conditions look at. What is not known yet fulfils no condition."""

    fulfilment: Fulfilment | None
    total: int  #: Minor units.
    business: bool | None
    payment: str | None  #: Id of the method.


@dataclass(frozen=True, slots=True)
class When:
    """A condition: all that is given must hold; nothing given is always."""

    fulfilment: Fulfilment | None = None
    total_from: int | None = None  #: Minor units of the grand total.
    business: bool | None = None  #: Whether a company buys; not known counts as no.
    payments: tuple[str, ...] = ()  #: Ids of methods, any of them.

    def holds(self, facts: Facts) -> bool:
        """Return whether it holds."""
        return (
            self.fulfilment in (None, facts.fulfilment)
            and (self.total_from is None or facts.total >= self.total_from)
            and self.business in (None, facts.business is True)
            and (not self.payments or facts.payment in self.payments)
        )


@dataclass(frozen=True, slots=True)
class Need:
    """A field that is needed when a condition holds."""

    field: str  #: A name of `orders.domain.fields.REQUIRABLE`.
    when: When = When()


class OwnKind(StrEnum):
    """What an answer to a field of the shop's own is."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class OwnOption:
    """One answer that can be chosen."""

    id: str
    names: Mapping[str, str]  #: By language.

    def called(self, languages: Sequence[str]) -> str:
        """Return its name in the first of the languages that it has one in."""
        return in_language(self.names, languages)


@dataclass(frozen=True, slots=True)
class OwnField:
    """Something that only this shop asks for: a table number, a delivery slot ..."""

    id: str
    names: Mapping[str, str]  #: By language, as the summary shows it.
    kind: OwnKind = OwnKind.TEXT
    questions: Mapping[str, str] = field(default_factory=dict)  #: By language.
    examples: Mapping[str, str] = field(default_factory=dict)  #: By language.
    options: tuple[OwnOption, ...] = ()  #: CHOICE: at most ten, as a list shows.
    formats: tuple[str, ...] = ()  #: TEXT: 9 is a digit, A a letter, X either.
    minimum: Decimal | None = None  #: NUMBER
    maximum: Decimal | None = None  #: NUMBER
    days_ahead: int | None = None  #: DATE: so many days from today on at the earliest.
    required: bool = True  #: Whether it is asked for at all; it may be told anyway.
    when: When = When()

    def called(self, languages: Sequence[str]) -> str:
        """Return its name in the first of the languages that it has one in."""
        return in_language(self.names, languages)

    def read(self, answer: str, today: date) -> str | None:
        """Return an answer as it is kept, None when it cannot be one.

        Numbers are plain decimals, dates ISO 8601, choices the id of their option.
        """
        words = answer.strip()
        if not words or len(words) > LONGEST_ANSWER:
            return None
        match self.kind:
            case OwnKind.NUMBER:
                return self._number(words)
            case OwnKind.DATE:
                return self._date(words, today)
            case OwnKind.CHOICE:
                return self._choice(words)
            case OwnKind.TEXT:
                return self._text(words)

    @property
    def wants(self) -> str:
        """What an answer has to be, for programs and their makers."""
        match self.kind:
            case OwnKind.CHOICE:
                return "one of " + ", ".join(option.id for option in self.options)
            case OwnKind.DATE:
                ahead = f", {self.days_ahead} days ahead" if self.days_ahead else ""
                return f"a day such as 2026-11-23, not past{ahead}"
            case OwnKind.NUMBER:
                low, high = self.minimum, self.maximum
                least = "" if low is None else f" from {low:f}"
                return f"a number{least}" + ("" if high is None else f" up to {high:f}")
            case OwnKind.TEXT:
                forms = " or ".join(self.formats)
                return f"a text like {forms}" if forms else "a text that is not empty"

    def told(self, value: str, languages: Sequence[str]) -> str:
        """Return a kept answer as people read it: the name of what was chosen."""
        for option in self.options:
            if option.id == value:
                return option.called(languages)
        return value

    def _number(self, words: str) -> str | None:
        if not _PLAIN_NUMBER.fullmatch(words):
            return None
        number = Decimal(words.replace(",", "."))
        low = self.minimum is not None and number < self.minimum
        high = self.maximum is not None and number > self.maximum
        return None if low or high else f"{number:f}"

    def _date(self, words: str, today: date) -> str | None:
        day = _day(words, today)
        if day is None or (day - today).days < (self.days_ahead or 0):
            return None
        return day.isoformat()

    def _choice(self, words: str) -> str | None:
        said = fold(words)
        for option in self.options:
            if said in {fold(name) for name in (option.id, *option.names.values())}:
                return option.id
        return None

    def _text(self, words: str) -> str | None:
        fits = not self.formats or any(_fits(words, form) for form in self.formats)
        return words if fits else None


_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,12}([.,][0-9]{1,6})?")
_ISO_DAY = 10  #: Characters of 2026-11-23.
_WRITTEN_DAY = re.compile(r"(\d{1,2})[./-](\d{1,2})(?:[./-](\d{4})|\.)?")


def _day(words: str, today: date) -> date | None:
    """Return the day of an ISO date or moment, of 23.11.2026, or the next 23.11."""
    written = _WRITTEN_DAY.fullmatch(words)
    try:
        if written is None:
            return date.fromisoformat(words[:_ISO_DAY])
        day, month = int(written[1]), int(written[2])
        if written[3]:
            return date(int(written[3]), month, day)
        this_year = date(today.year, month, day)
        return this_year if this_year >= today else date(today.year + 1, month, day)
    except ValueError:
        return None


def _fits(words: str, form: str) -> bool:
    return re.fullmatch(spelt(form), fold(words)) is not None


def in_language(texts: Mapping[str, str], languages: Sequence[str]) -> str:
    """Return the text of the first of the languages that there is one in, else any."""
    known = (texts[code] for code in languages if code in texts)
    return next(known, next(iter(texts.values()), ""))


@dataclass(frozen=True, slots=True)
class FieldRules:
    """What a shop asks for beside what it always requires."""

    needs: tuple[Need, ...] = ()
    order: tuple[str, ...] = ()  #: Fields that come first, in this order.
    own: tuple[OwnField, ...] = ()

    def field(self, field_id: str | None) -> OwnField | None:
        """Return the shop's own field with that id, or None."""
        return next((each for each in self.own if each.id == field_id), None)
