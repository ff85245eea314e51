"""Photos for cases: a list in ink on paper, and things on a shelf, drawn by code.

They are drawn the same way every time: equal cases are equal bytes.
"""

import io
from collections.abc import Sequence
from importlib import resources

from PIL import Image, ImageDraw, ImageFont

#: The names of our drawings.
_DRAWINGS = resources.files("bot.simulator") / "shop"
_PAPER, _RULE, _INK = (250, 246, 232), (196, 208, 222), (32, 42, 96)
_WOOD, _WALL = (150, 112, 78), (226, 222, 214)
_WIDTH, _LINE, _MARGIN, _LETTER = 900, 92, 70, 54
_THING, _GAP = 260, 40
#: Nobody holds a phone straight: degrees.
_TILT = 2.5
_QUALITY = 85


def list_on_paper(lines: Sequence[str]) -> bytes:
    """Return a photo (JPEG) of lines written on ruled paper."""
    height = _LINE * (len(lines) + 1) + 2 * _MARGIN
    sheet = Image.new("RGB", (_WIDTH, height), _PAPER)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(_LETTER)
    for number, line in enumerate(lines):
        top = _MARGIN + _LINE * number
        pen.line((0, top + _LINE - 10, _WIDTH, top + _LINE - 10), _RULE, 3)
        # A hand does not keep to the margin.
        pen.text((_MARGIN + 7 * (number % 3), top), line, _INK, font)
    return _photographed(sheet)


def things_on_shelf(names: Sequence[str]) -> bytes:
    """Return a photo (JPEG) of things beside each other. Raises LookupError."""
    width = _GAP + (_THING + _GAP) * len(names)
    wall = Image.new("RGB", (width, _THING + 3 * _GAP), _WALL)
    pen = ImageDraw.Draw(wall)
    pen.rectangle((0, _THING + _GAP, width, _THING + 2 * _GAP), _WOOD)
    for number, name in enumerate(names):
        wall.paste(_drawing(name), (_GAP + (_THING + _GAP) * number, _GAP))
    return _photographed(wall)


def _drawing(name: str) -> Image.Image:
    try:
        data = (_DRAWINGS / f"{name}.png").read_bytes()
    except FileNotFoundError:
        raise LookupError(f"there is no drawing {name!r}") from None
    return Image.open(io.BytesIO(data)).convert("RGB").resize((_THING, _THING))


def _photographed(sheet: Image.Image) -> bytes:
    tilted = sheet.rotate(
        _TILT, Image.Resampling.BICUBIC, expand=True, fillcolor=(118, 104, 92)
    )
    out = io.BytesIO()
    tilted.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
