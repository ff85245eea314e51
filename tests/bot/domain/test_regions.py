"""Parts of pictures: what is one, and what is none."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.domain.regions import Region

Edges = tuple[float, float, float, float]

PARTS: dict[str, tuple[Edges, Edges | None]] = {
    "within": ((0.1, 0.2, 0.5, 0.9), (0.1, 0.2, 0.4, 0.7)),
    "at the edges": ((0, 0, 0.5, 1), (0, 0, 0.5, 1)),
    "beyond them": ((-0.2, 0.5, 0.4, 1.3), (0, 0.5, 0.4, 0.5)),
    "nothing": ((0.3, 0.3, 0.3, 0.6), None),
    "a hair": ((0.3, 0.3, 0.300001, 0.6), None),
    "inverted": ((0.6, 0.3, 0.2, 0.6), None),
    "upside down": ((0.2, 0.6, 0.6, 0.3), None),
    "beside the picture": ((1.2, 0.1, 1.5, 0.2), None),
    "all of it": ((0, 0, 1, 1), None),
    "nearly all of it": ((0.01, 0.01, 0.99, 0.99), None),
    "no number": ((0.1, nan, 0.5, 0.9), None),
    "endless": ((0.1, 0.2, inf, 0.9), None),
}


@pytest.mark.parametrize("case", PARTS)
def test_a_part_lies_within_its_picture_or_is_none(case: str) -> None:
    edges, expected = PARTS[case]
    region = Region.between(*edges)
    told = region and (region.left, region.top, region.width, region.height)
    assert told == (expected and pytest.approx(expected))


@given(st.tuples(*[st.floats()] * 4))
def test_whatever_was_measured_makes_a_part_that_can_be_stored(edges: Edges) -> None:
    region = Region.between(*edges)
    if region is not None:
        assert Region.model_validate(region.model_dump()) == region


def test_what_reaches_out_of_its_picture_is_no_part() -> None:
    with pytest.raises(ValidationError, match="within its picture"):
        Region(left=0.6, top=0.1, width=0.5, height=0.2)
