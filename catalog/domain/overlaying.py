"""How much of a picture is the tiny copy of another one, laid over it as it fits best.

The copy is shifted and stretched a little, for nobody crops exactly; brightness and
contrast may differ, and so may a part of the cells: people write on pictures.
"""

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from catalog.domain.prints import SIDE
from catalog.domain.sampling import Pixels, Spans, Sums
from catalog.domain.views import Box, sampled

Steps: TypeAlias = tuple[tuple[float, ...], tuple[float, ...]]

#: Shifts and stretches, of the height and of the width: widely first, then closely.
_STEPS: Final[tuple[Steps, ...]] = (
    ((-0.05, 0.0, 0.05), (0.92, 1.0, 1.08)),
    ((-0.02, 0.0, 0.02), (0.97, 1.0, 1.03)),
)
#: The cells that differ most are left out of the comparison.
_TRUSTED = 0.8
#: At least so much of the copy must lie within the picture.
_WITHIN = 0.6
#: In fewer pixels than this for a cell, of the longer side, many things look the same.
_SHARP = 1.6
#: A screen or a filter changes contrast by no more than this.
_FLATTEST, _STEEPEST = 0.3, 3.0
_FITS = 3
_GREY = 128.0
_NOTHING = 1e-6


def likeness(sums: Sums, box: Box, copy: Pixels) -> float:
    """Return how much like the copy a picture is about there, 0 to 1.

    1 is the same; what merely has the same shape on a white ground is about 0.8.
    """
    for steps in _STEPS:
        box = _best(sums, box, copy[..., 0], steps)
    inside = _inside(box)
    pixels = max(box.height * sums.height, box.width * sums.width)
    if inside.mean() < _WITHIN or pixels < _SHARP * SIDE:
        return 0.0
    return _agreement(sampled(sums, box, SIDE)[inside], copy[inside])


def _best(sums: Sums, box: Box, copy: Pixels, steps: Steps) -> Box:
    """Return the box near this one under which the light is most like the copy's."""
    rows, columns = _near(box.top, box.bottom, steps), _near(box.left, box.right, steps)
    each = sums.cells(rows, columns, SIDE, 1).reshape(len(rows) * len(columns), -1)
    each = each - each.mean(axis=1, keepdims=True)
    wanted = copy.ravel() - copy.mean()
    length = np.linalg.norm(each, axis=1) * np.linalg.norm(wanted)
    best = int(((each @ wanted) / np.maximum(length, _NOTHING)).argmax())
    (top, bottom), (left, right) = (
        rows[best // len(columns)],
        columns[best % len(columns)],
    )
    return Box(float(top), float(left), float(bottom), float(right))


def _near(start: float, end: float, steps: Steps) -> Spans:
    shifts, stretches = steps
    length, middle = end - start, (start + end) / 2
    return np.array(
        [
            (middle + (shift - by / 2) * length, middle + (shift + by / 2) * length)
            for shift in shifts
            for by in stretches
        ]
    )


def _inside(box: Box) -> NDArray[np.bool_]:
    """Return which cells of the copy lie within the picture."""
    place = (np.arange(SIDE) + 0.5) / SIDE
    rows, columns = box.top + place * box.height, box.left + place * box.width
    found: NDArray[np.bool_] = np.logical_and.outer(
        (rows >= 0) & (rows <= 1), (columns >= 0) & (columns <= 1)
    )
    return found


def _agreement(seen: Pixels, copy: Pixels) -> float:
    """Return the share of what the copy shows that the cells show, too."""
    trusted = np.ones(len(seen), bool)
    error = np.zeros(len(seen), np.float32)
    for _ in range(_FITS):
        light, wanted = seen[trusted, 0], copy[trusted, 0]
        apart = wanted - wanted.mean()
        slope = float((apart * light).sum() / max(float((apart**2).sum()), _NOTHING))
        slope = min(max(slope, _FLATTEST), _STEEPEST)
        level = light.mean() - slope * wanted.mean()
        told = (seen[:, 0] - level) / slope
        colour = (seen[:, 1:] - _GREY) / slope + _GREY
        error = (told - copy[:, 0]) ** 2 + ((colour - copy[:, 1:]) ** 2).sum(axis=1)
        trusted = error <= np.quantile(error, _TRUSTED)
    shown = float(copy[trusted].var(axis=0).sum())
    return shown / max(shown + float(error[trusted].mean()), _NOTHING)
