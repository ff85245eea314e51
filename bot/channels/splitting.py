"""Long texts in several messages, cut where a person would.

A place is better the bigger the pause that it is in: a paragraph, a line, a sentence, a
word, and only then any place between two graphemes.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from operator import attrgetter

from bot.channels.graphemes import graphemes, width

#: Chinese and Japanese sentences end without a space.
_WIDE_ENDS = ("\u3002", "\uff01", "\uff1f")
_ENDS = (".", "!", "?", "…", "؟", "।", *_WIDE_ENDS)
_LINE_ENDS = frozenset({"\n", "\r\n", "\r", "\u2028", "\u2029"})


class Pause(IntEnum):
    NONE = 0
    WORD = 1
    SENTENCE = 2
    LINE = 3
    PARAGRAPH = 4


@dataclass(frozen=True, slots=True)
class _Place:
    """A place to cut at: `index` in the text, `units` of UTF-16 before it."""

    index: int
    units: int
    pause: Pause


def split(text: str, limit: int) -> tuple[str, ...]:
    """Return the text in parts of at most `limit` UTF-16 units. Joined, they are it.

    A part is at least half full unless it is the last or nothing else was possible, so
    that an early paragraph does not make many messages of one. `limit` must hold any
    grapheme.
    """
    if width(text) <= limit:
        return (text,) if text else ()
    places = tuple(_places(text))
    parts: list[str] = []
    start, index, units = 0, 0, 0
    while start < len(places):
        end = bisect_right(places, units + limit, key=attrgetter("units"))
        end = max(end, start + 1)  # rather one part too long than none for ever
        cut = _cut(places, start, end, at_least=units + limit // 2)
        parts.append(text[index : places[cut].index])
        start, index, units = cut + 1, places[cut].index, places[cut].units
    return tuple(parts)


def cut_tail(text: str, limit: int) -> tuple[str, str]:
    """Return the text in two parts, of which the second has at most `limit` units.

    The cut is at the biggest pause that leaves a tail with words in it: the question
    under a long list stays with its buttons.
    """
    total = width(text)
    if total <= limit:
        return "", text
    fitting = (place for place in _places(text) if total - place.units <= limit)
    best = max(
        (place for place in fitting if text[place.index :].strip()),
        key=lambda place: place.pause,
        default=None,
    )
    return (text, "") if best is None else (text[: best.index], text[best.index :])


def _cut(places: Sequence[_Place], start: int, end: int, *, at_least: int) -> int:
    """Return the place from `start` to `end` to cut at: the last big pause."""
    if end == len(places):
        return end - 1
    best = end - 1
    for place in range(end - 1, start - 1, -1):
        if places[place].units < at_least:
            break
        if places[place].pause > places[best].pause:
            best = place
    return best


def _places(text: str) -> Iterator[_Place]:
    """Yield the end of every grapheme, and the pause that is there."""
    index = units = 0
    before, paragraph = "", False
    for cluster in graphemes(text):
        index += len(cluster)
        units += width(cluster)
        is_line = cluster in _LINE_ENDS
        paragraph = is_line and (paragraph or before in _LINE_ENDS)
        yield _Place(index, units, _pause(before, cluster, paragraph=paragraph))
        before = cluster


def _pause(before: str, cluster: str, *, paragraph: bool) -> Pause:
    if paragraph:
        return Pause.PARAGRAPH
    if cluster in _LINE_ENDS:
        return Pause.LINE
    if cluster.endswith(_WIDE_ENDS) or (cluster.isspace() and before.endswith(_ENDS)):
        return Pause.SENTENCE
    return Pause.WORD if cluster.isspace() else Pause.NONE
