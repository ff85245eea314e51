"""Where downloaded media is kept: by the hash of its content, once, and whole."""

import asyncio
import hashlib
import os
import re
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from bot.db.private import make_private_folder

_SHA256 = re.compile(r"[0-9a-f]{64}")
#: Endings of files that are being written, and that are being taken away.
_HALF, _GONE = ".tmp", ".gone"


def is_hash(text: str) -> bool:
    """Return whether a text is a SHA-256 as stores want it."""
    return _SHA256.fullmatch(text) is not None


class MediaMissing(Exception):
    """Nothing is kept under this hash."""


class MediaStore(Protocol):
    """Keeps bytes under their SHA-256, written as 64 lowercase hex digits.

    What takes a hash raises ValueError for what is none. A disk that is full and a
    store that does not answer raise OSError: nothing was done then.
    """

    async def put(self, sha256: str, data: bytes) -> None:
        """Keep bytes; when it returns, they survive a crash.

        Twice is as once, but that they are touched again. Raises ValueError if the
        hash is not theirs.
        """
        ...

    async def open(self, sha256: str) -> bytes:
        """Return the bytes. Raises `MediaMissing`."""
        ...

    async def drop(self, sha256: str, *, unless_touched_after: datetime) -> bool:
        """Take the bytes away; False when they were touched after that moment.

        Dropping what is not there is fine: it is gone.
        """
        ...

    def shelves(self) -> AsyncIterator[Sequence[str]]:
        """Yield the hashes of everything that is kept, a part at a time."""
        ...

    async def tidy(self, *, unless_changed_after: datetime) -> None:
        """Finish what a killed process left half-done before that moment.

        What was only half written goes. What was only half taken away is kept again,
        for rows may name it meanwhile: `drop` it once more.
        """
        ...


class DirectoryStore:
    """A `MediaStore` in a directory of the local disk."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, sha256: str, data: bytes) -> None:
        """Keep bytes: a reader sees all of them or none, also after a crash."""
        path = self._path(sha256)
        await asyncio.to_thread(_write, path, sha256, data)

    async def open(self, sha256: str) -> bytes:
        """Return the bytes. Raises `MediaMissing`."""
        path = self._path(sha256)
        try:
            return await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            raise MediaMissing(f"no media with the hash {sha256}") from None

    async def drop(self, sha256: str, *, unless_touched_after: datetime) -> bool:
        """Take the bytes away; False when they were touched after that moment."""
        path = self._path(sha256)
        return await asyncio.to_thread(_drop, path, unless_touched_after)

    async def shelves(self) -> AsyncIterator[Sequence[str]]:
        """Yield the hashes of everything that is kept, a part at a time."""
        for folder in await asyncio.to_thread(_folders, self._root):
            yield await asyncio.to_thread(_hashes, folder)

    async def tidy(self, *, unless_changed_after: datetime) -> None:
        """Finish what a killed process left half-done before that moment."""
        for folder in await asyncio.to_thread(_folders, self._root):
            await asyncio.to_thread(_tidy, folder, unless_changed_after)

    def _path(self, sha256: str) -> Path:
        """Return where a hash lives; nothing but a hash ever becomes a path."""
        if not is_hash(sha256):
            raise ValueError("a SHA-256 has 64 lowercase hex digits")
        return self._root / sha256[:2] / sha256[2:]


def _write(path: Path, sha256: str, data: bytes) -> None:
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError(f"the bytes do not have the hash {sha256}")
    try:
        os.utime(path)
    except (FileNotFoundError, NotADirectoryError):
        pass
    else:
        return
    make_private_folder(path.parent)
    # Beside its place: a rename is atomic only within one file system.
    descriptor, name = tempfile.mkstemp(dir=path.parent, suffix=_HALF)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    # The name itself lives in the directories.
    _sync(path.parent)
    _sync(path.parent.parent)


def _drop(path: Path, unless_touched_after: datetime) -> bool:
    aside = path.with_suffix(_GONE)
    try:
        if _touched(path) > unless_touched_after:
            return False
        # Out of the way first: who keeps it again in this moment either touches it
        # before, and that shows now, or finds nothing and writes it anew.
        path.rename(aside)
    except FileNotFoundError:
        pass  # Nothing is kept; a drop that was killed may have left it aside.
    try:
        if _touched(aside) > unless_touched_after:
            aside.replace(path)
            return False
        aside.unlink()
    except FileNotFoundError:
        pass
    return True


def _tidy(folder: Path, unless_changed_after: datetime) -> None:
    for path in folder.iterdir():
        if path.suffix not in {_GONE, _HALF}:
            continue
        with suppress(FileNotFoundError):  # its owner was alive and went on
            # When it was renamed: the content was touched long before that.
            changed = datetime.fromtimestamp(path.stat().st_ctime, UTC)
            if changed > unless_changed_after:
                continue
            if path.suffix == _GONE:
                # A link never takes the place of what was kept anew.
                with suppress(FileExistsError):
                    path.with_suffix("").hardlink_to(path)
            path.unlink()


def _touched(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _folders(root: Path) -> list[Path]:
    return sorted(path for path in root.glob("[0-9a-f][0-9a-f]") if path.is_dir())


def _hashes(folder: Path) -> list[str]:
    names = (folder.name + path.name for path in folder.iterdir())
    return sorted(name for name in names if is_hash(name))


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
