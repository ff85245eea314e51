"""Tables of imports: the job that takes a feed in, and its rows on their way.

The staged tables mirror `product` and `variant`, so that the switch at the end of an
import is a few statements from table to table. They hold rows of imports that run.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from catalog.column import Exact, Json, Timestamp
from catalog.table import ID, metadata, product, variant

catalog_import = Table(
    "catalog_import",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("state", String(12), nullable=False),
    Column("phase", String(12)),
    Column("file_name", String(255), nullable=False),
    Column("actor", String(100), nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("partial", Boolean, nullable=False),
    Column("percent", Integer, nullable=False, server_default="0"),
    Column("rows", Integer, nullable=False, server_default="0"),
    Column("added", Integer, nullable=False, server_default="0"),
    Column("changed", Integer, nullable=False, server_default="0"),
    Column("unchanged", Integer, nullable=False, server_default="0"),
    Column("mistakes", Integer, nullable=False, server_default="0"),
    Column("errors", Json, nullable=False),  # the first of them
    Column("warnings", Json, nullable=False),
    Column("error", Text),  # why it failed as a whole
    Column("format", String(20)),  # what the file was read as
    Column("created_at", Timestamp, nullable=False),
    Column("started_at", Timestamp),
    Column("ended_at", Timestamp),
    # Its process renews it; one that has passed belongs to a process that died.
    Column("lease_until", Timestamp),
    Index(None, "tenant_id", "created_at"),
    Index(
        "ix_catalog_import_lease",
        "lease_until",
        postgresql_where=text("lease_until IS NOT NULL"),
        sqlite_where=text("lease_until IS NOT NULL"),
    ),
)


def _mirrored(table: Table, *left_out: str) -> list[Column[object]]:
    """Return a table's columns in the form in which they are stored.

    Exact decimals are integers already: they are staged and copied as they are.
    """
    return [
        Column(column.name, BigInteger() if _is_exact(column) else column.type)
        for column in table.c
        if column.name not in {"tenant_id", "reserved", *left_out}
    ]


def _is_exact(column: Column[object]) -> bool:
    return isinstance(column.type, Exact)


staged_product = Table(
    "staged_product",
    metadata,
    Column("import_id", ID, primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("is_new", Boolean, nullable=False),
    *_mirrored(product, "updated_at", "version"),
)

#: Variants of staged products; `place` is their product's.
staged_variant = Table(
    "staged_variant",
    metadata,
    Column("import_id", ID, primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("fate", String(4), nullable=False),  # new, kept, gone
    *(
        Column(column.name, column.type, primary_key=column.name == "id")
        for column in _mirrored(variant)
    ),
)
