"""How long a voice note plays, told from its bytes alone."""

import struct

#: Opus in Ogg counts its samples at this rate, whatever it was recorded at (RFC 7845).
_OPUS_RATE = 48_000
_PAGE = b"OggS"
_GRANULE = struct.Struct("<q")
_HEADER = 14  #: Of a page, up to and with its position.
_PRESKIP = slice(10, 12)
#: Without a length: the lowest rate that voice is sent with, bytes in a second.
_LOWEST_RATE = 1_000


def seconds_of(data: bytes) -> float:
    """Return the seconds that a sound plays; if nothing tells, rather too many."""
    told = told_seconds(data)
    return told if told is not None else len(data) / _LOWEST_RATE


def told_seconds(data: bytes) -> float | None:
    """Return the seconds that a sound plays, None when nothing tells."""
    head = data.find(b"OpusHead")
    last = data.rfind(_PAGE)
    if data[:4] != _PAGE or head < 0 or len(data) < last + _HEADER:
        return None
    preskip = int.from_bytes(data[head:][_PRESKIP], "little")
    (position,) = _GRANULE.unpack_from(data, last + 6)
    samples = position - preskip
    return samples / _OPUS_RATE if samples > 0 else None
