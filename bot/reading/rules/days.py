"""Days and hours: where a message says them, and which moment they are."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.reading.rules.marks import Kind, Mark, Sentence
from bot.reading.rules.tokens import Token
from bot.reading.rules.words import Words

#: A dot may also be a decimal point: only a possible time that no word follows is one.
_CLOCK = re.compile(
    r"\b\d{1,2}:\d{2}\b(?![.,]?\d)"
    r"|(?<![\d.,])\b(?:[01]?\d|2[0-3])\.[0-5]\d\b(?![.,]?\d)(?![ \t]*[^\W\d_])"
    r"|\b\d{1,2}\s?[ap]m\b"
    r"|\b(?:[01]?\d|2[0-3])\s?h(?:[0-5]\d)?\b",
    re.IGNORECASE,
)
_DOTTED = re.compile(r"(?<![\d.,])\b(?:[01]?\d|2[0-3])\.[0-5]\d\b(?![.,]?\d)")
_READ = re.compile(r"(\d{1,2})(?:\s?[:.h]\s?(\d{2}))?\s?(am|pm)?", re.IGNORECASE)
_HOURS = 24
_NOON = 12
#: An hour up to this, said without minutes or half of the day, may be either half's.
_EARLY = 9
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST_LEAD = 3
_ARTICLE = 2  #: Number words up to this long are no hours: "a", "un".


def day_in(
    text: str, tokens: Sequence[Token], sentences: Iterable[Sentence], words: Words
) -> tuple[int, int] | None:
    """Return where a message says when it is wanted, the first time: "today at 5"."""
    marks = {mark.start: mark for sentence in sentences for mark in sentence}
    days = (mark for mark in marks.values() if mark.means("date"))
    spans = [(day.start, _with_part(day.end, tokens, words)) for day in days]
    clocks = {m.start(): m.end() for m in _CLOCK.finditer(text)}
    clocks |= dict(_dotted(text, tokens, words))
    spans += _hours(tokens, clocks, marks, words)
    between = [token.start for token in tokens if token.word not in words.fillers]
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        last = joined[-1][1] if joined else start
        apart = bisect_left(between, last) < bisect_left(between, start)
        if joined and not apart and not set(text[last:start]) & set("\n.;!?"):
            joined[-1] = (joined[-1][0], max(end, last))
        else:
            joined.append((start, end))
    return joined[0] if joined else None


def _start_of(token: Token) -> int:
    return token.start


def _with_part(end: int, tokens: Sequence[Token], words: Words) -> int:
    """Return where a day ends with its part: "mañana por la noche"."""
    after = bisect_left(tokens, end, key=_start_of)
    part = _part_at(tokens, after, words)
    return tokens[after + part - 1].end if part else end


def _dotted(
    text: str, tokens: Sequence[Token], words: Words
) -> Iterable[tuple[int, int]]:
    """Yield times such as 19.30 that only a word without a meaning follows."""
    for match in _DOTTED.finditer(text):
        after = bisect_left(tokens, match.end(), key=_start_of)
        if after == len(tokens) or tokens[after].word in words.fillers:
            yield match.start(), match.end()


def _hours(
    tokens: Sequence[Token],
    clocks: Mapping[int, int],
    marks: Mapping[int, Mark],
    words: Words,
) -> Iterable[tuple[int, int]]:
    """Yield where an hour is said: "at 5", "17h", "a las 5 de la tarde"."""
    for place, token in enumerate(tokens):
        clock = clocks.get(token.start)
        if clock is None and _hour_of(token, words) is None:
            continue
        end = clock or token.end
        after = bisect_left(tokens, end, key=_start_of)
        lead = _lead_before(tokens, place, words)
        part = _part_at(tokens, after, words)
        if clock is None:
            led = lead is not None or _part_before(tokens, place, words)
            if not _is_hour(tokens[after : after + 1], part, marks, words, led=led):
                continue
        start = token.start if lead is None else tokens[lead].start
        ends = part or int(_is_ending(tokens, after, words))
        yield start, tokens[after + ends - 1].end if ends else end


def _is_hour(
    rest: Sequence[Token],
    part: int,
    marks: Mapping[int, Mark],
    words: Words,
    *,
    led: bool,
) -> bool:
    """Return whether a number before the `rest` is an hour and counts nothing."""
    if part:
        return led or part > 1 or not _means(rest[0], "talk", words)
    if not led:
        return False
    if not rest or _is_ending(rest, 0, words):
        return True
    follows = marks.get(rest[0].start)
    return follows is None or follows.kind not in (Kind.NAME, Kind.WORD)


def _is_ending(tokens: Sequence[Token], place: int, words: Words) -> bool:
    """Return whether a token only ends the word before: the "de" of "8'de"."""
    if place >= len(tokens) or not tokens[place].glued:
        return False
    word = tokens[place].word
    return word.isalpha() and word not in words.units and word not in words.packs


def _part_before(tokens: Sequence[Token], place: int, words: Words) -> bool:
    """Return whether a part of the day stands right before: "akşam 8"."""
    return any(
        tuple(token.word for token in tokens[place - length : place]) in words.day_parts
        for length in range(1, min(_LONGEST_LEAD, place) + 1)
    )


def _hour_of(token: Token, words: Words) -> int | None:
    """Return the hour that a token says, in digits or in a word."""
    number = token.number
    if number is None and len(token.word) > _ARTICLE:
        number = words.numbers.get(token.word)
    if number is None or number != int(number) or not 0 < number <= _HOURS:
        return None
    return int(number)


def _lead_before(tokens: Sequence[Token], place: int, words: Words) -> int | None:
    """Return where the "at" or "a las" before an hour starts."""
    for start in range(max(0, place - _LONGEST_LEAD), place):
        phrase = words.phrase_at(tokens, start)
        ends = phrase is not None and start + len(phrase.words) == place
        if phrase and ends and "time_before" in phrase.keys:
            return start
    return None


def _part_at(tokens: Sequence[Token], place: int, words: Words) -> int:
    """Return how many tokens say a part of the day there: 0 when none do."""
    return _longest(tokens, place, words.day_parts)


def _longest(
    tokens: Sequence[Token], place: int, said: Mapping[tuple[str, ...], str]
) -> int:
    for length in range(min(_LONGEST_LEAD + 1, len(tokens) - place), 0, -1):
        if tuple(token.word for token in tokens[place : place + length]) in said:
            return length
    return 0


def _means(token: Token, key: str, words: Words) -> bool:
    phrase = words.phrase_at((token,), 0)
    return phrase is not None and key in phrase.keys


@dataclass(frozen=True, slots=True)
class _Told:
    """What the words of a moment tell."""

    days: frozenset[str]
    part: str | None
    hour: int
    minute: int
    exact: bool  #: Written so that no other half of the day can be meant.


def moment_of(
    text: str,
    tokens: Sequence[Token],
    words: Words,
    now: datetime,
    day: date | None = None,
) -> datetime | None:
    """Return the moment that `tokens` of a text mean, the clock showing `now`.

    An hour without a day is of `day`, where that is known, else of today.
    None when they leave it open: a day without an hour, "at 5" in either half of the
    day, anything that is not understood. It may be over: "today at 8".
    """
    told = _told(text, tokens, words)
    if told is None or len(told.days) > 1:
        return None
    hour = told.hour
    if told.part == "pm" and hour < _NOON:
        hour += _NOON
    elif told.part == "am" and hour == _NOON:
        hour = 0
    elif told.part is None and not told.exact:
        return None
    at = time(hour % _HOURS, told.minute)
    if not told.days:
        moment = datetime.combine(day or now.date(), at, now.tzinfo)
        return moment if moment > now else None
    return datetime.combine(_day(next(iter(told.days)), at, now), at, now.tzinfo)


def day_of(tokens: Sequence[Token], words: Words, now: datetime) -> date | None:
    """Return the one day that a message consists of, whatever the hour; else None."""
    days: set[str] = set()
    place = 0
    while place < len(tokens):
        day = _longest(tokens, place, words.days)
        said = tuple(token.word for token in tokens[place : place + day])
        if not day and tokens[place].word not in words.fillers:
            return None
        days |= {words.days[said]} if day else set()
        place += day or 1
    if len(days) != 1:
        return None
    return _day(next(iter(days)), time.max, now)


def day_alone(
    tokens: Sequence[Token], words: Words, now: datetime
) -> tuple[date, bool] | None:
    """Return the one day that tokens say without a clear hour.

    True: something more is said of when, such as "evening", or an unclear hour.
    """
    days: set[str] = set()
    more = False
    place = 0
    while place < len(tokens):
        day = _longest(tokens, place, words.days)
        part = _longest(tokens, place, words.day_parts)
        hour = not day and not part and _hour_of(tokens[place], words) is not None
        if not (day or part or hour or _says_nothing(tokens, place, words)):
            return None
        said = tuple(token.word for token in tokens[place : place + day])
        days |= {words.days[said]} if day else set()
        more = more or bool(part) or hour
        place += max(day, part, 1)
    if len(days) != 1:
        return None
    return _day(next(iter(days)), time.max, now), more


def _day(meaning: str, at: time, now: datetime) -> date:
    if meaning not in _WEEK:
        return now.date() + timedelta(days=int(meaning))
    ahead = (_WEEK.index(meaning) - now.weekday()) % len(_WEEK)
    if not ahead and at <= now.time():
        ahead = len(_WEEK)
    return now.date() + timedelta(days=ahead)


def _told(text: str, tokens: Sequence[Token], words: Words) -> _Told | None:
    """Return what all the words tell; None when one of them is not understood."""
    clock = _CLOCK.search(text, tokens[0].start, tokens[-1].end) if tokens else None
    days: set[str] = set()
    parts: set[str] = set()
    number: Token | None = None
    place = 0
    while place < len(tokens):
        token = tokens[place]
        day = _longest(tokens, place, words.days)
        part = _longest(tokens, place, words.day_parts)
        if day or part:
            said = tuple(t.word for t in tokens[place : place + max(day, part)])
            days |= {words.days[said]} if said in words.days else set()
            parts |= {words.day_parts[said]} if said in words.day_parts else set()
            place += max(day, part)
            continue
        in_clock = clock is not None and clock.start() <= token.start < clock.end()
        if not in_clock and _hour_of(token, words) is not None and number is None:
            number = token
        elif not in_clock and not _says_nothing(tokens, place, words):
            return None
        place += 1
    return _clocked(clock, number, days, parts, words)


def _clocked(
    clock: re.Match[str] | None,
    number: Token | None,
    days: set[str],
    parts: set[str],
    words: Words,
) -> _Told | None:
    if len(parts) > 1 or (clock is None) == (number is None):
        return None
    if number is not None:
        hour, minute, written = _hour_of(number, words) or 0, 0, False
    else:
        read = _READ.match(clock[0]) if clock else None
        if read is None:
            return None
        hour, minute = int(read[1]), int(read[2] or 0)
        parts = {read[3].lower()} if read[3] else parts
        marked = "h" in read[0].lower() or read[2] is not None
        written = marked and (hour > _EARLY or read[1].startswith("0"))
    if hour > _HOURS or minute > 59:  # noqa: PLR2004  minutes of an hour
        return None
    part = next(iter(parts), None)
    exact = written or hour > _NOON or hour == 0
    return _Told(frozenset(days), part, hour, minute, exact)


def _says_nothing(tokens: Sequence[Token], place: int, words: Words) -> bool:
    """Return whether a token only leads to the hour, or is an ending: the "de"."""
    token = tokens[place]
    if token.glued or token.word in words.fillers:
        return True
    starts = range(max(0, place - _LONGEST_LEAD), place + 1)
    phrases = ((start, words.phrase_at(tokens, start)) for start in starts)
    return any(
        phrase and "time_before" in phrase.keys and place < start + len(phrase.words)
        for start, phrase in phrases
    )
