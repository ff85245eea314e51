"""Tables of apps, channels, contacts, conversations, messages, keys and users."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from catalog.column import Json, Timestamp
from catalog.table import ID, SEALED, metadata

app = Table(
    "app",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("secret", Text, nullable=False, info=SEALED),
    Column("verify_token", Text, nullable=False, info=SEALED),
    # The one before it, and until when webhooks signed with it are taken.
    Column("secret_before", Text, info=SEALED),
    Column("secret_before_until", Timestamp),
    Column("created_at", Timestamp, nullable=False),
)

channel = Table(
    "channel",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("app_id", ForeignKey("app.id")),
    Column("kind", String(20), nullable=False),
    Column("external_id", String(100), nullable=False),
    Column("access_token", Text, nullable=False, info=SEALED),
    Column("state", String(20), nullable=False),
    # Why it has that state, and since when; none: as it was made.
    Column("state_reason", Text),
    Column("state_at", Timestamp),
    Column("created_at", Timestamp, nullable=False),
    # Of a gateway: where it answers, and what it calls the account there. Its
    # external id is made of both, for every gateway may have a "default".
    Column("base_url", Text),
    Column("instance", String(100)),
    Column("public_only", Boolean),  # its host must be one of the public internet
    Column("webhook_secret", Text, info=SEALED),
    Column("webhook_secret_before", Text, info=SEALED),
    Column("webhook_secret_before_until", Timestamp),
    # Since when the gateway has no connection to WhatsApp: when that is back, what
    # was paused for it goes on by itself.
    Column("lost_at", Timestamp),
    Column("per_second", Integer),  # messages it may send; none: as its kind does
    Column("paused_by", String(10)),  # person, provider, gateway
    Column("catalog_id", String(100)),  # that products are shown from; none: in words
    UniqueConstraint("kind", "external_id"),
)

contact = Table(
    "contact",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("channel_id", ForeignKey("channel.id"), nullable=False),
    Column("name", String(300)),
    Column("opted_out", Boolean, nullable=False),
    # When and how they asked to be told more than their own orders; STOP ends it.
    Column("opted_in_at", Timestamp),
    Column("opted_in_how", String(200)),
    Column("created_at", Timestamp, nullable=False),
    # Since then nothing is left of the person but orders under a pseudonym.
    Column("erased_at", Timestamp),
    # It was found out to be the same person as that contact, which has everything now.
    Column("merged_into", ID),
    Column("merged_at", Timestamp),
    # What the platform says the person's phone is known by; when that changed,
    # somebody else may hold it.
    Column("identity_hash", String(100)),
    Column("identity_changed_at", Timestamp),
    Index(
        "ix_contact_merged_into",
        "merged_into",
        postgresql_where=text("merged_into IS NOT NULL"),
        sqlite_where=text("merged_into IS NOT NULL"),
    ),
)

contact_alias = Table(
    "contact_alias",
    metadata,
    Column("channel_id", ForeignKey("channel.id"), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("value", String(160), primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    # No key to contact: two processes race for the alias first, and only the winner's
    # contact is written.
    Column("contact_id", ID, nullable=False),
    # Since when it is theirs, where somebody else had it; none: for ever.
    Column("since", Timestamp),
    Index(None, "contact_id"),
)

#: Ids that people had: a number until they gave it up, a user name until they changed
#: it. Who writes from one later is somebody else; what was written before is theirs.
alias_past = Table(
    "alias_past",
    metadata,
    Column("channel_id", ForeignKey("channel.id"), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("value", String(160), primary_key=True),
    Column("until", Timestamp, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("contact_id", ID, nullable=False),
    Column("since", Timestamp),
    Index(None, "contact_id"),
)

#: One contact on one channel, and the engine's work item. PostgreSQL keeps its pages
#: half empty, so that the many updates of a turn stay on the row's own page.
conversation = Table(
    "conversation",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("channel_id", ForeignKey("channel.id"), nullable=False),
    Column("contact_id", ID, nullable=False),
    Column("shard", Integer, nullable=False),
    Column("address", Json, nullable=False),  # the alias to answer to
    Column("owner", String(10), nullable=False, server_default="bot"),
    Column("owner_id", ID),
    Column("language", String(8)),
    Column("memory", Json, nullable=False),
    Column("last_inbound_at", Timestamp),
    Column("created_at", Timestamp, nullable=False),
    # -- the engine
    Column("ready_at", Timestamp),
    Column("waiting_since", Timestamp),
    Column("rev", BigInteger, nullable=False, server_default="0"),
    Column("seq", BigInteger, nullable=False, server_default="0"),
    Column("lease_until", Timestamp),
    Column("fence", BigInteger, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("supersedes", Integer, nullable=False, server_default="0"),
    Column("error", Text),
    # Calls of models that attempts of the running turn made in vain.
    Column("spent", Json),
    # An empty shell: nothing is ever put into it again.
    Column("erased_at", Timestamp),
    # All that was in it is in that conversation: both were with the same person.
    Column("merged_into", ID),
    # What a person is to look at, and since when; the bot goes on meanwhile.
    Column("attention", String(20)),
    Column("attention_at", Timestamp),
    # Why a person has it, since when, and when a person wrote last.
    Column("handover_reason", String(20)),
    Column("handover_at", Timestamp),
    Column("answered_at", Timestamp),
    # Whose work it is, since when, and which team's.
    Column("assigned_to", ID),
    Column("assigned_at", Timestamp),
    Column("assigned_by", String(100)),  # as in the audit; NULL: who knows
    Column("team", String(200)),
    UniqueConstraint("channel_id", "contact_id"),
    # As agents list them: the one written to last first, and read from its end. Who
    # never wrote comes last there: to SQLite nothing is less than all else anyway.
    Index(
        "ix_conversation_written",
        "tenant_id",
        "last_inbound_at",
        "id",
        postgresql_ops={"last_inbound_at": "NULLS FIRST"},
        postgresql_where=text("merged_into IS NULL"),
        sqlite_where=text("merged_into IS NULL"),
    ),
    # In which a person is wanted: bot/inbox/queues.py asks in these very words.
    Index(
        "ix_conversation_needs",
        "tenant_id",
        postgresql_where=text(
            "owner = 'agent' OR attention IS NOT NULL OR error IS NOT NULL"
        ),
        sqlite_where=text(
            "owner = 'agent' OR attention IS NOT NULL OR error IS NOT NULL"
        ),
    ),
    Index(
        "ix_conversation_ready",
        "tenant_id",
        "ready_at",
        postgresql_where=text("ready_at IS NOT NULL"),
        sqlite_where=text("ready_at IS NOT NULL"),
    ),
    Index(
        "ix_conversation_lease",
        "lease_until",
        postgresql_where=text("lease_until IS NOT NULL"),
        sqlite_where=text("lease_until IS NOT NULL"),
    ),
    Index(
        "ix_conversation_attention",
        "attention",
        postgresql_where=text("attention IS NOT NULL"),
        sqlite_where=text("attention IS NOT NULL"),
    ),
    # What somebody was given, the newest last.
    Index(
        "ix_conversation_assigned",
        "assigned_to",
        "assigned_at",
        postgresql_where=text("assigned_to IS NOT NULL"),
        sqlite_where=text("assigned_to IS NOT NULL"),
    ),
    postgresql_with={"fillfactor": "50"},
)

message = Table(
    "message",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("channel_id", ForeignKey("channel.id"), nullable=False),
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("direction", String(3), nullable=False),  # in, out
    Column("event", String(10), nullable=False),  # message, edit, revoke, echo
    Column("kind", String(20), nullable=False),  # content type
    Column("provider_id", String(200)),
    Column("content", Json, nullable=False),
    Column("reply_to", Json),
    Column("state", String(12), nullable=False),  # pending, done, dead; out: queued ...
    Column("analysis_id", ID),
    Column("why_silent", String(60)),
    Column("actor", String(100)),  # the person who wrote it for the shop
    # Who wrote it edited or deleted it: {"event", "text", "at"}, the newest only.
    Column("correction", Json),
    # What it was about: the products and lines, so that "this one" can be told.
    Column("about", Json),
    # How it came here: forwarded, brought by an ad ...; see bot.domain.message.Origin.
    Column("origin", Json),
    Column("sent_at", Timestamp, nullable=False),
    Column("received_at", Timestamp, nullable=False),
    UniqueConstraint("conversation_id", "seq"),
    Index(
        "ix_message_pending",
        "conversation_id",
        "seq",
        postgresql_where=text("state = 'pending'"),
        sqlite_where=text("state = 'pending'"),
    ),
    # Of people of the shop: bot/inbox/traces.py asks in these very words.
    Index(
        "ix_message_by_person",
        "tenant_id",
        "received_at",
        postgresql_where=text("actor IS NOT NULL OR event = 'echo'"),
        sqlite_where=text("actor IS NOT NULL OR event = 'echo'"),
    ),
    Index(
        "uq_message_provider",
        "tenant_id",
        "channel_id",
        "event",
        "provider_id",
        unique=True,
    ),
)

#: What is left of a message whose content was removed: enough to know it when it comes
#: again, and nothing that says what it was, whose, or when.
forgotten_message = Table(
    "forgotten_message",
    metadata,
    Column("hash", String(64), primary_key=True),  # see bot.db.forgetting
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
)

#: News about messages that we sent, kept as they come: they race and repeat.
message_status = Table(
    "message_status",
    metadata,
    Column("channel_id", ForeignKey("channel.id"), primary_key=True),
    Column("provider_id", String(200), primary_key=True),
    Column("state", String(12), primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("at", Timestamp, nullable=False),
    Column("callback", String(200)),
    Column("error_code", Integer),
    Column("error_title", Text),
    Column("pricing", Json),  # what the provider says that it costs
    Column("received_at", Timestamp, nullable=False),
    # When what a `failed` asks of us was done.
    Column("acted_at", Timestamp),
    Index(None, "callback"),
    Index(
        "ix_message_status_failed",
        "received_at",
        postgresql_where=text("state = 'failed' AND acted_at IS NULL"),
        sqlite_where=text("state = 'failed' AND acted_at IS NULL"),
    ),
)

#: The stored record of one reading: of one turn. `failed` is the dead letter.
analysis = Table(
    "analysis",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False),
    Column("from_seq", BigInteger, nullable=False),
    Column("to_seq", BigInteger, nullable=False),
    Column("status", String(20), nullable=False),
    Column("trigger", String(20), nullable=False),
    Column("provider", String(20)),
    Column("model", String(100)),
    Column("source_type", String(20), nullable=False),
    Column("intent", String(20)),
    Column("confidence", Float),
    Column("result", Json, nullable=False),
    # What the catalog said to each mention of the result.
    Column("matches", Json),
    # How far the order was after the turn: see bot.domain.commerce.
    Column("commerce", Json),
    Column("usage", Json, nullable=False),
    Column("trace", Json, nullable=False),
    # What was true when the turn began, to read it again: see bot.worker.before.
    Column("before", Json),
    Column("draft_id", ID),
    Column("draft_version", Integer),
    Column("order_id", ID),
    Column("attempts", Integer, nullable=False),
    Column("max_attempts", Integer, nullable=False),
    Column("error", Text),
    Column("started_at", Timestamp, nullable=False),
    Column("ended_at", Timestamp),
    # What the catalog said of the draft's lines then: see bot.domain.shelf.
    Column("shelf", Json),
    # What people and programs did on the strength of it: see bot.domain.analysis.
    Column("applied", Json),
    # Raised by every change: who acts on it may say which one they had read.
    Column("entity_version", BigInteger, nullable=False, server_default="1"),
    Column("updated_at", Timestamp),
    Index(None, "conversation_id", "to_seq"),
    Index(None, "draft_id"),
    Index(
        "ix_analysis_failed",
        "tenant_id",
        "ended_at",
        postgresql_where=text("status = 'failed'"),
        sqlite_where=text("status = 'failed'"),
    ),
)

media = Table(
    "media",
    metadata,
    Column("message_id", ForeignKey("message.id"), primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("outcome", String(20), nullable=False),  # stored, refused, gone, expired
    Column("mime", String(100)),
    Column("sha256", String(64)),
    Column("size", BigInteger),
    Column("error", Text),
    # What was heard or seen in it: the same file is not read twice.
    Column("reading", Json),
    Column("fetched_at", Timestamp, nullable=False),
    Index(None, "tenant_id", "sha256"),
    Index(None, "sha256"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", ID, primary_key=True),
    Column("app_id", ID),
    Column("account", String(100)),
    Column("reason", String(60), nullable=False),
    Column("raw", Text, nullable=False),
    Column("received_at", Timestamp, nullable=False),
)

key = Table(
    "key",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("role", String(20), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("revoked_at", Timestamp),
    Column("name", String(100)),  # what it is for
    Column("expires_at", Timestamp),
    UniqueConstraint("hash"),
)
