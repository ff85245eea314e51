"""What the catalog's names are called: their words, and how else they are spelt."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from rapidfuzz.distance import OSA

from bot.reading.rules.tokens import tokenize
from bot.reading.rules.words import joining_words
from catalog import Product

#: Shorter words are other words when they differ.
_SHORTEST = 6


@lru_cache(maxsize=20_000)
def words_in(name: str) -> tuple[str, ...]:
    """Return the words of a name; "and" and the like may be left out by anybody."""
    said = tuple(token.word for token in tokenize(name.replace("_", " ")))
    return tuple(word for word in said if word not in joining_words()) or said


def spelt_alike(products: Iterable[Product]) -> Mapping[str, tuple[str, ...]]:
    """Return how else a merchant spells single words: "espresso" is "expresso" too."""
    found: dict[str, tuple[str, ...]] = {}
    named = ((p.name, *p.aliases) for p in products)
    for names in named:
        single = [said[0] for name in names if len(said := words_in(name)) == 1]
        for word in single:
            found[word] = tuple(
                other
                for other in single
                if word != other
                and min(len(word), len(other)) >= _SHORTEST
                and OSA.distance(word, other, score_cutoff=2) <= 2  # noqa: PLR2004  more is another word
            )
    return found
