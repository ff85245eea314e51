import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.sniffing import sniff


def mp4(brand: bytes) -> bytes:
    return b"\0\0\0\x20ftyp" + brand + b"\0" * 20


def ogg(codec: bytes) -> bytes:
    return b"OggS\0\x02" + b"\0" * 22 + codec + b"\0" * 30


KNOWN = [
    (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
    (b"\xff\xd8\xff\xe1\0\x10Exif", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
    (b"GIF87a...", "image/gif"),
    (b"GIF89a...", "image/gif"),
    (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
    (ogg(b"OpusHead"), "audio/ogg"),
    (ogg(b"\x01vorbis"), "audio/ogg"),
    (b"ID3\x04\0\0", "audio/mpeg"),
    (b"\xff\xfb\x90\x64", "audio/mpeg"),
    (b"\xff\xf3\x40\xc0", "audio/mpeg"),
    (b"\xff\xf1\x50\x80", "audio/aac"),
    (b"#!AMR\n<", "audio/amr"),
    (b"#!AMR-WB\n", "audio/amr"),
    (mp4(b"M4A "), "audio/mp4"),
    (mp4(b"isom"), "video/mp4"),
    (mp4(b"mp42"), "video/mp4"),
    (mp4(b"3gp4"), "video/3gpp"),
    (b"%PDF-1.7\n", "application/pdf"),
]
UNKNOWN = {
    "nothing": b"",
    "text": b"2 latte please",
    "a zip": b"PK\x03\x04\x14\0",
    "a program": b"MZ\x90\0",
    "another program": b"\x7fELF",
    "a page": b"<!doctype html><script>",
    "a drawing with scripts": b"<svg xmlns=",
    "UTF-16": "hello".encode("utf-16"),
    "sound without compression": b"RIFF\x10\0\0\0WAVEfmt ",
    "an Ogg video": ogg(b"\x80theora"),
    "a HEIC picture": mp4(b"heic"),
    "a QuickTime video": mp4(b"qt  "),
    "half a JPEG mark": b"\xff\xd8",
}


@pytest.mark.parametrize(("data", "mime"), KNOWN)
def test_media_is_known_by_its_bytes(data: bytes, mime: str) -> None:
    assert sniff(data) == mime


@pytest.mark.parametrize("data", UNKNOWN.values(), ids=UNKNOWN)
def test_anything_else_is_nothing_that_we_read(data: bytes) -> None:
    assert sniff(data) is None


@given(st.binary())
def test_any_bytes_may_be_asked_about(data: bytes) -> None:
    sniff(data)
