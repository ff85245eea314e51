"""Statements as SQLAlchemy compiled them, kept once for all engines of a process.

Left alone, each engine compiles for itself, a millisecond for a statement: SQLite's two
engines for one file both did, and so does whatever opens a second database.
"""

from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.util import LRUCache

#: More than the program has statements; most have two forms.
_MOST = 3000

#: For `create_async_engine`.
REMEMBERED: dict[str, Any] = {"compiled_cache": LRUCache(_MOST)}
#: The name of PostgreSQL's driver in URLs.
POSTGRESQL = "postgresql+alike"


class Alike:
    """What makes dialects of one class equal: their engines share what is compiled.

    Also the server's version must be one: what is compiled may depend on it.
    """

    server_version_info: tuple[Any, ...] | None = None

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and (
            self.server_version_info == other.server_version_info
        )

    def __hash__(self) -> int:
        return hash(type(self))


class AlikePostgres(Alike, PGDialect_asyncpg):
    """PostgreSQL by asyncpg, as SQLAlchemy speaks it."""

    supports_statement_cache = True


registry.register("postgresql.alike", __name__, "AlikePostgres")
