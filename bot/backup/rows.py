"""Rows as lines of JSON that mean the same on every database.

A line is a list of values, in the order of the columns that the manifest names. A
moment is ISO 8601 in UTC, an exact decimal an integer of 10**-6, and JSON a text of
JSON: so an SQL null and a JSON null stay two things.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Integer,
    String,
    Text,
    cast,
    type_coerce,
)
from sqlalchemy.sql import ColumnElement
from sqlalchemy.types import TypeEngine

from catalog.column import Exact, Timestamp


class Kind(StrEnum):
    """How a column's values are written."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    FLOAT = "float"
    MOMENT = "moment"
    EXACT = "exact"
    JSON = "json"


#: The first that fits counts: an `Exact` is stored as an integer.
_KINDS: Sequence[tuple[type[TypeEngine[Any]], Kind]] = (
    (Timestamp, Kind.MOMENT),
    (Exact, Kind.EXACT),
    (JSON, Kind.JSON),
    (Boolean, Kind.BOOLEAN),
    (Integer, Kind.INTEGER),
    (Float, Kind.FLOAT),
    (String, Kind.TEXT),
)
#: What values of a kind are bound as: SQLite keeps JSON as its text.
TYPES: Mapping[Kind, TypeEngine[Any]] = {
    Kind.TEXT: Text(),
    Kind.INTEGER: BigInteger(),
    Kind.BOOLEAN: Boolean(),
    Kind.FLOAT: Float(),
    Kind.MOMENT: Timestamp(),
    Kind.EXACT: BigInteger(),
    Kind.JSON: Text(),
}


def kind_of(column: Column[Any]) -> Kind:
    """Return the kind of a column. Raises TypeError for one that no backup knows."""
    for kind, name in _KINDS:
        if isinstance(column.type, kind):
            return name
    raise TypeError(f"no backup knows columns like {column}: {column.type!r}")


def raw(column: Column[Any], kind: Kind) -> ColumnElement[Any]:
    """Return what to select of a column: as stored, where it is parsed for nothing."""
    match kind:
        case Kind.JSON:
            return cast(column, Text)
        case Kind.EXACT:
            return type_coerce(column, BigInteger)
        case _:
            return column


def to_line(values: Iterable[object]) -> bytes:
    """Return a row as a line."""
    row = [
        value.isoformat() if isinstance(value, datetime) else value for value in values
    ]
    return json.dumps(row, separators=(",", ":")).encode() + b"\n"


def from_lines(
    text: bytes, columns: Mapping[str, Kind]
) -> Iterable[Mapping[str, object]]:
    """Yield the rows of a part by column. Raises ValueError for what is none."""
    names = list(columns)
    parse = [_PARSE.get(kind) for kind in columns.values()]
    for line in text.splitlines():
        values = json.loads(line)
        if not isinstance(values, list) or len(values) != len(names):
            raise ValueError(f"a row has {len(names)} values: {line[:80]!r}")
        yield {
            name: value if value is None or convert is None else convert(value)
            for name, value, convert in zip(names, values, parse, strict=True)
        }


_PARSE: Mapping[Kind, Callable[[str], object]] = {Kind.MOMENT: datetime.fromisoformat}
