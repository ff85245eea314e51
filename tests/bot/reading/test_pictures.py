"""Customers' pictures on their way to a model, and how long their voice notes play."""

import io
import struct
import zlib
from importlib import resources

import pytest
from PIL import Image

from bot.reading.pictures import SIDE, Unreadable, picture_of
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
