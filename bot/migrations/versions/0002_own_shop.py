"""Own shop."""

import sqlalchemy as sa
from alembic import op

from catalog.column import Exact, Json, Timestamp

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "first_run",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_first_run")),
        info={"backed_up": False},
    )
    op.create_table(
        "sign_in_try",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("used_until", Timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sign_in_try")),
        info={"backed_up": False},
    )
    with op.batch_alter_table("sign_in_try", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sign_in_try_used_until"), ["used_until"], unique=False
        )

    op.create_table(
        "staged_product",
        sa.Column("import_id", sa.String(length=40), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=True),
        sa.Column("sku", sa.String(length=100), nullable=True),
        sa.Column("name", sa.String(length=500), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=True),
        sa.Column("type", sa.String(length=20), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("step", sa.BigInteger(), nullable=True),
        sa.Column("minimum", sa.BigInteger(), nullable=True),
        sa.Column("default_quantity", sa.BigInteger(), nullable=True),
        sa.Column("packs", Json, nullable=True),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("list_price", sa.BigInteger(), nullable=True),
        sa.Column("tax_rate", sa.BigInteger(), nullable=True),
        sa.Column("stock", sa.BigInteger(), nullable=True),
        sa.Column("weight_kg", sa.BigInteger(), nullable=True),
        sa.Column("length_cm", sa.BigInteger(), nullable=True),
        sa.Column("width_cm", sa.BigInteger(), nullable=True),
        sa.Column("height_cm", sa.BigInteger(), nullable=True),
        sa.Column("seller", sa.String(length=200), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("gtin", sa.String(length=20), nullable=True),
        sa.Column("brand", sa.String(length=200), nullable=True),
        sa.Column("colour", sa.String(length=100), nullable=True),
        sa.Column("material", sa.String(length=200), nullable=True),
        sa.Column("category", sa.String(length=300), nullable=True),
        sa.Column("image", sa.Text(), nullable=True),
        sa.Column("attributes", Json, nullable=True),
        sa.Column("option_groups", Json, nullable=True),
        sa.Column("aliases", Json, nullable=True),
        sa.PrimaryKeyConstraint("import_id", "place", name=op.f("pk_staged_product")),
    )
    op.create_table(
        "staged_variant",
        sa.Column("import_id", sa.String(length=40), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("fate", sa.String(length=4), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("product_id", sa.String(length=40), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("sku", sa.String(length=100), nullable=True),
        sa.Column("name", sa.String(length=500), nullable=True),
        sa.Column("attributes", Json, nullable=True),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("stock", sa.BigInteger(), nullable=True),
        sa.Column("gtin", sa.String(length=20), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("image", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint(
            "import_id", "place", "id", name=op.f("pk_staged_variant")
        ),
    )
    op.create_table(
        "alarm",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("raised_at", Timestamp(), nullable=False),
        sa.Column("cleared_at", Timestamp(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_alarm_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
    )
    with op.batch_alter_table("alarm", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_alarm_cleared_at"), ["cleared_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_alarm_tenant_id_raised_at"),
            ["tenant_id", "raised_at"],
            unique=False,
        )
        batch_op.create_index(
            "uq_alarm_standing",
            ["tenant_id", "kind", "subject"],
            unique=True,
            postgresql_where=sa.text("cleared_at IS NULL"),
            sqlite_where=sa.text("cleared_at IS NULL"),
        )

    op.create_table(
        "audit",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("at", Timestamp(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("target", sa.String(length=100), nullable=True),
        sa.Column("details", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_audit_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_audit_tenant_id_at"), ["tenant_id", "at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_audit_tenant_id_target_at"),
            ["tenant_id", "target", "at"],
            unique=False,
        )

    op.create_table(
        "canned_reply",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("shortcut", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("updated_at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_canned_reply_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_reply")),
        sa.UniqueConstraint(
            "tenant_id", "shortcut", name=op.f("uq_canned_reply_tenant_id_shortcut")
        ),
    )
    op.create_table(
        "catalog_import",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("phase", sa.String(length=12), nullable=True),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("partial", sa.Boolean(), nullable=False),
        sa.Column("percent", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows", sa.Integer(), server_default="0", nullable=False),
        sa.Column("added", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unchanged", sa.Integer(), server_default="0", nullable=False),
        sa.Column("mistakes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("errors", Json, nullable=False),
        sa.Column("warnings", Json, nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("format", sa.String(length=20), nullable=True),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("started_at", Timestamp(), nullable=True),
        sa.Column("ended_at", Timestamp(), nullable=True),
        sa.Column("lease_until", Timestamp(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_catalog_import_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_import")),
    )
    with op.batch_alter_table("catalog_import", schema=None) as batch_op:
        batch_op.create_index(
            "ix_catalog_import_lease",
            ["lease_until"],
            unique=False,
            postgresql_where=sa.text("lease_until IS NOT NULL"),
            sqlite_where=sa.text("lease_until IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_catalog_import_tenant_id_created_at"),
            ["tenant_id", "created_at"],
            unique=False,
        )

    op.create_table(
        "catalog_picture",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("print", sa.Text(), nullable=True),
        sa.Column("print_version", sa.Integer(), nullable=True),
        sa.Column("due_at", Timestamp(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("looked_at", Timestamp(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_catalog_picture_tenant_id")
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "address", name=op.f("pk_catalog_picture")
        ),
    )
    with op.batch_alter_table("catalog_picture", schema=None) as batch_op:
        batch_op.create_index(
            "ix_catalog_picture_due",
            ["tenant_id", "due_at"],
            unique=False,
            postgresql_where=sa.text("due_at IS NOT NULL"),
            sqlite_where=sa.text("due_at IS NOT NULL"),
        )

    op.create_table(
        "external_id",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("face", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("internal_id", sa.String(length=80), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_external_id_tenant_id")
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "face", "kind", "external_id", name=op.f("pk_external_id")
        ),
        sa.UniqueConstraint(
            "tenant_id",
            "face",
            "kind",
            "internal_id",
            name=op.f("uq_external_id_tenant_id_face_kind_internal_id"),
        ),
    )
    op.create_table(
        "face_reference",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("face", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("data", Json, nullable=True),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_face_reference_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_face_reference")),
        sa.UniqueConstraint(
            "tenant_id",
            "face",
            "channel",
            "kind",
            "slug",
            name=op.f("uq_face_reference_tenant_id_face_channel_kind_slug"),
        ),
    )
    op.create_table(
        "forgotten_message",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_forgotten_message_tenant_id")
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_forgotten_message")),
    )
    op.create_table(
        "idempotency",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_idempotency_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "key", name=op.f("pk_idempotency")),
    )
    with op.batch_alter_table("idempotency", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_idempotency_created_at"), ["created_at"], unique=False
        )

    op.create_table(
        "label",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_key", sa.String(length=120), nullable=False),
        sa.Column("colour", sa.String(length=20), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_label_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label")),
        sa.UniqueConstraint(
            "tenant_id", "name_key", name=op.f("uq_label_tenant_id_name_key")
        ),
    )
    op.create_table(
        "model_spending",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_model_spending_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "day", name=op.f("pk_model_spending")),
    )
    op.create_table(
        "order_call",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("face", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("order_id", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("raw", Json, nullable=True),
        sa.Column("at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_order_call_tenant_id")
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "face", "channel", "key", name=op.f("pk_order_call")
        ),
        sa.UniqueConstraint("order_id", name=op.f("uq_order_call_order_id")),
    )
    op.create_table(
        "user",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("email_key", sa.String(length=320), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("password_at", Timestamp(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("last_login_at", Timestamp(), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("sales_code", sa.String(length=100), nullable=True),
        sa.Column("team", sa.String(length=200), nullable=True),
        sa.Column("team_external_id", sa.String(length=200), nullable=True),
        sa.Column("assigned_at", Timestamp(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_user_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint(
            "tenant_id", "email_key", name=op.f("uq_user_tenant_id_email_key")
        ),
    )
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_user_email_key"), ["email_key"], unique=False
        )

    op.create_table(
        "webhook_tally",
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("slot", Timestamp(), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_webhook_tally_tenant_id")
        ),
        sa.PrimaryKeyConstraint("subject", "slot", name=op.f("pk_webhook_tally")),
        info={"backed_up": False},
    )
    with op.batch_alter_table("webhook_tally", schema=None) as batch_op:
        batch_op.create_index(
            "ix_webhook_tally_refused",
            ["slot", "subject"],
            unique=False,
            postgresql_where=sa.text("refused > 0"),
            sqlite_where=sa.text("refused > 0"),
        )
        batch_op.create_index(
            batch_op.f("ix_webhook_tally_slot"), ["slot"], unique=False
        )

    op.create_table(
        "activity",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=40), nullable=False),
        sa.Column("rep_id", sa.String(length=40), nullable=False),
        sa.Column("activity", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("given", Json, nullable=False),
        sa.Column("result", Json, nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("run", sa.String(length=40), nullable=True),
        sa.Column("run_until", Timestamp(), nullable=True),
        sa.Column("draft_id", sa.String(length=40), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("updated_at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_activity_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_activity_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_activity_customer_id"), ["customer_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_activity_tenant_id_created_at"),
            ["tenant_id", "created_at"],
            unique=False,
        )

    op.create_table(
        "customer_contact",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=40), nullable=False),
        sa.Column("contact_id", sa.String(length=40), nullable=True),
        sa.Column("name", sa.String(length=300), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("role", sa.String(length=100), nullable=True),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_customer_contact_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_customer_contact_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_contact")),
        sa.UniqueConstraint(
            "tenant_id",
            "contact_id",
            name=op.f("uq_customer_contact_tenant_id_contact_id"),
        ),
    )
    with op.batch_alter_table("customer_contact", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_customer_contact_customer_id"), ["customer_id"], unique=False
        )

    op.create_table(
        "draft_version",
        sa.Column("draft_id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("restored", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["draft.id"], name=op.f("fk_draft_version_draft_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_draft_version_tenant_id")
        ),
        sa.PrimaryKeyConstraint("draft_id", "version", name=op.f("pk_draft_version")),
    )
    op.create_table(
        "learnt_alias",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("contact_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("product_id", sa.String(length=40), nullable=False),
        sa.Column("variant_id", sa.String(length=40), nullable=True),
        sa.Column("lesson", sa.String(length=20), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=True),
        sa.Column("learnt_at", Timestamp(), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("forgotten_at", Timestamp(), nullable=True),
        sa.Column("before", Json, nullable=True),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_learnt_alias_product_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_learnt_alias_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learnt_alias")),
    )
    with op.batch_alter_table("learnt_alias", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_learnt_alias_tenant_id_contact_id"),
            ["tenant_id", "contact_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_learnt_alias_tenant_id_key_learnt_at"),
            ["tenant_id", "key", "learnt_at"],
            unique=False,
        )

    op.create_table(
        "session",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("password_at", Timestamp(), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("seen_at", Timestamp(), nullable=False),
        sa.Column("expires_at", Timestamp(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("device", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_session_tenant_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_session_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("hash", name=op.f("uq_session_hash")),
        info={"backed_up": False},
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_session_user_id"), ["user_id"], unique=False
        )

    op.create_table(
        "sink_made",
        sa.Column("sink_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("internal_id", sa.String(length=120), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("owner_id", sa.String(length=40), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sink_id"], ["sink.id"], name=op.f("fk_sink_made_sink_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_sink_made_tenant_id")
        ),
        sa.PrimaryKeyConstraint(
            "sink_id", "kind", "internal_id", name=op.f("pk_sink_made")
        ),
    )
    with op.batch_alter_table("sink_made", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sink_made_owner_id"), ["owner_id"], unique=False
        )

    op.create_table(
        "alias_past",
        sa.Column("channel_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("value", sa.String(length=160), nullable=False),
        sa.Column("until", Timestamp(), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("contact_id", sa.String(length=40), nullable=False),
        sa.Column("since", Timestamp(), nullable=True),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channel.id"], name=op.f("fk_alias_past_channel_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_alias_past_tenant_id")
        ),
        sa.PrimaryKeyConstraint(
            "channel_id", "kind", "value", "until", name=op.f("pk_alias_past")
        ),
    )
    with op.batch_alter_table("alias_past", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_alias_past_contact_id"), ["contact_id"], unique=False
        )

    op.create_table(
        "channel_vitals",
        sa.Column("channel_id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("heard_at", Timestamp(), nullable=True),
        sa.Column("checked_at", Timestamp(), nullable=True),
        sa.Column("works", sa.Boolean(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("expires_at", Timestamp(), nullable=True),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channel.id"], name=op.f("fk_channel_vitals_channel_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_channel_vitals_tenant_id")
        ),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_channel_vitals")),
        info={"backed_up": False},
    )
    op.create_table(
        "conversation_label",
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("label_id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_conversation_label_conversation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["label_id"], ["label.id"], name=op.f("fk_conversation_label_label_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_conversation_label_tenant_id")
        ),
        sa.PrimaryKeyConstraint(
            "conversation_id", "label_id", name=op.f("pk_conversation_label")
        ),
    )
    with op.batch_alter_table("conversation_label", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_conversation_label_label_id"), ["label_id"], unique=False
        )

    op.create_table(
        "conversation_read",
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_conversation_read_conversation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_conversation_read_tenant_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_conversation_read_user_id")
        ),
        sa.PrimaryKeyConstraint(
            "conversation_id", "user_id", name=op.f("pk_conversation_read")
        ),
    )
    op.create_table(
        "note",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_note_conversation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_note_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_note_conversation_id_at"),
            ["conversation_id", "at"],
            unique=False,
        )

    with op.batch_alter_table("analysis", schema=None) as batch_op:
        batch_op.add_column(sa.Column("matches", Json, nullable=True))
        batch_op.add_column(sa.Column("commerce", Json, nullable=True))
        batch_op.add_column(sa.Column("before", Json, nullable=True))
        batch_op.add_column(sa.Column("shelf", Json, nullable=True))
        batch_op.add_column(sa.Column("applied", Json, nullable=True))
        batch_op.add_column(
            sa.Column(
                "entity_version", sa.BigInteger(), server_default="1", nullable=False
            )
        )
        batch_op.add_column(sa.Column("updated_at", Timestamp(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_analysis_draft_id"), ["draft_id"], unique=False
        )

    with op.batch_alter_table("app", schema=None) as batch_op:
        batch_op.add_column(sa.Column("secret_before", sa.Text(), nullable=True))
        batch_op.add_column(
            sa.Column("secret_before_until", Timestamp(), nullable=True)
        )

    with op.batch_alter_table("channel", schema=None) as batch_op:
        batch_op.add_column(sa.Column("state_reason", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("state_at", Timestamp(), nullable=True))
        batch_op.add_column(sa.Column("base_url", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("instance", sa.String(length=100), nullable=True))
        batch_op.add_column(sa.Column("public_only", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("webhook_secret", sa.Text(), nullable=True))
        batch_op.add_column(
            sa.Column("webhook_secret_before", sa.Text(), nullable=True)
        )
        batch_op.add_column(
            sa.Column("webhook_secret_before_until", Timestamp(), nullable=True)
        )
        batch_op.add_column(sa.Column("lost_at", Timestamp(), nullable=True))
        batch_op.add_column(sa.Column("per_second", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("paused_by", sa.String(length=10), nullable=True))
        batch_op.add_column(
            sa.Column("catalog_id", sa.String(length=100), nullable=True)
        )

    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.add_column(sa.Column("opted_in_at", Timestamp(), nullable=True))
        batch_op.add_column(
            sa.Column("opted_in_how", sa.String(length=200), nullable=True)
        )
        batch_op.add_column(sa.Column("erased_at", Timestamp(), nullable=True))
        batch_op.add_column(
            sa.Column("merged_into", sa.String(length=40), nullable=True)
        )
        batch_op.add_column(sa.Column("merged_at", Timestamp(), nullable=True))
        batch_op.add_column(
            sa.Column("identity_hash", sa.String(length=100), nullable=True)
        )
        batch_op.add_column(
            sa.Column("identity_changed_at", Timestamp(), nullable=True)
        )
        batch_op.create_index(
            "ix_contact_merged_into",
            ["merged_into"],
            unique=False,
            postgresql_where=sa.text("merged_into IS NOT NULL"),
            sqlite_where=sa.text("merged_into IS NOT NULL"),
        )

    with op.batch_alter_table("contact_alias", schema=None) as batch_op:
        batch_op.add_column(sa.Column("since", Timestamp(), nullable=True))

    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("spent", Json, nullable=True))
        batch_op.add_column(sa.Column("erased_at", Timestamp(), nullable=True))
        batch_op.add_column(
            sa.Column("merged_into", sa.String(length=40), nullable=True)
        )
        batch_op.add_column(sa.Column("attention", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("attention_at", Timestamp(), nullable=True))
        batch_op.add_column(
            sa.Column("handover_reason", sa.String(length=20), nullable=True)
        )
        batch_op.add_column(sa.Column("handover_at", Timestamp(), nullable=True))
        batch_op.add_column(sa.Column("answered_at", Timestamp(), nullable=True))
        batch_op.add_column(
            sa.Column("assigned_to", sa.String(length=40), nullable=True)
        )
        batch_op.add_column(sa.Column("assigned_at", Timestamp(), nullable=True))
        batch_op.add_column(
            sa.Column("assigned_by", sa.String(length=100), nullable=True)
        )
        batch_op.add_column(sa.Column("team", sa.String(length=200), nullable=True))
        batch_op.create_index(
            "ix_conversation_assigned",
            ["assigned_to", "assigned_at"],
            unique=False,
            postgresql_where=sa.text("assigned_to IS NOT NULL"),
            sqlite_where=sa.text("assigned_to IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_conversation_attention",
            ["attention"],
            unique=False,
            postgresql_where=sa.text("attention IS NOT NULL"),
            sqlite_where=sa.text("attention IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_conversation_needs",
            ["tenant_id"],
            unique=False,
            postgresql_where=sa.text(
                "owner = 'agent' OR attention IS NOT NULL OR error IS NOT NULL"
            ),
            sqlite_where=sa.text(
                "owner = 'agent' OR attention IS NOT NULL OR error IS NOT NULL"
            ),
        )
        batch_op.create_index(
            "ix_conversation_written",
            ["tenant_id", "last_inbound_at", "id"],
            unique=False,
            postgresql_ops={"last_inbound_at": "NULLS FIRST"},
            postgresql_where=sa.text("merged_into IS NULL"),
            sqlite_where=sa.text("merged_into IS NULL"),
        )

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("first_name", sa.String(length=150), nullable=True)
        )
        batch_op.add_column(
            sa.Column("last_name", sa.String(length=150), nullable=True)
        )
        batch_op.add_column(sa.Column("gender", sa.String(length=20), nullable=True))
        batch_op.add_column(
            sa.Column("birth_date", sa.String(length=10), nullable=True)
        )
        batch_op.add_column(
            sa.Column("phone_country_code", sa.String(length=4), nullable=True)
        )
        batch_op.add_column(
            sa.Column("phone_area_code", sa.String(length=10), nullable=True)
        )
        batch_op.add_column(
            sa.Column("phone_number", sa.String(length=20), nullable=True)
        )
        batch_op.add_column(sa.Column("business", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("company", sa.String(length=300), nullable=True))
        batch_op.add_column(
            sa.Column("tax_office", sa.String(length=200), nullable=True)
        )
        batch_op.add_column(
            sa.Column("state_tax_id", sa.String(length=40), nullable=True)
        )
        batch_op.add_column(sa.Column("documents", Json, nullable=True))
        batch_op.add_column(sa.Column("data", Json, nullable=True))
        batch_op.add_column(
            sa.Column(
                "entity_version", sa.BigInteger(), server_default="1", nullable=False
            )
        )
        batch_op.add_column(sa.Column("updated_at", Timestamp(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_customer_tenant_id_name"),
            ["tenant_id", "name"],
            unique=False,
        )

    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.add_column(sa.Column("entries", sa.Integer(), nullable=True))
        batch_op.create_index(
            "ix_draft_awaiting",
            ["state"],
            unique=False,
            postgresql_where=sa.text("state = 'awaiting_approval'"),
            sqlite_where=sa.text("state = 'awaiting_approval'"),
        )
        batch_op.create_index(
            "ix_draft_live",
            ["tenant_id", "conversation_id", "state", "entries"],
            unique=False,
            postgresql_where=sa.text(
                "state IN ('open', 'proposed', 'awaiting_approval') AND coalesce(entries, 1) > 0"
            ),
            sqlite_where=sa.text(
                "state IN ('open', 'proposed', 'awaiting_approval') AND coalesce(entries, 1) > 0"
            ),
        )
        batch_op.create_index(
            batch_op.f("ix_draft_tenant_id_state_conversation_id_entries"),
            ["tenant_id", "state", "conversation_id", "entries"],
            unique=False,
        )

    with op.batch_alter_table("key", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name", sa.String(length=100), nullable=True))
        batch_op.add_column(sa.Column("expires_at", Timestamp(), nullable=True))

    with op.batch_alter_table("media", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reading", Json, nullable=True))
        batch_op.create_index(batch_op.f("ix_media_sha256"), ["sha256"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_media_tenant_id_sha256"),
            ["tenant_id", "sha256"],
            unique=False,
        )

    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("actor", sa.String(length=100), nullable=True))
        batch_op.add_column(sa.Column("correction", Json, nullable=True))
        batch_op.add_column(sa.Column("about", Json, nullable=True))
        batch_op.add_column(sa.Column("origin", Json, nullable=True))
        batch_op.create_index(
            "ix_message_by_person",
            ["tenant_id", "received_at"],
            unique=False,
            postgresql_where=sa.text("actor IS NOT NULL OR event = 'echo'"),
            sqlite_where=sa.text("actor IS NOT NULL OR event = 'echo'"),
        )

    with op.batch_alter_table("message_status", schema=None) as batch_op:
        batch_op.add_column(sa.Column("pricing", Json, nullable=True))
        batch_op.add_column(sa.Column("acted_at", Timestamp(), nullable=True))
        batch_op.create_index(
            "ix_message_status_failed",
            ["received_at"],
            unique=False,
            postgresql_where=sa.text("state = 'failed' AND acted_at IS NULL"),
            sqlite_where=sa.text("state = 'failed' AND acted_at IS NULL"),
        )

    with op.batch_alter_table("order", schema=None) as batch_op:
        batch_op.add_column(sa.Column("checkout_url", sa.Text(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "payment_status",
                sa.String(length=30),
                server_default="unpaid",
                nullable=False,
            )
        )
        batch_op.add_column(
            sa.Column(
                "fulfilment_status",
                sa.String(length=30),
                server_default="unfulfilled",
                nullable=False,
            )
        )
        batch_op.add_column(
            sa.Column(
                "refunded_total", sa.BigInteger(), server_default="0", nullable=False
            )
        )
        batch_op.add_column(
            sa.Column(
                "entity_version", sa.BigInteger(), server_default="1", nullable=False
            )
        )
        batch_op.add_column(sa.Column("sold_by", sa.String(length=40), nullable=True))
        batch_op.add_column(
            sa.Column("sold_team", sa.String(length=200), nullable=True)
        )
        batch_op.create_index(
            batch_op.f("ix_order_tenant_id_placed_at_number"),
            ["tenant_id", "placed_at", "number"],
            unique=False,
        )

    with op.batch_alter_table("order_line", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("fulfilled", Exact(), server_default="0", nullable=False)
        )

    with op.batch_alter_table("order_move", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "kind", sa.String(length=20), server_default="state", nullable=False
            )
        )
        batch_op.add_column(sa.Column("value", sa.String(length=30), nullable=True))
        batch_op.add_column(sa.Column("amount", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("parts", Json, nullable=True))
        batch_op.add_column(
            sa.Column("responsible", sa.String(length=100), nullable=True)
        )

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("waits_for", sa.String(length=120), nullable=True)
        )
        batch_op.create_index(
            "ix_outbox_parked",
            ["tenant_id", "id"],
            unique=False,
            postgresql_where=sa.text("state = 'parked'"),
            sqlite_where=sa.text("state = 'parked'"),
        )
        batch_op.create_index(
            "ix_outbox_waits_for",
            ["waits_for"],
            unique=False,
            postgresql_where=sa.text("waits_for IS NOT NULL"),
            sqlite_where=sa.text("waits_for IS NOT NULL"),
        )

    with op.batch_alter_table("outbox_attempt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("exchanges", Json, nullable=True))

    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("version", sa.BigInteger(), server_default="1", nullable=False)
        )

    with op.batch_alter_table("sink", schema=None) as batch_op:
        batch_op.add_column(sa.Column("secret_before", sa.Text(), nullable=True))
        batch_op.add_column(
            sa.Column("secret_before_until", Timestamp(), nullable=True)
        )
        batch_op.add_column(sa.Column("public_only", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("state_reason", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("state_at", Timestamp(), nullable=True))
        batch_op.add_column(sa.Column("options", Json, nullable=True))

    with op.batch_alter_table("tenant", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "shop_version", sa.BigInteger(), server_default="0", nullable=False
            )
        )
        batch_op.add_column(sa.Column("shop_changed_at", Timestamp(), nullable=True))
        batch_op.add_column(sa.Column("retention", Json, nullable=True))
        batch_op.add_column(sa.Column("model_budget", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("pictures_noted", sa.BigInteger(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "pictures_rev", sa.BigInteger(), server_default="0", nullable=False
            )
        )
