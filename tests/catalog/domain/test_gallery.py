"""Forwarded pictures and screenshots find their product; look-alikes are asked about.

The shelf is 500 packagings, drawn. The levels are what was measured, less a little.
"""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from catalog import Ambiguous, Certain, Match, Unknown
from catalog.domain.gallery import Alike, Gallery, Owner, shown_by
from catalog.domain.prints import Print, print_of, unpacked
from catalog.domain.views import WHOLE, Box, parts_of
from tests.drawings import FATES, as_pixels, jpeg, on_screen, packaging

SHELF = 500
#: Of so many pictures, each a few places further on the shelf.
TRIED, STEP = 8, 29
#: The share of pictures that are found for certain, and never wrongly, after each fate.
FOUND = {
    "framed": 0.7,
    "a dark screenshot": 0.7,
    "a light screenshot": 0.7,
    "a screenshot of a chat": 0.7,
    "scaled down": 0.7,  # to 60 pixels
    "brightened": 0.55,
    "with a caption over it": 0.6,
}
#: Everything else.
USUALLY = 0.9


def printed(seed: int, text: str | None = None) -> Print:
    found = print_of(as_pixels(jpeg(packaging(seed, text=text), 90)))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def shelf() -> Gallery:
    return Gallery({str(seed): printed(seed) for seed in range(SHELF)})


OWNERS = {str(seed): (Owner(f"product {seed}"),) for seed in range(SHELF)}


def looked_up(shelf: Gallery, data: bytes) -> Match:
    return shown_by(shelf.alike(as_pixels(data)), OWNERS)


def told(match: Match, seed: int) -> str:
    right = f"product {seed}"
    match match:
        case Certain(candidate=candidate):
            return "found" if candidate.product_id == right else "wrong"
        case Ambiguous(candidates=some):
            return "asked" if right in {c.product_id for c in some} else "misled"
        case Unknown(near=near):
            asked = any(each.product_id == right for each in near)
            return "asked" if asked else "misled" if near else "missed"


@pytest.mark.parametrize("fate", FATES)
def test_a_picture_is_known_again_whatever_became_of_it(
    shelf: Gallery, fate: str
) -> None:
    seeds = range(0, TRIED * STEP, STEP)
    ends = Counter(
        told(looked_up(shelf, FATES[fate](packaging(seed))), seed) for seed in seeds
    )
    assert ends["wrong"] == ends["misled"] == 0, ends
    assert ends["found"] >= math.floor(TRIED * FOUND.get(fate, USUALLY)), ends


def test_pictures_of_nothing_that_we_sell_find_nothing(shelf: Gallery) -> None:
    for seed, fate in enumerate(FATES.values(), start=SHELF):
        assert looked_up(shelf, fate(packaging(seed))) == Unknown("")


def test_the_same_packaging_in_two_sizes_is_a_question() -> None:
    shelf = Gallery({"small": printed(3, "250 g"), "large": printed(3, "500 g")})
    owners = {"small": (Owner("small"),), "large": (Owner("large"),)}
    sent = as_pixels(jpeg(packaging(3, text="500 g"), 50))
    match = shown_by(shelf.alike(sent), owners)
    assert isinstance(match, Ambiguous)
    assert {each.product_id for each in match.candidates} == {"small", "large"}


def test_the_same_packaging_in_another_colour_is_another_product() -> None:
    blue = packaging(3)
    red = blue.convert("RGB")
    red = Image.merge("RGB", red.split()[::-1])
    pictures = {"blue": blue, "red": red}
    shelf = Gallery(
        {
            name: kept
            for name, image in pictures.items()
            if (kept := print_of(as_pixels(jpeg(image, 90))))
        }
    )
    owners = {name: (Owner(name),) for name in pictures}
    for name, image in pictures.items():
        match = shown_by(shelf.alike(as_pixels(jpeg(image, 40))), owners)
        assert isinstance(match, Certain)
        assert match.candidate.product_id == name


def alike(*shares: float) -> tuple[Alike, ...]:
    return tuple(Alike(str(n), share) for n, share in enumerate(shares))


def owned(*each: tuple[str, str | None]) -> tuple[Owner, ...]:
    return tuple(Owner(*one) for one in each)


CASES = {
    "one picture": (alike(0.98), {"0": owned(("a", None))}, ("a", None)),
    "a variant's own picture": (alike(0.98), {"0": owned(("a", "red"))}, ("a", "red")),
    "a picture of all variants": (
        alike(0.98),
        {"0": owned(("a", "red"), ("a", "blue"))},
        ("a", None),
    ),
    "two pictures of one product": (
        alike(0.98, 0.97),
        {"0": owned(("a", None)), "1": owned(("a", None))},
        ("a", None),
    ),
    "two variants that look the same": (
        alike(0.97, 0.969),
        {"0": owned(("a", "red")), "1": owned(("a", "blue"))},
        ("a", None),
    ),
    "another variant far behind": (
        alike(0.98, 0.92),
        {"0": owned(("a", "red")), "1": owned(("a", "blue"))},
        ("a", "red"),
    ),
    "a picture of two products": (
        alike(0.98),
        {"0": owned(("a", None), ("b", None))},
        {"a", "b"},
    ),
    "two alike": (
        alike(0.98, 0.96),
        {"0": owned(("a", None)), "1": owned(("b", None))},
        {"a", "b"},
    ),
    "another one far behind": (
        alike(0.98, 0.91),
        {"0": owned(("a", None)), "1": owned(("b", None))},
        ("a", None),
    ),
    "not quite the same": (alike(0.91), {"0": owned(("a", None))}, {"a"}),
    "the placeholder of many": (
        alike(0.99),
        {"0": tuple(Owner(str(n)) for n in range(20))},
        set[str](),
    ),
    "a picture that is of no product any more": (alike(0.99), {}, set[str]()),
    "nothing like it": (alike(0.85), {"0": owned(("a", None))}, set[str]()),
}


@pytest.mark.parametrize("case", CASES)
def test_how_sure_a_likeness_is(case: str) -> None:
    found, owners, expected = CASES[case]
    match = shown_by(found, owners)
    if isinstance(expected, tuple):
        assert isinstance(match, Certain)
        candidate = match.candidate
        assert (candidate.product_id, candidate.variant_id) == expected
        assert candidate.why == ("picture",)
    else:
        assert not isinstance(match, Certain)
        some = match.candidates if isinstance(match, Ambiguous) else match.near
        assert {each.product_id for each in some} == expected


def test_a_print_is_stored_and_read_as_it_was() -> None:
    kept = printed(7)
    again = unpacked(kept.packed())
    assert np.array_equal(again.hashes, kept.hashes)
    assert again.copy == kept.copy
    assert again.content.top == pytest.approx(kept.content.top, abs=1e-6)
    assert len(kept.packed()) < 1000, "a print is no picture"
    for damaged in (b"", kept.packed()[:-1], bytes(len(kept.packed()))):
        with pytest.raises(ValueError, match="print"):
            unpacked(damaged)


@pytest.mark.parametrize("shape", [(224, 224), (224, 9), (3, 3), (1, 224)])
def test_what_shows_nothing_has_no_print(shape: tuple[int, int]) -> None:
    assert print_of(np.full((*shape, 3), 128, np.float32)) is None
    assert Gallery({}).alike(np.full((*shape, 3), 128, np.float32)) == ()


def test_a_picture_is_found_on_the_screen_that_shows_it() -> None:
    scene = Image.new("RGB", (300, 200), "white")
    ImageDraw.Draw(scene).ellipse((30, 20, 270, 180), fill="navy")
    screen = on_screen(scene)
    parts = parts_of(as_pixels(jpeg(screen)))
    assert parts[0] == WHOLE
    ratios = [
        box.width * screen.width / (box.height * screen.height) for box in parts[1:]
    ]
    assert any(ratio == pytest.approx(240 / 160, rel=0.1) for ratio in ratios)


sides = st.floats(0, 0.45)


@given(sides, sides, sides, sides)
@settings(max_examples=25)
def test_a_part_of_a_part_is_a_part_of_the_whole(
    top: float, left: float, bottom: float, right: float
) -> None:
    part, other = Box(top, left, 1 - bottom, 1 - right), Box(0.1, 0.2, 0.8, 0.9)
    again = part.within(other).seen_from(other)
    told = (again.top, again.left, again.bottom, again.right)
    assert told == pytest.approx((part.top, part.left, part.bottom, part.right))
