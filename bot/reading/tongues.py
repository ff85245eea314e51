"""The language of a turn: what the reader heard, or a guess, if the words carry it.

One word never turns a conversation into another language: "ok", an emoji, a number, a
product, a name or an address tell nothing. A sentence does.
"""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from bot.domain.message import Media, Text
from bot.domain.understanding import Detail, Understanding
from bot.reading.guessing import guessed, nearest
from bot.reading.reader import Reading, ReadingRequest
from bot.reading.rules.words import vocabulary, whole_messages
from catalog import tokens
from catalog.language import languages

#: So many words of one's own turn a conversation into another language.
_TURNING = 2
_SHORTEST = 2
#: Facts that are told in words of a language, and not by names.
_PLAIN = frozenset({Detail.FULFILMENT, Detail.DATE, Detail.PAYMENT, Detail.NOTE})
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LINKS = re.compile(r"https?://\S+|\S+@\S+|www\.\S+")
#: Phrases that are said in any language: "ok".
_ANYWHERE = ("weak_yes", "times")


async def in_language(reading: Reading, request: ReadingRequest) -> Reading:
    """Return a reading with the language that its words tell, None where they do not.

    Where the reader tells none, and there is enough to guess from, it is guessed.
    """
    said = reading.understanding
    words = telling(said, request)
    told = said.language
    if words and told != request.language:
        guess = await asyncio.to_thread(guessed, " ".join(words), languages())
        # German has words that Russian has in Latin letters, too: the guess knows it.
        foreign = guess not in (None, *languages()) and not _CYRILLIC.search(words[0])
        told = guess if told is None or foreign else told
        among = _among(words, request) if told is None else frozenset[str]()
        if among:  # What the goods are called tells which.
            said_all = " ".join(_texts(request))
            told = await asyncio.to_thread(nearest, said_all, among, languages())
    if told is not None and not _carries(told, words, request):
        told = None
    if told == said.language:
        return reading
    understanding = said.model_copy(update={"language": told})
    return replace(reading, understanding=understanding)


def telling(said: Understanding, request: ReadingRequest) -> tuple[str, ...]:
    """Return the words of a turn that may tell its language, as they were written."""
    silent = frozenset(_named(said)) | _said_anywhere()
    known = request.index.knows
    return tuple(
        word
        for text in _texts(request)
        for word in _LINKS.sub(" ", text).split()
        if any(map(str.isalpha, word))
        for folded in [tokens(word)]
        if folded and not silent.issuperset(folded)
        if len("".join(folded)) >= _SHORTEST and not all(map(known, folded))
    )


def _carries(told: str, words: tuple[str, ...], request: ReadingRequest) -> bool:
    """Return whether so many words may bring a language about, or keep it."""
    if told == request.language:
        return bool(words)
    may_begin = not request.language_told and told in languages()
    return len(words) >= (1 if may_begin else _TURNING)


def _among(words: tuple[str, ...], request: ReadingRequest) -> frozenset[str]:
    """Return the languages that a customer may begin in: "por favor" is of two."""
    if request.language_told or len(words) < _TURNING:
        return frozenset()
    plain = {word for text in words for word in tokens(text)}
    among = frozenset(code for code in languages() if plain <= vocabulary(code))
    return frozenset() if request.language in among else among


def _texts(request: ReadingRequest) -> Iterator[str]:
    for message in request.messages:
        if isinstance(message.content, Text):
            yield message.content.text
        elif isinstance(message.content, Media):
            yield message.content.caption or ""


def _named(said: Understanding) -> Iterator[str]:
    """Yield the words of names, addresses and other facts, and of products."""
    for detail in said.details:
        if detail.detail in _PLAIN:
            continue
        yield from tokens(detail.value)
        yield from tokens(detail.quote.text if detail.quote else "")
    for mention in said.mentions:
        yield from tokens(mention.text)


@cache
def _said_anywhere() -> frozenset[str]:
    phrases = (words for key in _ANYWHERE for words in whole_messages(key))
    return frozenset(words[0] for words in phrases if len(words) == 1)
