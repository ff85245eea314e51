"""How large the list of an archive is, before all of it is read into memory.

The layout is that of PKWARE's application note, sections 4.3.14 and 4.3.16.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

from catalog.formats.rows import BadFeed

#: Files in an archive; a spreadsheet with pictures has some hundreds.
_MOST_FILES = 10_000
#: Bytes of their list.
_LARGEST_LIST = 4 << 20
#: An end record and the longest comment behind it, with the one for large archives
#: and the record that says where it is.
_TAIL = (1 << 16) + 22 + 20 + 56
#: How each kind of end record begins, and where the number of files is in it, which
#: the size of their list follows.
_ENDS = ((b"PK\x05\x06", 10, "<HL"), (b"PK\x06\x06", 32, "<QQ"))


def refuse_crowded(path: Path, name: str) -> None:
    """Raise BadFeed when an archive has more files than any spreadsheet; OSError.

    Whatever may be taken for an end record is looked at: which of them counts differs
    from reader to reader.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _TAIL))
        tail = file.read(_TAIL)
    for files, length in _ends(tail):
        if files > _MOST_FILES or length > _LARGEST_LIST:
            raise BadFeed(
                f"{name} is an archive of {files} files, not a spreadsheet: save the"
                " products as CSV"
            )


def _ends(tail: bytes) -> Iterator[tuple[int, int]]:
    """Yield how many files there are and the size of their list."""
    for begin, at, layout in _ENDS:
        place = tail.find(begin)
        while place >= 0:
            numbers = tail[place + at : place + at + struct.calcsize(layout)]
            if len(numbers) == struct.calcsize(layout):
                yield struct.unpack(layout, numbers)
            place = tail.find(begin, place + 1)
