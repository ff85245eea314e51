"""A process keeps its tenants' indexes, and builds one when the catalog has changed."""

import asyncio
import sys
import threading
from collections.abc import Iterator

import pytest

from catalog import Certain, Product
from catalog.indexing import Changes, Indexes, build_index
from tests.factories import a_product


class Catalog:
    """A catalog that counts how often it is read."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.reads = 0
        self.failing = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def load(self) -> list[Product]:
        self.reads += 1
        await self.gate.wait()
        if self.failing:
            raise ConnectionError("the database is away")
        return [a_product(id=name, sku=name, name=name) for name in self.names]


async def test_an_index_is_built_once_per_revision() -> None:
    indexes, catalog = Indexes(2), Catalog("Latte")
    first = await indexes.current("t", 1, catalog.load, ())
    assert isinstance(first.find("latte"), Certain)
    assert first.revision == 1
    assert await indexes.current("t", 1, catalog.load, ()) is first
    assert catalog.reads == 1

    catalog.names = ("Bagel",)
    second = await indexes.current("t", 2, catalog.load, ())
    assert isinstance(second.find("bagel"), Certain)
    assert isinstance(first.find("latte"), Certain), "holders of the old one go on"


async def test_who_saw_an_older_revision_gets_the_newer_index() -> None:
    indexes, catalog = Indexes(2), Catalog("Latte")
    newer = await indexes.current("t", 5, catalog.load, ())
    assert await indexes.current("t", 4, catalog.load, ()) is newer


async def test_tasks_that_want_the_same_index_wait_for_one_build() -> None:
    indexes, catalog = Indexes(2), Catalog("Latte")
    catalog.gate.clear()
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(indexes.current("t", 1, catalog.load, ()))
            for _ in range(10)
        ]
        await asyncio.sleep(0)
        catalog.gate.set()
    assert catalog.reads == 1
    assert len({id(task.result()) for task in tasks}) == 1


async def test_tenants_do_not_wait_for_each_other_nor_share() -> None:
    indexes, slow, fast = Indexes(2), Catalog("Latte"), Catalog("Bagel")
    slow.gate.clear()
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(indexes.current("slow", 1, slow.load, ()))
        found = await indexes.current("fast", 1, fast.load, ())
        slow.gate.set()
    assert set(found.products) == {"Bagel"}
    assert set(waiting.result().products) == {"Latte"}


async def test_the_tenant_used_longest_ago_is_forgotten() -> None:
    indexes, catalog = Indexes(2), Catalog("Latte")
    for tenant in ("a", "b", "a", "c"):
        await indexes.current(tenant, 1, catalog.load, ())
    reads = catalog.reads
    await indexes.current("a", 1, catalog.load, ())
    assert catalog.reads == reads
    await indexes.current("b", 1, catalog.load, ())
    assert catalog.reads == reads + 1


async def test_a_failed_load_is_raised_and_tried_again_by_the_next() -> None:
    indexes, catalog = Indexes(2), Catalog("Latte")
    catalog.failing = True
    with pytest.raises(ConnectionError):
        await indexes.current("t", 1, catalog.load, ())
    catalog.failing = False
    assert (await indexes.current("t", 1, catalog.load, ())).products


async def test_an_index_is_built_beside_the_event_loop() -> None:
    threads: list[str] = []

    class Watched(list[Product]):
        def __iter__(self) -> Iterator[Product]:
            threads.append(threading.current_thread().name)
            return super().__iter__()

    async def load() -> list[Product]:
        return Watched([a_product()])

    await Indexes(1).current("t", 1, load, ())
    assert threads
    assert threading.current_thread().name not in threads


async def test_the_event_loop_goes_on_while_an_index_is_built() -> None:
    loop = asyncio.get_running_loop()
    turns: list[float] = []

    async def turn() -> None:
        turns.append(sys.getswitchinterval())

    def products() -> Iterator[Product]:
        for number in range(3):
            yield a_product(id=f"{number}", sku=f"{number}", name=f"Ware {number}")
            asyncio.run_coroutine_threadsafe(turn(), loop).result(timeout=30)

    async def load() -> Iterator[Product]:
        return products()

    usual = sys.getswitchinterval()
    indexes = Indexes(2)
    async with asyncio.TaskGroup() as group:
        group.create_task(indexes.current("a", 1, load, ()))
        group.create_task(indexes.current("b", 1, load, ()))
    assert len(turns) == 6
    assert max(turns) < 0.001, "the loop waits for its turn less than a millisecond"
    assert sys.getswitchinterval() == usual


def test_a_cache_for_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="give 1 or more"):
        Indexes(0)


async def test_what_changed_is_put_beside_what_was_built() -> None:
    indexes, catalog = Indexes(2), Catalog("Latte", "Bagel")
    first = await indexes.current("t", 1, catalog.load, ())
    asked: list[int] = []

    async def changes(revision: int) -> Changes:
        asked.append(revision)
        return Changes([a_product(id="new", sku="new", name="Muffin")], ["Bagel"])

    second = await indexes.current("t", 2, catalog.load, (), changes)
    assert (catalog.reads, asked) == (1, [1])
    assert isinstance(second.find("muffin"), Certain)
    assert set(second.products) == {"Latte", "new"}
    assert (second.revision, set(first.products)) == (2, {"Latte", "Bagel"})


async def test_a_catalog_that_changed_much_is_built_anew() -> None:
    indexes, catalog = Indexes(2), Catalog("Latte")
    await indexes.current("t", 1, catalog.load, ())
    many = [a_product(id=f"{n}", sku=f"{n}", name=f"Ware {n}") for n in range(501)]

    async def changes(_: int) -> Changes:
        return Changes(many, [])

    found = await indexes.current("t", 2, catalog.load, (), changes)
    assert catalog.reads == 2
    assert found.changes == 0


async def test_who_cannot_tell_what_changed_has_all_read_again() -> None:
    indexes, catalog = Indexes(2), Catalog("Latte")

    async def unknown(_: int) -> None:
        return None

    await indexes.current("t", 1, catalog.load, (), unknown)
    await indexes.current("t", 2, catalog.load, (), unknown)
    assert catalog.reads == 2


async def test_large_indexes_make_room_for_each_other() -> None:
    indexes, catalog = Indexes(10, most_bytes=1), Catalog("Latte")
    for tenant in ("a", "b", "a"):
        await indexes.current(tenant, 1, catalog.load, ())
    assert catalog.reads == 3
    await indexes.current("a", 1, catalog.load, ())
    assert catalog.reads == 3, "the one used last stays, however large"


def test_an_index_knows_everyday_words_of_languages_that_nobody_chose() -> None:
    index = build_index([a_product(id="p", sku="p", name="Pan integral")], ())
    match = index.find("hola, me puedes mandar pan integrl porfa")
    assert isinstance(match, Certain)
    assert match.candidate.product_id == "p"
