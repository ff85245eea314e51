"""The compact maps and lists hold what plain ones would."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.compact import (
    PIECE,
    Lookup,
    Runs,
    counted,
    different,
    ends_of,
    order_of,
    spread,
)
from catalog.domain.lookalikes import Lookalikes

#: More than fit into two of the pieces in which millions are moved.
MANY = np.random.default_rng(1).integers(0, 1_000, 2 * PIECE + 3).astype(np.int32)
PAIRS = st.lists(st.tuples(st.text(max_size=2), st.integers(0, 999)))


@given(PAIRS, st.text(max_size=2))
def test_a_lookup_finds_what_was_put_in(pairs: list[tuple[str, int]], key: str) -> None:
    lookup = Lookup.of(pairs)
    for text in {key, *(text for text, _ in pairs)}:
        wanted = [value for other, value in pairs if other == text]
        assert lookup.find(text) == wanted
        assert lookup.find_any([text]) == set(wanted)


@given(st.lists(st.lists(st.integers(0, 9))), st.data())
def test_runs_give_the_lists_back(lists: list[list[int]], data: st.DataObject) -> None:
    owners = [place for place, each in enumerate(lists) for _ in each]
    runs = Runs.grouped(
        np.array(owners, np.int32),
        np.array([value for each in lists for value in each], np.int32),
        len(lists),
    )
    assert [list(runs.one(place)) for place in range(len(lists))] == lists
    if lists:
        numbers = st.lists(st.integers(0, len(lists) - 1))
        some = np.array(data.draw(numbers), np.int64)
        wanted = [value for number in some for value in lists[number]]
        assert list(runs.values[runs.places(some)]) == wanted


def test_what_is_moved_in_pieces_is_what_would_come_in_one_go() -> None:
    assert np.array_equal(counted(MANY, 1_000), np.bincount(MANY, minlength=1_000))
    assert np.array_equal(different(MANY), np.unique(MANY))
    sizes = (MANY % 3).astype(np.int64)
    assert np.array_equal(spread(MANY, ends_of(sizes)), np.repeat(MANY, sizes))
    lookup = Lookup.of((f"{number}", place) for place, number in enumerate(MANY))
    assert lookup.find("7") == np.flatnonzero(MANY == 7).tolist()


def test_numbers_are_ordered_and_equal_ones_stay_as_they_came() -> None:
    assert np.array_equal(order_of(MANY), np.argsort(MANY, kind="stable"))


def test_nothing_takes_no_pieces() -> None:
    none = MANY[:0]
    assert not len(different(none))
    assert not len(order_of(none))
    assert counted(none, 2).tolist() == [0, 0]
    assert not len(spread(none, np.zeros(1, np.int64)))


@given(st.lists(st.text(max_size=5), unique=True))
def test_words_are_ordered_as_in_a_dictionary(words: list[str]) -> None:
    found = Lookalikes.of(words, 10)
    assert found.ordered == sorted(words)
    assert [words[place - 10] for place in found.places] == found.ordered
