"""Bringing a backup back: into an empty database, all of it or nothing."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import (
    Connection,
    func,
    inspect,
    select,
    table,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.backup.archive import (
    FORMAT,
    BadBackup,
    Manifest,
    TableEntry,
    media_hash,
    read_manifest,
    read_parts,
    table_of,
)
from bot.backup.exporting import Say
from bot.backup.rows import TYPES, from_lines
from bot.channels.media_store import MediaMissing, MediaStore
from bot.db.bulk import RowRefused, insert_rows
from bot.db.migrating import migrating
from bot.migrations.comparing import METADATA
from bot.migrations.upgrade import knows, upgrade_on
from catalog.table import NOT_BACKED_UP
from orders.outbox.store import State, Topic
from orders.table import outbox

_VERSIONS = "alembic_version"
_EVER = datetime.max.replace(tzinfo=UTC)
#: Tables that a start of the software fills by itself.
_UNIMPORTANT = {t.name for t in METADATA.sorted_tables if t.info == NOT_BACKED_UP}


class NotEmpty(Exception):
    """The database has something already; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Restored:
    manifest: Manifest
    rows: int
    media: int
    due: dict[Topic, int]  #: What workers will send when they start.


async def restore(
    database_url: str, media: MediaStore, path: Path, *, say: Say
) -> Restored:
    """Fill an empty database and the media folder from a backup; migrate it to today.

    The whole file is checked first; the database gets all of it in one transaction.
    It may be the other engine than the one that was backed up. Raises BadBackup,
    NotEmpty, DatabaseUnavailable.
    """
    manifest = read_manifest(path)
    _check(path, manifest)
    say(f"{path} is whole: {manifest.created_at}, {manifest.tenants} tenants")
    filling = _Filling(media, path, manifest, say)
    try:
        async with migrating(database_url) as connection:
            await connection.run_sync(_prepare, manifest.revision)
            await filling.fill(connection)
            await connection.run_sync(_count_on)
            await connection.run_sync(upgrade_on)
            due = await _due(connection)
    except BaseException:
        # A store that fails now as well must not hide why; retention finds them later.
        with suppress(OSError):
            for sha256 in filling.new:
                await media.drop(sha256, unless_touched_after=_EVER)
        raise
    return Restored(manifest, filling.counts.total(), manifest.media.files, due)


def _check(path: Path, manifest: Manifest) -> None:
    if manifest.format != FORMAT or not knows(manifest.revision):
        raise BadBackup(
            f"{path} was made by version {manifest.version}, at revision"
            f" {manifest.revision}: restore it with that version or a newer one"
        )


def _prepare(connection: Connection, revision: str) -> None:
    """Make the tables of a revision. Raises NotEmpty."""
    there = set(inspect(connection).get_table_names())
    strange = there - set(METADATA.tables) - {_VERSIONS}
    if strange:
        raise NotEmpty(
            f"the database has tables that are not ours ({min(strange)}): give an"
            " empty one with --into"
        )
    quote = connection.dialect.identifier_preparer.quote
    for name in sorted(there - _UNIMPORTANT - {_VERSIONS}):
        found = connection.execute(select(text("1")).select_from(table(name)).limit(1))
        if found.first() is not None:
            raise NotEmpty(
                f"the database is not empty (table {name} has rows): give an empty one"
                " with --into"
            )
    cascade = " CASCADE" if connection.dialect.name == "postgresql" else ""
    for name in sorted(there):
        connection.execute(text(f"DROP TABLE {quote(name)}{cascade}"))
    upgrade_on(connection, revision)


@dataclass
class _Filling:
    """Parts going to where they belong; `new` media is ours to remove on failure."""

    media: MediaStore
    path: Path
    manifest: Manifest
    say: Say
    counts: Counter[str] = field(default_factory=Counter)
    new: list[str] = field(default_factory=list)

    async def fill(self, connection: AsyncConnection) -> None:
        """Store every part. Raises BadBackup."""
        entries = {entry.name: entry for entry in self.manifest.tables}
        for name, data in read_parts(self.path):
            sha256 = media_hash(name)
            if sha256 is not None:
                await self._keep(sha256, data)
            elif name in self.manifest.parts:
                entry = entries[table_of(name)]
                self.counts[entry.name] += await _insert(connection, entry, data)
                if self.counts[entry.name] == entry.rows:
                    self.say(f"{entry.name}: {entry.rows} rows")
        for entry in self.manifest.tables:
            if self.counts[entry.name] != entry.rows:
                raise BadBackup(f"{self.path}: table {entry.name} lacks rows")

    async def _keep(self, sha256: str, data: bytes) -> None:
        try:
            await self.media.open(sha256)
        except MediaMissing:
            self.new.append(sha256)
        except OSError as error:
            raise BadBackup(f"media cannot be read: {error}") from None
        else:
            return
        try:
            await self.media.put(sha256, data)
        except OSError as error:
            raise BadBackup(f"media cannot be written: {error}") from None


async def _insert(connection: AsyncConnection, entry: TableEntry, data: bytes) -> int:
    try:
        rows = list(from_lines(data, entry.columns))
        types = {name: TYPES[kind] for name, kind in entry.columns.items()}
        await insert_rows(connection, entry.name, types, rows)
    except (ValueError, RowRefused) as error:
        raise BadBackup(f"a row of {entry.name} cannot be stored: {error}") from error
    return len(rows)


async def _due(connection: AsyncConnection) -> dict[Topic, int]:
    """Return how many replies and events are still to be sent."""
    found = await connection.execute(
        select(outbox.c.topic, func.count())
        .where(outbox.c.state == State.DUE)
        .group_by(outbox.c.topic)
    )
    counts = {row[0]: row[1] for row in found}
    return {topic: counts.get(topic, 0) for topic in (Topic.REPLY, Topic.EVENT)}


def _count_on(connection: Connection) -> None:
    """Let PostgreSQL count on from the restored ids; SQLite does by itself."""
    if connection.dialect.name != "postgresql":
        return
    for each in METADATA.sorted_tables:
        serial = each.autoincrement_column
        if serial is None or not inspect(connection).has_table(each.name):
            continue
        last = connection.execute(select(func.max(serial))).scalar()
        if last is not None:
            sequence = text("SELECT setval(pg_get_serial_sequence(:table, :id), :last)")
            connection.execute(
                sequence,
                {"table": f'"{each.name}"', "id": serial.name, "last": last},
            )
