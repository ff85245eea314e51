"""Tables of what was done through commands and the API: who, and with what answer."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from catalog.column import Json, Timestamp
from catalog.table import ID, SEALED, metadata

#: Who did what. Details name ids and numbers, never people.
audit = Table(
    "audit",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("at", Timestamp, nullable=False),
    Column("actor", String(100), nullable=False),
    Column("action", String(60), nullable=False),
    Column("target", String(100)),
    Column("details", Json, nullable=False),
    Index(None, "tenant_id", "at"),
    # What was done to one thing.
    Index(None, "tenant_id", "target", "at"),
)

#: Answers that were given under an Idempotency-Key.
idempotency = Table(
    "idempotency",
    metadata,
    Column("tenant_id", ForeignKey("tenant.id"), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("request", String(64), nullable=False),  # sha256 of method, path and body
    Column("status", Integer),
    Column("answer", Text, info=SEALED),
    Column("created_at", Timestamp, nullable=False),
    Index(None, "created_at"),
)
