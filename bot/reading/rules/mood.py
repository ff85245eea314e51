"""How the customer sounds, by simple words."""

from collections.abc import Collection, Sequence

from bot.domain.understanding import Intent, Priority, Sentiment
from bot.reading.rules.tokens import Token
from bot.reading.rules.words import Words

_URGENT = frozenset({Intent.COMPLAINT, Intent.HUMAN})


def sentiment_of(tokens: Sequence[Token], words: Words) -> Sentiment:
    """Return the sentiment that the words tell; displeasure is never outweighed."""
    found = [words.phrase_at(tokens, place) for place in range(len(tokens))]
    if any(phrase and "negative" in phrase.keys for phrase in found):
        return Sentiment.NEGATIVE
    if any(phrase and "positive" in phrase.keys for phrase in found):
        return Sentiment.POSITIVE
    return Sentiment.NEUTRAL


def priority_of(intents: Collection[Intent]) -> Priority:
    """Return HIGH for what a person should see soon."""
    return Priority.NORMAL if _URGENT.isdisjoint(intents) else Priority.HIGH
