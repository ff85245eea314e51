"""Small pictures from a few shapes, with the standard library alone.

A shape is a signed distance: below zero inside, above zero outside, in units of the
100 x 100 sheet. Distances give smooth edges for free: a pixel half a pixel from the
edge is half covered.
"""

import math
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

SHEET = 100.0
Colour = tuple[int, int, int]
Distance = Callable[[float, float], float]


@dataclass(frozen=True, slots=True)
class Shape:
    """A distance and the box that holds the shape: left, top, right, bottom."""

    distance: Distance
    box: tuple[float, float, float, float]


def ellipse(x: float, y: float, rx: float, ry: float) -> Shape:
    def distance(px: float, py: float) -> float:
        return (math.hypot((px - x) / rx, (py - y) / ry) - 1) * min(rx, ry)

    return Shape(distance, (x - rx, y - ry, x + rx, y + ry))


def circle(x: float, y: float, radius: float) -> Shape:
    return ellipse(x, y, radius, radius)


def ring(x: float, y: float, radius: float, width: float) -> Shape:
    outer = radius + width / 2

    def distance(px: float, py: float) -> float:
        return abs(math.hypot(px - x, py - y) - radius) - width / 2

    return Shape(distance, (x - outer, y - outer, x + outer, y + outer))


def block(left: float, top: float, right: float, bottom: float, r: float = 0) -> Shape:
    """Return a rectangle with corners rounded by `r`."""
    x, y = (left + right) / 2, (top + bottom) / 2
    half_width, half_height = (right - left) / 2 - r, (bottom - top) / 2 - r

    def distance(px: float, py: float) -> float:
        dx, dy = abs(px - x) - half_width, abs(py - y) - half_height
        outside = math.hypot(max(dx, 0.0), max(dy, 0.0))
        return outside + min(max(dx, dy), 0.0) - r

    return Shape(distance, (left, top, right, bottom))


def stroke(x1: float, y1: float, x2: float, y2: float, width: float) -> Shape:
    """Return a line with round ends."""
    dx, dy, r = x2 - x1, y2 - y1, width / 2
    length = dx * dx + dy * dy

    def distance(px: float, py: float) -> float:
        along = ((px - x1) * dx + (py - y1) * dy) / length
        t = min(max(along, 0.0), 1.0)
        return math.hypot(px - x1 - t * dx, py - y1 - t * dy) - r

    box = (min(x1, x2) - r, min(y1, y2) - r, max(x1, x2) + r, max(y1, y2) + r)
    return Shape(distance, box)


def polygon(*corners: tuple[float, float]) -> Shape:
    edges = list(zip(corners, (*corners[1:], corners[0]), strict=True))

    def distance(px: float, py: float) -> float:
        nearest, inside = math.inf, False
        for (x1, y1), (x2, y2) in edges:
            dx, dy = x2 - x1, y2 - y1
            t = ((px - x1) * dx + (py - y1) * dy) / (dx * dx + dy * dy)
            t = min(max(t, 0.0), 1.0)
            nearest = min(nearest, math.hypot(px - x1 - t * dx, py - y1 - t * dy))
            if (y1 > py) != (y2 > py) and px < x1 + (py - y1) * dx / dy:
                inside = not inside
        return -nearest if inside else nearest

    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return Shape(distance, (min(xs), min(ys), max(xs), max(ys)))


def paint(
    background: Colour, layers: Sequence[tuple[Shape, Colour]], size: int
) -> bytes:
    """Return `size` x `size` pixels, three bytes each, row by row."""
    pixels = bytearray(bytes(background) * (size * size))
    for shape, colour in layers:
        _cover(pixels, shape, colour, size)
    return bytes(pixels)


def _cover(pixels: bytearray, shape: Shape, colour: Colour, size: int) -> None:
    scale = size / SHEET
    left, top, right, bottom = (edge * scale for edge in shape.box)
    for row in range(max(int(top) - 1, 0), min(int(bottom) + 2, size)):
        for column in range(max(int(left) - 1, 0), min(int(right) + 2, size)):
            middle = (column + 0.5) / scale, (row + 0.5) / scale
            share = min(max(0.5 - shape.distance(*middle) * scale, 0.0), 1.0)
            if share:
                at = (row * size + column) * 3
                for channel, value in enumerate(colour):
                    old = pixels[at + channel]
                    pixels[at + channel] = round(old + (value - old) * share)


def png(pixels: bytes, size: int) -> bytes:
    """Return square RGB pixels as a PNG file."""
    width = size * 3
    rows = b"".join(
        # 2: each byte is kept as its difference from the one above it.
        b"\x02" + _minus(pixels[at : at + width], pixels[at - width : at])
        for at in range(0, len(pixels), width)
    )
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(rows, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _minus(row: bytes, above: bytes) -> bytes:
    if not above:
        return row
    return bytes((a - b) % 256 for a, b in zip(row, above, strict=True))


def _chunk(kind: bytes, body: bytes) -> bytes:
    checked = kind + body
    return (
        struct.pack(">I", len(body)) + checked + struct.pack(">I", zlib.crc32(checked))
    )
