"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, ColumnElement, DateTime, Dialect, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
#: Exact decimals are stored as integers of 10**-6.
SCALE = 6

#: JSON that PostgreSQL can look into.
Json = JSON().with_variant(JSONB(), "postgresql")


def to_micros(moment: datetime) -> int:
    """Return a moment as whole microseconds since 1970 UTC: SQLite's form of it."""
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return the UTC moment that `to_micros` stored."""
    return _EPOCH + timedelta(microseconds=micros)


def to_scaled(value: Decimal) -> int:
    """Return an exact decimal as stored. Raises ValueError beyond six decimals."""
    scaled = value.scaleb(SCALE)
    whole = int(scaled)
    if whole != scaled:
        raise ValueError(f"{value} has more than {SCALE} decimals")
    return whole


def from_scaled(stored: int) -> Decimal:
    """Return the decimal that `to_scaled` stored, without trailing zeros."""
    value = Decimal(stored).scaleb(-SCALE)
    return value.quantize(Decimal(1)) if value == int(value) else value.normalize()


def unindexed(column: ColumnElement[str]) -> ColumnElement[str]:
    """Return a column of texts in a form that no index has.

    SQLite knows nothing about how many rows are a tenant's: told a tenant and some
    ids, it reads an index that begins with the tenant, from one end to the other.
    """
    return func.coalesce(column, "")


class Timestamp(TypeDecorator[datetime]):
    """An aware UTC moment: `timestamptz` on PostgreSQL, microseconds on SQLite.

    SQLite has no time zones and compares text; integers compare as moments do.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone: moments are stored in UTC")
        return to_micros(value) if dialect.name == "sqlite" else value

    def process_result_value(
        self, value: datetime | int | None, dialect: Dialect
    ) -> datetime | None:
        del dialect
        if isinstance(value, int):
            return from_micros(value)
        return None if value is None else value.astimezone(UTC)


class Exact(TypeDecorator[Decimal]):
    """A decimal of at most six decimals, stored as an integer of 10**-6.

    SQLite has no decimals and sums floats; integers add up exactly on both.
    """

    impl = BigInteger()
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        del dialect
        return None if value is None else to_scaled(value)

    def process_result_value(
        self, value: int | None, dialect: Dialect
    ) -> Decimal | None:
        del dialect
        return None if value is None else from_scaled(value)
