"""Names of products as customers write them: what the matching is fitted on.

From any catalog, in any language, without an example: letters slip, words are left
out, moved and joined, units are spelt as people do, talk stands around it. One in a
few is written like the title of another shop, which leaves out and adds words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from catalog.domain.folding import fold

#: Letters that lie side by side on keyboards.
_ROWS = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю",
)
_BESIDE = {
    letter: row[max(0, at - 1) : at] + row[at + 1 : at + 2]
    for row in _ROWS
    for at, letter in enumerate(row)
}
#: Unit -> what people write for it; nothing: they leave it out.
_UNITS = {
    "g": ("g", "gr", "gram", ""),
    "gr": ("g", "gr", "gram", ""),
    "kg": ("kg", "kilo", "kg"),
    "ml": ("ml", "ml", ""),
    "l": ("l", "lt", "litre", ""),
    "cl": ("cl", "cl", ""),
    "lt": ("l", "lt", ""),
    "cm": ("cm", ""),
}
_SHORTEST_SLIP = 4
_CODE, _CODE_LEFT_OUT = 5, 0.3


@dataclass(frozen=True, slots=True)
class Level:
    """How badly somebody writes: chances, and the most slips in one text."""

    drop: float
    move: float
    join: float
    slips: int


LEVELS = (
    Level(drop=0.04, move=0.10, join=0.05, slips=1),
    Level(drop=0.15, move=0.30, join=0.15, slips=2),
    Level(drop=0.25, move=0.50, join=0.30, slips=3),
)
#: The title of another shop: whole words differ, letters do not.
_LISTING = Level(drop=0.30, move=0.5, join=0.05, slips=0)
_LISTINGS, _WRAPPED, _LOWER, _FOLDED, _GLUED = 0.3, 0.6, 0.7, 0.4, 0.5


@dataclass(frozen=True, slots=True)
class Said:
    """A name as somebody wrote it."""

    text: str
    kept: frozenset[str]  #: The folded words of the name that were meant, unspoilt.


class Noise:
    """Writes names like people do. The same seed writes the same."""

    def __init__(self, talk: Sequence[str], others: Sequence[str], seed: int) -> None:
        """Take words of everyday talk, and words that other products are called by."""
        self._talk = talk
        # Another shop has other words for a product, but not the code of another one.
        self._others = [word for word in others if word.isalpha()]
        self._random = Random(seed)  # noqa: S311 - noise, no secret

    def say(self, name: str) -> Said:
        """Return a name as somebody writes it."""
        chance = self._random.random
        listing = chance() < _LISTINGS
        level = _LISTING if listing else self._random.choice(LEVELS)
        words = self._reordered(self._kept(name.split(), level), level)
        kept = frozenset(fold(" ".join(words)).split())
        words = self._respelt(words)
        if listing:
            words = self._with_others(words)
        words = self._joined(self._slipped(words, level), level)
        if not listing and chance() < _WRAPPED:
            words = self._wrapped(words)
        text = " ".join(words)
        if chance() < _LOWER:
            text = text.lower()
        return Said(fold(text) if chance() < _FOLDED else text, kept)

    def _kept(self, words: list[str], level: Level) -> list[str]:
        chance = self._random.random
        kept = [word for word in words if chance() >= self._drop(word, level)]
        return kept if len(kept) >= min(2, len(words)) else words

    @staticmethod
    def _drop(word: str, level: Level) -> float:
        """Return how likely a word is left out; who knows a code gives it."""
        is_code = len(word) >= _CODE and any(map(str.isdigit, word))
        return level.drop * (_CODE_LEFT_OUT if is_code else 1)

    def _reordered(self, words: list[str], level: Level) -> list[str]:
        moved = list(words)
        if len(moved) > 1 and self._random.random() < level.move:
            word = moved.pop(self._random.randrange(len(moved)))
            moved.insert(self._random.randrange(len(moved) + 1), word)
        return moved

    def _respelt(self, words: list[str]) -> list[str]:
        """Write units as people do: "500 g" as "500gr" or as "500"."""
        spelt: list[str] = []
        for word in words:
            units = _UNITS.get(word.lower())
            if units and spelt and spelt[-1][-1:].isdigit():
                unit = self._random.choice(units)
                if unit and self._random.random() < _GLUED:
                    spelt[-1] += unit
                    continue
                spelt += [unit] if unit else []
            else:
                spelt.append(word)
        return spelt

    def _slipped(self, words: list[str], level: Level) -> list[str]:
        slipped = list(words)
        for _ in range(self._random.randint(0, level.slips)):
            long = [n for n, word in enumerate(slipped) if _may_slip(word)]
            if long:
                place = self._random.choice(long)
                slipped[place] = self._slip(slipped[place])
        return slipped

    def _slip(self, word: str) -> str:
        at = self._random.randrange(len(word) - 1)
        head, here, after, tail = word[:at], word[at], word[at + 1], word[at + 2 :]
        beside = _BESIDE.get(here.lower(), here)
        match self._random.randrange(4):
            case 0:
                return head + after + tail
            case 1:
                return head + here + here + after + tail
            case 2:
                return head + after + here + tail
            case _:
                return head + self._random.choice(beside) + after + tail

    def _joined(self, words: list[str], level: Level) -> list[str]:
        if len(words) < 2 or self._random.random() >= level.join:  # noqa: PLR2004 - two to join
            return words
        at = self._random.randrange(len(words) - 1)
        return [*words[:at], words[at] + words[at + 1], *words[at + 2 :]]

    def _wrapped(self, words: list[str]) -> list[str]:
        if not self._talk:
            return words
        before = [
            self._random.choice(self._talk) for _ in range(self._random.randint(0, 3))
        ]
        after = [
            self._random.choice(self._talk) for _ in range(self._random.randint(0, 3))
        ]
        return [*before, *words, *after]

    def _with_others(self, words: list[str]) -> list[str]:
        more = list(words)
        for _ in range(self._random.randint(0, 3)):
            if self._others:
                at = self._random.randrange(len(more) + 1)
                more.insert(at, self._random.choice(self._others))
        return more


def _may_slip(word: str) -> bool:
    return len(word) >= _SHORTEST_SLIP and word.isalpha()
