"""CSV files are taken in whole, or refused with every line that is wrong."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import pytest
from sqlalchemy import event, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import Database
from catalog.changing import lock_catalog, set_product
from catalog.import_table import catalog_import, staged_product, staged_variant
from catalog.importing import (
    BadFeed,
    ImportCancelled,
    ImportReport,
    Order,
    Pace,
    UnknownTenant,
    import_products,
    queue_import,
    run_import,
    sweep,
)
from catalog.jobs import Import, Phase, Standing, State, cancel, list_imports
from catalog.store import ImportCounts, catalog_revision, reserve
from catalog.table import product
from tests.databases import add_test_tenant
from tests.feeds import NOW, made_id, stored, take_in

T = TypeVar("T")
Write = Callable[[str | bytes], Path]

SHOP = """\
sku,name,price,stock,parent_sku,attributes,aliases
LAT,Latte,85.50,,,,caffe latte|late
TEE-S,,,4,TEE,colour=Red|size=S,
TEE,"T-Shirt, basic",199.90,,,,
"""
WITH_ERRORS = """\
sku,name,price,parent_sku,attributes
LAT,Latte,85.50,,
BAD,Bagel,"1,250",,
TEE,T-Shirt,199.90,,
TEE-S,,x,TEE,size=S
TEE-M,,,TEE,size=M
LAT,Latte again,1,,
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(content: str | bytes) -> Path:
        path = Path(tempfile.mkdtemp(dir=tmp_path)) / "shop.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return to_file


async def last_import(database: Database) -> Import:
    async with database.reading() as connection:
        found, _ = await list_imports(connection, "tenant_test", limit=1)
    return found[0]


async def revision(database: Database) -> int:
    async with database.reading() as connection:
        return (await catalog_revision(connection, ["tenant_test"]))["tenant_test"]


async def staged(database: Database) -> int:
    """Return how many staged rows there are."""
    async with database.reading() as connection:
        return sum(
            [
                (await connection.execute(select(func.count()).select_from(t))).scalar()
                or 0
                for t in (staged_product, staged_variant)
            ]
        )


async def test_a_file_is_taken_in_once_and_again_without_effect(
    database: Database, tenant_id: str, write: Write
) -> None:
    path = write(SHOP)
    report = await take_in(database, path)
    assert (report.counts, report.stored) == (ImportCounts(added=2), True)
    assert (report.mistakes, report.errors, report.warnings) == (0, (), ())
    before = await stored(database)
    again = await take_in(database, path)
    assert (again.counts, again.stored) == (ImportCounts(unchanged=2), True)
    assert await stored(database) == before
    assert await revision(database) == 1, "other processes read the catalog once"
    assert before["LAT"].aliases == ("caffe latte", "late")
    assert before["LAT"].currency == "TRY"
    assert before["TEE"].name == "T-Shirt, basic"
    (form,) = before["TEE"].variants
    assert (form.name, form.stock) == ("Red, S", Decimal(4))


async def test_what_changed_is_written_and_keeps_its_ids(
    database: Database, tenant_id: str, write: Write
) -> None:
    await take_in(database, write(SHOP))
    before = await stored(database)
    dearer = SHOP.replace("199.90", "249.90").replace("Red|size=S", "Blue|size=S")
    report = await take_in(database, write(dearer))
    assert report.counts == ImportCounts(changed=1, unchanged=1)
    after = await stored(database)
    assert after["LAT"] == before["LAT"]
    assert after["TEE"].id == before["TEE"].id
    assert after["TEE"].price == Decimal("249.90")
    (form,), (old,) = after["TEE"].variants, before["TEE"].variants
    assert (form.id, form.name) == (old.id, "Blue, S")
    async with database.reading() as connection:
        versions = select(product.c.sku, product.c.version)
        rows = {row.sku: row.version for row in await connection.execute(versions)}
    assert rows == {"LAT": 1, "TEE": 2}


VARIANTS = """\
sku,name,price,parent_sku,attributes
TEE,T-Shirt,100,,
CAP,Cap,50,,
TEE-S,,,TEE,size=S
TEE-M,,,TEE,size=M
"""


class Move(NamedTuple):
    """What happens to the file, and what the products have then."""

    more: str
    less: str
    shirts: list[str]
    caps: list[str]
    changed: int


MOVES = {
    "a new one": Move("TEE-L,,,TEE,size=L\n", "", ["TEE-S", "TEE-M", "TEE-L"], [], 1),
    "one less": Move("", "TEE-S,,,TEE,size=S\n", ["TEE-M"], [], 1),
    "one that moves": Move(
        "TEE-M,,,CAP,size=M\n", "TEE-M,,,TEE,size=M\n", ["TEE-S"], ["TEE-M"], 2
    ),
    "another order": Move(
        "TEE-S,,,TEE,size=S\n", "TEE-S,,,TEE,size=S\n", ["TEE-M", "TEE-S"], [], 1
    ),
}


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
async def test_variants_become_exactly_those_of_the_file(
    database: Database, tenant_id: str, write: Write, move: Move
) -> None:
    await take_in(database, write(VARIANTS))
    before = {
        f.sku: f.id for p in (await stored(database)).values() for f in p.variants
    }
    content = VARIANTS.replace(move.less, "") + move.more
    report = await take_in(database, write(content))
    assert report.counts == ImportCounts(
        changed=move.changed, unchanged=2 - move.changed
    )
    products = await stored(database)
    assert [form.sku for form in products["TEE"].variants] == move.shirts
    assert [form.sku for form in products["CAP"].variants] == move.caps
    after = {f.sku: f.id for p in products.values() for f in p.variants}
    assert all(before.get(sku, key) == key for sku, key in after.items())


async def test_what_orders_hold_survives_an_import(
    database: Database, tenant_id: str, write: Write
) -> None:
    await take_in(database, write(SHOP))
    tee = (await stored(database))["TEE"]
    async with database.transaction() as connection:
        pair = (tee.id, tee.variants[0].id)
        assert not await reserve(connection, {pair: Decimal(1)})
    await take_in(database, write(SHOP.replace("TEE-S,,,4", "TEE-S,,,9")))
    (form,) = (await stored(database))["TEE"].variants
    assert form.stock == 8, "nine, of which an order holds one"


async def test_what_the_file_has_no_column_for_stays_as_it_is(
    database: Database, tenant_id: str, write: Write
) -> None:
    await take_in(database, write(SHOP))
    prices = "sku,name,price\nLAT,Latte,90\nTEE,Shirt,199.90\n"
    report = await take_in(database, write(prices))
    assert report.counts == ImportCounts(changed=2)
    products = await stored(database)
    assert products["LAT"].aliases == ("caffe latte", "late")
    assert products["LAT"].price == 90
    assert len(products["TEE"].variants) == 1
    emptied = "sku,name,price,aliases\nLAT,Latte,90,\n"
    assert (await take_in(database, write(emptied))).counts == ImportCounts(changed=1)
    assert (await stored(database))["LAT"].aliases == ()


async def test_one_wrong_row_stops_everything_and_all_wrong_rows_are_told(
    database: Database, tenant_id: str, write: Write
) -> None:
    report = await take_in(database, write(WITH_ERRORS))
    assert not report.stored
    assert report.counts == ImportCounts()
    assert [str(error).split("' ")[0] for error in report.errors] == [
        "line 3, price: '1,250",
        "line 5, price: 'x",
        "line 7, sku: 'LAT",
    ]
    assert await stored(database) == {}
    told = await last_import(database)
    assert told.state is State.FAILED
    assert told.findings.error == "3 mistakes: nothing was stored"
    assert told.findings.errors == report.errors


async def test_a_partial_import_takes_in_the_products_that_are_right(
    database: Database, tenant_id: str, write: Write
) -> None:
    report = await take_in(database, write(WITH_ERRORS), partial=True)
    assert report.stored
    assert report.counts == ImportCounts(added=1)
    assert (report.mistakes, len(report.errors)) == (3, 3)
    assert (await stored(database)).keys() == {"LAT"}, "half a T-shirt is none"


@pytest.mark.parametrize(
    ("content", "counts"),
    [
        (SHOP, ImportCounts(added=2)),
        (WITH_ERRORS, ImportCounts(added=1)),
        ("sku,name,price\nOLD,Old,2\nNEW,New,1\n", ImportCounts(1, 1)),
    ],
    ids=["right", "with mistakes", "a change"],
)
async def test_a_dry_run_counts_like_the_real_one_and_changes_nothing(
    database: Database,
    tenant_id: str,
    write: Write,
    content: str,
    counts: ImportCounts,
) -> None:
    await take_in(database, write("sku,name,price\nOLD,Old,1\n"))
    before = await stored(database)
    dry = await take_in(database, write(content), dry_run=True, partial=True)
    assert not dry.stored
    assert dry.counts == counts
    assert await stored(database) == before
    assert await revision(database) == 1
    assert (await last_import(database)).state is State.DONE
    real = await take_in(database, write(content), partial=True)
    assert (real.counts, real.errors) == (dry.counts, dry.errors)


async def test_of_a_file_that_breaks_off_nothing_is_stored_not_even_partially(
    database: Database, tenant_id: str, write: Write
) -> None:
    await take_in(database, write(SHOP))
    before = await stored(database)
    item = "<item><id>{}</id><title>Tea</title><price>1 TRY</price></item>"
    items = "".join(item.format(n) for n in range(600))
    with pytest.raises(BadFeed, match=r"shop\.csv, line 1: the XML is broken"):
        await take_in(database, write(f"<rss><channel>{items}<item>"), partial=True)
    ended = await last_import(database)
    assert (ended.state, ended.findings.counts) == (State.FAILED, ImportCounts())
    assert ended.findings.error is not None
    assert await stored(database) == before


async def test_a_group_of_a_feed_keeps_its_ids_when_a_variant_comes(
    database: Database, tenant_id: str, write: Write
) -> None:
    head = "id,title,price,item_group_id,size\n"
    await take_in(database, write(head + "T-S,Tee,1 TRY,T,S\n"))
    before = (await stored(database))["T"]
    rows = "T-S,Tee,1 TRY,T,S\nT-M,Tee,2 TRY,T,M\n"
    report = await take_in(database, write(head + rows))
    assert (report.counts, report.format) == (ImportCounts(changed=1), "google")
    after = (await stored(database))["T"]
    assert after.id == before.id
    assert [form.sku for form in after.variants] == ["T-S", "T-M"]
    assert after.variants[0].id == before.variants[0].id


async def test_a_sku_is_never_a_product_and_a_variant_at_once(
    database: Database, tenant_id: str, write: Write
) -> None:
    await take_in(database, write(VARIANTS))
    turned = "sku,name,price,parent_sku,attributes\n"
    as_product = await take_in(database, write(turned + "TEE-S,Small shirt,9,,\n"))
    assert [str(error) for error in as_product.errors] == [
        "line 2, sku: 'TEE-S' is a variant of 'TEE' already: give another"
    ]
    rows = turned + "HAT,Hat,9,,\nCAP,,,HAT,size=M\n"
    as_variant = await take_in(database, write(rows), partial=True)
    assert [str(error) for error in as_variant.errors] == [
        "line 3, sku: 'CAP' is a product already: give the variant another"
    ]
    assert as_variant.counts == ImportCounts()
    # Its product, which is in the file, gives it up.
    split = turned + "TEE-S,Small shirt,9,,\nTEE,T-Shirt,100,,\n"
    assert (await take_in(database, write(split))).counts == ImportCounts(1, 1)


async def test_tenants_do_not_share_skus(
    database: Database, tenant_id: str, write: Write
) -> None:
    other = await add_test_tenant(database, "tenant_other")
    await take_in(database, write(SHOP))
    mine = await stored(database)
    report = await take_in(database, write(SHOP.replace("85.50", "1")), tenant_id=other)
    assert report.counts == ImportCounts(added=2)
    assert await stored(database) == mine


async def test_a_file_for_nobody_is_refused(database: Database, write: Write) -> None:
    with pytest.raises(UnknownTenant, match="tenant_test"):
        await take_in(database, write(SHOP))


async def test_an_import_tells_what_it_was_and_did(
    database: Database, tenant_id: str, write: Write
) -> None:
    told: list[Standing] = []
    content = SHOP.replace("aliases", "alias")
    await take_in(database, write(content), tell=told.append, partial=True)
    found = await last_import(database)
    assert found.state is State.DONE
    assert (found.order.file_name, found.order.actor) == ("shop.csv", "command")
    assert (found.order.partial, found.order.dry_run) == (True, False)
    assert found.standing == Standing(Phase.READING, 100, 3) or found.standing.rows == 3
    assert found.standing.percent == 100
    assert found.findings.counts == ImportCounts(added=2)
    assert [warning.column for warning in found.findings.warnings] == ["alias"]
    assert (found.created_at, found.started_at, found.ended_at) == (NOW, NOW, NOW)
    assert told[-1] == Standing(Phase.STORING, 100, 3)
    assert await staged(database) == 0


async def test_a_damaged_file_is_told_in_the_import_too(
    database: Database, tenant_id: str, write: Write
) -> None:
    with pytest.raises(BadFeed, match=r"shop\.csv is empty"):
        await take_in(database, write(""))
    found = await last_import(database)
    assert found.state is State.FAILED
    assert found.findings.error is not None
    assert found.findings.error.startswith("shop.csv is empty: write a header")


# -- what ends an import in the middle ------------------------------------------------


class Watched:
    """A database that does something just before its nth writing transaction."""

    def __init__(
        self, database: Database, before: int, deed: Callable[[], Awaitable[object]]
    ) -> None:
        self._database = database
        self._before = before
        self._deed = deed
        self.written = 0

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self._database.reading()

    async def retried(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        self.written += 1
        if self.written == self._before:
            await self._deed()
        return await self._database.retried(work)


#: Queued, failed the dead, started, staged, stored, cleared: in this order.
STEPS = {"starting": 3, "staging": 4, "storing": 5}


async def run_watched(
    database: Database, path: Path, step: str, deed: Callable[[], Awaitable[object]]
) -> ImportReport:
    return await run_on(Watched(database, STEPS[step], deed), path)


async def run_on(watched: Watched, path: Path) -> ImportReport:
    return await import_products(
        watched,
        Order("imp_1", "tenant_test", path.name, "command"),
        path,
        new_id=made_id,
        clock=lambda: NOW,
    )


@pytest.mark.parametrize("step", STEPS)
async def test_a_cancelled_import_stores_nothing(
    database: Database, tenant_id: str, write: Write, step: str
) -> None:
    async def deed() -> None:
        async with database.transaction() as connection:
            assert await cancel(connection, "tenant_test", "imp_1", now=NOW)

    with pytest.raises(ImportCancelled, match="imp_1 was cancelled"):
        await run_watched(database, write(SHOP), step, deed)
    assert await stored(database) == {}
    assert await staged(database) == 0
    assert (await last_import(database)).state is State.CANCELLED


async def test_a_cancelled_import_stops_in_the_middle_of_its_file(
    database: Database, tenant_id: str, write: Write
) -> None:
    rows = "".join(f"S{n},Thing {n},1\n" for n in range(200_000))
    path = write("sku,name,price\n" + rows)
    pace = Pace(beat=timedelta(milliseconds=20))
    heard = asyncio.Event()
    running = asyncio.create_task(
        take_in(database, path, pace=pace, tell=lambda _: heard.set())
    )
    await heard.wait()
    found = await last_import(database)
    async with database.transaction() as connection:
        assert await cancel(connection, "tenant_test", found.order.id, now=NOW)
    with pytest.raises(ImportCancelled):
        await running
    assert (await last_import(database)).standing.percent < 50
    assert await stored(database) == {}


@pytest.mark.parametrize("step", ["staging", "storing"])
async def test_an_import_that_is_stopped_with_its_program_stores_nothing_and_says_so(
    database: Database, tenant_id: str, write: Write, step: str
) -> None:
    async def deed() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await run_watched(database, write(SHOP), step, deed)
    assert await stored(database) == {}
    assert await staged(database) == 0
    found = await last_import(database)
    assert found.state is State.FAILED
    assert found.findings.error == (
        "it was stopped in the middle; nothing was stored: import the file again"
    )


class Killed(BaseException):
    """The process is gone: nothing of it runs any more."""


class Dying(Watched):
    """A database whose process is gone from the nth transaction on."""

    async def retried(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        if self.written + 1 >= self._before:
            raise Killed
        return await super().retried(work)


@pytest.mark.parametrize("step", ["staging", "storing"])
async def test_a_killed_import_leaves_nothing_half_written_and_is_found_dead(
    database: Database, tenant_id: str, write: Write, step: str
) -> None:
    async def nothing() -> None: ...

    dying = Dying(database, STEPS[step], nothing)
    with pytest.raises(Killed):
        await import_products(
            dying,
            Order("imp_1", "tenant_test", "shop.csv", "command"),
            write(SHOP),
            new_id=made_id,
            clock=lambda: NOW,
        )
    assert await stored(database) == {}
    assert (await last_import(database)).state is State.RUNNING
    await sweep(database, NOW + timedelta(seconds=59))
    assert (await last_import(database)).state is State.RUNNING, "it may still live"
    await sweep(database, NOW + timedelta(seconds=61))
    found = await last_import(database)
    assert found.state is State.FAILED
    assert "the process that ran it ended in the middle" in (found.findings.error or "")
    assert await staged(database) == 0
    assert (await take_in(database, write(SHOP))).counts == ImportCounts(added=2)


async def test_an_import_that_was_given_up_does_not_store_when_it_wakes(
    database: Database, tenant_id: str, write: Write
) -> None:
    async def deed() -> None:
        await sweep(database, NOW + timedelta(seconds=61))

    with pytest.raises(ImportCancelled):
        await run_watched(database, write(SHOP), "storing", deed)
    assert await stored(database) == {}
    assert (await last_import(database)).state is State.FAILED


async def test_a_live_import_renews_its_lease(
    database: Database, tenant_id: str, write: Write
) -> None:
    async def lease() -> object:
        async with database.reading() as connection:
            query = select(catalog_import.c.lease_until)
            return (await connection.execute(query)).scalar_one()

    order = Order("imp_1", "tenant_test", "shop.csv", "command")
    await database.retried(lambda c: queue_import(c, order, NOW))
    assert await lease() == NOW + timedelta(seconds=60)
    rows = "".join(f"S{n},Thing {n},1\n" for n in range(4000))
    path = write("sku,name,price\n" + rows)
    later = NOW + timedelta(minutes=5)
    leases: list[object] = []

    async def watch() -> None:
        while later + timedelta(seconds=60) not in leases:
            leases.append(await lease())
            await asyncio.sleep(0.002)

    watching = asyncio.create_task(watch())
    await database.retried(
        lambda c: c.execute(
            update(catalog_import).values(lease_until=later + timedelta(seconds=30))
        )
    )
    await run_import(
        database,
        order,
        path,
        new_id=made_id,
        clock=lambda: later,
        pace=Pace(beat=timedelta(milliseconds=2)),
    )
    await asyncio.wait_for(watching, 5)


async def test_products_changed_while_a_feed_is_read_are_no_obstacle(
    database: Database, tenant_id: str, write: Write
) -> None:
    await take_in(database, write(SHOP))

    async def deed() -> None:
        # Somebody imports the same things, and more, just before we store.
        await take_in(database, write(SHOP.replace("85.50", "1") + "NEW,New,1,,,,\n"))

    content = SHOP.replace("85.50", "2") + "NEW,Newer,3,,,,\n"
    report = await run_watched(database, write(content), "storing", deed)
    products = await stored(database)
    assert products["LAT"].price == 2
    assert products["NEW"].name == "Newer"
    assert len(products) == 3
    assert report.counts == ImportCounts(changed=2, unchanged=1), "NEW is not new"
    assert (await last_import(database)).findings.counts == report.counts


class Beside(NamedTuple):
    """What the file changes besides, and before which step somebody else does."""

    price: str
    step: str
    counts: ImportCounts


BESIDES = {
    "beside a change": Beside("2", "storing", ImportCounts(changed=2)),
    # Nothing is staged: what would be the staging stores.
    "alone": Beside("85.50", "staging", ImportCounts(changed=1, unchanged=1)),
}


@pytest.mark.parametrize("beside", BESIDES.values(), ids=BESIDES)
async def test_a_product_that_was_as_in_the_file_when_compared_is_so_in_the_end(
    database: Database, tenant_id: str, write: Write, beside: Beside
) -> None:
    await take_in(database, write(SHOP))

    async def deed() -> None:
        async with database.transaction() as connection:
            await set_product(connection, "tenant_test", "TEE", price=Decimal(7))

    path = write(SHOP.replace("85.50", beside.price))
    report = await run_watched(database, path, beside.step, deed)
    products = await stored(database)
    assert products["TEE"].price == Decimal("199.90")
    assert products["LAT"].price == Decimal(beside.price)
    assert report.counts == beside.counts
    assert await staged(database) == 0


async def test_a_sku_that_becomes_a_variant_while_a_feed_is_read_is_refused(
    database: Database, tenant_id: str, write: Write
) -> None:
    async def deed() -> None:
        await take_in(database, write(VARIANTS))

    path = write("sku,name,price\nLAT,Latte,9\nTEE-S,Small shirt,9\n")
    report = await run_watched(database, path, "storing", deed)
    assert [str(error) for error in report.errors] == [
        "line 3, sku: 'TEE-S' is a variant of 'TEE' already: give another"
    ]
    assert (report.mistakes, report.stored) == (1, False)
    assert (await stored(database)).keys() == {"TEE", "CAP"}
    assert (await last_import(database)).state is State.FAILED
    assert await staged(database) == 0


class Restless(Watched):
    """A database whose catalog changes before each of the first switches.

    It notes what is said in the transactions that hold the catalog's lock.
    """

    #: Of a round that fails: cleared (but for the first one), staged, not stored.
    switches = (5, 8, 11)

    def __init__(self, database: Database, changes: int) -> None:
        super().__init__(database, 0, self._change)
        self._changes = self.switches[:changes]
        self.locked: list[list[str]] = []

    async def retried(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        if self.written + 1 in self._changes:
            await self._change()
        return await super().retried(partial(self._noted, work))

    async def _noted(
        self,
        work: Callable[[AsyncConnection], Awaitable[T]],
        connection: AsyncConnection,
    ) -> T:
        said: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
            said.append(" ".join(statement.split()[:3]).upper())

        heard = (connection.sync_connection, "before_cursor_execute", note)
        event.listen(*heard)
        try:
            return await work(connection)
        finally:
            event.remove(*heard)
            if any(each.startswith("UPDATE TENANT") for each in said):
                self.locked.append(said)

    async def _change(self) -> None:
        async with self._database.transaction() as connection:
            stock = Decimal(self.written)
            await set_product(connection, "tenant_test", "LAT", stock=stock)


async def test_nothing_is_compared_or_staged_while_the_catalog_is_locked(
    database: Database, tenant_id: str, write: Write
) -> None:
    await take_in(database, write(SHOP))
    restless = Restless(database, changes=2)
    report = await run_on(restless, write(SHOP.replace("85.50", "2")))
    assert report.counts == ImportCounts(changed=1, unchanged=1)
    assert (await stored(database))["LAT"].price == 2
    *given_up, last = restless.locked
    assert given_up == [["UPDATE CATALOG_IMPORT SET", "UPDATE TENANT SET"]] * 2
    assert "UPDATE PRODUCT SET" in last
    assert not {"INSERT INTO STAGED_PRODUCT", "DELETE FROM STAGED_PRODUCT"} & {*last}


async def test_an_import_gives_up_when_the_catalog_changes_every_time(
    database: Database, tenant_id: str, write: Write
) -> None:
    await take_in(database, write(SHOP))
    restless = Restless(database, changes=3)
    path = write(SHOP.replace("85.50", "2"))
    with pytest.raises(ImportCancelled, match="import the file again") as failed:
        await run_on(restless, path)
    assert len(restless.locked) == 3
    found = await last_import(database)
    assert found.state is State.FAILED
    assert found.findings.error == str(failed.value)
    assert found.findings.counts == ImportCounts()
    assert (await stored(database))["LAT"].price == Decimal("85.50")
    assert await staged(database) == 0
    assert (await take_in(database, path)).counts == ImportCounts(0, 1, 1), "later"


@asynccontextmanager
async def messages_arriving(database: Database) -> AsyncIterator[list[float]]:
    """Insert rows that point to the tenant beside the block; yield how long it took."""
    loop = asyncio.get_running_loop()
    waits: list[float] = []

    async def arrive() -> None:
        while True:
            begun = loop.time()
            order = Order(made_id("imp"), "tenant_test", "another", "command")
            await database.retried(partial(queue_import, order=order, now=NOW))
            waits.append(loop.time() - begun)
            await asyncio.sleep(0.002)

    task = asyncio.create_task(arrive())
    yield waits
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_messages_do_not_wait_for_a_change_of_the_catalog(
    postgres_database: Database,
) -> None:
    await add_test_tenant(postgres_database)
    async with (
        postgres_database.transaction() as connection,
        messages_arriving(postgres_database) as waits,
    ):
        await lock_catalog(connection, "tenant_test")
        await connection.execute(text("UPDATE tenant SET catalog_rev = 7"))
        async with asyncio.timeout(10):
            while len(waits) < 3:  # noqa: ASYNC110  # they are counted
                await asyncio.sleep(0.01)
