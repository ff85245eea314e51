"""Which language a sentence is in, guessed from its letters: for words nobody knows.

Lingua's models are for 75 languages; we load those that we speak and those that our
customers may write in instead, with low accuracy (trigrams): 20 MB and 0.3 s of CPU at
the first guess, 0.1 ms for each one after it (2.1.1, one core). Nothing is loaded at
import, and a guess is made beside the event loop.
"""

from collections.abc import Collection
from functools import cache
from typing import Protocol

#: So many letters, in so many words, are enough to guess from; measured with the
#: sentences of tests/bot/reading/test_tongues.py.
LETTERS, WORDS = 12, 3
#: A guess less likely than this is none.
_SURE = 0.9
#: Languages that we do not speak and that are told apart from those that we do.
_OTHERS = ("de", "fr", "it", "nl", "pl", "uk", "ar", "fa", "az", "ro")


class _Detector(Protocol):
    def guess(self, text: str) -> tuple[str, float]: ...

    def nearest(self, text: str, codes: Collection[str]) -> str: ...


def guessed(text: str, spoken: tuple[str, ...]) -> str | None:
    """Return the ISO 639-1 code of the language of a text, or None when unsure."""
    words = [word for word in text.split() if any(map(str.isalpha, word))]
    letters = sum(map(str.isalpha, text))
    if letters < LETTERS or len(words) < WORDS:
        return None
    code, probability = _detector(spoken).guess(text)
    return code if probability >= _SURE else None


def nearest(text: str, codes: Collection[str], spoken: tuple[str, ...]) -> str:
    """Return which of several languages a text is most likely in, however unlikely."""
    return _detector(spoken).nearest(text, codes)


class _Lingua:
    """The library, loaded when it is first asked."""

    def __init__(self, codes: tuple[str, ...]) -> None:
        from lingua import (  # noqa: PLC0415  # 96 MB of models: only when needed
            IsoCode639_1,
            LanguageDetectorBuilder,
        )

        known = [getattr(IsoCode639_1, code.upper(), None) for code in codes]
        wanted = [code for code in known if code is not None]
        builder = LanguageDetectorBuilder.from_iso_codes_639_1(*wanted)
        self._detector = builder.with_low_accuracy_mode().build()

    def guess(self, text: str) -> tuple[str, float]:
        best = self._detector.compute_language_confidence_values(text)[0]
        return best.language.iso_code_639_1.name.lower(), best.value

    def nearest(self, text: str, codes: Collection[str]) -> str:
        ranked = self._detector.compute_language_confidence_values(text)
        named = (each.language.iso_code_639_1.name.lower() for each in ranked)
        return next(code for code in named if code in codes)


@cache
def _detector(spoken: tuple[str, ...]) -> _Detector:
    return _Lingua(tuple(dict.fromkeys((*spoken, *_OTHERS))))
