"""A backup holds everything of one moment, and comes back whole or not at all."""

import asyncio
import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard
from pydantic import ValidationError
from sqlalchemy import insert, inspect, select, text

from bot.backup.archive import (
    LONGEST_MEDIA,
    BadBackup,
    Manifest,
    media_hash,
    read_manifest,
    read_parts,
    writing,
)
from bot.backup.exporting import back_up
from bot.backup.restoring import NotEmpty, restore
from bot.backup.rows import kind_of
from bot.channels.media_store import DirectoryStore, MediaMissing
from bot.db import Database, DatabaseUnavailable
from bot.db.migrating import migrating
from bot.inbox.table import media, message
from bot.migrations.comparing import METADATA
from bot.migrations.upgrade import AtHead, SchemaIsNewer, state, upgrade_on
from bot.settings import Settings
from orders.outbox.store import Topic
from orders.table import outbox_attempt
from tests.bot.migrations import filled

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PICTURE = b"a picture that a customer sent"
HASH = hashlib.sha256(PICTURE).hexdigest()


@pytest.fixture
def shelf(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path / "media")


@pytest.fixture
async def shop_url(database_url: str, shelf: DirectoryStore) -> str:
    """Return the URL of a database with rows in most tables, and one picture."""
    await fill(database_url, shelf)
    return database_url


async def fill(url: str, shelf: DirectoryStore) -> None:
    async with migrating(url) as connection:
        await connection.run_sync(filled.insert)
        await connection.execute(media.update().values(sha256=HASH, outcome="stored"))
    await shelf.put(HASH, PICTURE)


@pytest.fixture(params=["sqlite", "postgresql"])
def target_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a database without any table, of each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/restored/chatorder.db"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


async def backed_up(url: str, shelf: DirectoryStore, path: Path) -> Manifest:
    return await back_up(url, shelf, path, version="0.2.0", now=NOW, say=print)


async def brought_back(url: str, shelf: DirectoryStore, path: Path) -> None:
    await restore(url, shelf, path, say=print)


async def everything(url: str) -> dict[str, list[str]]:
    """Return the rows of all tables, told in a way that both engines share."""
    async with migrating(url) as connection:
        found = {}
        for table in METADATA.sorted_tables:
            rows = await connection.execute(select(table))
            found[table.name] = sorted(
                json.dumps(list(row), sort_keys=True, default=str) for row in rows
            )
        return found


ENDINGS = {".tar": b"", ".tar.gz": b"\x1f\x8b", ".tar.zst": b"\x28\xb5\x2f\xfd"}


@pytest.mark.parametrize("ending", ENDINGS)
async def test_the_name_of_the_file_says_how_it_is_packed(
    ending: str, sqlite_url: str, shelf: DirectoryStore, tmp_path: Path
) -> None:
    await fill(sqlite_url, shelf)
    path = tmp_path / f"backup{ending}"
    made = await backed_up(sqlite_url, shelf, path)
    assert path.read_bytes().startswith(ENDINGS[ending])
    assert path.stat().st_mode & 0o777 == 0o600
    # Renamed, it is read all the same.
    assert read_manifest(path.rename(tmp_path / "renamed")) == made


async def test_all_that_was_there_comes_back_on_either_engine(
    shop_url: str, target_url: str, shelf: DirectoryStore, tmp_path: Path
) -> None:
    path = tmp_path / "backup.tar.zst"
    made = await backed_up(shop_url, shelf, path)
    elsewhere = DirectoryStore(tmp_path / "elsewhere")
    await brought_back(target_url, elsewhere, path)
    assert await everything(target_url) == await everything(shop_url)
    assert await elsewhere.open(HASH) == PICTURE
    assert made.media.files == 1
    assert {entry.name: entry.rows for entry in made.tables}["message"] == len(
        filled.TABLES["message"]["rows"]
    )
    database = Database.open(target_url)
    assert isinstance(await state(database), AtHead)
    await database.close()


async def test_new_rows_find_free_ids_after_a_restore(
    shop_url: str, target_url: str, shelf: DirectoryStore, tmp_path: Path
) -> None:
    await backed_up(shop_url, shelf, tmp_path / "b.tar")
    await brought_back(target_url, shelf, tmp_path / "b.tar")
    async with migrating(target_url) as connection:
        outbox = METADATA.tables["outbox"]
        (row,) = await connection.execute(select(outbox).limit(1))
        values = {**row._mapping, "unique_key": "new"}  # noqa: SLF001  # its public name
        del values["id"]
        await connection.execute(insert(outbox).values(values))


async def test_json_null_and_no_value_stay_two_things(
    shop_url: str, target_url: str, shelf: DirectoryStore, tmp_path: Path
) -> None:
    async def nulls(url: str) -> list[Any]:
        query = text("SELECT id, reply_to IS NULL FROM message ORDER BY id")
        async with migrating(url) as connection:
            return [(i, bool(n)) for i, n in await connection.execute(query)]

    async with migrating(shop_url) as connection:
        first = text("UPDATE message SET reply_to = NULL WHERE seq = 1")
        await connection.execute(first)
    await backed_up(shop_url, shelf, tmp_path / "b.tar")
    await brought_back(target_url, shelf, tmp_path / "b.tar")
    told = await nulls(shop_url)
    assert {is_null for _, is_null in told} == {True, False}
    assert await nulls(target_url) == told


async def test_the_manifest_tells_what_there_is_and_what_there_is_not(
    shop_url: str, shelf: DirectoryStore, tmp_path: Path
) -> None:
    made = await backed_up(shop_url, shelf, tmp_path / "b.tar")
    assert read_manifest(tmp_path / "b.tar") == made
    assert (made.version, made.tenants) == ("0.2.0", 1)
    assert made.created_at == "2026-11-22T12:00:00+00:00"
    assert "CHATORDER_SECRET_KEY" in made.lacks
    names = [entry.name for entry in made.tables]
    assert set(names) == {
        t.name for t in METADATA.sorted_tables if "backed_up" not in t.info
    }
    assert names.index("tenant") < names.index("channel") < names.index("message")


def test_every_column_that_we_have_can_be_backed_up() -> None:
    for table in METADATA.sorted_tables:
        for column in table.c:
            kind_of(column)


async def test_media_that_is_gone_is_named_and_stops_nothing(
    shop_url: str, target_url: str, tmp_path: Path
) -> None:
    empty = DirectoryStore(tmp_path / "empty")
    made = await backed_up(shop_url, empty, tmp_path / "b.tar")
    assert made.media.missing == (HASH,)
    assert made.media.files == 0
    await brought_back(target_url, empty, tmp_path / "b.tar")


async def test_a_restore_tells_what_workers_will_send(
    shop_url: str, target_url: str, shelf: DirectoryStore, tmp_path: Path
) -> None:
    outbox = METADATA.tables["outbox"]
    told = (
        ("reply", "due"),
        ("reply", "done"),
        ("reply", "due"),
        ("event", "due"),
        ("event", "parked"),
        ("timer", "due"),
    )
    async with migrating(shop_url) as connection:
        (row,) = await connection.execute(select(outbox).limit(1))
        like = {k: v for k, v in row._mapping.items() if k != "id"}  # noqa: SLF001  # its public name
        await connection.execute(outbox_attempt.delete())
        await connection.execute(outbox.delete())
        new = [
            like | {"topic": topic, "state": state, "unique_key": f"k{n}"}
            for n, (topic, state) in enumerate(told)
        ]
        await connection.execute(insert(outbox), new)
    await backed_up(shop_url, shelf, tmp_path / "b.tar")
    done = await restore(target_url, shelf, tmp_path / "b.tar", say=print)
    assert done.due == {Topic.REPLY: 2, Topic.EVENT: 1}


def test_media_of_every_size_that_may_be_stored_can_be_restored(tmp_path: Path) -> None:
    # What settings allow is what a backup must take.
    assert Settings(media_limit_bytes=LONGEST_MEDIA).media_limit_bytes == LONGEST_MEDIA
    with pytest.raises(ValidationError):
        Settings(media_limit_bytes=LONGEST_MEDIA + 1)
    big = bytes(64 * 1024 * 1024 + 1)
    with writing(tmp_path / "b.tar", 0) as writer:
        writer.add_media(hashlib.sha256(big).hexdigest(), big)
    ((name, data),) = read_parts(tmp_path / "b.tar")
    assert media_hash(name) is not None
    assert data == big
    with writing(tmp_path / "c.tar", 0) as writer:
        writer.add_part("message", 1, 1, big)
    with pytest.raises(BadBackup, match="no part of a backup"):
        list(read_parts(tmp_path / "c.tar"))


# -- while servers run ----------------------------------------------------------------


async def test_what_was_committed_before_is_in_it_and_writers_do_not_wait(
    shop_url: str, target_url: str, shelf: DirectoryStore, tmp_path: Path
) -> None:
    database = Database.open(shop_url)
    async with database.reading() as connection:
        (row,) = await connection.execute(select(message).limit(1))
    like = dict(row._mapping)  # noqa: SLF001  # its public name
    acknowledged: list[str] = []
    stop = asyncio.Event()

    async def write() -> None:
        while not stop.is_set():
            number = len(acknowledged)
            names = {"id": f"m{number:06}", "provider_id": f"p{number}"}
            async with database.transaction() as connection:
                new = like | names | {"seq": 1000 + number}
                await connection.execute(insert(message).values(new))
            acknowledged.append(names["id"])

    writer = asyncio.ensure_future(write())
    while len(acknowledged) < 5:  # noqa: ASYNC110  # a database rings no bell
        await asyncio.sleep(0.01)
    before = list(acknowledged)
    await backed_up(shop_url, shelf, tmp_path / "b.tar.zst")
    after = len(acknowledged)
    stop.set()
    await writer
    await database.close()
    assert after > len(before), "messages arrived meanwhile"

    await brought_back(target_url, shelf, tmp_path / "b.tar.zst")
    async with migrating(target_url) as connection:
        found = await connection.execute(
            select(message.c.id).where(message.c.id.like("m0%")).order_by(message.c.id)
        )
        kept = list(found.scalars())
    assert set(before) <= set(kept)
    assert kept == acknowledged[: len(kept)], "one moment: no later one without earlier"


# -- what stays as it is --------------------------------------------------------------


async def test_a_database_with_rows_is_refused_and_left_alone(
    shop_url: str, shelf: DirectoryStore, tmp_path: Path
) -> None:
    await backed_up(shop_url, shelf, tmp_path / "b.tar")
    before = await everything(shop_url)
    with pytest.raises(NotEmpty, match=r"the database is not empty \(table \w+ has"):
        await brought_back(shop_url, shelf, tmp_path / "b.tar")
    assert await everything(shop_url) == before


async def test_a_database_of_somebody_else_is_refused(
    shop_url: str, target_url: str, shelf: DirectoryStore, tmp_path: Path
) -> None:
    await backed_up(shop_url, shelf, tmp_path / "b.tar")
    async with migrating(target_url) as connection:
        await connection.execute(text("CREATE TABLE theirs (id INTEGER)"))
    with pytest.raises(NotEmpty, match="tables that are not ours"):
        await brought_back(target_url, shelf, tmp_path / "b.tar")


async def test_a_database_that_was_only_migrated_is_empty_enough(
    shop_url: str, target_url: str, shelf: DirectoryStore, tmp_path: Path
) -> None:
    await backed_up(shop_url, shelf, tmp_path / "b.tar")
    async with migrating(target_url) as connection:
        await connection.run_sync(upgrade_on)
        code = {"name": "first run", "nonce": "n", "created_at": NOW}
        await connection.execute(insert(METADATA.tables["first_run"]).values(code))
    await brought_back(target_url, shelf, tmp_path / "b.tar")
    assert await everything(target_url) == await everything(shop_url)


async def test_an_older_backup_is_restored_at_its_revision_and_then_migrated(
    target_url: str, shelf: DirectoryStore, tmp_path: Path
) -> None:
    old = f"sqlite:///{tmp_path}/old.db"
    async with migrating(old) as connection:
        await connection.run_sync(upgrade_on, "0001")
        await connection.run_sync(filled.insert)
    made = await backed_up(old, shelf, tmp_path / "b.tar")
    assert made.revision == "0001"
    await brought_back(target_url, shelf, tmp_path / "b.tar")
    async with migrating(target_url) as connection:
        tables = await connection.run_sync(lambda c: inspect(c).get_table_names())
        rows = await connection.run_sync(filled.rows, "message")
    assert set(METADATA.tables) <= set(tables)
    assert len(rows) == len(filled.TABLES["message"]["rows"])


async def test_a_newer_schema_is_neither_backed_up_nor_restored(
    sqlite_url: str, shelf: DirectoryStore, tmp_path: Path
) -> None:
    await fill(sqlite_url, shelf)
    await backed_up(sqlite_url, shelf, tmp_path / "b.tar")
    newer = rewritten(tmp_path / "b.tar", {"revision": "9999", "version": "9.9"})
    with pytest.raises(BadBackup, match=r"made by version 9\.9, at revision 9999"):
        await brought_back(f"sqlite:///{tmp_path}/new.db", shelf, newer)
    async with migrating(sqlite_url) as connection:
        ahead = text("UPDATE alembic_version SET version_num = '9999'")
        await connection.execute(ahead)
    with pytest.raises(SchemaIsNewer):
        await backed_up(sqlite_url, shelf, tmp_path / "c.tar")
    assert not (tmp_path / "c.tar").exists()


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.name.startswith(("a", "b"))}


@pytest.mark.parametrize("there", [False, True], ids=["no file", "no tables"])
async def test_where_there_is_nothing_there_is_no_backup(
    shelf: DirectoryStore, tmp_path: Path, there: bool
) -> None:
    if there:
        (tmp_path / "a.db").touch()
    with pytest.raises(DatabaseUnavailable, match=r"there is no database|is empty"):
        await backed_up(f"sqlite:///{tmp_path}/a.db", shelf, tmp_path / "b.tar")
    assert names_in(tmp_path) == ({"a.db"} if there else set())


@pytest.mark.parametrize("name", ["b.zip", "b", "b.tar.bz2"])
async def test_another_ending_is_refused(
    shop_url: str, shelf: DirectoryStore, tmp_path: Path, name: str
) -> None:
    with pytest.raises(BadBackup, match=r"\*\.tar, \*\.tar\.gz or \*\.tar\.zst"):
        await backed_up(shop_url, shelf, tmp_path / name)


async def test_an_existing_file_is_never_overwritten(
    sqlite_url: str, shelf: DirectoryStore, tmp_path: Path
) -> None:
    await fill(sqlite_url, shelf)
    (tmp_path / "b.tar").write_text("mine")
    with pytest.raises(BadBackup, match="exists; choose another name"):
        await backed_up(sqlite_url, shelf, tmp_path / "b.tar")
    assert (tmp_path / "b.tar").read_text() == "mine"


# -- damage ---------------------------------------------------------------------------


def rewritten(
    path: Path,
    manifest: dict[str, object] | None = None,
    change: Callable[[str, bytes], bytes | None] | None = None,
) -> Path:
    """Return a copy of a backup in which something is different."""
    copy = path.with_name("changed.tar")
    with tarfile.open(path) as old, tarfile.open(copy, "w") as new:
        for member in old:
            file = old.extractfile(member)
            assert file is not None
            data: bytes | None = file.read()
            if member.name == "manifest.json" and manifest and data:
                data = json.dumps(json.loads(data) | manifest).encode()
            elif change is not None and data is not None:
                data = change(member.name, data)
            if data is not None:
                member.size = len(data)
                new.addfile(member, io.BytesIO(data))
    return copy


def without(start: str) -> Callable[[str, bytes], bytes | None]:
    return lambda name, data: None if name.startswith(start) else data


def other(start: str) -> Callable[[str, bytes], bytes | None]:
    def change(name: str, data: bytes) -> bytes:
        return data[:-2] + b"!\n" if name.startswith(start) else data

    return change


def cut(path: Path, share: float) -> Path:
    copy = path.with_name("cut.tar")
    data = path.read_bytes()
    copy.write_bytes(data[: int(len(data) * share)])
    return copy


def text_file(path: Path) -> Path:
    path.with_name("text.tar").write_text("this is no backup" * 100)
    return path.with_name("text.tar")


DAMAGE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "no manifest": (lambda p: rewritten(p, change=without("manifest")), "cut off"),
    "a part is gone": (lambda p: rewritten(p, change=without("tables/")), "is damaged"),
    "a part differs": (lambda p: rewritten(p, change=other("tables/")), "is damaged"),
    "media is gone": (lambda p: rewritten(p, change=without("media/")), "lacks media"),
    "media differs": (
        lambda p: rewritten(p, change=other("media/")),
        "not what it was",
    ),
    "another format": (lambda p: rewritten(p, {"format": 9}), "newer one"),
    "a strange manifest": (lambda p: rewritten(p, {"tables": 7}), "cannot read its"),
    "half a file": (lambda p: cut(p, 0.5), "cannot be read|cut off"),
    "no file": (lambda p: p.with_name("none.tar"), "there is no file"),
    "no tar": (text_file, "cannot be read"),
}


@pytest.mark.parametrize(("damage", "why"), DAMAGE.values(), ids=DAMAGE)
async def test_a_damaged_file_is_found_out_before_anything_is_touched(
    sqlite_url: str,
    shelf: DirectoryStore,
    tmp_path: Path,
    damage: Callable[[Path], Path],
    why: str,
) -> None:
    await fill(sqlite_url, shelf)
    await backed_up(sqlite_url, shelf, tmp_path / "b.tar")
    target = tmp_path / "target.db"
    elsewhere = DirectoryStore(tmp_path / "elsewhere")
    with pytest.raises(BadBackup, match=why):
        await brought_back(f"sqlite:///{target}", elsewhere, damage(tmp_path / "b.tar"))
    assert not target.exists()
    with pytest.raises(MediaMissing):
        await elsewhere.open(HASH)


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gz", "zst"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
async def test_a_packed_file_that_is_cut_off_is_found_out(
    sqlite_url: str,
    shelf: DirectoryStore,
    tmp_path: Path,
    pack: Callable[[bytes], bytes],
    share: float,
) -> None:
    await fill(sqlite_url, shelf)
    await backed_up(sqlite_url, shelf, tmp_path / "b.tar")
    packed = tmp_path / "packed"
    packed.write_bytes(pack((tmp_path / "b.tar").read_bytes()))
    with pytest.raises(BadBackup):
        read_manifest(cut(packed, share))


def with_a_row_twice(path: Path, made: Manifest, table: str) -> Path:
    """Return a copy that is whole, and in which two rows have one key."""
    (name,) = [part for part in made.parts if f"_{table}/" in part]
    doubled: dict[str, bytes] = {}

    def twice(part: str, data: bytes) -> bytes:
        if part == name:
            doubled[part] = data = data + data
        return data

    copy = rewritten(path, change=twice)
    told = made.model_dump(mode="json")
    told["parts"][name] = hashlib.sha256(doubled[name]).hexdigest()
    (entry,) = [each for each in told["tables"] if each["name"] == table]
    entry["rows"] *= 2
    return rewritten(copy.rename(path.with_name("doubled.tar")), told)


async def test_rows_that_the_database_refuses_leave_nothing_behind(
    sqlite_url: str, target_url: str, shelf: DirectoryStore, tmp_path: Path
) -> None:
    await fill(sqlite_url, shelf)
    made = await backed_up(sqlite_url, shelf, tmp_path / "b.tar")
    elsewhere = DirectoryStore(tmp_path / "elsewhere")
    bad = with_a_row_twice(tmp_path / "b.tar", made, "media")
    with pytest.raises(BadBackup, match="a row of media cannot be stored"):
        await brought_back(target_url, elsewhere, bad)
    async with migrating(target_url) as connection:
        left = await connection.run_sync(lambda c: inspect(c).get_table_names())
    assert left == []


async def test_media_of_a_restore_that_failed_is_taken_away_again(
    sqlite_url: str, tmp_path: Path, shelf: DirectoryStore
) -> None:
    await fill(sqlite_url, shelf)
    await backed_up(sqlite_url, shelf, tmp_path / "b.tar")
    elsewhere = _Full(tmp_path / "elsewhere")
    target = tmp_path / "target.db"
    with pytest.raises(BadBackup, match="media cannot be written: no space"):
        await brought_back(f"sqlite:///{target}", elsewhere, tmp_path / "b.tar")
    with pytest.raises(MediaMissing):
        await elsewhere.open(HASH)
    async with migrating(f"sqlite:///{target}") as connection:
        left = await connection.run_sync(lambda c: inspect(c).get_table_names())
    assert left == []


class _Full(DirectoryStore):
    """A disk that is full as soon as something was written."""

    async def put(self, sha256: str, data: bytes) -> None:
        await super().put(sha256, data)
        raise OSError("no space left on the device")


async def test_many_rows_take_several_parts_and_bounded_memory(
    sqlite_url: str, shelf: DirectoryStore, tmp_path: Path
) -> None:
    await fill(sqlite_url, shelf)
    async with migrating(sqlite_url) as connection:
        (row,) = await connection.execute(select(message).limit(1))
        like = dict(row._mapping)  # noqa: SLF001  # its public name
        await connection.execute(
            insert(message),
            [
                like | {"id": f"m{n}", "provider_id": f"p{n}", "seq": 1000 + n}
                for n in range(5000)
            ],
        )
    made = await backed_up(sqlite_url, shelf, tmp_path / "b.tar")
    parts = [name for name in made.parts if "_message/" in name]
    assert len(parts) > 1
    await brought_back(f"sqlite:///{tmp_path}/c.db", shelf, tmp_path / "b.tar")
    assert await everything(f"sqlite:///{tmp_path}/c.db") == await everything(
        sqlite_url
    )


async def test_a_folder_that_is_not_there_is_named(
    sqlite_url: str, shelf: DirectoryStore, tmp_path: Path
) -> None:
    await fill(sqlite_url, shelf)
    with pytest.raises(BadBackup, match=r"cannot write .*no/such/b\.tar"):
        await backed_up(sqlite_url, shelf, tmp_path / "no" / "such" / "b.tar")
