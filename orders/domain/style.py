"""How a shop speaks to its customers, as data: its name, its tone, words of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Tone(StrEnum):
    """How the sentences that are heard most often are worded."""

    PLAIN = "plain"
    WARM = "warm"  #: As among people who know each other.
    FORMAL = "formal"  #: As a letter would say it.


#: Sentences that a shop may word itself, and what each must and may name.
OWN_WORDS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "welcome": (frozenset({"shop"}), frozenset()),
    "handed_over": (frozenset(), frozenset({"shop"})),
    "closed": (frozenset({"moment"}), frozenset({"shop"})),
    "order_placed": (frozenset({"number"}), frozenset({"shop"})),
}


@dataclass(frozen=True, slots=True)
class Style:
    """Own words are by sentence (`OWN_WORDS`), then by language."""

    name: str | None = None  #: What customers call the shop; None: its tenant's name.
    tone: Tone = Tone.PLAIN
    own: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    small_talk: bool = False  #: A model may word a courtesy; see docs/shop-rules.md.
    pictures: bool = True  #: Two or three choices are shown, where they have pictures.

    def own_words(self, sentence: str, language: str) -> str | None:
        """Return the shop's own wording of a sentence, or None."""
        return self.own.get(sentence, {}).get(language)
