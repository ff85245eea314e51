"""The words of all languages that a tenant's customers write in, as one value."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from catalog.domain.folding import fold
from catalog.domain.language import LanguagePack

#: Regular plural and case endings, longest first, with what the word itself ends in.
#: Only ever used to compare two words, so a wrong cut costs nothing by itself.
_ENDINGS = (
    ("lerini", ""),
    ("larini", ""),
    ("leri", ""),
    ("lari", ""),
    ("ies", "y"),
    ("ler", ""),
    ("lar", ""),
    ("sses", "ss"),
    ("shes", "sh"),
    ("ches", "ch"),
    ("xes", "x"),
    ("oes", "o"),
    ("ie", "y"),
    ("s", ""),
)
#: Phrases of a language file whose words are never misspelt product names.
_TALK = (
    "greet",
    "thanks",
    "yes",
    "weak_yes",
    "no",
    "no_more",
    "stop",
    "start",
    "human",
    "browse",
    "order_status",
    "cancel_order",
    "cancel",
    "repeat",
    "want",
    "ask_price",
    "ask_have",
    "remove",
    "set",
    "add",
    "instead",
    "connectors",
    "delivery",
    "pickup",
    "payment_cash",
    "payment_card",
    "payment_transfer",
    "address_words",
    "date",
    "questions",
)
_DOUBLED = re.compile(r"(\D)\1+")
#: A word keeps at least this many letters.
_SHORTEST_STEM = 3


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What words mean before any product is looked at. All words are folded."""

    fillers: frozenset[str] = frozenset()
    units: Mapping[str, str] = field(default_factory=dict)
    #: Words that count pieces or packs: "adet", "pcs", "koli".
    counters: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    #: Colour and size words to the one word for them in every language.
    synonyms: Mapping[str, str] = field(default_factory=dict)
    sizes: frozenset[str] = frozenset()
    #: Endings that a product's word may carry in a sentence.
    suffixes: frozenset[str] = frozenset()
    #: Everyday words that are meant as they are spelt: "thanks" is no "tanks".
    talk: frozenset[str] = frozenset()

    @classmethod
    def of(cls, languages: Sequence[LanguagePack]) -> "Lexicon":
        """Join languages; where two disagree about a word the earlier one wins."""
        units: dict[str, str] = {}
        synonyms: dict[str, str] = {}
        for pack in reversed(languages):
            units |= pack.units
            for words in (pack.colours, pack.sizes):
                synonyms |= {word: fold(meant) for word, meant in words.items()}
        pieces = {word for word, unit in units.items() if unit == "piece"}
        return cls(
            fillers=frozenset().union(*(pack.fillers for pack in languages)),
            units=units,
            counters=frozenset(pieces).union(*(pack.packs for pack in languages)),
            numbers=frozenset().union(*(pack.numbers for pack in languages)),
            synonyms=synonyms,
            sizes=frozenset().union(*(pack.sizes for pack in languages)),
            suffixes=frozenset().union(*(pack.suffixes for pack in languages)),
            talk=frozenset(
                word
                for pack in languages
                for key in _TALK
                for phrase in pack.phrases.get(key, ())
                for word in phrase.split()
            ),
        )


def stem(word: str) -> str:
    """Return a word without its plural ending and without doubled letters.

    Two words with the same stem are the same word, or one of them misspelt.
    """
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word[: len(word) - len(ending)] + instead
            break
    return _DOUBLED.sub(r"\1", word)
