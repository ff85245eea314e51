"""In which encoding a text was saved: what its bytes prove, or make likely."""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from catalog.formats.rows import BadFeed

#: What a sender may say, and the codec that reads it.
ENCODINGS = {
    "utf-8": "utf-8-sig",
    "utf-16": "utf-16",
    "windows-1250": "cp1250",
    "windows-1251": "cp1251",
    "windows-1252": "cp1252",
    "windows-1254": "cp1254",
    "iso-8859-1": "iso-8859-1",
    "iso-8859-9": "iso-8859-9",
    "koi8-r": "koi8-r",
}
_CHUNK = 1 << 20
#: So much is looked at, from the first byte on that is not UTF-8.
_LOOKED_AT = 8
_HEAD = 4096
_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_HIGH = re.compile(rb"[\x80-\xff]")
#: Words of Cyrillic have no letters of ASCII; those of Latin scripts mostly have.
_LETTER = rb"[A-Za-z\x80-\xff]"
_PURE = re.compile(
    rb"(?<!" + _LETTER + rb")[\xa8\xb8\xc0-\xff]{2,}(?!" + _LETTER + rb")"
)
_CYRILLIC = 0.6
#: Ğ İ Ş ğ ı ş; in Windows-1252 they are letters of Icelandic.
_TURKISH = re.compile(rb"[\xd0\xdd\xde\xf0\xfd\xfe]")
_LONGEST_LINE = 250_000
SAVE_AS = "save the file as CSV UTF-8"


@dataclass(frozen=True, slots=True)
class Encoding:
    name: str
    codec: str
    guessed: bool = False


def encoding_of(path: Path, name: str, told: str | None) -> Encoding:
    """Return in which encoding a text was saved. Raises BadFeed and OSError."""
    if told is not None:
        if told not in ENCODINGS:
            known = ", ".join(ENCODINGS)
            raise BadFeed(f"there is no encoding {told!r}: write one of {known}")
        return Encoding(told, ENCODINGS[told])
    with path.open("rb") as file:
        head = file.read(_HEAD)
    marked = _marked(head)
    if marked is not None:
        return marked
    if head.count(0) > len(head) // 4:
        raise BadFeed(f"{name} is no text at all: {SAVE_AS}")
    return _by_its_letters(path, name)


def undecodable(path: Path, encoding: Encoding) -> str:
    """Return the line and the byte that no letter of the encoding has."""
    codec = "utf-8" if encoding.codec == "utf-8-sig" else encoding.codec
    what = encoding.name.upper() if encoding.name == "utf-8" else encoding.name
    with path.open("rb") as file:
        lines = iter(lambda: file.readline(_LONGEST_LINE), b"")
        for number, line in enumerate(lines, 1):
            try:
                line.decode(codec)
            except UnicodeDecodeError as error:
                if "16" in codec:
                    break  # a line of bytes is no line of UTF-16
                return f"line {number} is not {what} (byte {line[error.start]:#04x})"
    return f"it is not {what}"


def _marked(head: bytes) -> Encoding | None:
    """Return what a byte order mark says, or every second byte of plain letters."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Encoding("utf-16", "utf-16")
    pairs = len(head) // 2
    for codec, start in (("utf-16-le", 1), ("utf-16-be", 0)):
        zeros, letters = head[start::2].count(0), head[1 - start :: 2].count(0)
        if pairs and zeros > pairs // 2 and letters == 0:
            return Encoding("utf-16", codec)
    return None


def _by_its_letters(path: Path, name: str) -> Encoding:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    sound = 0  # letters of several bytes: what is UTF-8 has them, and nothing else has
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                break
            sound += 0 if chunk.isascii() else len(_MULTIBYTE.findall(chunk))
        else:
            return Encoding("utf-8", "utf-8-sig")
        sample = chunk + file.read((_LOOKED_AT - 1) * _CHUNK)
    damaged = Encoding("utf-8", "utf-8-sig")
    sound += len(_MULTIBYTE.findall(sample))
    strange = len(_HIGH.findall(_MULTIBYTE.sub(b"", sample)))
    if sound > strange or not strange:
        raise BadFeed(f"{name}, {undecodable(path, damaged)}: {SAVE_AS}")
    return _likely(sample)


def _likely(sample: bytes) -> Encoding:
    high = len(_HIGH.findall(sample))
    pure = sum(map(len, _PURE.findall(sample)))
    if pure > _CYRILLIC * high:
        return Encoding("windows-1251", "cp1251", guessed=True)
    if _TURKISH.search(sample):
        return Encoding("windows-1254", "cp1254", guessed=True)
    return Encoding("windows-1252", "cp1252", guessed=True)
