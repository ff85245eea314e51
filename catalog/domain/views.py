"""Parts of a picture: what is within its margin, and pictures on a picture of a screen.

Pictures are arrays of height x width x 3: luma, blue and red difference, 0 to 255 (the
YCbCr of JPEG files).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from catalog.domain.sampling import Pixels, Sums

Shades: TypeAlias = NDArray[np.uint8]

#: A row or a column is even when its pixels lie so near their mean, 0 to 255 ...
_EVEN = 12.0
#: ... but for a few, as a part of its length: noise, a thin line.
_OUTLIERS = 0.04
#: A picture on a screen is cut out in at most so many steps, and is no smaller.
_CUTS, _SMALLEST = 6, 0.12
#: So many parts of one picture are worth looking at.
_PARTS = 12
#: Less than this between two even margins is no content.
_THINNEST = 0.1


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a picture; of its height and width, from 0 to 1."""

    top: float = 0.0
    left: float = 0.0
    bottom: float = 1.0
    right: float = 1.0

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def width(self) -> float:
        return self.right - self.left

    def within(self, other: "Box") -> "Box":
        """Return which part of the whole this is, when it is a part of `other`."""
        return Box(
            other.top + self.top * other.height,
            other.left + self.left * other.width,
            other.top + self.bottom * other.height,
            other.left + self.right * other.width,
        )

    def seen_from(self, other: "Box") -> "Box":
        """Return which part of `other` this is: the opposite of `within`."""
        return Box(
            (self.top - other.top) / other.height,
            (self.left - other.left) / other.width,
            (self.bottom - other.top) / other.height,
            (self.right - other.left) / other.width,
        )


WHOLE: Final = Box()


def content_of(pixels: Pixels) -> Box:
    """Return what is within the even margin of a picture."""
    box = _inner(_shades(pixels), WHOLE)
    return box if min(box.height, box.width) >= _THINNEST else WHOLE


def parts_of(pixels: Pixels) -> tuple[Box, ...]:
    """Return what may be a picture within a picture, such as one on a screen.

    It is cut where even rows or columns run through, again and again; the whole comes
    first, then the largest.
    """
    shades = _shades(pixels)
    found = sorted(_cut(shades, WHOLE, _CUTS), key=lambda box: -box.height * box.width)
    return tuple(dict.fromkeys((WHOLE, *found)))[:_PARTS]


def sampled(sums: Sums, box: Box, side: int, channels: int = 3) -> Pixels:
    """Return a part as side x side averages. What lies outside repeats the edge."""
    rows = np.array([[box.top, box.bottom]])
    columns = np.array([[box.left, box.right]])
    found: Pixels = sums.cells(rows, columns, side, channels)[0, 0]
    return found


# -- cutting --------------------------------------------------------------------------


def _shades(pixels: Pixels) -> Shades:
    """Return a picture plane by plane, in whole numbers: quick to go through."""
    return np.ascontiguousarray(np.moveaxis(pixels, -1, 0), np.uint8)


def _cut(shades: Shades, box: Box, steps: int) -> Iterator[Box]:
    box = _inner(shades, box)
    yield box
    if not steps:
        return
    for runs in (_rows(shades, box), _columns(shades, box)):
        large = [run for run in runs if min(run.height, run.width) >= _SMALLEST]
        if len(runs) > 1:
            for run in large:
                yield from _cut(shades, run, steps - 1)
            return


def _rows(shades: Shades, box: Box) -> list[Box]:
    """Return the stretches of a part between its even rows."""
    runs = _runs(_part(shades, box))
    return [Box(low, 0, high, 1).within(box) for low, high in runs]


def _columns(shades: Shades, box: Box) -> list[Box]:
    runs = _runs(_part(shades, box).swapaxes(1, 2))
    return [Box(0, low, 1, high).within(box) for low, high in runs]


def _runs(part: Shades) -> list[tuple[float, float]]:
    busy = ~_even_lines(part)
    changes = np.flatnonzero(np.diff(np.concatenate(([False], busy, [False]))))
    return [
        (float(start) / len(busy), float(end) / len(busy))
        for start, end in changes.reshape(-1, 2)
    ]


def _part(shades: Shades, box: Box) -> Shades:
    top, bottom, left, right = _edges(shades, box)
    return shades[:, top:bottom, left:right]


def _inner(shades: Shades, box: Box) -> Box:
    """Return a part without the even rows and columns around it."""
    height, width = shades.shape[1:]
    top, bottom, left, right = _edges(shades, box)
    while True:
        part = shades[:, top:bottom, left:right]
        rows = np.flatnonzero(~_even_lines(part))
        columns = np.flatnonzero(~_even_lines(part.swapaxes(1, 2)))
        if not rows.size or not columns.size:
            return box
        before = top, bottom, left, right
        top, bottom = top + int(rows[0]), top + int(rows[-1]) + 1
        left, right = left + int(columns[0]), left + int(columns[-1]) + 1
        if before == (top, bottom, left, right):
            return Box(top / height, left / width, bottom / height, right / width)


def _edges(shades: Shades, box: Box) -> tuple[int, int, int, int]:
    height, width = shades.shape[1:]
    top, left = round(box.top * height), round(box.left * width)
    bottom, right = round(box.bottom * height), round(box.right * width)
    return top, max(bottom, top + 1), left, max(right, left + 1)


def _even_lines(part: Shades) -> NDArray[np.bool_]:
    """Return for each row whether nearly all of it has one colour."""
    middle = part.mean(axis=2, keepdims=True, dtype=np.float32)
    off = (np.abs(part - middle) > _EVEN).any(axis=0)
    even: NDArray[np.bool_] = off.mean(axis=1) <= _OUTLIERS
    return even
