"""Where downloaded media is kept: by the hash of its content, once, and whole."""

import asyncio
import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Protocol

_SHA256 = re.compile(r"[0-9a-f]{64}")


class MediaMissing(Exception):
    """Nothing is kept under this hash."""


class MediaStore(Protocol):
    """Keeps bytes under their SHA-256, written as 64 lowercase hex digits.

    Both methods raise ValueError for what is no such hash.
    """

    async def put(self, sha256: str, data: bytes) -> None:
        """Keep bytes; when it returns, they survive a crash. Twice is as once.

        Raises ValueError if the hash is not theirs.
        """
        ...

    async def open(self, sha256: str) -> bytes:
        """Return the bytes. Raises `MediaMissing`."""
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

    def _path(self, sha256: str) -> Path:
        """Return where a hash lives; nothing but a hash ever becomes a path."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError("a SHA-256 has 64 lowercase hex digits")
        return self._root / sha256[:2] / sha256[2:]


def _write(path: Path, sha256: str, data: bytes) -> None:
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError(f"the bytes do not have the hash {sha256}")
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # Beside its place: a rename is atomic only within one file system.
    descriptor, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
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


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
