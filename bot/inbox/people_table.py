"""The tables of people who work in the console, and of where they are signed in."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, UniqueConstraint

from catalog.column import Timestamp
from catalog.table import ID, NOT_BACKED_UP, metadata

#: People who work in the console. Whoever may do what is decided by `role`.
user = Table(
    "user",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("email", String(320), nullable=False),  # as its owner writes it
    Column("email_key", String(320), nullable=False),  # by which it is found
    Column("name", String(200), nullable=False),
    Column("role", String(20), nullable=False),
    Column("password_hash", Text, nullable=False),
    # A session that began before is over.
    Column("password_at", Timestamp, nullable=False),
    Column("state", String(20), nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("last_login_at", Timestamp),
    # What the merchant's own systems call this person, and their team.
    Column("external_id", String(200)),
    Column("sales_code", String(100)),
    Column("team", String(200)),
    Column("team_external_id", String(200)),
    # When they were given a conversation last: the next one is somebody else's.
    Column("assigned_at", Timestamp),
    UniqueConstraint("tenant_id", "email_key"),
    Index(None, "email_key"),  # who logs in does not say in which shop
)

#: A browser in which a person is signed in.
session = Table(
    "session",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("user_id", ForeignKey("user.id"), nullable=False),
    Column("hash", String(64), nullable=False),  # sha256 of what the cookie says
    # When the password was set that it began with: another one ends it.
    Column("password_at", Timestamp, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("seen_at", Timestamp, nullable=False),  # to the minute
    Column("expires_at", Timestamp, nullable=False),
    Column("address", String(64)),
    Column("device", String(60)),  # "Firefox, Linux"
    UniqueConstraint("hash"),
    Index(None, "user_id"),
    # Whoever restores a backup signs in again.
    info=NOT_BACKED_UP,
)

#: How often a password was tried where no Redis counts: by a hash of what is limited,
#: a person's address or a computer's, and it is forgotten soon afterwards.
sign_in_try = Table(
    "sign_in_try",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("used_until", Timestamp, nullable=False),  #: See `bot.domain.rate`.
    Index(None, "used_until"),  # what is over goes while others are counted
    info=NOT_BACKED_UP,
)
