"""Which language a turn is in, told by the words that only one language has."""

from collections import Counter
from collections.abc import Iterable

from bot.reading.rules.tokens import Token
from bot.reading.rules.words import telling_words
from catalog.language import languages, load_language


def language_of(
    tokens: Iterable[Token], products: Iterable[str], spoken: str
) -> str | None:
    """Return the language that most words tell, or None when they do not tell.

    Words of `products` say nothing: a latte is a latte. With an even count the
    language `spoken` so far stays.
    """
    telling, silent = telling_words(), frozenset(products)
    votes: Counter[str] = Counter()
    for token in tokens:
        for code in languages():
            if load_language(code).letters.intersection(token.text):
                votes[code] += 1
        if token.word not in silent and (code := telling.get(token.word, "")):
            votes[code] += 1
    if not votes:
        return None
    return max(votes, key=lambda code: (votes[code], code == spoken, code))
