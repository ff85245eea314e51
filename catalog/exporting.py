"""The catalog as a CSV file that an import reads back without a change."""

import csv
import io
from collections.abc import AsyncIterator, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.domain.product import Product
from catalog.domain.spelling import HEADER, rows_of
from catalog.listing import listed
from catalog.storage import Storage
from catalog.table import product

#: Products that are read at a time.
_BATCH = 500


async def export_csv(storage: Storage, tenant_id: str) -> AsyncIterator[bytes]:
    """Yield a tenant's catalog as CSV in UTF-8, oldest products first.

    Each product is written as it stands when it is reached: no transaction stays open
    for a slow reader. Stock is what the merchant has, held back for orders or not.
    Cells that begin with = + - or @ are written as they are, for whoever imports them
    again: spreadsheets may take them for formulas.
    """
    yield _csv([HEADER])
    after = ""
    while True:
        async with storage.reading() as connection:
            products = await _products(connection, tenant_id, after)
        if not products:
            return
        yield _csv([row for each in products for row in rows_of(each)])
        after = products[-1].id


async def _products(
    connection: AsyncConnection, tenant_id: str, after: str
) -> Sequence[Product]:
    found = await connection.execute(
        select(product)
        .where(product.c.tenant_id == tenant_id, product.c.id > after)
        .order_by(product.c.id)
        .limit(_BATCH)
    )
    return [each.product for each in await listed(connection, found.mappings().all())]


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
