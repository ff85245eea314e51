"""Media in a bucket that speaks S3: for several machines without a shared disk.

Needs the extra `chatorder[s3]`. Requests are signed, retried and bounded in time by
`obstore`; a bucket must answer what was written at once, as S3 itself does.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.channels.media_store import MediaMissing, is_hash

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import S3Store

#: Beside an object that is being taken away.
_GONE = ".gone"
#: Whoever takes something away for so long was killed meanwhile.
_KILLED = timedelta(minutes=1)
#: How often, and how many times, a put looks whether a drop has ended, seconds.
_LOOK, _LOOKS = 0.2, 25
#: Requests that go on for longer are given up, and begun anew a few times.
_TIMEOUT, _RETRIES = timedelta(seconds=30), 3
_TOGETHER = timedelta(seconds=60)
#: So many names are asked for at once.
_PART = 500


class StoreUnreachable(OSError):
    """The bucket does not answer, or refuses us; nothing was kept or taken away."""


class S3Missing(Exception):
    """The library for S3 is not installed."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket, and a folder in it. Without keys the usual ways of AWS find some."""

    name: str
    prefix: str = ""
    endpoint: str | None = None  #: Another server than AWS's.
    region: str = "us-east-1"
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)


def open_bucket(bucket: Bucket) -> "S3Bucket":
    """Return a store; no request is made yet. Raises S3Missing."""
    try:
        from obstore.store import S3Store  # noqa: PLC0415  # an extra
    except ImportError:
        raise S3Missing(
            "media in S3 needs another package: install chatorder[s3]"
        ) from None
    keys = {"access_key_id": bucket.access_key, "secret_access_key": bucket.secret_key}
    given = {name: value for name, value in keys.items() if value is not None}
    if bucket.endpoint is not None:
        given["endpoint"] = bucket.endpoint
    store = S3Store(
        bucket.name,
        prefix=bucket.prefix or None,
        region=bucket.region,
        virtual_hosted_style_request=bucket.endpoint is None,
        client_options={"timeout": _TIMEOUT, "allow_http": True},
        retry_config={"max_retries": _RETRIES, "retry_timeout": _TOGETHER},
        **given,  # type: ignore[arg-type]  # texts, by the names that it takes
    )
    return S3Bucket(store)


class S3Bucket:
    """A `MediaStore` in a bucket. An object was touched when it was last written.

    Who drops lays a mark first, looks then, and takes the mark away last; who puts
    writes first, looks for the mark then, and whether the object is there last. So
    either the drop sees what was just written, or the put sees the drop.
    """

    def __init__(self, store: "S3Store") -> None:
        self._store = store

    async def put(self, sha256: str, data: bytes) -> None:
        """Keep bytes; when it returns they are there, whoever dropped them just now."""
        path = _path(sha256)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise ValueError(f"the bytes do not have the hash {sha256}")
        for _ in range(_LOOKS):
            await self._write(path, data)
            mark = await self._head(path + _GONE)
            kept = await self._head(path)
            if kept is None:
                continue
            if mark is None:
                return
            if kept["last_modified"] - mark["last_modified"] > _KILLED:
                await self._delete(path + _GONE)
            else:
                await asyncio.sleep(_LOOK)
        raise StoreUnreachable("somebody takes the same media away, and does not end")

    async def open(self, sha256: str) -> bytes:
        """Return the bytes. Raises `MediaMissing`."""
        path = _path(sha256)
        try:
            with _answering():
                found = await self._store.get_async(path)
                return bytes(await found.bytes_async())
        except FileNotFoundError:
            raise MediaMissing(f"no media with the hash {sha256}") from None

    async def drop(self, sha256: str, *, unless_touched_after: datetime) -> bool:
        """Take the bytes away; False when they were touched after that moment."""
        path = _path(sha256)
        known = await self._head(path)
        if known is None:
            return True
        if known["last_modified"] > unless_touched_after:
            return False
        await self._write(path + _GONE, b"1")
        try:
            known = await self._head(path)
            if known is not None and known["last_modified"] > unless_touched_after:
                return False
            await self._delete(path)
            return True
        finally:
            await self._delete(path + _GONE)

    async def shelves(self) -> AsyncIterator[Sequence[str]]:
        """Yield the hashes of everything that is kept, a part at a time."""
        async for found in self._listed():
            hashes = (each["path"].replace("/", "") for each in found)
            shelf = [each for each in hashes if is_hash(each)]
            if shelf:
                yield sorted(shelf)

    async def tidy(self, *, unless_changed_after: datetime) -> None:
        """Finish what a killed process left half-done before that moment."""
        marks = [
            each["path"]
            async for found in self._listed()
            for each in found
            if each["path"].endswith(_GONE)
            and each["last_modified"] <= unless_changed_after
        ]
        for each in marks:
            await self._delete(each)

    # -- requests ---------------------------------------------------------------------

    async def _listed(self) -> AsyncIterator[Sequence["ObjectMeta"]]:
        with _answering():
            async for found in self._store.list(chunk_size=_PART):
                yield found

    async def _head(self, path: str) -> "ObjectMeta | None":
        try:
            with _answering():
                return await self._store.head_async(path)
        except FileNotFoundError:
            return None

    async def _write(self, path: str, data: bytes) -> None:
        try:
            with _answering():
                await self._store.put_async(path, data)
        except FileNotFoundError:
            raise StoreUnreachable("there is no such bucket of media") from None

    async def _delete(self, path: str) -> None:
        with suppress(FileNotFoundError), _answering():
            await self._store.delete_async(path)


@contextmanager
def _answering() -> Iterator[None]:
    """Say of a bucket that fails how, and not in its words: they hold addresses."""
    from obstore.exceptions import BaseError  # noqa: PLC0415  # an extra

    try:
        yield
    except BaseError as error:
        how = type(error).__name__
        raise StoreUnreachable(f"the bucket of media fails: {how}") from None


def _path(sha256: str) -> str:
    """Return where a hash lives; nothing but a hash ever becomes a path."""
    if not is_hash(sha256):
        raise ValueError("a SHA-256 has 64 lowercase hex digits")
    return f"{sha256[:2]}/{sha256[2:]}"
