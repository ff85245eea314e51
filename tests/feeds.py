"""Feeds for tests: taken in, read without a database, or looked at when stored."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path
from typing import Any

from bot.db import Database
from catalog import Product, Variant
from catalog.domain.feed import RowError, parse_row
from catalog.formats.numbers import Numbers
from catalog.formats.opening import open_feed
from catalog.formats.rows import Told
from catalog.importing import ImportReport, Order, Pace, import_products
from catalog.jobs import Standing
from catalog.store import load_products

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
_numbers = count(1)


def made_id(kind: str) -> str:
    """Return an id that sorts by when it was made."""
    return f"{kind}_{next(_numbers):026}"


async def take_in(
    database: Database,
    path: Path,
    *,
    tenant_id: str = "tenant_test",
    tell: Callable[[Standing], None] = lambda _: None,
    pace: Pace | None = None,
    **changes: Any,
) -> ImportReport:
    """Import a file for the test tenant."""
    order = Order(made_id("imp"), tenant_id, path.name, actor="command", **changes)
    return await import_products(
        database,
        order,
        path,
        new_id=made_id,
        clock=lambda: NOW,
        tell=tell,
        pace=pace or Pace(),
    )


async def stored(
    database: Database, tenant_id: str = "tenant_test"
) -> dict[str, Product]:
    """Return a tenant's products by SKU."""
    async with database.reading() as connection:
        found = await load_products(connection, tenant_id)
    return {product.sku: product for product in found}


def read(
    path: Path, *, currency: str = "TRY", told: Told | None = None
) -> list[Product]:
    """Return the products of a small file that is right; they have no ids."""
    products: dict[str, Product] = {}
    variants: defaultdict[str, list[Variant]] = defaultdict(list)
    numbers = Numbers(path.name, (told or Told()).decimal, currency)
    with open_feed(path, path.name, told or Told(), now=NOW) as feed:
        assert feed.errors == ()
        for row in chain.from_iterable(feed.records()):
            assert row.wrong is None, row
            numbers.rewrite(row)
            value = parse_row(row.cells, currency=currency, line=row.line)
            assert not isinstance(value, RowError), value
            if isinstance(value, Product):
                products.setdefault(value.sku, value)
            else:
                variants[value.parent_sku].append(value.variant)
    return [
        replace(each, variants=tuple(variants[each.sku])) for each in products.values()
    ]
