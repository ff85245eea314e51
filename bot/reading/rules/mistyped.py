"""Answers that are typed badly: "entrga" to the question of delivery or pickup."""

from collections.abc import Mapping, Sequence
from functools import cache

from rapidfuzz import fuzz, process

from bot.domain.understanding import Detail, DetailMention, Quote
from bot.reading.rules.details import Said
from bot.reading.rules.marks import Kind, Mark
from bot.reading.rules.words import whole_messages

_WAYS = ("delivery", "pickup")
_SHORTEST = 5
#: One letter of six left out is 91; no word of the other way is as near.
_NEARLY = 80.0


def way_in(said: Said, telling: Sequence[Mark]) -> DetailMention | None:
    """Return delivery or pickup where one word is nearly one that says so."""
    words = [mark for mark in telling if mark.kind is Kind.WORD]
    if len(words) != 1 or len(telling) > 1:
        return None
    word = words[0].tokens[0].word
    near = len(word) >= _SHORTEST and process.extractOne(
        word, _ways().keys(), scorer=fuzz.ratio, score_cutoff=_NEARLY
    )
    if not near:
        return None
    text = said.text[words[0].start : words[0].end]
    quote = Quote(message=said.number, text=text)
    value = _ways()[near[0]]
    return DetailMention(detail=Detail.FULFILMENT, value=value, quote=quote)


@cache
def _ways() -> Mapping[str, str]:
    """Return the single words of every language that say how an order gets there."""
    return {
        words[0]: way
        for way in _WAYS
        for words in whole_messages(way)
        if len(words) == 1 and len(words[0]) >= _SHORTEST
    }
