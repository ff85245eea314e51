"""The file of a backup: a tar of small parts, written and read as a stream.

It holds `tables/NNN_name/NNNNNN.jsonl`, `media/SHA256` and, last, `manifest.json` with
the hash of every part: a file that was cut off has none.
"""

import gzip
import hashlib
import io
import os
import re
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import zstandard
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.backup.rows import Kind

FORMAT = 1
MANIFEST = "manifest.json"
_ENDINGS = (".tar", ".tar.gz", ".tar.zst")
_MEDIA = re.compile(r"media/([0-9a-f]{64})")
_LONGEST_PART = 64 * 1024 * 1024
#: What the setting media_limit_bytes may be at most: bigger files were never stored.
LONGEST_MEDIA = 1024 * 1024 * 1024
_GZIP_LEVEL, _ZSTD_LEVEL = 6, 3


class BadBackup(Exception):
    """The file is no backup, is damaged, or belongs to another version."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TableEntry(_Frozen):
    """A table as backed up: in an order in which rows may be stored again."""

    name: str
    columns: Mapping[str, Kind]
    rows: int


class MediaEntry(_Frozen):
    files: int
    bytes: int
    missing: tuple[str, ...] = Field(
        description="Hashes that the database names and the media folder lacked."
    )


class Manifest(_Frozen):
    """What a backup holds, and what is needed to use it."""

    format: int
    version: str
    revision: str
    engine: str
    created_at: str
    tenants: int
    tables: tuple[TableEntry, ...]
    media: MediaEntry
    parts: Mapping[str, str] = Field(description="SHA-256 of every part of a table.")
    lacks: str = (
        "CHATORDER_SECRET_KEY and the other settings: without the key the stored tokens"
        " cannot be opened. Keep it in another place."
    )


class Writer:
    """Writes parts; remembers their hashes for the manifest."""

    def __init__(self, tar: tarfile.TarFile, moment: float) -> None:
        self._tar = tar
        self._moment = moment
        self.hashes: dict[str, str] = {}

    def add_part(self, table: str, place: int, number: int, data: bytes) -> None:
        """Add rows of a table: its place among the tables, and the part's number."""
        name = f"tables/{place:03d}_{table}/{number:06d}.jsonl"
        self.hashes[name] = hashlib.sha256(data).hexdigest()
        self._add(name, data)

    def add_media(self, sha256: str, data: bytes) -> None:
        """Add a file that is named by its own hash."""
        self._add(f"media/{sha256}", data)

    def finish(self, manifest: Manifest) -> None:
        """Add the manifest: nothing comes after it."""
        self._add(MANIFEST, manifest.model_dump_json(indent=1).encode())

    def _add(self, name: str, data: bytes) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mtime, info.mode = len(data), int(self._moment), 0o600
        self._tar.addfile(info, io.BytesIO(data))
        _forget(self._tar)


@contextmanager
def writing(path: Path, moment: float) -> Iterator[Writer]:
    """Yield a writer; the file appears when the block succeeds, whole and synced.

    Only its owner can read it. Raises BadBackup for a name of another ending, for a
    file that exists and when the disk is full.
    """
    if not path.name.endswith(_ENDINGS):
        raise BadBackup(f"{path}: name the file *.tar, *.tar.gz or *.tar.zst")
    if path.exists():
        raise BadBackup(f"{path} exists; choose another name, or remove it")
    try:
        with _replacing(path) as file, ExitStack() as stack:
            stream = stack.enter_context(_packed(path, file))
            tar = stack.enter_context(tarfile.open(fileobj=stream, mode="w|"))
            yield Writer(tar, moment)
    except OSError as error:
        raise BadBackup(f"cannot write {path}: {error}") from None


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """Yield a file that takes its name when all of it is on the disk."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_manifest(path: Path) -> Manifest:
    """Return the manifest after reading the whole file and checking every hash.

    Raises BadBackup naming what is damaged.
    """
    hashes: dict[str, str] = {}
    files = size = 0
    manifest = None
    for name, data in read_parts(path):
        if manifest is not None:
            raise BadBackup(f"{path}: something stands behind the manifest")
        digest = hashlib.sha256(data).hexdigest()
        media = _MEDIA.fullmatch(name)
        if name == MANIFEST:
            manifest = _parsed(path, data)
        elif media is None:
            hashes[name] = digest
        elif media[1] != digest:
            raise BadBackup(f"{path} is damaged: {name} is not what it was")
        else:
            files, size = files + 1, size + len(data)
    if manifest is None:
        raise BadBackup(f"{path} is cut off: it has no manifest at its end")
    wrong = [n for n, digest in manifest.parts.items() if hashes.pop(n, "") != digest]
    if wrong or hashes:
        raise BadBackup(
            f"{path} is damaged: {(wrong or sorted(hashes))[0]} is not good"
        )
    if (files, size) != (manifest.media.files, manifest.media.bytes):
        raise BadBackup(f"{path} is damaged: it lacks media")
    return manifest


def read_parts(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every part, in order. Raises BadBackup."""
    if not path.is_file():
        raise BadBackup(f"there is no file {path}")
    try:
        with ExitStack() as stack:
            file = stack.enter_context(path.open("rb"))
            stream = stack.enter_context(_unpacked(file))
            tar = stack.enter_context(tarfile.open(fileobj=stream, mode="r|"))
            for member in tar:
                content = tar.extractfile(member) if member.isreg() else None
                if content is None or member.size > _longest(member.name):
                    raise BadBackup(f"{path}: {member.name} is no part of a backup")
                yield member.name, content.read()
                _forget(tar)
    except (tarfile.TarError, zstandard.ZstdError, EOFError, OSError) as error:
        raise BadBackup(f"{path} cannot be read: {error}") from None


def _longest(name: str) -> int:
    return LONGEST_MEDIA if _MEDIA.fullmatch(name) else _LONGEST_PART


def media_hash(name: str) -> str | None:
    """Return the hash in the name of a part that is media."""
    found = _MEDIA.fullmatch(name)
    return found[1] if found else None


def table_of(name: str) -> str:
    """Return the table that a part belongs to."""
    return name.split("/")[1].partition("_")[2]


def _forget(tar: tarfile.TarFile) -> None:
    """Keep memory bounded: a tar remembers everything that passed."""
    tar.members = []  # type: ignore[attr-defined]  # where it does, in all versions


def _parsed(path: Path, data: bytes) -> Manifest:
    try:
        return Manifest.model_validate_json(data)
    except ValidationError as error:
        why = error.errors()[0]["msg"]
        raise BadBackup(
            f"{path}: this version cannot read its manifest: {why}"
        ) from None


@contextmanager
def _packed(path: Path, file: IO[bytes]) -> Iterator[IO[bytes]]:
    if path.name.endswith(".gz"):
        with gzip.GzipFile(
            fileobj=file, mode="wb", compresslevel=_GZIP_LEVEL
        ) as packed:
            yield packed  # type: ignore[misc]  # a file for whoever writes
    elif path.name.endswith(".zst"):
        packer = zstandard.ZstdCompressor(level=_ZSTD_LEVEL, write_checksum=True)
        with packer.stream_writer(file, closefd=False) as stream:
            yield stream
    else:
        yield file


@contextmanager
def _unpacked(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """Yield the tar inside: by what the file is, whatever its name."""
    start = file.read(4)
    file.seek(0)
    if start.startswith(b"\x1f\x8b"):
        with gzip.GzipFile(fileobj=file) as packed:
            yield packed  # type: ignore[misc]  # a file for whoever reads
    elif start == b"\x28\xb5\x2f\xfd":
        with zstandard.ZstdDecompressor().stream_reader(file, closefd=False) as stream:
            yield stream
    else:
        yield file
