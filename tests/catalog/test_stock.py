"""Stock is held back for orders, given back or gone, and never sold twice."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.db import Database
from catalog import Variant
from catalog.stock import Pair, available, consume, release, reserve
from catalog.store import set_product, upsert_products
from tests.factories import a_product

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATTE: Pair = ("latte", None)
WATER: Pair = ("water", None)
SMALL: Pair = ("tee", "tee-s")
LARGE: Pair = ("tee", "tee-l")
GONE: Pair = ("gone", None)


@pytest.fixture
async def shop(database: Database, tenant_id: str) -> Database:
    """Return a database with 5 latte, uncounted water, and a tee in two sizes."""
    products = [
        a_product(id="latte", sku="LATTE", stock=Decimal(5)),
        a_product(id="water", sku="WATER", stock=None),
        a_product(
            id="tee",
            sku="TEE",
            stock=None,
            variants=(
                Variant("tee-s", "TEE-S", "S", stock=Decimal("1.5")),
                Variant("tee-l", "TEE-L", "L"),
            ),
        ),
        a_product(id="gone", sku="GONE", stock=Decimal(5), active=False),
    ]
    async with database.transaction() as connection:
        await upsert_products(
            connection, tenant_id, products, new_id=lambda kind: kind, now=NOW
        )
    return database


async def left(shop: Database, *pairs: Pair) -> dict[Pair, Decimal | None]:
    async with shop.reading() as connection:
        return await available(connection, pairs)


async def hold(shop: Database, wanted: Mapping[Pair, Decimal]) -> tuple[Pair, ...]:
    async with shop.transaction() as connection:
        return await reserve(connection, wanted)


async def test_what_may_be_sold_is_told_for_products_and_variants(
    shop: Database,
) -> None:
    nothing: Pair = ("nothing", None)
    strange: Pair = ("latte", "tee-s")
    assert await left(shop, LATTE, WATER, SMALL, LARGE, GONE, nothing, strange) == {
        LATTE: 5,
        WATER: None,
        SMALL: Decimal("1.5"),
        LARGE: None,
        GONE: 0,
        nothing: 0,
        strange: 0,
    }
    assert await left(shop) == {}


async def test_held_stock_is_taken_off(shop: Database) -> None:
    wanted = {LATTE: Decimal(2), SMALL: Decimal("0.5"), WATER: Decimal(100)}
    assert await hold(shop, wanted) == ()
    assert await left(shop, *wanted) == {LATTE: 3, SMALL: 1, WATER: None}


async def test_of_a_short_pair_nothing_is_held(shop: Database) -> None:
    wanted = {LATTE: Decimal(6), SMALL: Decimal(1), LARGE: Decimal(9)}
    assert await hold(shop, wanted) == (LATTE,)
    assert await left(shop, LATTE, SMALL) == {LATTE: 5, SMALL: Decimal("0.5")}


async def test_the_last_piece_can_be_held_once(shop: Database) -> None:
    assert await hold(shop, {LATTE: Decimal(5)}) == ()
    assert await hold(shop, {LATTE: Decimal(1)}) == (LATTE,)


async def test_nothing_is_held_of_what_is_gone_or_not_active(shop: Database) -> None:
    nothing: Pair = ("nothing", None)
    wanted = {GONE: Decimal(1), nothing: Decimal(1)}
    assert set(await hold(shop, wanted)) == {GONE, nothing}
    async with shop.transaction() as connection:
        await set_product(connection, "tenant_test", "TEE", active=False)
    assert await hold(shop, {SMALL: Decimal(1)}) == (SMALL,)


async def test_released_stock_may_be_sold_again(shop: Database) -> None:
    wanted = {LATTE: Decimal(2), SMALL: Decimal(1), WATER: Decimal(3)}
    await hold(shop, wanted)
    async with shop.transaction() as connection:
        await release(connection, wanted)
    assert await left(shop, *wanted) == {LATTE: 5, SMALL: Decimal("1.5"), WATER: None}


async def test_releasing_too_much_invents_no_stock(shop: Database) -> None:
    async with shop.transaction() as connection:
        await release(connection, {LATTE: Decimal(3), ("nothing", None): Decimal(1)})
    assert await left(shop, LATTE) == {LATTE: 5}


async def test_consumed_stock_is_gone_for_good(shop: Database) -> None:
    wanted = {LATTE: Decimal(2), SMALL: Decimal(1), WATER: Decimal(3)}
    await hold(shop, wanted)
    async with shop.transaction() as connection:
        await consume(connection, wanted)
    assert await left(shop, *wanted) == {LATTE: 3, SMALL: Decimal("0.5"), WATER: None}
    assert await hold(shop, {LATTE: Decimal(3)}) == ()


async def test_orders_at_once_never_get_more_than_there_is(shop: Database) -> None:
    one = {LATTE: Decimal(1), SMALL: Decimal("0.1")}
    backwards = dict(reversed(one.items()))
    answers = await asyncio.gather(
        *(hold(shop, one if n % 2 else backwards) for n in range(12))
    )
    assert sum(LATTE not in short for short in answers) == 5
    assert await left(shop, LATTE) == {LATTE: 0}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "release", "consume"]),
        st.decimals(min_value="0.1", max_value=4, places=1),
    ),
    max_size=12,
)


@given(steps=STEPS)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_stock_is_what_there_was_less_what_is_held_and_gone(
    shop: Database, steps: list[tuple[str, Decimal]]
) -> None:
    async with shop.transaction() as connection:
        await set_product(connection, "tenant_test", "LATTE", stock=Decimal(5))
        await release(connection, {LATTE: Decimal(1000)})  # of the example before
    stock, held = Decimal(5), Decimal(0)
    for step, much in steps:
        async with shop.transaction() as connection:
            if step == "reserve":
                short = await reserve(connection, {LATTE: much})
                assert bool(short) == (much > stock - held)
                held += Decimal(0) if short else much
            elif much <= held and step == "release":
                await release(connection, {LATTE: much})
                held -= much
            elif much <= held:
                await consume(connection, {LATTE: much})
                stock, held = stock - much, held - much
    assert await left(shop, LATTE) == {LATTE: stock - held}
