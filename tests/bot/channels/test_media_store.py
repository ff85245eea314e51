import asyncio
import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.channels.media_store import DirectoryStore, MediaMissing, MediaStore

DATA = b"\xff\xd8\xff a picture"
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "media"


@pytest.fixture
def store(root: Path) -> MediaStore:
    return DirectoryStore(root)


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


async def test_what_was_kept_is_found(store: MediaStore) -> None:
    await store.put(SHA256, DATA)
    assert await store.open(SHA256) == DATA


async def test_what_was_not_kept_is_missing(store: MediaStore) -> None:
    with pytest.raises(MediaMissing, match=SHA256):
        await store.open(SHA256)


async def test_twice_is_as_once_also_at_the_same_time(
    store: MediaStore, root: Path
) -> None:
    await asyncio.gather(*(store.put(SHA256, DATA) for _ in range(20)))
    await store.put(SHA256, DATA)
    assert len(files(root)) == 1
    assert await store.open(SHA256) == DATA


async def test_bytes_of_another_hash_are_not_kept(
    store: MediaStore, root: Path
) -> None:
    with pytest.raises(ValueError, match="do not have the hash"):
        await store.put(SHA256, DATA + b"!")
    assert not files(root)


async def test_a_write_that_fails_leaves_nothing_behind(
    store: MediaStore, root: Path
) -> None:
    (root / SHA256[:2] / SHA256[2:] / "in the way").mkdir(parents=True)
    (root / SHA256[:2] / SHA256[2:] / "in the way").rmdir()
    (root / SHA256[:2] / SHA256[2:]).rmdir()
    (root / SHA256[:2]).rmdir()
    (root / SHA256[:2]).write_bytes(b"a file where the folder should be")
    with pytest.raises(OSError, match=SHA256[:2]):
        await store.put(SHA256, DATA)
    assert files(root) == [root / SHA256[:2]]


@pytest.mark.parametrize(
    "sha256",
    ["", "../" * 21 + "x", "/etc/passwd", SHA256.upper(), SHA256[:-1], SHA256 + "\n"],
)
async def test_nothing_but_a_hash_becomes_a_path(
    store: MediaStore, root: Path, sha256: str
) -> None:
    with pytest.raises(ValueError, match="64 lowercase hex"):
        await store.put(sha256, DATA)
    with pytest.raises(ValueError, match="64 lowercase hex"):
        await store.open(sha256)
    assert not files(root)


# -- taking away ----------------------------------------------------------------------

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=1)  # noqa: TID251  # a file's clock is the machine's


async def test_what_was_touched_too_lately_stays(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    await store.put(SHA256, DATA)
    assert not await store.drop(SHA256, unless_touched_after=LONG_AGO)
    assert await store.open(SHA256) == DATA
    assert await store.drop(SHA256, unless_touched_after=soon())
    with pytest.raises(MediaMissing):
        await store.open(SHA256)
    assert await store.drop(SHA256, unless_touched_after=soon()), "it is gone already"


async def test_keeping_it_again_touches_it(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    await store.put(SHA256, DATA)
    (path,) = files(tmp_path)
    os.utime(path, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    await store.put(SHA256, DATA)
    assert not await store.drop(SHA256, unless_touched_after=LONG_AGO)


async def test_everything_that_is_kept_is_on_a_shelf(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path / "not" / "there" / "yet")
    assert [hashes async for hashes in store.shelves()] == []
    await store.put(SHA256, DATA)
    (shelf,) = [hashes async for hashes in store.shelves()]
    assert list(shelf) == [SHA256]


async def test_a_drop_that_was_killed_half_way_is_finished_by_the_next(
    tmp_path: Path,
) -> None:
    store = DirectoryStore(tmp_path)
    await store.put(SHA256, DATA)
    (path,) = files(tmp_path)
    path.rename(path.with_suffix(".gone"))
    assert await store.drop(SHA256, unless_touched_after=soon())
    assert files(tmp_path) == []


async def test_what_was_kept_again_before_the_drop_was_killed_is_put_back(
    tmp_path: Path,
) -> None:
    store = DirectoryStore(tmp_path)
    await store.put(SHA256, DATA)
    (path,) = files(tmp_path)
    path.rename(path.with_suffix(".gone"))
    assert not await store.drop(SHA256, unless_touched_after=LONG_AGO)
    assert await store.open(SHA256) == DATA
    assert files(tmp_path) == [path]


@pytest.mark.parametrize("kept_anew", [False, True])
async def test_what_killed_processes_left_is_tidied_up_when_it_is_old(
    tmp_path: Path, *, kept_anew: bool
) -> None:
    store = DirectoryStore(tmp_path)
    await store.put(SHA256, DATA)
    (path,) = files(tmp_path)
    path.rename(path.with_suffix(".gone"))
    (path.parent / "tmp8x2.tmp").write_bytes(DATA[:3])
    if kept_anew:
        await store.put(SHA256, DATA)
    before = sorted(files(tmp_path))
    await store.tidy(unless_changed_after=LONG_AGO)
    assert sorted(files(tmp_path)) == before, "their owners may be alive"
    await store.tidy(unless_changed_after=soon())
    assert files(tmp_path) == [path], "perhaps a row names it: a drop decides"
    assert await store.open(SHA256) == DATA


async def test_nobody_else_can_look_into_the_folders(tmp_path: Path) -> None:
    root = tmp_path / "data" / "media"
    await DirectoryStore(root).put(SHA256, DATA)
    (path,) = files(root)
    made = (root.parent, root, path.parent, path)
    modes = [each.stat().st_mode & 0o777 for each in made]
    assert modes == [0o700, 0o700, 0o700, 0o600]
