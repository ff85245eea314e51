"""Own shop."""

import sqlalchemy as sa
from alembic import op

from catalog.column import Json, Timestamp

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
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_user_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint(
            "tenant_id", "email_key", name=op.f("uq_user_tenant_id_email_key")
        ),
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

    with op.batch_alter_table("analysis", schema=None) as batch_op:
        batch_op.add_column(sa.Column("matches", Json, nullable=True))
        batch_op.add_column(sa.Column("commerce", Json, nullable=True))
        batch_op.add_column(sa.Column("before", Json, nullable=True))

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

    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.add_column(sa.Column("opted_in_at", Timestamp(), nullable=True))
        batch_op.add_column(
            sa.Column("opted_in_how", sa.String(length=200), nullable=True)
        )
        batch_op.add_column(sa.Column("erased_at", Timestamp(), nullable=True))

    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("spent", Json, nullable=True))
        batch_op.add_column(sa.Column("erased_at", Timestamp(), nullable=True))
        batch_op.add_column(sa.Column("attention", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("attention_at", Timestamp(), nullable=True))
        batch_op.add_column(
            sa.Column("handover_reason", sa.String(length=20), nullable=True)
        )
        batch_op.add_column(sa.Column("handover_at", Timestamp(), nullable=True))
        batch_op.add_column(sa.Column("answered_at", Timestamp(), nullable=True))

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

    with op.batch_alter_table("message_status", schema=None) as batch_op:
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
