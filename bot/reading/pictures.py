"""Making customers' pictures fit for a model: known, bounded, small, and without past.

A picture is decoded and drawn anew: what goes out is pixels, without the place, time
and device that phones write into their files, and without anything hidden behind them.
"""

import io
import re

from PIL import Image, ImageOps, UnidentifiedImageError

from bot.reading.reader import Picture

#: Types of which Pillow may try to make sense; `bot.channels.sniffing` tells them.
READABLE = ("JPEG", "PNG", "WEBP", "GIF")
PDF = "application/pdf"
#: The longer side of what a model sees, pixels. Handwriting stays readable.
SIDE = 1280
#: A picture of more pixels than any phone sends is a bomb. Those of a JPEG are counted
#: as they are decoded: it can be decoded to a fraction of its size.
_MOST_PIXELS = 25_000_000
_SMALLEST = 16
_QUALITY = 82
_LARGEST_PDF = 4 * 1024 * 1024
_MOST_PAGES = 8
_PAGE = re.compile(rb"/Type\s*/Page(?![a-zA-Z])")


class Unreadable(Exception):
    """The file cannot be looked at; the message says why, for the shop's staff."""


def picture_of(data: bytes, mime: str | None) -> Picture:
    """Return a picture or a document for a model. Raises Unreadable.

    Takes a processor's time: call it in a thread.
    """
    if mime == PDF:
        return _document(data)
    try:
        with Image.open(io.BytesIO(data), formats=READABLE) as image:
            return Picture(_drawn(image))
    except UnidentifiedImageError:
        raise Unreadable("the file is no picture that we can read") from None
    except (OSError, SyntaxError, ValueError, EOFError, ArithmeticError):
        raise Unreadable("the picture is damaged") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unreadable("the picture is too large") from None


def _drawn(image: Image.Image) -> bytes:
    if min(image.size) < _SMALLEST:
        raise Unreadable("the picture is too small")
    image.draft("RGB", (SIDE, SIDE))
    width, height = image.size
    if width * height > _MOST_PIXELS:
        raise Unreadable("the picture is too large")
    upright = ImageOps.exif_transpose(image)
    if upright.mode in ("RGBA", "LA", "PA", "P"):
        # What is transparent is shown on white, as phones show it.
        seen = upright.convert("RGBA")
        paper = Image.new("RGBA", seen.size, "white")
        upright = Image.alpha_composite(paper, seen)
    small = upright.convert("RGB")
    small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _document(data: bytes) -> Picture:
    if len(data) > _LARGEST_PDF:
        raise Unreadable("the document is too large")
    if len(_PAGE.findall(data)) > _MOST_PAGES:
        raise Unreadable("the document has too many pages")
    return Picture(data, PDF)
