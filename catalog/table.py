"""The bottom of the database: metadata, naming rules, tenants and what they sell."""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from catalog.column import Exact, Json, Timestamp

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

#: Ids are short texts that we make: a kind, an underscore, 26 sortable characters.
ID = String(40)
#: `info` of a column whose values are sealed with the operator's secret key: what a
#: change of that key has to seal anew.
SEALED: Final[dict[Any, Any]] = {"sealed": True}
#: `info` of a table whose rows mean nothing in another place or at another time.
NOT_BACKED_UP: Final[dict[Any, Any]] = {"backed_up": False}

tenant = Table(
    "tenant",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("language", String(8), nullable=False),
    Column("timezone", String(64), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("country", String(2), nullable=False),
    # crc32(id) % 256: the only key by which databases may ever be split.
    Column("shard", Integer, nullable=False),
    Column("shop", Json, nullable=False),
    # Raised by every change of the rules: who changes them says what they had read.
    Column("shop_version", BigInteger, nullable=False, server_default="0"),
    Column("shop_changed_at", Timestamp),
    # Raised in the transaction of every catalog change: other processes look at it.
    Column("catalog_rev", BigInteger, nullable=False, server_default="0"),
    Column("created_at", Timestamp, nullable=False),
    # Kind -> days, where they are not the defaults of bot.privacy.kinds.
    Column("retention", Json),
    # What models may cost it a day, millionths of a US dollar; null: as deployed.
    Column("model_budget", BigInteger),
    # The catalog revision at which its pictures were noted; how often prints changed.
    Column("pictures_noted", BigInteger),
    Column("pictures_rev", BigInteger, nullable=False, server_default="0"),
)

product = Table(
    "product",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("sku", String(100), nullable=False),
    Column("name", String(500), nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("url", Text),
    Column("currency", String(3), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("type", String(20), nullable=False),
    Column("unit", String(20), nullable=False),
    Column("step", Exact, nullable=False),
    Column("minimum", Exact, nullable=False),
    Column("default_quantity", Exact, nullable=False),
    Column("packs", Json, nullable=False),
    Column("price", Exact),
    Column("list_price", Exact),
    Column("tax_rate", Exact, nullable=False),
    Column("stock", Exact),
    Column("reserved", Exact, nullable=False, server_default="0"),
    Column("weight_kg", Exact),
    Column("length_cm", Exact),
    Column("width_cm", Exact),
    Column("height_cm", Exact),
    Column("seller", String(200)),
    Column("external_id", String(200)),
    Column("reference", String(200)),
    Column("gtin", String(20)),
    Column("brand", String(200)),
    Column("colour", String(100)),
    Column("material", String(200)),
    Column("category", String(300)),
    Column("image", Text),
    Column("attributes", Json, nullable=False),
    Column("option_groups", Json, nullable=False),
    Column("aliases", Json, nullable=False),
    Column("updated_at", Timestamp, nullable=False),
    # Raised by every change of the product or of one of its variants.
    Column("version", BigInteger, nullable=False, server_default="1"),
    UniqueConstraint("tenant_id", "sku"),
    Index(None, "tenant_id", "external_id"),
)

variant = Table(
    "variant",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenant.id"), nullable=False),
    Column("product_id", ForeignKey("product.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("sku", String(100), nullable=False),
    Column("name", String(500), nullable=False),
    Column("attributes", Json, nullable=False),
    Column("price", Exact),
    Column("stock", Exact),
    Column("reserved", Exact, nullable=False, server_default="0"),
    Column("gtin", String(20)),
    Column("external_id", String(200)),
    Column("image", Text),
    UniqueConstraint("tenant_id", "sku"),
    Index(None, "product_id", "position"),
)
