import asyncio
import hashlib
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
