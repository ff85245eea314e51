"""The rules reader: understands a turn with word lists and the catalog, no model."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.message import Content, Location, Media, Text
from bot.domain.understanding import (
    Detail,
    DetailMention,
    Intent,
    Mention,
    Pick,
    Quote,
    Understanding,
)
from bot.reading.reader import Reading, ReadingRequest
from bot.reading.rules.answering import pointing_answer
from bot.reading.rules.answers import answer_to
from bot.reading.rules.details import Said, details_of
from bot.reading.rules.detection import languages_in
from bot.reading.rules.intents import (
    intents_in,
    leading_first,
    names_products,
    of_mentions,
    whole_message,
    yes_or_no,
)
from bot.reading.rules.marks import Kind, Sentence, sentences
from bot.reading.rules.mentions import mentions_of
from bot.reading.rules.menu import is_known
from bot.reading.rules.mood import priority_of, sentiment_of
from bot.reading.rules.names import Shelf
from bot.reading.rules.quoting import Source
from bot.reading.rules.reach import without_question
from bot.reading.rules.several import announced
from bot.reading.rules.spelling import respelt
from bot.reading.rules.telling import entities_of, summary_of
from bot.reading.rules.tokens import Token, tokenize
from bot.reading.rules.wondering import Beside, wondered
from bot.reading.rules.words import words_for
from catalog.language import languages
from orders.domain.rules import Field

#: The version of the rules, kept with every reading.
MODEL = "rules-1"
#: How sure a turn without products is: told by clear words, or by none at all.
_CLEAR, _MUTE = 0.95, 0.2
#: What stands between a name and a detail of which nothing else is left.
_ENDS = (",", ".", ";", "\n")
#: More characters than these would hold up the other conversations of the loop.
_AT_ONCE = 600


class RulesReader:
    """Reads with rules. Always available, deterministic, and it costs nothing."""

    name: ClassVar[str] = "rules"

    async def read(self, request: ReadingRequest) -> Reading:
        """Return what the turn says; never raises.

        Much text is read in a thread, and the first turn after the catalog changed.
        """
        length = sum(len(text_of(message.content)) for message in request.messages)
        if length > _AT_ONCE or not is_known(request.index):
            said = await asyncio.to_thread(understand, request)
        else:
            said = understand(request)
        return Reading(said, provider=self.name, model=MODEL)


def understand(request: ReadingRequest) -> Understanding:
    """Return what a turn says. Pure: the same turn always reads the same."""
    texts = tuple(text_of(message.content) for message in request.messages)
    tokens = tuple(tokenize(text) for text in texts)
    every = tuple(token for message in tokens for token in message)
    named = _product_words(every, _shelf(request))
    heard = languages_in(every, named, request.language)
    tokens = tuple(respelt(message, heard.codes, named) for message in tokens)
    turn = _Turn(request, _shelf(request, heard.codes), heard.codes)
    for number, message in enumerate(request.messages):
        turn.hear_place(number, message.content)
        turn.hear(number, texts[number], tokens[number])
    every = tuple(token for message in tokens for token in message)
    return turn.understanding(every, heard.told)


def text_of(content: Content) -> str:
    """Return the words of a message that its sender typed; none for taps and carts."""
    match content:
        case Text(text=text):
            return text
        case Media(caption=caption):
            return caption or ""
        case Location(name=name, address=address):
            return ", ".join(part for part in (name, address) if part)
    return ""


@dataclass(slots=True)
class _Turn:
    """What was understood so far of a turn."""

    request: ReadingRequest
    shelf: Shelf
    codes: tuple[str, ...]  #: The languages that it is in.
    mentions: list[Mention] = field(default_factory=list)
    details: list[DetailMention] = field(default_factory=list)
    intents: set[Intent] = field(default_factory=set)
    sentences: list[Sentence] = field(default_factory=list)
    pick: Pick | None = None
    answered: bool = False
    spoken: bool = True  #: False when what was said was no language: a name, a place.

    def hear(self, number: int, text: str, tokens: tuple[Token, ...]) -> None:
        """Take in the words of one message."""
        is_place = isinstance(self.request.messages[number].content, Location)
        if not tokens or is_place:
            return
        if (command := whole_message(text, tokens)) is not None:
            self.intents -= {Intent.STOP, Intent.START}
            self.intents.add(command)
            return
        answering = self.request.messages[number]
        pointed = pointing_answer(number, answering, text, tokens)
        if pointed is not None:
            self.mentions.append(pointed)
            return
        wondered = without_question(text, tokens, self.shelf, answers=self.asks_address)
        if wondered is not None:
            self.intents.add(Intent.ASK_DELIVERY)
            text, tokens = wondered
        asked = None if self.answered else self.request.asked
        said = self.said(number, text, tokens)
        answer = answer_to(asked, said, self.shelf, self.request.draft)
        if answer is not None:
            self.answered = True
            self.pick = answer.pick or self.pick
            self.mentions += [answer.mention] if answer.mention else []
            self.details += [answer.detail] if answer.detail else []
            self.details += answer.told
            self.spoken = self.spoken and answer.detail is None and not answer.told
            return
        details, rest = details_of(said, self.shelf, announced(said))
        self.details += details
        marked = sentences(rest, self.shelf) if details else said.sentences
        if details and asked is not None:
            marked = self.hear_name(replace(said, tokens=rest, sentences=marked))
        self.hear_sentences(number, text, marked)

    @property
    def asks_address(self) -> bool:
        asked = self.request.asked
        return asked is not None and asked.field is Field.ADDRESS

    def hear_name(self, said: Said) -> tuple[Sentence, ...]:
        """Take in a name that stands before other details; return what remains."""
        first, *others = said.sentences or ((),)
        apart = (at for at, mark in enumerate(first) if at and mark.before)
        ends = bool(first) and said.text[first[-1].end :].startswith(_ENDS)
        place = next(apart, len(first) if ends else None)
        before = replace(said, sentences=(first[:place],))
        known = any(each.detail is Detail.NAME for each in self.details)
        answer = answer_to(self.request.asked, before, self.shelf, self.request.draft)
        if known or place is None or answer is None or answer.detail is None:
            return said.sentences
        if answer.detail.detail is Detail.NAME:
            self.details.append(answer.detail)
        return (first[place:], *others)

    def hear_sentences(
        self, number: int, text: str, marked: Sequence[Sentence]
    ) -> None:
        lines = self.request.draft.lines
        drafted = frozenset(line.product_id for line in lines)
        only = lines[0] if len(lines) == 1 else None
        asked = self.request.asked
        shown = asked is not None and asked.field is Field.CONFIRMATION
        source = Source(number, text, drafted, only, lines, summed_up=shown)
        codes = tuple(dict.fromkeys((*self.codes, *languages())))
        beside = Beside(source, self.shelf, codes, self.request.spoken_of)
        for sentence in marked:
            self.sentences.append(sentence)
            intents = intents_in(sentence)
            self.intents |= intents
            if names_products(sentence, intents):
                told = mentions_of(sentence, source, self.shelf, self.mentions)
                self.mentions = list(
                    wondered(sentence, told, len(self.mentions), beside)
                )

    def hear_place(self, number: int, content: Content) -> None:
        """Take in a location. Whose a contact card is, the rules of the order judge."""
        match content:
            case Location(latitude=latitude, longitude=longitude):
                text = text_of(content)
                quote = Quote(message=number, text=text) if text else None
                value = text or f"{latitude:.6f}, {longitude:.6f}"
                self.add(Detail.ADDRESS, value, quote)

    def add(self, kind: Detail, value: str, quote: Quote | None) -> None:
        self.details.append(DetailMention(detail=kind, value=value, quote=quote))

    def said(self, number: int, text: str, tokens: tuple[Token, ...]) -> Said:
        asked = self.request.asked.field if self.request.asked else None
        marked = sentences(tokens, self.shelf)
        return Said(
            number,
            text,
            tokens,
            marked,
            asked,
            self.request.country,
            _local(self.request),
            self.request.asked.more if self.request.asked else (),
            _day_wanted(self.request),
        )

    def understanding(
        self, tokens: Sequence[Token], language: str | None
    ) -> Understanding:
        """Return everything that was heard as one understanding."""
        words = self.shelf.words
        intents = leading_first(self.all_intents())
        return Understanding(
            intents=intents,
            mentions=tuple(self.mentions),
            details=tuple(self.details),
            pick=self.pick,
            language=language if self.spoken else None,
            confidence=self.confidence(intents),
            sentiment=sentiment_of(tokens, words),
            priority=priority_of(intents),
            summary=summary_of(intents, self.mentions, self.details),
            entities=entities_of(self.mentions, self.details, tokens, words),
        )

    def all_intents(self) -> set[Intent]:
        found = self.intents | of_mentions(self.mentions)
        more = bool(self.mentions or self.details or self.pick)
        courtesies = {Intent.GREET, Intent.THANKS}
        more = more or not found <= courtesies
        found |= yes_or_no(self.sentences, self.request.asked, says_more=more)
        if self.pick is not None:
            found.add(Intent.CHOOSE)
        if self.details and found <= courtesies:
            found.add(Intent.CHANGE)
        return found

    def confidence(self, intents: Sequence[Intent]) -> float:
        """Return how much of the turn is understood: its least sure product."""
        if intents == (Intent.OTHER,):
            return _MUTE
        return min((m.confidence for m in self.mentions), default=_CLEAR)


def _shelf(request: ReadingRequest, codes: tuple[str, ...] | None = None) -> Shelf:
    first = codes[0] if codes else request.language
    return Shelf(request.index, words_for(first, codes))


def _day_wanted(request: ReadingRequest) -> date | None:
    """Return the day of which an hour is still to be said, if the draft has one."""
    due_at = request.draft.due_at
    return due_at.date() if due_at and request.draft.due_day_only else None


def _local(request: ReadingRequest) -> datetime:
    """Return what the shop's clock shows; UTC when its zone is none that we know."""
    try:
        return request.now.astimezone(ZoneInfo(request.timezone))
    except (ValueError, ZoneInfoNotFoundError):
        return request.now.astimezone(UTC)


def _product_words(tokens: Sequence[Token], shelf: Shelf) -> frozenset[str]:
    """Return the words of whole product names: they tell no language."""
    return frozenset(
        token.word
        for sentence in sentences(tokens, shelf)
        for mark in sentence
        if mark.kind is Kind.NAME
        for token in mark.tokens
    )
