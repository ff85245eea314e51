"""A feed beside what is stored: what is new, what changes, what contradicts it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, RowMapping, Table, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.column import Exact
from catalog.domain.feed import RowError
from catalog.record import Values
from catalog.spool import Given
from catalog.table import product, variant


@dataclass(frozen=True, slots=True)
class Form:
    """A stored variant."""

    id: str
    whole: str  #: SKU of its product.


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored of some products and their variants."""

    products: Mapping[str, RowMapping]  #: By SKU.
    variants: Mapping[str, Sequence[RowMapping]]  #: By the id of their product.
    forms: Mapping[str, Form]  #: Variants, of whatever product, by SKUs of the feed.
    wholes: frozenset[str]  #: SKUs of the feed's variants that are products.

    def ungiven(self, given: Sequence[Given]) -> frozenset[str]:
        """Return the stored variants that the feed does not give their products."""
        return frozenset(form["sku"] for each in given for form in self.lost(each))

    def lost(self, given: Given) -> Sequence[RowMapping]:
        """Return the stored variants that a product has no more."""
        row = self.products.get(given.sku)
        parts = {form.sku for form in given.variants}
        stored = self.variants.get(row["id"], ()) if row else ()
        return [form for form in stored if form["sku"] not in parts]

    def owners(self) -> frozenset[str]:
        """Return the SKUs of the products that have variants by SKUs of the feed."""
        return frozenset(form.whole for form in self.forms.values())


@dataclass(frozen=True, slots=True)
class Planned:
    """What must be written of a product: ids are those that it has already."""

    given: Given
    id: str | None
    forms: Mapping[str, str]  #: Ids of its variants that are stored, by SKU.
    gone: tuple[str, ...] = ()  #: Ids of its variants that are in the feed no more.


@dataclass(frozen=True, slots=True)
class Compared:
    """What storing some products would do."""

    added: tuple[Planned, ...]
    changed: tuple[Planned, ...]
    unchanged: int
    errors: tuple[RowError, ...]  #: Of the products that are in none of the others.


async def known(
    connection: AsyncConnection, tenant_id: str, given: Sequence[Given]
) -> Known:
    """Return what a tenant has of the given products."""
    skus = [each.sku for each in given]
    parts = [form.sku for each in given for form in each.variants]
    rows = await connection.execute(
        select(*_stored(product)).where(
            product.c.tenant_id == tenant_id, product.c.sku.in_(skus)
        )
    )
    products = {row["sku"]: row for row in rows.mappings()}
    variants: defaultdict[str, list[RowMapping]] = defaultdict(list)
    ids = [row["id"] for row in products.values()]
    if ids:
        found = await connection.execute(
            select(*_stored(variant)).where(variant.c.product_id.in_(ids))
        )
        for row in found.mappings():
            variants[row["product_id"]].append(row)
    forms = await connection.execute(
        select(variant.c.id, variant.c.sku, product.c.sku.label("whole"))
        .join(product, product.c.id == variant.c.product_id)
        .where(variant.c.tenant_id == tenant_id, variant.c.sku.in_([*skus, *parts]))
    )
    wholes = select(product.c.sku).where(
        product.c.tenant_id == tenant_id, product.c.sku.in_(parts)
    )
    return Known(
        products,
        variants,
        {row.sku: Form(row.id, row.whole) for row in forms},
        frozenset((await connection.execute(wholes)).scalars() if parts else ()),
    )


def compare(
    given: Sequence[Given],
    known: Known,
    *,
    columns: AbstractSet[str],
    held: AbstractSet[str],
    elsewhere: AbstractSet[str],
) -> Compared:
    """Sort products out by what storing them would do.

    `columns` are those that the feed sets. Of `known.owners`, the feed holds `held`:
    others keep their variants. Of `known.ungiven`, it has `elsewhere`: they move.
    """
    added: list[Planned] = []
    changed: list[Planned] = []
    errors: list[RowError] = []
    unchanged = 0
    for each in given:
        error = _contradiction(each, known, held)
        if error is not None:
            errors.append(error)
            continue
        row = known.products.get(each.sku)
        if row is None:
            added.append(plan(each, known, columns=columns, elsewhere=elsewhere))
        elif _differs(each, row, known.variants.get(row["id"], ()), columns):
            changed.append(plan(each, known, columns=columns, elsewhere=elsewhere))
        else:
            unchanged += 1
    return Compared(tuple(added), tuple(changed), unchanged, tuple(errors))


def plan(
    given: Given,
    known: Known,
    *,
    columns: AbstractSet[str],
    elsewhere: AbstractSet[str],
) -> Planned:
    """Return what must be written to store a product as given."""
    row = known.products.get(given.sku)
    product_id = row["id"] if row else None
    if "parent_sku" not in columns:
        return Planned(given, product_id, {})
    parts = {form.sku for form in given.variants}
    return Planned(
        given,
        product_id,
        {sku: known.forms[sku].id for sku in parts if sku in known.forms},
        tuple(form["id"] for form in known.lost(given) if form["sku"] not in elsewhere),
    )


def _contradiction(
    given: Given, known: Known, held: AbstractSet[str]
) -> RowError | None:
    """Return why a SKU would be a product and a variant at once."""
    form = known.forms.get(given.sku)
    if form is not None and form.whole not in held:
        message = f"{given.sku!r} is a variant of {form.whole!r} already: give another"
        return RowError(given.line, "sku", message)
    for part in given.variants:
        if part.sku in known.wholes:
            message = f"{part.sku!r} is a product already: give the variant another"
            return RowError(part.line, "sku", message)
    return None


def _differs(
    given: Given,
    row: RowMapping,
    variants: Sequence[RowMapping],
    columns: AbstractSet[str],
) -> bool:
    if _changes(given.values, row, columns):
        return True
    if "parent_sku" not in columns:
        return False
    stored = {form["sku"]: form for form in variants}
    if stored.keys() != {form.sku for form in given.variants}:
        return True
    governed = columns | {"position"}
    return any(
        _changes(form.values, stored[form.sku], governed) for form in given.variants
    )


def _changes(values: Values, row: RowMapping, columns: AbstractSet[str]) -> bool:
    return any(
        row[column] != value for column, value in values.items() if column in columns
    )


def _stored(table: Table) -> list[ColumnElement[Any]]:
    """Return columns without turning integers into decimals: nobody reads them."""
    return [
        type_coerce(column, BigInteger()).label(column.name)
        if isinstance(column.type, Exact)
        else column
        for column in table.c
        if column.name not in {"tenant_id", "reserved", "updated_at", "version"}
    ]
