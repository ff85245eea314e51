"""Pictures made of averages: of any part of a picture, at any size, at little cost."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.float32]
Spans: TypeAlias = NDArray[np.float64]

#: A cell that is smaller than this, or lies outside, is so many pixels of the edge.
_LEAST = 0.5


class Sums:
    """The sums of a picture from its corner to every pixel: any mean is four of them.

    A picture is an array of height x width x 3: luma, blue and red difference, 0 to 255
    (the YCbCr of JPEG files).
    """

    def __init__(self, pixels: Pixels) -> None:
        self.height, self.width = pixels.shape[:2]
        # Plane by plane: an axis of three makes every step three times as slow.
        self._planes = tuple(_summed(pixels[..., plane]) for plane in range(3))

    def cells(
        self, rows: Spans, columns: Spans, side: int, channels: int = 3
    ) -> Pixels:
        """Return side x side averages of each span of rows by each span of columns.

        Spans are starts and ends, of the height and the width from 0 to 1, one a row.
        The answer is of rows x columns x side x side x channels.
        """
        top, bottom = _edges(rows, self.height, side)
        left, right = _edges(columns, self.width, side)
        area = np.multiply.outer(bottom - top, right - left)
        found = np.empty((len(rows), len(columns), side, side, channels), np.float32)
        for plane in range(channels):
            sums = self._planes[plane]
            lines = (_at(sums, bottom) - _at(sums, top)).T
            parts = (_at(lines, right) - _at(lines, left)).T / area
            cells = parts.reshape(len(rows), side, len(columns), side)
            found[..., plane] = cells.swapaxes(1, 2)
        return found


def _summed(plane: Pixels) -> NDArray[np.float64]:
    sums = plane.astype(np.float64).cumsum(axis=0).cumsum(axis=1)
    return np.pad(sums, ((1, 0), (1, 0)))


def _edges(spans: Spans, length: int, side: int) -> tuple[Spans, Spans]:
    """Return where the cells of all spans begin and end, in pixels."""
    starts, ends = spans[:, :1] * length, spans[:, 1:] * length
    edges = starts + (ends - starts) * np.arange(side + 1) / side
    low = np.clip(edges[:, :-1], 0, length - _LEAST).ravel()
    high = np.maximum(np.clip(edges[:, 1:], 0, length).ravel(), low + _LEAST)
    return low, high


def _at(sums: NDArray[np.float64], places: Spans) -> NDArray[np.float64]:
    """Return sums up to places between rows."""
    before = np.minimum(places.astype(np.intp), len(sums) - 2)
    share = (places - before)[:, None]
    found: NDArray[np.float64] = sums[before] * (1 - share) + sums[before + 1] * share
    return found
