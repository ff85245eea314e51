"""How Alembic sees our tables: for migrating, drafting and comparing alike."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from alembic.autogenerate.api import AutogenContext
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Index, MetaData

import bot.inbox.agents_table
import bot.inbox.api_table
import bot.inbox.first_run_table
import bot.inbox.health_table
import bot.inbox.people_table
import bot.inbox.table
import bot.reading.table
import catalog.alias_table
import catalog.import_table
import catalog.picture_table
import catalog.table
import orders.advice.table
import orders.table
from catalog.column import Exact, Json, Timestamp

#: Every table of the software. A module adds its tables to it when it is imported.
METADATA: Final[MetaData] = catalog.table.metadata
TABLE_MODULES: Final = (
    catalog.table,
    catalog.import_table,
    catalog.picture_table,
    catalog.alias_table,
    orders.table,
    orders.advice.table,
    bot.inbox.table,
    bot.inbox.agents_table,
    bot.inbox.api_table,
    bot.inbox.first_run_table,
    bot.inbox.health_table,
    bot.inbox.people_table,
    bot.reading.table,
)


def _render_item(
    kind: str, item: object, _context: AutogenContext
) -> str | Literal[False]:
    """Write our column types by their own names."""
    if kind != "type":
        return False
    if isinstance(item, Timestamp | Exact):
        return f"{type(item).__name__}()"
    return "Json" if item is Json else False


def _defaults_differ(
    _context: MigrationContext,
    _inspected: Column[Any],
    _column: Column[Any],
    found: str | None,
    _wanted: object,
    rendered: str | None,
) -> bool | None:
    """Know an empty text on SQLite, which Alembic does not; leave the rest to it."""
    return False if rendered == "" and found == "('')" else None


def _is_compared(
    found: object,
    _name: str | None,
    kind: str,
    _reflected: bool,  # noqa: FBT001  # as Alembic calls it
    other: object | None,
) -> bool:
    """Take an index that tells its order for one that is as it should be.

    Alembic sees the order in the database, and not where PostgreSQL is told it: that
    both build the same is another test's.
    """
    if kind != "index" or other is None or not isinstance(found, Index):
        return True
    return not found.dialect_kwargs.get("postgresql_ops")


#: For `context.configure`. SQLite cannot alter a table: Alembic copies it (batch).
OPTIONS: Final[Mapping[str, Any]] = {
    "target_metadata": METADATA,
    "render_as_batch": True,
    "compare_type": True,
    "compare_server_default": _defaults_differ,
    "render_item": _render_item,
    "include_object": _is_compared,
}
