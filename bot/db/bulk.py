"""Many rows at once, in the caller's transaction."""

from collections.abc import Mapping, Sequence

import asyncpg
from sqlalchemy import bindparam, column, insert, table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from bot.db.unavailable import REFUSING


class RowRefused(Exception):
    """The database does not take a row; the message says why."""


async def insert_rows(
    connection: AsyncConnection,
    name: str,
    types: Mapping[str, TypeEngine[object]],
    rows: Sequence[Mapping[str, object]],
) -> None:
    """Insert rows that have a value for every column in `types`.

    JSON is given as its text. On PostgreSQL it is one COPY: an INSERT is executed row
    by row. Raises RowRefused.
    """
    if connection.dialect.name == "postgresql":
        await _copy(connection, name, list(types), rows)
        return
    target = table(name, *(column(each) for each in types))
    values = {each: bindparam(each, type_=kind) for each, kind in types.items()}
    try:
        await connection.execute(insert(target).values(values), rows)
    except DBAPIError as error:
        raise RowRefused(str(error.orig)) from error


async def _copy(
    connection: AsyncConnection,
    name: str,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, object]],
) -> None:
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    if not isinstance(driver, asyncpg.Connection):
        raise TypeError(f"COPY needs asyncpg, not {type(driver).__name__}")
    records = [tuple(row[each] for each in columns) for row in rows]
    try:
        await driver.copy_records_to_table(name, records=records, columns=columns)
    except asyncpg.PostgresError as error:
        if str(error.sqlstate).startswith(REFUSING):
            raise
        raise RowRefused(str(error)) from error
    except ValueError as error:  # asyncpg's own look at a value
        raise RowRefused(str(error)) from error
