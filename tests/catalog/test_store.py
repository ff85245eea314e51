"""Products in the database, on both engines."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

import pytest
from sqlalchemy import event

from bot.db import Database
from catalog import OptionGroup, OptionValue, Pack, Product, ProductType, Variant
from catalog.store import (
    ImportCounts,
    UnknownSku,
    catalog_revision,
    load_products,
    reserve,
    set_product,
    upsert_products,
)
from tests.databases import add_test_tenant
from tests.factories import a_product

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def new_id() -> Callable[[str], str]:
    numbers = count(1)
    return lambda kind: f"{kind}_{next(numbers):026}"


def everything() -> Product:
    """Return a product that uses every field."""
    return Product(
        id="",
        sku="TEE",
        name="T-Shirt ş",
        price=Decimal("199.999999"),
        currency="TRY",
        description="soft",
        url="https://shop.example/tee",
        active=True,
        type=ProductType.SERVICE,
        unit="kg",
        step=Decimal("0.1"),
        minimum=Decimal("0.2"),
        default_quantity=Decimal("0.5"),
        packs=(Pack("koli", Decimal("2.5")),),
        list_price=Decimal(250),
        tax_rate=Decimal("8.5"),
        stock=Decimal("12.25"),
        weight_kg=Decimal("0.2"),
        length_cm=Decimal(70),
        width_cm=Decimal("50.5"),
        height_cm=Decimal(2),
        seller="Bar",
        external_id="erp-1",
        reference="r-1",
        gtin="4006381333931",
        brand="House",
        colour="red",
        material="cotton",
        category="Clothes",
        image="https://shop.example/tee.png",
        attributes={"fit": "slim"},
        variants=(
            Variant("", "TEE-S", "S", {"size": "S"}, Decimal(180), Decimal(4)),
            Variant("", "TEE-M", "M", {"size": "M"}, gtin="12345670", image="x"),
        ),
        option_groups=(
            OptionGroup(
                "print",
                "Print",
                (OptionValue("logo", "Logo", Decimal("0.5"), ("brand",)),),
                minimum=1,
                maximum=1,
                default="logo",
            ),
        ),
        aliases=("tee", "tişört"),
    )


@contextmanager
def counted(connection: object) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_: object, __: object, statement: str, *rest: object) -> None:
        if statement.startswith("SELECT"):
            statements.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    yield statements
    event.remove(connection, "before_cursor_execute", note)


async def upsert(
    database: Database, new_id: Callable[[str], str], *products: Product
) -> ImportCounts:
    async with database.transaction() as connection:
        return await upsert_products(
            connection, "tenant_test", products, new_id=new_id, now=NOW
        )


async def stored(database: Database) -> list[Product]:
    async with database.reading() as connection:
        return await load_products(connection, "tenant_test")


async def revision(database: Database) -> int:
    async with database.reading() as connection:
        return (await catalog_revision(connection, ["tenant_test"]))["tenant_test"]


async def test_a_product_comes_back_with_every_field(
    database: Database, tenant_id: str, new_id: Callable[[str], str]
) -> None:
    await upsert(database, new_id, everything())
    (found,) = await stored(database)
    assert found.id.startswith("prd_")
    assert all(form.id.startswith("var_") for form in found.variants)
    bare = replace(
        found, id="", variants=tuple(replace(form, id="") for form in found.variants)
    )
    assert bare == everything()


async def test_taking_in_the_same_products_again_changes_nothing(
    database: Database, tenant_id: str, new_id: Callable[[str], str]
) -> None:
    products = (everything(), a_product(id=""))
    assert await upsert(database, new_id, *products) == ImportCounts(added=2)
    before, at = await stored(database), await revision(database)
    assert await upsert(database, new_id, *products) == ImportCounts(unchanged=2)
    assert await stored(database) == before
    assert await revision(database) == at


async def test_a_changed_product_keeps_its_id_and_raises_the_revision(
    database: Database, tenant_id: str, new_id: Callable[[str], str]
) -> None:
    await upsert(database, new_id, everything(), a_product(id=""))
    before, at = await stored(database), await revision(database)
    cheaper = replace(everything(), price=Decimal(1))
    counts = await upsert(database, new_id, cheaper, a_product(id=""))
    assert counts == ImportCounts(changed=1, unchanged=1)
    after = await stored(database)
    assert [each.id for each in after] == [each.id for each in before]
    assert after[0].price == 1
    assert after[0].variants == before[0].variants
    assert await revision(database) == at + 1


async def test_variants_become_exactly_those_given(
    database: Database, tenant_id: str, new_id: Callable[[str], str]
) -> None:
    await upsert(database, new_id, everything())
    (before,) = await stored(database)
    small, medium = everything().variants
    large = replace(small, sku="TEE-L", name="L")
    fewer = replace(everything(), variants=(replace(medium, name="Medium"), large))
    assert await upsert(database, new_id, fewer) == ImportCounts(changed=1)
    (after,) = await stored(database)
    assert [form.name for form in after.variants] == ["Medium", "L"]
    assert after.variants[0].id == before.variants[1].id


async def test_a_variant_may_move_to_another_product(
    database: Database, tenant_id: str, new_id: Callable[[str], str]
) -> None:
    await upsert(database, new_id, everything(), a_product(id=""))
    small, medium = everything().variants
    counts = await upsert(
        database,
        new_id,
        replace(everything(), variants=(small,)),
        a_product(id="", variants=(medium,)),
    )
    assert counts == ImportCounts(changed=2)
    assert [[f.sku for f in each.variants] for each in await stored(database)] == [
        ["TEE-S"],
        ["TEE-M"],
    ]


async def test_what_orders_hold_is_kept_by_an_import_and_taken_off_the_stock(
    database: Database, tenant_id: str, new_id: Callable[[str], str]
) -> None:
    await upsert(database, new_id, everything())
    (before,) = await stored(database)
    form = before.variants[0]
    async with database.transaction() as connection:
        await reserve(
            connection,
            {(before.id, None): Decimal(2), (before.id, form.id): Decimal(1)},
        )
    more = replace(everything(), stock=Decimal(20))
    await upsert(database, new_id, more)
    (after,) = await stored(database)
    assert after.stock == 18
    assert after.variants[0].stock == 3


async def test_more_products_than_fit_one_statement_are_taken_in(
    database: Database, tenant_id: str, new_id: Callable[[str], str]
) -> None:
    products = [a_product(id="", sku=f"S{n}", name=f"N{n}") for n in range(900)]
    assert (await upsert(database, new_id, *products)).added == 900
    assert (await upsert(database, new_id, *products)).unchanged == 900
    assert [p.sku for p in await stored(database)] == [p.sku for p in products]


async def test_tenants_do_not_share_skus_or_products(
    database: Database, tenant_id: str, new_id: Callable[[str], str]
) -> None:
    other = await add_test_tenant(database, "tenant_other")
    await upsert(database, new_id, everything())
    async with database.transaction() as connection:
        counts = await upsert_products(
            connection, other, [everything()], new_id=new_id, now=NOW
        )
        await set_product(connection, other, "TEE", price=Decimal(5))
    assert counts == ImportCounts(added=1)
    assert [each.price for each in await stored(database)] == [everything().price]


async def test_a_patch_changes_a_product_or_a_variant_and_raises_the_revision(
    database: Database, tenant_id: str, new_id: Callable[[str], str]
) -> None:
    await upsert(database, new_id, everything())
    at = await revision(database)
    async with database.transaction() as connection:
        await set_product(connection, tenant_id, "TEE", price=None, active=False)
        await set_product(connection, tenant_id, "TEE-M", stock=Decimal(7))
    (after,) = await stored(database)
    assert (after.price, after.active, after.stock) == (None, False, Decimal("12.25"))
    assert [form.stock for form in after.variants] == [4, 7]
    assert await revision(database) == at + 2


@pytest.mark.parametrize("sku", ["nothing", "TEE-M"])
async def test_a_patch_of_nothing_known_is_an_error(
    database: Database, tenant_id: str, new_id: Callable[[str], str], sku: str
) -> None:
    await upsert(database, new_id, everything())
    async with database.transaction() as connection:
        with pytest.raises(UnknownSku, match=sku):
            await set_product(connection, tenant_id, sku, active=False)


async def test_revisions_are_told_for_many_tenants_at_once(
    database: Database, tenant_id: str
) -> None:
    other = await add_test_tenant(database, "tenant_other")
    async with database.reading() as connection:
        found = await catalog_revision(connection, [tenant_id, other, "nobody"])
    assert found == {tenant_id: 0, other: 0}


async def test_a_catalog_is_loaded_with_two_queries(
    sqlite_database: Database, new_id: Callable[[str], str]
) -> None:
    await add_test_tenant(sqlite_database)
    products = [a_product(id="", sku=f"S{n}") for n in range(5)]
    await upsert(sqlite_database, new_id, everything(), *products)
    async with sqlite_database.reading() as connection:
        with counted(connection.sync_connection) as statements:
            await load_products(connection, "tenant_test")
    assert len(statements) == 2
