"""Bar codes and QR codes in a picture: read as texts, and never followed."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

import numpy as np
import zxingcpp
from PIL import Image

from bot.domain.regions import Region

#: What shops and their suppliers print: retail codes, and those for own numbers.
_FORMATS: Final = zxingcpp.BarcodeFormats(
    [
        zxingcpp.BarcodeFormat.EANUPC,
        zxingcpp.BarcodeFormat.ITF14,
        zxingcpp.BarcodeFormat.DataBar,
        zxingcpp.BarcodeFormat.Code128,
        zxingcpp.BarcodeFormat.Code39,
        zxingcpp.BarcodeFormat.QRCode,
        zxingcpp.BarcodeFormat.DataMatrix,
    ]
)
#: So many codes of one picture count, and so many letters of each.
MOST, LONGEST = 12, 500
#: The item number in a GS1 element string, "(01)08690000000012(10)A7", and in a GS1
#: Digital Link, "https://example.com/01/08690000000012". Source: GS1's General
#: Specifications and Digital Link standard.
_ELEMENT = re.compile(r"\(01\)(\d{14})")
_LINK = re.compile(r"/(?:01|gtin)/(\d{8,14})(?:/|$)")


def codes_in(picture: Image.Image) -> Mapping[str, Region | None]:
    """Return the texts of the codes in a grey picture, and where each is seen first.

    What is not printable, or endlessly long, names nothing that is sold.
    Takes a processor's time: call it in a thread.
    """
    found = zxingcpp.read_barcodes(np.asarray(picture.convert("L")), formats=_FORMATS)
    kept: dict[str, Region | None] = {}
    for code in found:
        text = code.text.strip()
        if text and _is_plain(text):
            kept.setdefault(text, _region(code.position, picture.size))
    return dict(islice(kept.items(), MOST))


def _region(place: zxingcpp.Position, size: tuple[int, int]) -> Region | None:
    """Return the upright box around a code, which may lie askew."""
    corners = (
        place.top_left,
        place.top_right,
        place.bottom_right,
        place.bottom_left,
    )
    across = [corner.x / size[0] for corner in corners]
    down = [corner.y / size[1] for corner in corners]
    return Region.between(min(across), min(down), max(across), max(down))


def is_url(text: str) -> bool:
    """Return whether a code holds the address of a page."""
    return text.lower().startswith(("http://", "https://"))


def numbers_of(text: str) -> tuple[str, ...]:
    """Return what a code may be a product's SKU, external id or GTIN as, best first."""
    items = [*_ELEMENT.findall(text), *(_LINK.findall(text) if is_url(text) else ())]
    return tuple(dict.fromkeys((*items, *(() if is_url(text) else (text,)))))


def addresses_of(text: str) -> tuple[str, ...]:
    """Return the ways in which a catalog may write the address that a code holds.

    Nothing is asked for: addresses are only compared, and only printable ones.
    """
    if not is_url(text):
        return ()
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "") + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return ()
    written = dict.fromkeys((text, *_written(host, parts.path, parts.query)))
    return tuple(each for each in written if _is_plain(each))


def _is_plain(text: str) -> bool:
    """Return whether a text is one that a catalog, and a database, may hold."""
    return len(text) <= LONGEST and text.isprintable()


def _written(host: str, path: str, query: str) -> Iterator[str]:
    bare, stem = host.removeprefix("www."), path.rstrip("/")
    for asked in dict.fromkeys((query, "")):
        for name in (bare, f"www.{bare}"):
            for scheme in ("https", "http"):
                for way in dict.fromkeys((stem, f"{stem}/", unquote(stem))):
                    yield urlunsplit((scheme, name, way, asked, ""))
