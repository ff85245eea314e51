"""What is kept of a picture to know it again: a small print, and no picture.

A print holds hashes of several views of a picture (the whole, the whole without its
even margin, and what is left when it is cropped), by which the few pictures that may be
the same are found at once, and a tiny copy of what is within the margin, by which they
are compared closely.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from catalog.domain.sampling import Pixels, Sums
from catalog.domain.views import WHOLE, Box, content_of, sampled

Hashes: TypeAlias = NDArray[np.uint64]

#: Raised when prints of before cannot be compared with those made now.
VERSION: Final = 1
#: A picture is scaled down to this longer side before its print is made, or before it
#: is looked for.
LONGEST: Final = 224
#: The side of the tiny copy. Its colours are stored at half of that.
SIDE: Final = 24
_COLOUR = SIDE // 2
_COPY = SIDE * SIDE + 2 * _COLOUR * _COLOUR
#: A hash has one bit for each of the lowest 8 x 8 frequencies of 32 x 32 cells.
_GRID, _KEPT = 32, 8
#: What shows less light and dark than this is nothing to be known by ...
_CONTRAST = 6.0
#: ... and what is thinner than this, of its length, or in pixels, is a line.
_THINNEST, _SMALLEST = 0.1, 16
#: What is left of a picture that somebody cropped a little, all around or on one side.
_CROPS: Final = (
    Box(0.05, 0.05, 0.95, 0.95),
    Box(0.1, 0.1, 0.9, 0.9),
    Box(top=0.1),
    Box(left=0.1),
    Box(bottom=0.9),
    Box(right=0.9),
)
VIEWS: Final = 2 + len(_CROPS)


@dataclass(frozen=True, slots=True)
class Print:
    """What is kept of one picture."""

    hashes: Hashes  #: One for each of the views.
    content: Box  #: What is within the picture's even margin.
    copy: bytes  #: The content, tiny: luma, blue and red difference.

    def packed(self) -> bytes:
        """Return the print as it is stored."""
        box = self.content
        edges = np.array((box.top, box.left, box.bottom, box.right), "<f4")
        return self.hashes.astype("<u8").tobytes() + edges.tobytes() + self.copy


def views_of(content: Box) -> tuple[Box, ...]:
    """Return the parts of a picture that its hashes are of, in their order."""
    return (WHOLE, content, *_CROPS)


def unpacked(stored: bytes) -> Print:
    """Return a print that was packed. Raises ValueError for what is none."""
    hashes, edges = 8 * VIEWS, 8 * VIEWS + 16
    if len(stored) != edges + _COPY:
        raise ValueError(f"a print has {edges + _COPY} bytes, not {len(stored)}")
    box = Box(*np.frombuffer(stored[hashes:edges], "<f4").astype(float).tolist())
    if not (0 <= box.top < box.bottom <= 1 and 0 <= box.left < box.right <= 1):
        raise ValueError("a print's content lies within its picture")
    return Print(
        np.frombuffer(stored[:hashes], "<u8").astype(np.uint64), box, stored[edges:]
    )


def print_of(pixels: Pixels) -> Print | None:
    """Return the print of a picture, None when it shows nothing to be known by."""
    if is_blank(pixels):
        return None
    content, sums = content_of(pixels), Sums(pixels)
    tiny = sampled(sums, content, SIDE)
    colours = sampled(sums, content, _COLOUR)
    planes = (tiny[..., 0], colours[..., 1], colours[..., 2])
    copy = b"".join(np.rint(plane).astype(np.uint8).tobytes() for plane in planes)
    return Print(hashes_of(sums, views_of(content)), content, copy)


def is_blank(pixels: Pixels) -> bool:
    """Return whether a picture shows nothing, or is a mere line."""
    short, long = sorted(pixels.shape[:2])
    thin = short < max(_THINNEST * long, _SMALLEST)
    return thin or float(pixels[..., 0].std()) < _CONTRAST


def tiny_copy(copy: bytes) -> Pixels:
    """Return the tiny copy of a print as a picture."""
    flat = np.frombuffer(copy, np.uint8).astype(np.float32)
    luma = flat[: SIDE * SIDE].reshape(SIDE, SIDE)
    planes = flat[SIDE * SIDE :].reshape(2, _COLOUR, _COLOUR)
    colours = planes.repeat(2, axis=1).repeat(2, axis=2)
    return np.stack((luma, *colours), -1)


def _cosines() -> Pixels:
    place = (2 * np.arange(_GRID) + 1) * np.pi / (2 * _GRID)
    return np.cos(np.arange(_KEPT)[:, None] * place).astype(np.float32)


_COSINES: Final = _cosines()
_BITS: Final = np.uint64(1) << np.arange(_KEPT * _KEPT, dtype=np.uint64)


def hashes_of(sums: Sums, views: tuple[Box, ...]) -> Hashes:
    """Return a perceptual hash of each view.

    A bit says whether one of the lowest frequencies of light is above their median.
    """
    grids = np.stack([sampled(sums, view, _GRID, 1)[..., 0] for view in views])
    found = (_COSINES @ grids @ _COSINES.T).reshape(len(views), -1)
    # The first is the brightness of the whole: it says nothing, and stays unset.
    above = found > np.median(found[:, 1:], axis=1, keepdims=True)
    above[:, 0] = False
    hashes: Hashes = (above * _BITS).sum(axis=1, dtype=np.uint64)
    return hashes
