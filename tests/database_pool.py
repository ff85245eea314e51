"""PostgreSQL databases that tests lend from one another, emptied in between.

Copying one for each test cost a quarter of a second of the server, most of it for
files that no test touched; emptying the few tables that a test filled costs a tenth.
"""

import asyncio
import itertools
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

import asyncpg

T = TypeVar("T")
_PATIENCE = 60.0

#: Ends everybody else, deletes what is in tables that have pages, and begins counting
#: anew. Keys that refer to one another are not looked at meanwhile.
_EMPTY = """
DO $$
DECLARE each record;
BEGIN
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  SET LOCAL session_replication_role = replica;
  FOR each IN
    SELECT oid::regclass AS name FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
      AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0
  LOOP
    EXECUTE format('DELETE FROM %s', each.name);
  END LOOP;
  FOR each IN
    SELECT format('%I.%I', schemaname, sequencename) AS name
    FROM pg_sequences WHERE last_value IS NOT NULL
  LOOP
    PERFORM setval(each.name::regclass, 1, false);
  END LOOP;
END $$
"""
#: Differs when a test changed the schema, who may do what, or the database's settings.
_SHAPE = """
SELECT (SELECT count(*) || ':' || max(oid) FROM pg_class WHERE oid >= 16384)
  || ':' || (SELECT count(*) FROM pg_attribute WHERE attrelid >= 16384)
  || ':' || (SELECT count(*) FROM pg_constraint WHERE oid >= 16384)
  || ':' || coalesce((SELECT string_agg(version_num, ',') FROM alembic_version), '')
  || ':' || (SELECT md5(string_agg(relacl::text, ',' ORDER BY oid)) FROM pg_class)
  || ':' || (SELECT md5(string_agg(nspacl::text, ',' ORDER BY oid)) FROM pg_namespace)
  || ':' || (
    SELECT coalesce(datacl::text, '') || datallowconn || datconnlimit
      || coalesce((SELECT string_agg(setconfig::text, ',' ORDER BY setrole)
                   FROM pg_db_role_setting WHERE setdatabase = pg_database.oid), '')
    FROM pg_database WHERE datname = current_database()
  )
"""


class Lending:
    """The databases of one server. Use it as a context manager."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._numbers = itertools.count(1)
        self._free: list[_Lent] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for each in self._free:
            self._run(each.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE)
        self._loop.close()

    @contextmanager
    def lent(self) -> Iterator[str]:
        """Yield the URL of a migrated, empty database that nobody else uses."""
        mine = self._free.pop() if self._free else self._run(self._made())
        yield self._address.format(mine.name)
        if self._run(mine.emptied()):
            self._free.append(mine)
        else:
            self._run(self._drop(mine))

    def _run(self, work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE)

    async def _made(self) -> "_Lent":
        name = f"test{next(self._numbers)}"
        copied = "TEMPLATE migrated STRATEGY FILE_COPY"
        await self._administrate(f"CREATE DATABASE {name} {copied}")
        connection = await asyncpg.connect(self._address.format(name))
        return _Lent(name, connection, await connection.fetchval(_SHAPE))

    async def _drop(self, lent: "_Lent") -> None:
        await lent.close()
        await self._administrate(f"DROP DATABASE {lent.name} WITH (FORCE)")

    async def _administrate(self, statement: str) -> None:
        connection = await asyncpg.connect(self._address.format("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


class _Lent:
    """A database, and the connection that empties it."""

    def __init__(self, name: str, connection: Any, shape: str) -> None:
        self.name = name
        self._connection = connection
        self._shape = shape

    async def emptied(self) -> bool:
        """Return whether it is as it was made; if not, nobody may use it again."""
        try:
            await self._connection.execute(_EMPTY)
            shape: str = await self._connection.fetchval(_SHAPE)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        return shape == self._shape

    async def close(self) -> None:
        await self._connection.close()
