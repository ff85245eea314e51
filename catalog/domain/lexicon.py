"""The words of all languages that a tenant's customers write in, as one value."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.domain.folding import fold
from catalog.domain.language import LanguagePack
from catalog.domain.wording import latin

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
_ANY_ENDING = tuple(ending for ending, _ in _ENDINGS)
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
#: A shorter number word, such as "a" for one, is a number only before a product.
_NUMBER_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Chatter:
    """Everyday words around a product, in languages that nobody had to choose.

    They are soft: what a product is called still counts. All words are folded.
    """

    fillers: frozenset[str] = frozenset()
    units: Mapping[str, str] = field(default_factory=dict)
    packs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What words mean before any product is looked at. All words are as searched."""

    fillers: frozenset[str] = frozenset()
    #: Fillers of languages that the shop may not even speak.
    chatter: frozenset[str] = frozenset()
    units: Mapping[str, str] = field(default_factory=dict)  #: Folded, not in Latin.
    #: Words that count pieces or packs: "adet", "pcs", "koli".
    counters: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    #: Colour, size and number words to the one word for them in every language.
    synonyms: Mapping[str, str] = field(default_factory=dict)
    sizes: frozenset[str] = frozenset()
    #: Endings that a product's word may carry in a sentence.
    suffixes: frozenset[str] = frozenset()
    #: Everyday words that are meant as they are spelt: "thanks" is no "tanks".
    talk: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, languages: Sequence[LanguagePack], chatter: Chatter | None = None
    ) -> "Lexicon":
        """Join languages; where two disagree about a word the earlier one wins."""
        around = chatter or Chatter()
        units: dict[str, str] = dict(around.units)
        synonyms: dict[str, str] = {}
        for pack in reversed(languages):
            units |= pack.units
            synonyms |= _numbers(pack)
            for words in (pack.colours, pack.sizes):
                synonyms |= {latin(word): fold(meant) for word, meant in words.items()}
        pieces = (word for word, unit in units.items() if unit == "piece")
        talk = (
            word
            for pack in languages
            for key in _TALK
            for phrase in pack.phrases.get(key, ())
            for word in phrase.split()
        )
        packs = (word for pack in languages for word in pack.packs)
        fillers = _words(word for pack in languages for word in pack.fillers)
        return cls(
            fillers=fillers,
            chatter=_words(around.fillers) - fillers,
            units=units,
            counters=_words((*pieces, *packs, *around.packs)),
            numbers=_words(word for pack in languages for word in pack.numbers),
            synonyms=synonyms,
            sizes=_words(word for pack in languages for word in pack.sizes),
            suffixes=_words(word for pack in languages for word in pack.suffixes),
            talk=_words(talk),
        )


def stem(word: str) -> str:
    """Return a word without its plural ending and without doubled letters.

    Two words with the same stem are the same word, or one of them misspelt.
    """
    if word.endswith(_ANY_ENDING):
        for ending, instead in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
                word = word[: len(word) - len(ending)] + instead
                break
    return _DOUBLED.sub(r"\1", word)


def _words(words: Iterable[str]) -> frozenset[str]:
    return frozenset(map(latin, words))


def _numbers(pack: LanguagePack) -> dict[str, str]:
    return {
        latin(word): f"{value.normalize():f}"
        for word, value in pack.numbers.items()
        if len(word) >= _NUMBER_LETTERS and word not in pack.fillers
    }
