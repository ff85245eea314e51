"""The table of what customers call things, as far as that was learnt."""

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, String, Table

from catalog.column import Json, Timestamp
from catalog.table import ID, metadata

#: Words and their meaning. Without a contact they hold for the whole shop.
learnt_alias = Table(
    "learnt_alias",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    # Opaque here; empty: everybody's.
    Column("contact_id", ID, nullable=False),
    Column("key", String(120), nullable=False),  # by which the words are found
    Column("words", String(200), nullable=False),  # as they were said last
    Column("product_id", ForeignKey("product.id"), nullable=False),
    Column("variant_id", ID),
    Column("lesson", String(20), nullable=False),  # see catalog.domain.learnt
    Column("times", Integer, nullable=False),
    Column("weight", Float, nullable=False),
    # Who taught it last, when it was an agent.
    Column("actor", String(100)),
    Column("learnt_at", Timestamp, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("forgotten_at", Timestamp),
    # What it was before the last lesson, so that one can be taken back.
    Column("before", Json),
    Index(None, "tenant_id", "contact_id"),
    Index(None, "tenant_id", "key", "learnt_at"),
)
