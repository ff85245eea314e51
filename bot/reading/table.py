"""Table of what models cost a tenant, day by day."""

from sqlalchemy import BigInteger, Column, ForeignKey, String, Table

from catalog.table import metadata

#: Written when a call has been made, whatever becomes of the turn it was made for.
model_spending = Table(
    "model_spending",
    metadata,
    Column("tenant_id", ForeignKey("tenant.id"), primary_key=True),
    Column("day", String(10), primary_key=True),  # ISO, in the tenant's time zone
    Column("calls", BigInteger, nullable=False),
    Column("cost", BigInteger, nullable=False),  # millionths of a US dollar
)
