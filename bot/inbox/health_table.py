"""Tables of how channels do: what their webhooks proved, what was found, what is wrong.

Nothing here is written for each message: numbers are counted in memory and added up
once a minute.
"""

from sqlalchemy import (
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

from catalog.column import Timestamp
from catalog.table import ID, NOT_BACKED_UP, metadata

#: Webhooks of five minutes, by who signs them: an app, or a channel at a gateway.
webhook_tally = Table(
    "webhook_tally",
    metadata,
    Column("subject", ID, primary_key=True),
    Column("slot", Timestamp, primary_key=True),  # when the five minutes began
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("taken", Integer, nullable=False),
    Column("refused", Integer, nullable=False),  # their proof was wrong
    Index(None, "slot"),
    Index(
        "ix_webhook_tally_refused",
        "slot",
        "subject",
        postgresql_where=text("refused > 0"),
        sqlite_where=text("refused > 0"),
    ),
    info=NOT_BACKED_UP,
)

#: When somebody last wrote to a channel, and what its provider last said of it.
channel_vitals = Table(
    "channel_vitals",
    metadata,
    Column("channel_id", ForeignKey("channel.id"), primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("heard_at", Timestamp),
    Column("checked_at", Timestamp),  # whoever writes it asks the provider
    Column("works", Boolean),  # none: nobody could say
    Column("words", Text),
    Column("expires_at", Timestamp),  # of its token; none: never, or nobody says
    info=NOT_BACKED_UP,
)

#: What was wrong, from when till when. While one stands, it is not raised again.
alarm = Table(
    "alarm",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("subject", ID, nullable=False),  # a channel, an app, a conversation, a draft
    Column("words", Text, nullable=False),
    Column("raised_at", Timestamp, nullable=False),
    Column("cleared_at", Timestamp),
    Index(None, "tenant_id", "raised_at"),
    Index(None, "cleared_at"),
    Index(
        "uq_alarm_standing",
        "tenant_id",
        "kind",
        "subject",
        unique=True,
        postgresql_where=text("cleared_at IS NULL"),
        sqlite_where=text("cleared_at IS NULL"),
    ),
)
