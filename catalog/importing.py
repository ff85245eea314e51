"""Feeds from files: read row by row, checked whole, stored in one transaction."""

import asyncio
import csv
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.changing import ImportCounts, upsert_products
from catalog.domain.feed import Row, RowError, assemble, check_header, parse_row
from catalog.domain.product import Product
from catalog.table import tenant

Transaction = Callable[[], AbstractAsyncContextManager[AsyncConnection]]

#: Separators by how spreadsheets of different countries save a CSV.
_SEPARATORS = (",", ";", "\t")
_LONGEST_HEADER = 10_000
_SAVE_AS = "save the file as CSV UTF-8"


class BadFeed(Exception):
    """The file cannot be read at all; the message says why and what to do."""


class UnknownTenant(Exception):
    """There is no tenant with that id."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would do. With errors and not `partial`: nothing."""

    counts: ImportCounts
    errors: tuple[RowError, ...]
    stored: bool


class _TakenBack(Exception):
    """Ends the transaction of a dry run: nothing of it stays but the counts."""

    def __init__(self, counts: ImportCounts) -> None:
        super().__init__("a dry run")
        self.counts = counts


async def import_csv(
    transaction: Transaction,
    tenant_id: str,
    path: Path,
    *,
    new_id: Callable[[str], str],
    now: datetime,
    dry_run: bool = False,
    partial: bool = False,
) -> ImportReport:
    """Take in a CSV file: all of it or, when a row is wrong, nothing.

    `partial` takes in the products whose rows are right; `dry_run` only says what
    would happen. Raises BadFeed and UnknownTenant.
    """
    async with transaction() as connection:
        found = select(tenant.c.currency).where(tenant.c.id == tenant_id)
        currency = (await connection.execute(found)).scalar_one_or_none()
    if currency is None:
        raise UnknownTenant(f"there is no tenant {tenant_id!r}")
    products, errors = await asyncio.to_thread(read_csv, path, currency=currency)
    if errors and not partial:
        return ImportReport(ImportCounts(), tuple(errors), stored=False)
    try:
        counts = await _store(
            transaction, tenant_id, products, new_id=new_id, now=now, dry_run=dry_run
        )
    except _TakenBack as dry:
        counts = dry.counts
    return ImportReport(counts, tuple(errors), stored=not dry_run)


def read_csv(path: Path, *, currency: str) -> tuple[list[Product], list[RowError]]:
    """Return the products of a file and everything that is wrong with it.

    The file is UTF-8, with or without a byte order mark, its cells separated by
    commas, semicolons or tabs. Raises BadFeed.
    """
    rows: list[Row] = []
    errors: list[RowError] = []
    spoiled: set[str] = set()
    for line, cells in _records(path):
        if isinstance(cells, RowError):
            errors.append(cells)
            continue
        value = parse_row(cells, currency=currency, line=line)
        if isinstance(value, RowError):
            errors.append(value)
            spoiled.add(cells.get("parent_sku") or cells["sku"])
        else:
            rows.append(Row(line, value))
    products, mistakes = assemble(rows, spoiled=spoiled)
    return products, sorted((*errors, *mistakes), key=lambda error: error.line)


async def _store(
    transaction: Transaction,
    tenant_id: str,
    products: list[Product],
    *,
    new_id: Callable[[str], str],
    now: datetime,
    dry_run: bool,
) -> ImportCounts:
    async with transaction() as connection:
        counts = await upsert_products(
            connection, tenant_id, products, new_id=new_id, now=now
        )
        if dry_run:
            raise _TakenBack(counts)
        return counts


def _records(path: Path) -> Iterator[tuple[int, dict[str, str] | RowError]]:
    """Yield the line that each row starts on, and its cells by column."""
    line = 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            separator = _separator(file.readline(_LONGEST_HEADER))
            file.seek(0)
            reader = csv.reader(file, delimiter=separator, strict=True)
            header = [cell.strip().lower() for cell in next(reader, [])]
            wrong = check_header(header)
            yield from ((1, error) for error in wrong)
            if wrong:
                return
            line = reader.line_num + 1
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield line, _by_column(header, cells, line)
                line = reader.line_num + 1
    except FileNotFoundError:
        raise BadFeed(f"there is no file {path}") from None
    except OSError as error:
        raise BadFeed(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise BadFeed(f"{path} is not UTF-8 (byte {byte:#04x}): {_SAVE_AS}") from error
    except csv.Error as error:
        raise BadFeed(f"{path}, line {line}: {error}: {_SAVE_AS}") from error


def _separator(header: str) -> str:
    return max(_SEPARATORS, key=header.count)


def _by_column(
    header: list[str], cells: list[str], line: int
) -> dict[str, str] | RowError:
    if len(cells) == len(header):
        return dict(zip(header, cells, strict=True))
    message = (
        f"it has {len(cells)} cells, the header {len(header)}: put cells that hold the "
        "separator in double quotes"
    )
    return RowError(line, "(row)", message)
