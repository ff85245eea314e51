"""Which of a few names words mean: for choices, options and lines."""

from collections.abc import Sequence

from rapidfuzz import fuzz

from catalog.domain.folding import fold

#: Close enough to be the same name with a typo.
CLOSE = 82.0
_SAME = 100.0
#: The words are some of the name's, or the name is among the words.
_PART_OF_NAME = 95.0
_NAME_WITHIN = 93.0
#: Every word is one of the name's, or the other way round: no typo is supposed.
WORD_FOR_WORD = _NAME_WITHIN


def closest(
    text: str, names: Sequence[Sequence[str]], least: float = CLOSE
) -> int | None:
    """Return which name the text means, each given by its spellings.

    None when no name is `least` close, or when two are equally close: that would be a
    guess.
    """
    places = close(text, names, least)
    return places[0] if len(places) == 1 else None


def close(text: str, names: Sequence[Sequence[str]], least: float = CLOSE) -> list[int]:
    """Return the places of the names that are closest to a text, equally close."""
    words = fold(text)
    if not words:
        return []
    scores = [max((_score(words, s) for s in spelt), default=0.0) for spelt in names]
    best = max(scores, default=0.0)
    if best < least:
        return []
    return [place for place, score in enumerate(scores) if score == best]


def _score(words: str, spelling: str) -> float:
    name = fold(spelling)
    if not name:
        return 0.0
    if words == name:
        return _SAME
    said, known = set(words.split()), set(name.split())
    if said <= known:
        return _PART_OF_NAME
    if known <= said:
        return _NAME_WITHIN
    return min(fuzz.ratio(words, name), _NAME_WITHIN - 1)
