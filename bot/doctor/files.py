"""Folders and disks: can be written, have room, and are where SQLite may live."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url

from bot.doctor.finding import Finding, error, ok, warning
from bot.settings import Settings

_MIB = 1024 * 1024
_LITTLE, _TOO_LITTLE = 1024 * _MIB, 100 * _MIB
#: File systems of other machines: SQLite's locks and its shared memory fail there
#: (SQLite's documentation, "Write-Ahead Logging").
_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "ceph", "glusterfs"}
)
_MOUNTS = Path("/proc/self/mounts")


def check_files(settings: Settings, *, mounts: Path = _MOUNTS) -> Iterator[Finding]:
    """Yield what there is to say about the folders that the settings name."""
    if settings.media_url is None:
        media = settings.media_dir.resolve()
        yield _writable("media folder", media, "CHATORDER_MEDIA_DIR")
        yield from _room("media folder", media)
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        folder = Path(url.database or "").resolve().parent
        yield _writable("database folder", folder, "CHATORDER_DATABASE_URL")
        yield from _room("database folder", folder)
        kind = _file_system(folder, mounts)
        if kind in _NETWORK:
            yield error(
                "database folder",
                f"{folder} lies on another machine ({kind})",
                "SQLite needs a local disk: move the file, or use PostgreSQL",
            )


def _writable(subject: str, folder: Path, setting: str) -> Finding:
    there = _existing(folder)
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as problem:
        return error(
            subject,
            f"{folder} cannot be written: {problem.strerror}",
            f"let the user of this process write there, or change {setting}",
        )
    later = "" if there == folder else " (is made when it is needed)"
    return ok(subject, f"{folder} can be written{later}")


def _room(subject: str, folder: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(_existing(folder)).free
    words = f"{free // _MIB} MiB are free at {folder}"
    if free < _TOO_LITTLE:
        yield error(subject, words, "make room: soon nothing can be stored")
    elif free < _LITTLE:
        yield warning(subject, words, "make room")


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that is there."""
    return next(each for each in (folder, *folder.parents) if each.is_dir())


def _file_system(folder: Path, mounts: Path) -> str | None:
    """Return the kind of the file system, None where the system does not tell."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    found: tuple[int, str | None] = (-1, None)
    for line in lines:
        _, where, kind, *_ = line.split(" ")
        place = where.encode().decode("unicode_escape")  # "\040" is a space
        if os.path.commonpath([place, folder]) == place.rstrip("/") or place == "/":
            found = max(found, (len(place), kind), key=lambda each: each[0])
    return found[1]
