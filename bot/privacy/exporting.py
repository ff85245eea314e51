"""Everything that is known about a person, for themselves and for their programs.

A ZIP with one JSON document, `contact.json`, and the files of their messages, each
under the hash of its content. The document is written row by row: a long friendship
fits into little memory.
"""

import asyncio
import json
import zipfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import IO, Any, Final

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.media_store import MediaMissing, MediaStore
from bot.inbox.table import media
from bot.privacy.rooms import ROOMS, Room
from bot.privacy.subject import Subject, load_subject

FORMAT: Final = "chatorder-contact"
#: Raised when a program that reads the document would have to change.
VERSION: Final = 1
DOCUMENT: Final = "contact.json"
_AT_ONCE = 500
#: The tenant's own id says nothing of a person.
_NEVER_SHOWN = frozenset({"tenant_id"})


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    contacts: int
    rows: dict[str, int]  #: By room.
    files: int
    missing: tuple[str, ...]  #: Hashes of files that are not there any more.


class NotKnown(LookupError):
    """The tenant has no such contact."""


async def export_contacts(
    connection: AsyncConnection,
    store: MediaStore,
    tenant_id: str,
    contact_ids: Sequence[str],
    file: IO[bytes],
    *,
    now: datetime,
) -> Exported:
    """Write a ZIP with all that is known about these contacts of one person.

    Raises NotKnown, and nothing of use is written then.
    """
    subjects = []
    for each in contact_ids:
        subject = await load_subject(connection, tenant_id, each)
        if subject is None:
            raise NotKnown(f"there is no contact {each!r}")
        subjects.append(subject)
    rows: dict[str, int] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(DOCUMENT, "w", force_zip64=True) as document:
            async for chunk in _document(connection, subjects, rows, now):
                await asyncio.to_thread(document.write, chunk)
        hashes = await _hashes(connection, subjects)
        missing = await _add_files(archive, store, hashes)
    return Exported(
        contacts=len(subjects),
        rows=rows,
        files=len(hashes) - len(missing),
        missing=missing,
    )


async def _document(
    connection: AsyncConnection,
    subjects: Sequence[Subject],
    counts: dict[str, int],
    now: datetime,
) -> AsyncIterator[bytes]:
    head = {
        "format": FORMAT,
        "version": VERSION,
        "exported_at": now.isoformat(),
        "tenant_id": subjects[0].tenant_id,
    }
    yield (_dumped(head)[:-1] + ',\n"contacts": [\n').encode()
    for position, subject in enumerate(subjects):
        yield b"{" if position == 0 else b",\n{"
        for place, room in enumerate(ROOMS):
            yield f'{"," * (place > 0)}\n"{room.name}": ['.encode()
            async for chunk in _rows(connection, room, subject, counts):
                yield chunk
            yield b"]"
        yield b"\n}"
    yield b"\n]}\n"


async def _rows(
    connection: AsyncConnection, room: Room, subject: Subject, counts: dict[str, int]
) -> AsyncIterator[bytes]:
    """Yield the rows of a room as JSON objects with commas between them."""
    hidden = room.hidden | _NEVER_SHOWN
    columns = [column for column in room.table.c if column.name not in hidden]
    query = (
        select(*columns)
        .where(room.whose(subject))
        .order_by(*room.table.primary_key.columns)
    )
    first = True
    async with connection.stream(query) as result:
        async for part in result.partitions(_AT_ONCE):
            objects = [_dumped(_plain(row)) for row in part]
            yield (("" if first else ",") + "\n" + ",\n".join(objects)).encode()
            counts[room.name] = counts.get(room.name, 0) + len(objects)
            first = False


def _plain(row: Row[Any]) -> Mapping[str, object]:
    found = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's documented way
    if sha256 := found.get("sha256"):
        found["file"] = f"media/{sha256}"
    return found


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_text)


def _text(value: object) -> str:
    """Write what JSON has no form for: moments with their zone, exact decimals."""
    match value:
        case datetime():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
    raise TypeError(f"{type(value).__name__} has no form in the export")


async def _hashes(
    connection: AsyncConnection, subjects: Sequence[Subject]
) -> tuple[str, ...]:
    (room,) = (room for room in ROOMS if room.table is media)
    found: set[str] = set()
    for subject in subjects:
        hashes = await connection.execute(
            select(media.c.sha256).where(room.whose(subject)).distinct()
        )
        found |= {each for each in hashes.scalars() if each is not None}
    return tuple(sorted(found))


async def _add_files(
    archive: zipfile.ZipFile, store: MediaStore, hashes: Sequence[str]
) -> tuple[str, ...]:
    """Add the files; return the hashes of those that are gone."""
    missing = []
    for each in hashes:
        try:
            content = await store.open(each)
        except MediaMissing:
            missing.append(each)
            continue
        # Pictures and voice are compressed already.
        await asyncio.to_thread(
            archive.writestr, f"media/{each}", content, zipfile.ZIP_STORED
        )
    return tuple(missing)
