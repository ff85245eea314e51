"""Tables of drafts, customers, orders and of everything that must leave the process.

Conversation ids and evidence locators are opaque here: no foreign keys upward.
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
    UniqueConstraint,
    text,
)

from catalog.column import Exact, Json, Timestamp
from catalog.table import ID, SEALED, metadata

#: SQLite counts up only in an INTEGER column.
_BIG_SERIAL = BigInteger().with_variant(Integer(), "sqlite")
#: Drafts that have not ended and have something in them.
_LIVE = (
    "state IN ('open', 'proposed', 'awaiting_approval') AND coalesce(entries, 1) > 0"
)

draft = Table(
    "draft",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("conversation_id", ID, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("body", Json, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("updated_at", Timestamp, nullable=False),
    # How many lines and open words it has; none: an older version wrote it.
    Column("entries", Integer),
    Index(None, "conversation_id"),
    Index(None, "tenant_id", "state", "conversation_id", "entries"),
    # Live, with something in it: bot/inbox/queues.py asks in these very words.
    Index(
        "ix_draft_live",
        "tenant_id",
        "conversation_id",
        "state",
        "entries",
        postgresql_where=text(_LIVE),
        sqlite_where=text(_LIVE),
    ),
    Index(
        "ix_draft_awaiting",
        "state",
        postgresql_where=text("state = 'awaiting_approval'"),
        sqlite_where=text("state = 'awaiting_approval'"),
    ),
)

draft_change = Table(
    "draft_change",
    metadata,
    Column("draft_id", ForeignKey("draft.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("change", Json, nullable=False),
    Column("actor", String(100), nullable=False),
    Column("at", Timestamp, nullable=False),
)

#: What a draft was at each version, so that a change can be taken back.
draft_version = Table(
    "draft_version",
    metadata,
    Column("draft_id", ForeignKey("draft.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("body", Json, nullable=False),
    # The older version that this one is again.
    Column("restored", Integer),
    Column("actor", String(100), nullable=False),
    Column("at", Timestamp, nullable=False),
)

customer = Table(
    "customer",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("contact_id", ID),
    Column("name", String(300)),
    Column("external_id", String(200)),
    Column("phone", String(40)),
    Column("email", String(320)),
    Column("tax_id", String(40)),
    Column("created_at", Timestamp, nullable=False),
    Column("first_name", String(150)),
    Column("last_name", String(150)),
    Column("gender", String(20)),
    Column("birth_date", String(10)),  # ISO 8601
    # Of the phone number, where it was given in parts; else they follow from it.
    Column("phone_country_code", String(4)),
    Column("phone_area_code", String(10)),
    Column("phone_number", String(20)),
    Column("business", Boolean),
    Column("company", String(300)),
    Column("tax_office", String(200)),
    Column("state_tax_id", String(40)),
    # Each with its kind, number and country.
    Column("documents", Json),
    # What a system said of them beside all that, by face.
    Column("data", Json),
    Column("entity_version", BigInteger, nullable=False, server_default="1"),
    Column("updated_at", Timestamp),
    UniqueConstraint("tenant_id", "external_id"),
    UniqueConstraint("tenant_id", "contact_id"),
    Index(None, "tenant_id", "name"),
)

#: People who buy for a customer, beside the contact that it began with.
customer_contact = Table(
    "customer_contact",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("customer_id", ForeignKey("customer.id"), nullable=False),
    # Who writes to the shop as this person, if anybody does.
    Column("contact_id", ID),
    Column("name", String(300)),
    Column("phone", String(40)),
    Column("email", String(320)),
    Column("role", String(100)),
    Column("created_at", Timestamp, nullable=False),
    UniqueConstraint("tenant_id", "contact_id"),
    Index(None, "customer_id"),
)

customer_address = Table(
    "customer_address",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("customer_id", ForeignKey("customer.id"), nullable=False),
    Column("body", Json, nullable=False),
    Column("is_default", Boolean, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Index(None, "customer_id"),
)

order = Table(
    "order",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("draft_id", ID, nullable=False),
    Column("draft_version", Integer, nullable=False),
    Column("conversation_id", ID),
    Column("customer_id", ForeignKey("customer.id")),
    Column("state", String(30), nullable=False),
    Column("external_id", String(200)),
    # Where the customer pays, once the merchant's system has said so.
    Column("checkout_url", Text),
    Column("currency", String(3), nullable=False),
    Column("grand_total", BigInteger, nullable=False),
    Column("body", Json, nullable=False),
    Column("placed_at", Timestamp, nullable=False),
    Column("updated_at", Timestamp, nullable=False),
    Column("payment_status", String(30), nullable=False, server_default="unpaid"),
    Column(
        "fulfilment_status", String(30), nullable=False, server_default="unfulfilled"
    ),
    Column("refunded_total", BigInteger, nullable=False, server_default="0"),
    # Raised by every change: who changes it says which one they had read.
    Column("entity_version", BigInteger, nullable=False, server_default="1"),
    # Whose work its conversation was when it was placed: a person, a team.
    Column("sold_by", ID),
    Column("sold_team", String(200)),
    UniqueConstraint("tenant_id", "number"),
    # One order per draft: a second confirmation of a draft can never make another.
    UniqueConstraint("draft_id"),
    Index(None, "conversation_id", "placed_at"),
    # What people look at: the newest first.
    Index(None, "tenant_id", "placed_at", "number"),
)

order_line = Table(
    "order_line",
    metadata,
    Column("order_id", ForeignKey("order.id"), primary_key=True),
    Column("line_id", String(20), primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("product_id", ID, nullable=False),
    Column("variant_id", ID),
    Column("sku", String(100), nullable=False),
    Column("quantity", Exact, nullable=False),
    Column("total", BigInteger, nullable=False),
    # Held back in the catalog until the order is delivered or cancelled.
    Column("reserved", Exact, nullable=False),
    # What has left the house.
    Column("fulfilled", Exact, nullable=False, server_default="0"),
)

#: Calls that made orders: a repeat is known by its key, and its body is kept.
order_call = Table(
    "order_call",
    metadata,
    Column("tenant_id", ForeignKey("tenant.id"), primary_key=True),
    Column("face", String(20), primary_key=True),
    Column("channel", String(100), primary_key=True),
    Column("key", String(200), primary_key=True),
    # No foreign key: a call is claimed before its order is there.
    Column("order_id", ID, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("raw", Json),
    Column("at", Timestamp, nullable=False),
    UniqueConstraint("order_id"),
)

#: What an entity of ours is called in another system's form.
external_id = Table(
    "external_id",
    metadata,
    Column("tenant_id", ForeignKey("tenant.id"), primary_key=True),
    Column("face", String(20), primary_key=True),
    Column("kind", String(30), primary_key=True),
    Column("external_id", String(200), primary_key=True),
    Column("internal_id", String(80), nullable=False),
    Column("created_at", Timestamp, nullable=False),
    UniqueConstraint("tenant_id", "face", "kind", "internal_id"),
)

#: What orders of a face refer to, and only that face knows: payment options, cargo
#: companies, price lists ... of one of its channels.
face_reference = Table(
    "face_reference",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("face", String(20), nullable=False),
    Column("channel", String(100), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("slug", String(100), nullable=False),
    Column("name", String(200), nullable=False),
    # What the caller said of it beside that; kept as given.
    Column("data", Json),
    Column("created_at", Timestamp, nullable=False),
    UniqueConstraint("tenant_id", "face", "channel", "kind", "slug"),
)

order_move = Table(
    "order_move",
    metadata,
    Column("id", _BIG_SERIAL, primary_key=True, autoincrement=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("order_id", ForeignKey("order.id"), nullable=False),
    Column("state", String(30), nullable=False),
    Column("actor", String(100), nullable=False),
    Column("message", Text),
    Column("at", Timestamp, nullable=False),
    # What moved: the state, the payment, the fulfilment, a refund.
    Column("kind", String(20), nullable=False, server_default="state"),
    # What it moved to, where that is not the state.
    Column("value", String(30)),
    # Of a refund: minor units.
    Column("amount", BigInteger),
    # Of a fulfilment: how much of which line.
    Column("parts", Json),
    # The merchant's system that said so, by its own name.
    Column("responsible", String(100)),
    Index(None, "order_id"),
)

counter = Table(
    "counter",
    metadata,
    Column("tenant_id", ForeignKey("tenant.id"), primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

sink = Table(
    "sink",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False, info=SEALED),
    # The one before it, with which we sign, too, until then.
    Column("secret_before", Text, info=SEALED),
    Column("secret_before_until", Timestamp),
    # It was set through the API: its host must not lie in a private network.
    Column("public_only", Boolean),
    Column("state", String(20), nullable=False),
    # Why it has that state, and since when; none: as it was made.
    Column("state_reason", Text),
    Column("state_at", Timestamp),
    Column("created_at", Timestamp, nullable=False),
    # Settings of its kind; none: it takes none.
    Column("options", Json),
    Index(None, "tenant_id"),
)

#: What sinks made in a merchant's system, step by step: no retry makes it again.
sink_made = Table(
    "sink_made",
    metadata,
    Column("sink_id", ForeignKey("sink.id"), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("internal_id", String(120), primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("external_id", String(200), nullable=False),
    # The customer or the order that it tells of.
    Column("owner_id", ID, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Index(None, "owner_id"),
)

#: The one table of due work. A `reply` or an `event` waits for the earlier ones of its
#: `lane`; a `timer` has no lane.
outbox = Table(
    "outbox",
    metadata,
    Column("id", _BIG_SERIAL, primary_key=True, autoincrement=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("shard", Integer, nullable=False),
    Column("topic", String(20), nullable=False),
    Column("lane", String(120)),
    # Stable for ever: the idempotency key of the receiver; a timer's own name.
    Column("unique_key", String(200), nullable=False),
    Column("payload", Json, nullable=False),
    Column("state", String(20), nullable=False),
    Column("due_at", Timestamp, nullable=False),
    Column("lease_until", Timestamp),
    Column("fence", BigInteger, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    # Set while an outcome is unknown: the one resend happens at `due_at`.
    Column("unknown_since", Timestamp),
    Column("resends", Integer, nullable=False, server_default="0"),
    # The name under which whoever brings it about wakes what waits for it.
    Column("waits_for", String(120)),
    Column("error", Text),
    Column("created_at", Timestamp, nullable=False),
    Column("done_at", Timestamp),
    UniqueConstraint("tenant_id", "unique_key"),
    Index(
        "ix_outbox_due",
        "due_at",
        "id",
        postgresql_where=text("state = 'due'"),
        sqlite_where=text("state = 'due'"),
    ),
    Index(
        "ix_outbox_lane",
        "lane",
        "id",
        postgresql_where=text("state = 'due'"),
        sqlite_where=text("state = 'due'"),
    ),
    Index(
        "ix_outbox_waits_for",
        "waits_for",
        postgresql_where=text("waits_for IS NOT NULL"),
        sqlite_where=text("waits_for IS NOT NULL"),
    ),
    Index(
        "ix_outbox_parked",
        "tenant_id",
        "id",
        postgresql_where=text("state = 'parked'"),
        sqlite_where=text("state = 'parked'"),
    ),
)

outbox_attempt = Table(
    "outbox_attempt",
    metadata,
    Column("outbox_id", ForeignKey("outbox.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("started_at", Timestamp, nullable=False),
    Column("ended_at", Timestamp),
    Column("outcome", String(20)),
    Column("error", Text),
    Column("provider_id", String(200)),
    # What was asked and answered, without persons and secrets.
    Column("exchanges", Json),
    Index(None, "provider_id"),
)
