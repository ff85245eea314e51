"""Making a backup: one state of the database, and the media that it names."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, inspect, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.backup.archive import (
    FORMAT,
    BadBackup,
    Manifest,
    MediaEntry,
    TableEntry,
    Writer,
    writing,
)
from bot.backup.rows import Kind, kind_of, raw, to_line
from bot.channels.media_store import MediaMissing, MediaStore
from bot.db import DatabaseUnavailable
from bot.db.snapshot import snapshot
from bot.migrations.comparing import METADATA
from bot.migrations.upgrade import Ahead, AtHead, Behind, SchemaIsNewer, state_on
from catalog.table import NOT_BACKED_UP

#: Told what is being done, for a person who waits.
Say = Callable[[str], None]

#: Rows that are fetched at once.
_ROWS = 1000
#: A part is closed when it has so many bytes: all that is held in memory.
_PART = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Stored:
    """A table as the database has it now: perhaps with fewer columns than we know."""

    table: Table
    columns: Sequence[Column[Any]]

    @property
    def kinds(self) -> Mapping[str, Kind]:
        return {column.name: kind_of(column) for column in self.columns}


async def back_up(
    database_url: str,
    media: MediaStore,
    path: Path,
    *,
    version: str,
    now: datetime,
    say: Say,
) -> Manifest:
    """Write a backup to a new file and return its manifest. Servers may run meanwhile.

    What was committed before it began is in it. Raises BadBackup, SchemaIsNewer,
    DatabaseUnavailable.
    """
    async with snapshot(database_url) as connection:
        revision, tables = await connection.run_sync(_schema)
        with writing(path, now.timestamp()) as writer:
            entries = [
                await _add_table(connection, writer, each, place, say)
                for place, each in enumerate(tables)
            ]
            kept = await _add_media(connection, writer, tables, media, say)
            manifest = Manifest(
                format=FORMAT,
                version=version,
                revision=revision,
                engine=connection.dialect.name,
                created_at=now.isoformat(),
                tenants=next(e.rows for e in entries if e.name == "tenant"),
                tables=tuple(entries),
                media=kept,
                parts=writer.hashes,
            )
            writer.finish(manifest)
    return manifest


def _schema(connection: Connection) -> tuple[str, list[_Stored]]:
    """Return the revision and what is stored at it, in the order of foreign keys."""
    revision = _revision(connection)
    inspector = inspect(connection)
    there = set(inspector.get_table_names())
    found = []
    for table in METADATA.sorted_tables:
        if table.name in there and table.info != NOT_BACKED_UP:
            names = {column["name"] for column in inspector.get_columns(table.name)}
            found.append(_Stored(table, [c for c in table.c if c.name in names]))
    return revision, found


def _revision(connection: Connection) -> str:
    match state_on(connection):
        case Ahead() as ahead:
            raise SchemaIsNewer(ahead)
        case AtHead(revision) | Behind(str(revision)):
            return revision
        case _:
            raise DatabaseUnavailable("the database is empty: there is nothing to keep")


async def _add_table(
    connection: AsyncConnection, writer: Writer, stored: _Stored, place: int, say: Say
) -> TableEntry:
    name, count, number, part = stored.table.name, 0, 0, bytearray()
    query = select(*(raw(c, kind_of(c)) for c in stored.columns)).select_from(
        stored.table
    )
    async for rows in _partitions(connection, query):
        for row in rows:
            part += to_line(row)
            if len(part) >= _PART:
                writer.add_part(name, place, number, bytes(part))
                number, part = number + 1, bytearray()
        count += len(rows)
    if part:
        writer.add_part(name, place, number, bytes(part))
    if count:
        say(f"{name}: {count} rows")
    return TableEntry(name=name, columns=stored.kinds, rows=count)


async def _add_media(
    connection: AsyncConnection,
    writer: Writer,
    tables: Sequence[_Stored],
    media: MediaStore,
    say: Say,
) -> MediaEntry:
    """Add every file whose hash a row names, once."""
    files = size = 0
    missing: list[str] = []
    async for sha256 in _hashes(connection, tables):
        try:
            data = await media.open(sha256)
        except MediaMissing:
            missing.append(sha256)
            continue
        except OSError as error:
            raise BadBackup(f"media {sha256} cannot be read: {error}") from None
        writer.add_media(sha256, data)
        files, size = files + 1, size + len(data)
    if files:
        say(f"media: {files} files, {size} bytes")
    return MediaEntry(files=files, bytes=size, missing=tuple(missing))


async def _hashes(
    connection: AsyncConnection, tables: Sequence[_Stored]
) -> AsyncIterator[str]:
    for stored in tables:
        for column in stored.columns:
            if column.name != "sha256":
                continue
            query = select(column).where(column.is_not(None)).distinct()
            async for rows in _partitions(connection, query):
                for (sha256,) in rows:
                    yield sha256


async def _partitions(
    connection: AsyncConnection, query: Select[Any]
) -> AsyncIterator[Sequence[Any]]:
    result = await connection.stream(query, execution_options={"yield_per": _ROWS})
    async for rows in result.partitions():
        yield rows
