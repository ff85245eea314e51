"""How fingers and habits change what was to be written. Seeded; pure."""

import random
import re
import unicodedata
from collections.abc import Mapping

#: Shorter words are typed right: in them a slip makes another word.
_LONG = 6
_WORD = re.compile(r"\w+", re.UNICODE)
#: Letters that are letters of their own: taking marks off would make others of them.
_OWN = str.maketrans({"ı": "i", "İ": "I"})
_KEPT = {"й": "й", "Й": "Й"}


def mistyped(text: str, likely: float, rng: random.Random) -> str:
    """Return a text in which some of the longer words have one slip."""

    def slip(found: re.Match[str]) -> str:
        word = found.group()
        is_name = len(word) >= _LONG and word.isalpha()
        return _slipped(word, rng) if is_name and rng.random() < likely else word

    return _WORD.sub(slip, text)


def _slipped(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word) - 2)
    match rng.choice(("swap", "leave", "double")):
        case "swap":
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case "leave":
            return word[:at] + word[at + 1 :]
        case _:
            return word[:at] + word[at] + word[at:]


def sloppy(text: str, short: Mapping[str, str], rng: random.Random) -> str:
    """Return a text as somebody in a hurry writes it."""
    text = _WORD.sub(lambda found: short.get(found.group(), found.group()), text)
    if rng.random() < 0.7:  # noqa: PLR2004  # most do
        text = without_accents(text)
    match rng.randrange(4):
        case 0:
            return text.upper()
        case 1:
            return text.capitalize()
        case _:
            return text


def without_accents(text: str) -> str:
    """Return a text as a keyboard without accents writes it."""
    plain = (
        _KEPT.get(letter) or unicodedata.normalize("NFD", letter)[0] for letter in text
    )
    return "".join(plain).translate(_OWN)
