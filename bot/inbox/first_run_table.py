"""The table of the first-run page."""

from sqlalchemy import Column, String, Table

from catalog.column import Timestamp
from catalog.table import NOT_BACKED_UP, metadata

#: The one row from which the code of the first-run page follows, until a shop is made.
first_run = Table(
    "first_run",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("nonce", String(64), nullable=False),
    Column("created_at", Timestamp, nullable=False),
    info=NOT_BACKED_UP,
)
