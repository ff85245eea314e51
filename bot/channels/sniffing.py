"""What media really is, told by its first bytes. What it claims to be is not asked."""

from collections.abc import Callable

#: MP4's family by its brand; HEIC and QuickTime are of it too, and nothing we can read.
_BRANDS = {
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"3gp4": "video/3gpp",
    b"3gp5": "video/3gpp",
    b"3gp6": "video/3gpp",
    **dict.fromkeys(
        (
            *(b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42"),
            *(b"avc1", b"dash", b"M4V ", b"MSNV", b"mmp4"),
        ),
        "video/mp4",
    ),
}
#: An Ogg stream names its codec in its first page.
_OGG_PAGE = 200


def sniff(data: bytes) -> str | None:
    """Return the media type without parameters, or None for what we do not read."""
    return next((mime for mime, is_it in _KINDS if is_it(data)), None) or _mp4(data)


def _starts(*magic: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(magic)


def _is_webp(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def _is_ogg_audio(data: bytes) -> bool:
    page = data[:_OGG_PAGE]
    return page[:4] == b"OggS" and (b"OpusHead" in page or b"\x01vorbis" in page)


def _mp4(data: bytes) -> str | None:
    return _BRANDS.get(data[8:12]) if data[4:8] == b"ftyp" else None


_KINDS: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("image/jpeg", _starts(b"\xff\xd8\xff")),
    ("image/png", _starts(b"\x89PNG\r\n\x1a\n")),
    ("image/gif", _starts(b"GIF87a", b"GIF89a")),
    ("image/webp", _is_webp),
    ("audio/ogg", _is_ogg_audio),
    ("audio/amr", _starts(b"#!AMR\n", b"#!AMR-WB\n")),
    ("application/pdf", _starts(b"%PDF-")),
    # A tag, or a frame of layer III: MPEG 1, 2 and 2.5, with and without checksum.
    ("audio/mpeg", _starts(b"ID3", b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2")),
    ("audio/mpeg", _starts(b"\xff\xe3", b"\xff\xe2")),
    ("audio/aac", _starts(b"\xff\xf1", b"\xff\xf9", b"\xff\xf0", b"\xff\xf8")),
)
