"""A quote of a voice note is found in it, and told with its seconds."""

import json
import math
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.speech import MOST_TIMINGS, Moment, Piece, Timeline, Timing, moments_of

SAID = "Hi! 2 latte, one tea and a latte with İçli köfte."
WORDS = [
    Piece("Hi", 0.5, 0.8),
    Piece("2", 1.0, 1.2),
    Piece("latte", 1.2, 1.7),
    Piece("one", 2.0, 2.2),
    Piece("tea", 2.2, 2.5),
    Piece("and", 2.6, 2.7),
    Piece("a", 2.7, 2.8),
    Piece("latte", 2.8, 3.3),
    Piece("with", 3.4, 3.6),
    Piece("içli", 3.6, 4.0),
    Piece("köfte", 4.0, 4.4),
]
TOLD = Timeline.told(SAID, 5, WORDS)


def when(
    timeline: Timeline, *quotes: str, said: str = SAID
) -> list[tuple[float, float, bool] | None]:
    return [
        (each.from_seconds, each.to_seconds, each.is_estimated) if each else None
        for each in moments_of(said, timeline, quotes)
    ]


@pytest.mark.parametrize(
    ("quotes", "moments"),
    [
        (["2 latte"], [(1.0, 1.7, False)]),
        (["2  LATTE!"], [(1.0, 1.7, False)]),
        (["2latte,"], [(1.0, 1.7, False)]),
        (["icli KÖFTE"], [(3.6, 4.4, False)]),
        (["espresso"], [None]),
        (["", "!?"], [None, None]),
        # Of words that were said twice: the first, or the first after what came before.
        (["latte"], [(1.2, 1.7, False)]),
        (
            ["2 latte", "one tea", "latte"],
            [(1.0, 1.7, False), (2.0, 2.5, False), (2.8, 3.3, False)],
        ),
        (
            ["latte", "latte", "latte"],
            [(1.2, 1.7, False), (2.8, 3.3, False), (1.2, 1.7, False)],
        ),
        (["one tea", "2 latte"], [(2.0, 2.5, False), (1.0, 1.7, False)]),
        # Whole words before parts of words ("teA", "wITh"), which are found, too.
        (["a"], [(2.7, 2.8, False)]),
        (["it"], [(3.45, 3.55, True)]),
    ],
)
def test_a_quote_has_the_seconds_of_its_words(
    quotes: list[str], moments: list[tuple[float, float, bool] | None]
) -> None:
    assert when(TOLD, *quotes) == moments


def test_what_nobody_told_is_estimated_by_where_it_stands() -> None:
    said = "0123456789" * 2
    assert when(Timeline.of(10, ()), "56789012", said=said) == [(2.5, 6.5, True)]
    segments = [Piece("two latte please.", 0, 2), Piece("And one bagel.", 3, 5)]
    text = " ".join(each.words for each in segments)
    told = Timeline.told(text, 6, segments)
    assert when(told, "and one bagel", said=text) == [(3, 5, False)]
    assert when(told, "latte", said=text) == [(0.5, 1.12, True)]
    before = Timeline.told(text, 6, segments[1:])
    assert when(before, "two", said=text) == [(0, 0.56, True)]


@pytest.mark.parametrize(
    ("pieces", "places"),
    [
        ([Piece("2", 1, 1.2), Piece("late", 1.2, 1.7), Piece("one", 2, 2.2)], [4, 13]),
        ([Piece("2", -1, 1), Piece("one", 9, 9.5), Piece("tea", 2.2, 2.0)], []),
        ([Piece("2", 2, 2.5), Piece("one", 1, 1.5), Piece("tea", 2.4, 9)], [4, 17]),
        ([Piece("2", math.nan, 1), Piece("one", 1, math.inf)], [13]),
        ([Piece("köfte", 1, 2), Piece("2", 2, 3)], [43]),
    ],
)
def test_times_that_make_no_sense_are_left_out(
    pieces: list[Piece], places: list[int]
) -> None:
    timeline = Timeline.told(SAID, 5, pieces)
    assert [each.place for each in timeline.timings] == places
    assert all(each.begin <= each.end <= 5 for each in timeline.timings)


def test_a_long_voice_note_keeps_fewer_timings_than_words() -> None:
    count = 3 * MOST_TIMINGS + 1
    text = " ".join(str(number) for number in range(count))
    pieces = [Piece(str(number), number, number + 1) for number in range(count)]
    timeline = Timeline.told(text, count, pieces)
    assert len(timeline.timings) <= MOST_TIMINGS
    (moment,) = moments_of(text, timeline, ["2468"])
    assert moment is not None
    assert moment.from_seconds == pytest.approx(2468, abs=1)


def test_words_that_are_said_again_and_again_are_found_at_once() -> None:
    text, times = "yes " * 8000, 300
    began = process_time()
    found = moments_of(text, Timeline(8000), ["yes"] * times)
    assert process_time() - began < 2
    assert [each and round(each.from_seconds) for each in found] == [*range(times)]


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ({}, None),
        ({"transcript": "2 latte"}, None),
        ({"seconds": "long"}, None),
        ({"seconds": 2}, Timeline(2)),
        ({"seconds": 2, "times": "soon"}, Timeline(2)),
        (
            {"seconds": 2, "times": [[0, 1, 1.5], [0, 9, 9]]},
            Timeline(2, (Timing(0, 1, 1.5),)),
        ),
    ],
)
def test_what_is_stored_of_any_version_is_read(
    stored: dict[str, object], expected: Timeline | None
) -> None:
    assert Timeline.load(stored) == expected


SECONDS = st.floats(0, 600)
TIMINGS = st.lists(
    st.builds(Timing, st.integers(0, 60), st.floats(-5, 700), st.floats(-5, 700)),
    max_size=12,
).map(sorted)


@settings(max_examples=60)
@given(SECONDS, TIMINGS, st.data())
def test_every_moment_lies_in_the_sound_and_later_words_are_not_earlier(
    seconds: float, timings: list[Timing], data: st.DataObject
) -> None:
    text = data.draw(st.text("ab ,é", min_size=1, max_size=60))
    timeline = Timeline.of(seconds, timings)
    assert Timeline.load(json.loads(json.dumps(timeline.stored()))) == timeline
    spans = st.tuples(*[st.integers(0, len(text))] * 2).map(sorted)
    first, second = sorted(data.draw(st.tuples(spans, spans)))
    one, two = (timeline.moment(text, *each) for each in (first, second))
    for each in (one, two):
        assert 0 <= each.from_seconds <= each.to_seconds <= timeline.seconds
        assert isinstance(each, Moment)
    assert one.from_seconds <= two.from_seconds
    if first[1] <= second[1]:
        assert one.to_seconds <= two.to_seconds
