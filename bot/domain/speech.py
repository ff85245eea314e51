"""When the words of a voice note were said: as told with them, or estimated.

Places are numbers of characters of the transcript; seconds count from where the voice
note begins to play.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from pydantic import TypeAdapter, ValidationError

#: So many timings are kept of one voice note; more are put together.
MOST_TIMINGS: Final = 1000
#: A piece is looked for this many letters beyond the one before it: some pieces are not
#: in the text, and a word that is far off is another one.
_AHEAD: Final = 80
#: Decimals that are kept of a second.
_DIGITS: Final = 2
_SECONDS, _TIMES = "seconds", "times"
_STORED: TypeAdapter[list[tuple[int, float, float]]] = TypeAdapter(
    list[tuple[int, float, float]]
)


class Piece(NamedTuple):
    """Words as they were written down, and the seconds in which they were said."""

    words: str
    begin: float
    end: float


class Timing(NamedTuple):
    """When the words from a place up to the next timing's were said."""

    place: int
    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Moment:
    """When some words were said."""

    from_seconds: float
    to_seconds: float
    is_estimated: bool  #: Nobody told when they begin.


@dataclass(frozen=True, slots=True)
class Timeline:
    """How long a voice note plays, and when its words were said, as far as told."""

    seconds: float
    timings: tuple[Timing, ...] = ()  #: By place; none begins before another ends.

    @classmethod
    def of(cls, seconds: float, timings: Iterable[Timing]) -> "Timeline":
        """Return one of timings from anywhere: what makes no sense is left out."""
        length = round(max(0.0, seconds), _DIGITS)
        kept: list[Timing] = []
        for place, begin, end in timings:
            last = kept[-1] if kept else Timing(-1, 0, 0)
            if place <= last.place or not last.begin <= begin <= min(end, length):
                continue
            if kept:
                kept[-1] = last._replace(end=min(last.end, begin))
            kept.append(Timing(place, begin, min(end, length)))
        return cls(length, tuple(map(_rounded, _fewer(kept))))

    @classmethod
    def told(cls, text: str, seconds: float, pieces: Iterable[Piece]) -> "Timeline":
        """Return the one of a transcript, of pieces in their order.

        A piece that does not stand in the text is left out.
        """
        return cls.of(seconds, _placed(_Letters.of(text), pieces))

    def stored(self) -> dict[str, object]:
        """Return it as JSON, to be kept with the transcript."""
        times = {_TIMES: [list(each) for each in self.timings]} if self.timings else {}
        return {_SECONDS: self.seconds, **times}

    @classmethod
    def load(cls, stored: Mapping[str, object]) -> "Timeline | None":
        """Return what `stored` made; None: nobody kept how long it plays."""
        seconds = stored.get(_SECONDS)
        if not isinstance(seconds, int | float):
            return None
        try:
            times = _STORED.validate_python(stored.get(_TIMES, []))
        except ValidationError:
            times = []
        return cls.of(seconds, (Timing(*each) for each in times))

    def moment(self, text: str, begin: int, end: int) -> Moment:
        """Return when the words between two places of a transcript were said."""
        timings = self.timings
        if not timings or timings[0].place > 0:
            # What nobody told of was said before what they did.
            until = timings[0].begin if timings else self.seconds
            timings = (Timing(0, 0, until), *timings)
        first, last = (
            bisect_right(timings, place, key=lambda each: each.place) - 1
            for place in (begin, max(begin, end - 1))
        )
        return Moment(
            _second(text, timings, first, begin),
            _second(text, timings, last, max(begin, end)),
            is_estimated=all(each.place != begin for each in self.timings),
        )


def moments_of(
    text: str, timeline: Timeline, quotes: Sequence[str]
) -> list[Moment | None]:
    """Return when quotes of a transcript were said, given in the order of saying.

    Of words that were said several times, a quote means the first ones after the quote
    before it, or just the first. None: they do not stand in the transcript.
    """
    letters = _Letters.of(text)
    found: list[Moment | None] = []
    after = 0
    for quote in quotes:
        span = letters.find(quote, after)
        found.append(timeline.moment(text, *span) if span else None)
        after = max(after, span[1]) if span else after
    return found


def _second(text: str, timings: Sequence[Timing], number: int, place: int) -> float:
    """Return when a place within a timing's words is reached."""
    timing = timings[number]
    after = timings[number + 1].place if number + 1 < len(timings) else len(text)
    until = min(after, len(text))
    while until > timing.place and not _is_of_word(text[until - 1]):
        until -= 1
    long = until - timing.place
    passed = min(1.0, (place - timing.place) / long) if long else 0.0
    return round(timing.begin + passed * (timing.end - timing.begin), _DIGITS)


def _rounded(timing: Timing) -> Timing:
    place, begin, end = timing
    return Timing(place, round(begin, _DIGITS), round(end, _DIGITS))


def _fewer(timings: Sequence[Timing]) -> Iterator[Timing]:
    """Yield at most so many timings as are kept: neighbours become one."""
    step = -(-len(timings) // MOST_TIMINGS) or 1
    for start in range(0, len(timings), step):
        group = timings[start : start + step]
        yield group[0]._replace(end=group[-1].end)


def _placed(letters: "_Letters", pieces: Iterable[Piece]) -> Iterator[Timing]:
    """Yield where in a text the pieces stand, as far as they do."""
    reached = 0
    for piece in pieces:
        wanted = _Letters.of(piece.words).plain
        limit = reached + _AHEAD + len(wanted)
        at = letters.plain.find(wanted, reached, limit) if wanted else -1
        if at >= 0:
            reached = at + len(wanted)
            yield Timing(letters.places[at], piece.begin, piece.end)


@dataclass(frozen=True, slots=True)
class _Letters:
    """The letters and digits of a text as they are compared, and where they stand."""

    text: str
    plain: str
    places: Sequence[int]  #: In the text, for each of `plain`.

    @classmethod
    def of(cls, text: str) -> "_Letters":
        signs = [(each, at) for at, sign in enumerate(text) for each in _plain(sign)]
        return cls(text, "".join(each for each, _ in signs), [at for _, at in signs])

    def find(self, quote: str, after: int) -> tuple[int, int] | None:
        """Return from where to where a quote stands, if it does.

        Whole words are preferred to parts of words, then what begins at a place or
        after it, then what comes first.
        """
        wanted = _Letters.of(quote).plain
        best: tuple[tuple[bool, bool], tuple[int, int]] | None = None
        for at in _each(wanted, self.plain):
            span = self.places[at], self.places[at + len(wanted) - 1] + 1
            rank = not self._is_whole(*span), span[0] < after
            if best is None or rank < best[0]:
                best = rank, span
            if not any(rank):
                break  # What is said again and again is not all looked at each time.
        return best[1] if best else None

    def _is_whole(self, begin: int, end: int) -> bool:
        before, behind = self.text[max(0, begin - 1) : begin], self.text[end : end + 1]
        return not (_is_of_word(before) or _is_of_word(behind))


def _each(wanted: str, text: str) -> Iterator[int]:
    """Yield every place of some letters in others."""
    at = text.find(wanted) if wanted else -1
    while at >= 0:
        yield at
        at = text.find(wanted, at + 1)


def _plain(sign: str) -> list[str]:
    """Return a sign without case and accents; nothing of what is no letter or digit."""
    parts = unicodedata.normalize("NFKD", sign.casefold())
    return [each for each in parts if each.isalnum()]


def _is_of_word(sign: str) -> bool:
    """Return whether a sign continues a word: a letter, a digit, a mark on a letter."""
    return sign.isalnum() or (sign != "" and unicodedata.category(sign)[0] == "M")
