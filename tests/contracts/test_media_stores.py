"""What every store of media promises: a folder, and a bucket that speaks S3."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channels.media_store import DirectoryStore, MediaMissing, MediaStore
from bot.channels.s3_store import StoreUnreachable, open_bucket
from bot.db import Database
from bot.doctor.finding import Level
from bot.doctor.outside import check_bucket
from bot.ident import utc_now
from bot.privacy.media import ORPHANED, drop_orphans
from bot.settings import Settings
from bot.wiring import media_store_of
from tests.s3_server import ACCESS, BUCKET, REGION, SECRET, S3Server, ignore, s3_server

DATA = b"\xff\xd8\xff a picture"
SHA256 = hashlib.sha256(DATA).hexdigest()
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
KEY = f"shop/media/{SHA256[:2]}/{SHA256[2:]}"


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[S3Server]:
    async with s3_server() as opened:
        yield opened


@pytest.fixture
def bucket(server: S3Server) -> S3Server:
    """Return the server with an empty bucket."""
    server.objects.clear()
    server.asked.clear()
    server.is_down, server.meanwhile = False, ignore
    return server


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> MediaStore:
    if request.param == "folder":
        return DirectoryStore(tmp_path)
    return open_bucket(request.getfixturevalue("bucket").bucket)


def now() -> datetime:
    """Return the machine's time, as both stores see it."""
    return utc_now()


async def kept(store: MediaStore) -> list[str]:
    return [each async for shelf in store.shelves() for each in shelf]


async def test_what_was_kept_is_found_whole(store: MediaStore) -> None:
    await store.put(SHA256, DATA)
    await store.put(SHA256, DATA)
    assert await store.open(SHA256) == DATA
    assert await kept(store) == [SHA256]


async def test_what_was_not_kept_is_missing(store: MediaStore) -> None:
    with pytest.raises(MediaMissing):
        await store.open(SHA256)
    assert await kept(store) == []


@pytest.mark.parametrize("sha256", ["", "../../etc/passwd", SHA256.upper(), "a" * 63])
async def test_nothing_but_a_hash_is_a_place(store: MediaStore, sha256: str) -> None:
    calls: list[Callable[[], Awaitable[Any]]] = [
        lambda: store.put(sha256, DATA),
        lambda: store.open(sha256),
        lambda: store.drop(sha256, unless_touched_after=LONG_AGO),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="64 lowercase hex"):
            await call()


async def test_bytes_of_another_hash_are_refused(store: MediaStore) -> None:
    with pytest.raises(ValueError, match="do not have the hash"):
        await store.put(SHA256, DATA + b"!")
    assert await kept(store) == []


async def test_what_nobody_wants_goes_and_what_was_just_touched_stays(
    store: MediaStore,
) -> None:
    await store.put(SHA256, DATA)
    assert not await store.drop(SHA256, unless_touched_after=LONG_AGO)
    assert await store.open(SHA256) == DATA
    later = now() + timedelta(minutes=5)
    assert await store.drop(SHA256, unless_touched_after=later)
    assert await store.drop(SHA256, unless_touched_after=later), "it is gone already"
    with pytest.raises(MediaMissing):
        await store.open(SHA256)
    assert await kept(store) == []


async def test_large_media_comes_back_as_it_was(store: MediaStore) -> None:
    data = b"\xff\xd8\xff" + bytes(range(256)) * 20_000
    sha256 = hashlib.sha256(data).hexdigest()
    await store.put(sha256, data)
    assert await store.open(sha256) == data


async def test_orphans_are_swept_from_both(
    store: MediaStore, sqlite_database: Database
) -> None:
    await store.put(SHA256, DATA)
    assert await drop_orphans(sqlite_database, store, now=now()) == 0
    tomorrow = now() + ORPHANED + timedelta(minutes=5)
    assert await drop_orphans(sqlite_database, store, now=tomorrow) == 1
    assert await kept(store) == []


# -- a bucket alone -------------------------------------------------------------------


async def test_a_drop_and_a_put_that_meet_never_lose_what_was_just_kept(
    bucket: S3Server,
) -> None:
    one, two = open_bucket(bucket.bucket), open_bucket(bucket.bucket)
    await one.put(SHA256, DATA)
    bucket.age(LONG_AGO)
    puts: list[asyncio.Task[None]] = []

    def meanwhile(method: str, key: str) -> None:
        # Just as the old object is taken away, a turn keeps the same bytes anew.
        if method == "DELETE" and key == KEY and not puts:
            bucket.objects[KEY] = DATA, now()
            puts.append(asyncio.ensure_future(two.put(SHA256, DATA)))

    bucket.meanwhile = meanwhile
    await one.drop(SHA256, unless_touched_after=LONG_AGO + timedelta(days=1))
    await puts[0]
    assert await one.open(SHA256) == DATA
    assert set(bucket.objects) == {KEY}


async def test_what_a_killed_drop_left_holds_nobody_up(bucket: S3Server) -> None:
    store = open_bucket(bucket.bucket)
    bucket.objects[f"{KEY}.gone"] = b"1", LONG_AGO
    await store.put(SHA256, DATA)
    assert set(bucket.objects) == {KEY}
    bucket.objects[f"{KEY}.gone"] = b"1", LONG_AGO
    await store.tidy(unless_changed_after=LONG_AGO + timedelta(days=1))
    assert set(bucket.objects) == {KEY}


async def test_a_bucket_that_refuses_us_is_an_error_of_a_disk(
    bucket: S3Server,
) -> None:
    strangers = open_bucket(replace(bucket.bucket, secret_key="of another"))
    calls: list[Callable[[], Awaitable[Any]]] = [
        lambda: strangers.put(SHA256, DATA),
        lambda: strangers.open(SHA256),
        lambda: strangers.drop(SHA256, unless_touched_after=now()),
        lambda: kept(strangers),
    ]
    for call in calls:
        with pytest.raises(StoreUnreachable) as failed:
            await call()
        assert "127.0.0.1" not in str(failed.value)
    assert not bucket.objects
    assert not bucket.asked, "nothing was let in"


async def test_settings_choose_the_store_and_the_doctor_looks_at_it(
    bucket: S3Server, tmp_path: Path
) -> None:
    folder = Settings(media_dir=tmp_path)
    assert isinstance(media_store_of(folder), DirectoryStore)
    assert not await check_bucket(folder)
    settings = Settings(
        media_url=f"s3://{BUCKET}/shop/media",
        media_endpoint=bucket.url,
        media_region=REGION,
        media_access_key=ACCESS,
        media_secret_key=SECRET,
    )
    await media_store_of(settings).put(SHA256, DATA)
    assert set(bucket.objects) == {KEY}
    (finding,) = await check_bucket(settings)
    assert finding.level is Level.OK
    bucket.is_down = True
    (finding,) = await check_bucket(settings)
    assert finding.level is Level.ERROR
    assert SECRET not in str(finding)
    assert SECRET not in repr(settings)
