"""The compact maps and lists hold what plain ones would."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.compact import Lookup, Runs

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
