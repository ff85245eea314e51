"""Sales activities: advice that was asked for, its input, and what came of it."""

from sqlalchemy import Column, Float, ForeignKey, Index, String, Table, Text

from catalog.column import Json, Timestamp
from catalog.table import ID, metadata

activity = Table(
    "activity",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("customer_id", ForeignKey("customer.id"), nullable=False),
    # Who visits the customer: a user. They stand on a higher floor: no foreign key.
    Column("rep_id", ID, nullable=False),
    Column("activity", String(30), nullable=False),
    Column("state", String(20), nullable=False),
    # As the caller sent them: input, model, feedback, metadata.
    Column("given", Json, nullable=False),
    # What was advised; stays until it is advised again.
    Column("result", Json),
    # Of the last run: seconds, and why it failed.
    Column("seconds", Float),
    Column("failure", Text),
    # The run that is under way. Only it may store what it found.
    Column("run", ID),
    Column("run_until", Timestamp),
    # The draft that the proposal became.
    Column("draft_id", ID),
    # All that a search looks at, folded.
    Column("words", Text, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("updated_at", Timestamp, nullable=False),
    Index(None, "tenant_id", "created_at"),
    Index(None, "customer_id"),
)
