"""The pictures of catalogs in the database: noted, taken in turn, and stored."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert, select, update

from bot.db import Database
from catalog.domain.prints import Print, print_of
from catalog.picture_table import catalog_picture
from catalog.pictures import (
    Looked,
    Waiting,
    add_pictures,
    changed_catalogs,
    changes_of,
    claim_pictures,
    drop_pictures,
    due_tenants,
    end_noting,
    load_prints,
    pictures_revision,
    prints_of,
    read_naming,
    store_looks,
)
from catalog.record import product_values
from catalog.table import product, tenant
from tests.databases import add_test_tenant
from tests.factories import NOON, a_product

HOUR = timedelta(hours=1)


def url(number: int, host: str = "cdn.example") -> str:
    return f"https://{host}/{number}.jpg"


async def stock(database: Database, shop: str, *urls: str) -> None:
    """Sell products with these pictures."""
    async with database.transaction() as connection:
        rows = [
            product_values(a_product(id=f"{shop}{n}", sku=f"S{n}", image=each))
            | {"id": f"{shop}{n}", "tenant_id": shop, "updated_at": NOON}
            for n, each in enumerate(urls)
        ]
        await connection.execute(insert(product), rows)
        await raise_revision(connection, shop)


async def raise_revision(connection: Any, shop: str) -> None:
    revision = tenant.c.catalog_rev + 1
    await connection.execute(
        update(tenant).where(tenant.c.id == shop).values(catalog_rev=revision)
    )


async def note(database: Database, shop: str) -> None:
    async with database.reading() as connection:
        changes = changes_of(await read_naming(connection, shop))
    async with database.transaction() as connection:
        if changes.came:
            await add_pictures(connection, shop, changes.came, now=NOON)
        gone, revision = changes.gone, changes.revision
        assert await drop_pictures(connection, shop, gone, revision=revision)
        await end_noting(connection, shop, changes)


async def noted(database: Database, shop: str) -> set[str]:
    async with database.reading() as connection:
        found = await connection.execute(
            select(catalog_picture.c.url).where(catalog_picture.c.tenant_id == shop)
        )
        return set(found.scalars())


async def test_a_catalog_is_noted_as_of_the_revision_that_was_read_first(
    database: Database,
) -> None:
    shop = await add_test_tenant(database)
    await stock(database, shop, url(1), url(2), url(2))
    async with database.reading() as connection:
        changes = changes_of(await read_naming(connection, shop))
    assert {each for _, each in changes.came} == {url(1), url(2)}
    async with database.transaction() as connection:
        for _ in range(2):  # As two workers do at once.
            await add_pictures(connection, shop, changes.came, now=NOON)
        await raise_revision(connection, shop)  # An import, meanwhile.
        await end_noting(connection, shop, changes)
        assert await changed_catalogs(connection) == [shop]
    await note(database, shop)
    assert await noted(database, shop) == {url(1), url(2)}
    async with database.reading() as connection:
        assert await changed_catalogs(connection) == []
        again = changes_of(await read_naming(connection, shop))
        assert (again.came, again.gone) == ([], [])


async def test_nothing_is_forgotten_that_a_later_catalog_may_name(
    database: Database,
) -> None:
    shop = await add_test_tenant(database)
    await stock(database, shop, url(1))
    await note(database, shop)
    async with database.transaction() as connection:
        await connection.execute(update(product).values(image=None))
        await raise_revision(connection, shop)
    async with database.reading() as connection:
        changes = changes_of(await read_naming(connection, shop))
    (gone,) = changes.gone
    async with database.transaction() as connection:
        await connection.execute(update(product).values(image=url(1)))
        await raise_revision(connection, shop)
        revision = changes.revision
        assert not await drop_pictures(connection, shop, [gone], revision=revision)
    assert await noted(database, shop) == {url(1)}


async def claim(
    database: Database,
    shop: str,
    *,
    now: datetime = NOON,
    resting: Mapping[str, datetime] | None = None,
) -> Sequence[Waiting]:
    async with database.transaction() as connection:
        return await claim_pictures(
            connection, shop, now=now, lease=HOUR, limit=2, resting=resting or {}
        )


async def test_each_shop_has_its_turn_however_many_pictures_another_one_has(
    sqlite_database: Database,
) -> None:
    database = sqlite_database
    large, small = "large", "small"
    for shop in (large, small):
        await add_test_tenant(database, shop)
    await stock(database, large, *map(url, range(9)))
    await stock(database, small, url(1))
    for shop in (large, small):
        await note(database, shop)
    async with database.reading() as connection:
        assert set(await due_tenants(connection, now=NOON)) == {large, small}
    assert len(await claim(database, large)) == 2
    assert len(await claim(database, small)) == 1
    async with database.reading() as connection:
        assert await due_tenants(connection, now=NOON) == [large]


async def test_all_pictures_of_a_host_in_trouble_are_put_off(
    sqlite_database: Database,
) -> None:
    database = sqlite_database
    shop = await add_test_tenant(database)
    away, there = "away.example", "cdn.example"
    await stock(database, shop, *(url(n, away) for n in range(6)), url(7, there))
    await note(database, shop)
    claimed = await claim(database, shop, resting={away: NOON + 2 * HOUR})
    assert [each.host for each in claimed] == [there]
    assert await claim(database, shop) == []
    later = await claim(database, shop, now=NOON + 2 * HOUR)
    assert {each.attempts for each in later} == {0}, "nobody asked for them"


def printed(seed: int) -> Print:
    random = np.random.default_rng(seed)
    found = print_of((random.random((64, 64, 3)) * 255).astype(np.float32))
    assert found is not None
    return found


async def test_prints_have_changed_only_when_one_differs(
    sqlite_database: Database,
) -> None:
    database = sqlite_database
    shop = await add_test_tenant(database)
    await stock(database, shop, url(1))
    await note(database, shop)
    (waiting,) = await claim(database, shop)

    async def look(**found: Any) -> int:
        looked = Looked(waiting, NOON + HOUR, **found)
        async with database.transaction() as connection:
            await store_looks(connection, [looked], now=NOON)
            return await pictures_revision(connection, shop)

    assert await look(blank=True) == 0
    assert await look(print=printed(1)) == 1
    assert await look(print=printed(1)) == 1
    assert await look(error="away") == 1
    assert await look(asked=False) == 1
    assert await look(print=printed(2)) == 2
    async with database.reading() as connection:
        stored = await load_prints(connection, shop)
    (known,) = prints_of(stored).values()
    assert known.copy == printed(2).copy
    assert prints_of({url(1): "no print"}) == {}
    assert await look(blank=True) == 3


@pytest.mark.parametrize(
    ("address", "host"),
    [("https://CDN.example:8443/a", "cdn.example:8443"), ("http://[", ""), ("x", "")],
)
def test_a_picture_has_a_host(address: str, host: str) -> None:
    assert Waiting("shop", "address", address, 0).host == host
