"""Tables of how agents work: what they have read, labels, notes, prepared answers."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from catalog.column import Timestamp
from catalog.table import ID, metadata

#: How far a person has read a conversation: to the message with that number.
conversation_read = Table(
    "conversation_read",
    metadata,
    Column("conversation_id", ForeignKey("conversation.id"), primary_key=True),
    Column("user_id", ForeignKey("user.id"), primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", Timestamp, nullable=False),
)

#: What a tenant calls its conversations.
label = Table(
    "label",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("name", String(60), nullable=False),
    Column("name_key", String(120), nullable=False),  # by which it is unique
    Column("colour", String(20), nullable=False),
    Column("created_at", Timestamp, nullable=False),
    UniqueConstraint("tenant_id", "name_key"),
)

conversation_label = Table(
    "conversation_label",
    metadata,
    Column("conversation_id", ForeignKey("conversation.id"), primary_key=True),
    Column("label_id", ForeignKey("label.id"), primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("at", Timestamp, nullable=False),
    Index(None, "label_id"),
)

#: What people write to each other beside a conversation. It is never sent.
note = Table(
    "note",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False),
    Column("author", String(100), nullable=False),  # user:ID or key:ID
    Column("text", Text, nullable=False),
    Column("at", Timestamp, nullable=False),
    Index(None, "conversation_id", "at"),
)

#: Answers that a shop has ready for its agents.
canned_reply = Table(
    "canned_reply",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("shortcut", String(40), nullable=False),
    Column("title", String(100), nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("updated_at", Timestamp, nullable=False),
    UniqueConstraint("tenant_id", "shortcut"),
)
