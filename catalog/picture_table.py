"""Table of the pictures of products: their addresses, and by what they are known."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from catalog.column import Timestamp
from catalog.table import metadata

#: One address of a picture, whichever products it is of. It goes when no product has
#: it any more.
catalog_picture = Table(
    "catalog_picture",
    metadata,
    Column("tenant_id", ForeignKey("tenant.id"), primary_key=True),
    Column("address", String(64), primary_key=True),  # the hash of the URL
    Column("url", Text, nullable=False),
    # See catalog.domain.prints: base64; null as long as nothing was made out.
    Column("print", Text),
    Column("print_version", Integer),
    # When it is looked at next; null: never again.
    Column("due_at", Timestamp),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error", Text),
    Column("looked_at", Timestamp),
    Index(
        "ix_catalog_picture_due",
        "tenant_id",
        "due_at",
        postgresql_where=text("due_at IS NOT NULL"),
        sqlite_where=text("due_at IS NOT NULL"),
    ),
)
