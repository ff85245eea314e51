"""A database as version 0.1.0 left it: see `filling.py`, which wrote the file."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    Text,
    bindparam,
    cast,
    column,
    func,
    select,
    table,
)
from sqlalchemy import insert as insert_into

from bot.migrations.comparing import METADATA
from catalog.column import Exact, Json, Timestamp, from_scaled

_FILE = Path(__file__).with_name("filled_0001.json")
FILLED: Mapping[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
TABLES: Mapping[str, Mapping[str, Any]] = FILLED["tables"]


def _kind(name: str, of: str) -> Any:
    """Return how values of a column are bound: JSON as text, exact ones as integers."""
    found = METADATA.tables[name].c[of].type
    if isinstance(found, JSON):
        return Text()
    return BigInteger() if isinstance(found, Exact) else found


def _value(name: str, of: str, value: Any) -> Any:
    is_moment = isinstance(METADATA.tables[name].c[of].type, Timestamp)
    return datetime.fromisoformat(value) if is_moment and value else value


def insert(connection: Connection) -> None:
    """Write every row, naming the columns that version 0.1.0 knew and no other."""
    for name in _in_order():
        columns = TABLES[name]["columns"]
        target = table(name, *(column(each) for each in columns))
        values = {}
        for each in columns:
            bound: Any = bindparam(each, type_=_kind(name, each))
            is_json = isinstance(METADATA.tables[name].c[each].type, JSON)
            # SQLite keeps JSON as its text.
            on_postgres = connection.dialect.name == "postgresql"
            values[each] = cast(bound, Json) if is_json and on_postgres else bound
        rows = [
            {
                each: _value(name, each, value)
                for each, value in zip(columns, row, strict=True)
            }
            for row in TABLES[name]["rows"]
        ]
        connection.execute(insert_into(target).values(values), rows)
        _count_on(connection, name)


def _count_on(connection: Connection, name: str) -> None:
    """Let PostgreSQL count on from our ids, as it did when it gave them out."""
    serial = METADATA.tables[name].autoincrement_column
    if connection.dialect.name == "postgresql" and serial is not None:
        sequence = func.pg_get_serial_sequence(name, serial.name)
        connection.execute(
            select(func.setval(sequence, func.max(serial))).select_from(serial.table)
        )


def rows(connection: Connection, name: str) -> Sequence[Any]:
    """Return what a table holds now, in the columns and the order of the file."""
    known = METADATA.tables[name]
    columns = [known.c[each] for each in TABLES[name]["columns"]]
    found = connection.execute(select(*columns).order_by(*known.primary_key))
    return [list(row) for row in found]


def expected(name: str) -> Sequence[Any]:
    """Return the same as the file has it."""
    known, columns = METADATA.tables[name], TABLES[name]["columns"]
    return [
        [
            _read(known.c[each].type, value)
            for each, value in zip(columns, row, strict=True)
        ]
        for row in TABLES[name]["rows"]
    ]


def _read(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, JSON):
        return json.loads(value)
    if isinstance(kind, Timestamp):
        return datetime.fromisoformat(value)
    return from_scaled(value) if isinstance(kind, Exact) else value


def last_moment() -> datetime:
    """Return a moment shortly after the last thing that happened in it."""
    place = TABLES["message"]["columns"].index("received_at")
    times = [row[place] for row in TABLES["message"]["rows"]]
    return datetime.fromisoformat(max(times)) + timedelta(seconds=30)


def _in_order() -> Sequence[str]:
    return [each.name for each in METADATA.sorted_tables if each.name in TABLES]
