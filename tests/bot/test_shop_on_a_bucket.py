"""A shop whose media lies in a bucket: what happens when that fails, or is restored."""

import hashlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.backup.archive import BadBackup
from bot.backup.exporting import back_up
from bot.backup.restoring import restore
from bot.channels.s3_store import open_bucket
from bot.ident import utc_now
from bot.inbox.table import media
from bot.privacy.media import GRACE
from bot.simulator.actions import sample
from orders.outbox.store import State, Topic
from tests.bot.privacy.person import LONG_AGO, erase
from tests.bot.worker.by_hand import ByHand, by_hand
from tests.s3_server import ACCESS, BUCKET, REGION, SECRET, S3Server, s3_server


@pytest.fixture(scope="module")
async def bucket() -> AsyncIterator[S3Server]:
    async with s3_server() as opened:
        yield opened


@pytest.fixture(scope="module")
async def shop(
    bucket: S3Server, migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ByHand]:
    folder = tmp_path_factory.mktemp("shop")
    path = shutil.copy(migrated_file, folder / "shop.db")
    async with by_hand(
        f"sqlite:///{path}",
        folder,
        media_url=f"s3://{BUCKET}/shop/media",
        media_endpoint=bucket.url,
        media_region=REGION,
        media_access_key=ACCESS,
        media_secret_key=SECRET,
    ) as opened:
        yield opened


async def test_a_bucket_that_is_down_loses_a_picture_and_no_turn(
    shop: ByHand, bucket: S3Server
) -> None:
    ana = shop.house.phone()
    bucket.is_down = True
    await ana.send_image(sample("note.jpg"), caption="2 latte")
    await shop.turn()
    await shop.deliver_all()
    bucket.is_down = False
    assert [line.quantity for line in (await shop.house.draft(ana)).lines] == [2]
    assert ana.inbox, "the words beside the picture are answered"
    (found,) = await shop.house.rows(media)
    assert (found.outcome, found.sha256) == ("unavailable", None)
    assert "bucket" in found.error
    assert not bucket.objects


async def test_a_backup_and_an_erasure_reach_the_bucket(
    shop: ByHand, bucket: S3Server, tmp_path: Path
) -> None:
    ana, picture = shop.house.phone("905550000007", "Ana"), sample("note.jpg")
    sha256 = hashlib.sha256(picture).hexdigest()
    key = f"shop/media/{sha256[:2]}/{sha256[2:]}"
    await ana.send_image(picture)
    await shop.turn()
    await shop.deliver_all()
    assert set(bucket.objects) == {key}

    store, file = open_bucket(bucket.bucket), tmp_path / "backup.tar"
    url = shop.house.runtime.settings.database_url
    made = await back_up(url, store, file, version="1", now=utc_now(), say=print)
    assert (made.media.files, made.media.missing) == (1, ())
    bucket.is_down = True
    again = tmp_path / "again.tar"
    with pytest.raises(BadBackup, match="cannot be read"):
        await back_up(url, store, again, version="1", now=utc_now(), say=print)
    with pytest.raises(BadBackup, match="media cannot be"):
        await restore(f"sqlite:///{tmp_path}/none.db", store, file, say=print)
    bucket.is_down = False
    kept = dict(bucket.objects)
    bucket.objects.clear()
    await restore(f"sqlite:///{tmp_path}/restored.db", store, file, say=print)
    assert {key: data for key, (data, _) in bucket.objects.items()} == {
        key: kept[key][0]
    }

    await erase(shop, ana)
    bucket.age(LONG_AGO)
    shop.wait(seconds=GRACE.total_seconds() + 1)
    bucket.is_down = True
    await shop.deliver()
    assert State.DUE in await shop.states(Topic.TIMER), "it is done later"
    bucket.is_down = False
    shop.wait(seconds=60)
    await shop.deliver_all()
    assert not bucket.objects
