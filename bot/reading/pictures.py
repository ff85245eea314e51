"""Opening customers' pictures: known, bounded, small, and without past.

For a model a picture is decoded and drawn anew: what goes out is pixels, without the
place, time and device that phones write into their files, and without anything hidden
behind them. For ourselves its codes are read, and it is made small for a search.
"""

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from bot.domain.regions import Region
from bot.reading.codes import codes_in
from bot.reading.reader import Picture
from catalog.domain.prints import LONGEST
from catalog.domain.sampling import Pixels

T = TypeVar("T")

#: Types of which Pillow may try to make sense; `bot.channels.sniffing` tells them.
READABLE = ("JPEG", "PNG", "WEBP", "GIF")
PDF = "application/pdf"
#: The longer side of what a model sees, pixels. Handwriting stays readable.
SIDE = 1280
#: A picture of more pixels than this is a bomb: no phone sends it. ...
_MOST_PIXELS = 120_000_000
#: ... So many are decoded at most. A JPEG can be decoded to a fraction of its size, but
#: of a progressive one the whole is kept while it is ...
_MOST_DECODED = 25_000_000
#: ... and other kinds are decoded at their full size, with copies: about 10 bytes for a
#: pixel, of WEBP 18.
_MOST_WHOLE = {"PNG": 12_500_000, "GIF": 12_500_000, "WEBP": 8_000_000}
_SMALLEST = 16
#: What is scaled down as it is; everything else becomes one of them before.
_SCALED = ("L", "LA", "RGB", "RGBA", "CMYK", "YCbCr")
#: Small bar codes in a large photo need this longer side.
_CODED = 1920
_QUALITY = 82
_LARGEST_PDF = 4 * 1024 * 1024
_MOST_PAGES = 8
_TOO_LARGE = "the picture is too large"
_PAGE = re.compile(rb"/Type\s*/Page(?![a-zA-Z])")


class Unreadable(Exception):
    """The file cannot be looked at; the message says why, for the shop's staff."""


@dataclass(frozen=True, slots=True)
class Glance:
    """What is to be seen in a picture without a model."""

    #: The texts of its bar codes and QR codes, and where they are in it.
    codes: Mapping[str, Region | None]
    pixels: Pixels = field(repr=False, compare=False)  #: It, small, for a gallery.


def picture_of(data: bytes, mime: str | None) -> Picture:
    """Return a picture or a document for a model. Raises Unreadable.

    Takes a processor's time: call it in a thread.
    """
    if mime == PDF:
        return _document(data)
    return _opened(data, lambda image: Picture(_drawn(image)))


def glance_at(data: bytes) -> Glance:
    """Return the codes of a picture, and it as a gallery compares it.

    Raises Unreadable. Takes a processor's time: call it in a thread.
    """

    def glance(image: Image.Image) -> Glance:
        upright = _upright(image, _CODED)
        return Glance(codes_in(upright), _small(upright))

    return _opened(data, glance)


def pixels_of(data: bytes) -> Pixels:
    """Return a catalog's picture as it is compared. Raises Unreadable.

    Takes a processor's time: call it in a thread.
    """
    return _opened(data, lambda image: _small(_upright(image, 2 * LONGEST)))


def _opened(data: bytes, work: Callable[[Image.Image], T]) -> T:
    try:
        with Image.open(io.BytesIO(data), formats=READABLE) as image:
            return work(image)
    except Unreadable:
        raise
    except UnidentifiedImageError:
        raise Unreadable("the file is no picture that we can read") from None
    except (
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        MemoryError,
    ):
        raise Unreadable(_TOO_LARGE) from None
    except Exception:  # noqa: BLE001  # of damaged bytes decoders make any error
        raise Unreadable("the picture is damaged") from None


def _drawn(image: Image.Image) -> bytes:
    small = _upright(image, SIDE)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _upright(image: Image.Image, side: int) -> Image.Image:
    """Return a picture as it is looked at, with no longer side than that."""
    if min(image.size) < _SMALLEST:
        raise Unreadable("the picture is too small")
    _bound(image, _most_of(image))
    image.draft("RGB", (side, side))
    _bound(image, _MOST_DECODED)
    # Small first: whatever follows makes copies.
    small = image if image.mode in _SCALED else _plain(image)
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    upright = ImageOps.exif_transpose(small)
    if upright.mode in ("RGBA", "LA"):
        # What is transparent is shown on white, as phones show it.
        seen = upright.convert("RGBA")
        paper = Image.new("RGBA", seen.size, "white")
        upright = Image.alpha_composite(paper, seen)
    return upright.convert("RGB")


def _most_of(image: Image.Image) -> int:
    """Return how many pixels a picture of that kind may have, before it is decoded."""
    if image.format in _MOST_WHOLE:
        return _MOST_WHOLE[image.format]
    progressive = "progressive" in image.info or "progression" in image.info
    return _MOST_DECODED if progressive else _MOST_PIXELS


def _bound(image: Image.Image, most: int) -> None:
    width, height = image.size
    if width * height > most:
        raise Unreadable(_TOO_LARGE)


def _plain(image: Image.Image) -> Image.Image:
    if image.mode in ("P", "PA"):
        bare = image.mode == "P" and "transparency" not in image.info
        return image.convert("RGB" if bare else "RGBA")
    return image.convert("L" if image.mode == "1" else "RGB")


def _small(upright: Image.Image) -> Pixels:
    small = upright.convert("YCbCr")
    small.thumbnail((LONGEST, LONGEST), Image.Resampling.BOX)
    pixels: Pixels = np.asarray(small, np.float32)
    return pixels


def _document(data: bytes) -> Picture:
    if len(data) > _LARGEST_PDF:
        raise Unreadable("the document is too large")
    if len(_PAGE.findall(data)) > _MOST_PAGES:
        raise Unreadable("the document has too many pages")
    return Picture(data, PDF)
