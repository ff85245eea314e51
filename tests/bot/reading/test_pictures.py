"""Customers' pictures on their way to a model, and how long their voice notes play."""

import io
import struct
import zlib
from collections.abc import Callable
from importlib import resources
from typing import Any

import pytest
from PIL import Image

from bot.reading.pictures import (
    SIDE,
    Unreadable,
    glance_at,
    picture_of,
    pixels_of,
)
from bot.reading.sound import seconds_of


def drawn(size: tuple[int, int], kind: str = "JPEG", mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 128).save(out, kind)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        *(("JPEG", "RGB"), ("JPEG", "CMYK"), ("JPEG", "L"), ("WEBP", "RGB")),
        *(("PNG", "RGBA"), ("PNG", "P"), ("PNG", "LA"), ("PNG", "I;16"), ("GIF", "P")),
    ],
)
def test_every_kind_of_picture_becomes_a_small_jpeg(kind: str, mode: str) -> None:
    picture = picture_of(drawn((2600, 1900), kind, mode), None)
    assert picture.mime == "image/jpeg"
    image = opened(picture.data)
    assert (image.format, image.mode) == ("JPEG", "RGB")
    assert max(image.size) == SIDE


def test_a_small_picture_keeps_its_size() -> None:
    assert opened(picture_of(drawn((300, 200)), None).data).size == (300, 200)


def test_a_picture_stands_upright_and_tells_nothing_of_its_past() -> None:
    image = Image.new("RGB", (300, 200), "red")
    exif = image.getexif()
    exif[274] = 6  # turned by a quarter
    exif[271] = "a phone"
    exif.get_ifd(0x8825)[1] = "N"  # where it was taken
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    seen = opened(picture_of(out.getvalue(), None).data)
    assert seen.size == (200, 300)
    assert not seen.getexif()


def a_bomb() -> bytes:
    """Return a PNG that claims a million by a million pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    header = struct.pack(">IIBBBBB", 1_000_000, 1_000_000, 8, 2, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(b"\x00" * 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no picture"),
        (b"hello, I am a text", "no picture"),
        (b"\xff\xd8\xff" + b"\x00" * 50, "no picture|damaged"),
        (drawn((300, 200))[:400], "damaged"),
        (drawn((300, 200), "PNG")[:100], "damaged"),
        (drawn((8, 300)), "too small"),
        (a_bomb(), "too large"),
        (drawn((300, 200), "TIFF"), "no picture"),
    ],
    ids=["empty", "text", "head", "cut", "cut png", "sliver", "bomb", "other"],
)
def test_what_cannot_be_looked_at_is_said_to_be_so(data: bytes, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        picture_of(data, "image/jpeg")


def broken_past() -> bytes:
    """Return a photo whose EXIF is read, and cannot be written again."""
    entries = ((271, 2, 6, 74), (274, 3, 1, 6 << 16), (305, 3, 2, 0xFFFF_FFFF))
    body = b"".join(struct.pack(">HHII", *each) for each in entries)
    past = b"MM\0*" + struct.pack(">IH", 8, len(entries)) + body + bytes(4)
    image = Image.new("RGB", (64, 48), "red")
    out = io.BytesIO()
    image.save(out, "JPEG", exif=b"Exif\0\0" + past)
    return out.getvalue()


@pytest.mark.parametrize("look", [lambda d: picture_of(d, None), glance_at, pixels_of])
def test_whatever_a_decoder_stumbles_over_the_picture_is_damaged(
    look: Callable[[bytes], object],
) -> None:
    with pytest.raises(Unreadable, match="damaged"):
        look(broken_past())


def claiming(kind: str, size: tuple[int, int], **how: Any) -> bytes:
    """Return a small picture whose head says that it is of another size."""
    mode = "P" if kind == "GIF" else "RGB"
    out = io.BytesIO()
    Image.new(mode, (64, 48), 1).save(out, kind, **how)
    data, (width, height) = bytearray(out.getvalue()), size
    if kind == "JPEG":
        at = data.index(b"\xff\xc2" if how else b"\xff\xc0") + 5
        data[at : at + 4] = struct.pack(">HH", height, width)
    elif kind == "GIF":
        data[6:10] = struct.pack("<HH", width, height)
    else:
        data[16:24] = struct.pack(">II", width, height)
        data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


@pytest.mark.parametrize(
    ("kind", "size", "how"),
    [
        ("PNG", (4000, 3200), {}),
        ("GIF", (4000, 3200), {}),
        ("JPEG", (6000, 5000), {"progressive": True}),
        ("JPEG", (12_500, 10_000), {}),
        ("JPEG", (64_000, 800), {}),  # Its shorter side leaves nothing to leave out.
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_what_would_take_much_memory_is_not_decoded(
    kind: str, size: tuple[int, int], how: dict[str, Any]
) -> None:
    data = claiming(kind, size, **how)
    for look in (glance_at, pixels_of):
        with pytest.raises(Unreadable, match="too large"):
            look(data)


def test_a_large_webp_is_not_decoded() -> None:
    out = io.BytesIO()
    image = Image.new("RGB", (2900, 2800))
    image.save(out, "WEBP", lossless=True, method=0, quality=0)
    data = out.getvalue()
    with pytest.raises(Unreadable, match="too large"):
        glance_at(data)


def test_a_large_photo_that_can_be_decoded_small_is() -> None:
    assert glance_at(drawn((5200, 5000))).pixels.shape == (215, 224, 3)


def test_a_document_goes_as_it_is_when_it_is_short() -> None:
    page = b"<< /Type /Page >>\n"
    few = b"%PDF-1.7\n<< /Type /Pages >>\n" + 3 * page
    assert picture_of(few, "application/pdf").data == few
    with pytest.raises(Unreadable, match="pages"):
        picture_of(few + 20 * page, "application/pdf")
    with pytest.raises(Unreadable, match="large"):
        picture_of(few + b" " * 5_000_000, "application/pdf")


def test_the_length_of_a_voice_note_is_told_by_its_bytes() -> None:
    samples = resources.files("bot.simulator.page.samples")
    note = next(f for f in samples.iterdir() if f.name.endswith(".ogg"))
    assert 0.2 < seconds_of(note.read_bytes()) < 120


@pytest.mark.parametrize("data", [b"", b"OggS", b"OggS" + b"\x00" * 40, b"#!AMR\n"])
def test_a_sound_that_tells_no_length_is_taken_for_a_long_one(data: bytes) -> None:
    assert seconds_of(data + b"\x00" * 10_000) >= 10
