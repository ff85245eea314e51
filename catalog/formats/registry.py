"""Every format of product files, in one line each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from catalog.formats.json_writing import JsonWriter
from catalog.formats.own import OwnColumns
from catalog.formats.rows import Dialect, Kind
from catalog.formats.shopify import ShopifyColumns
from catalog.formats.shopify_writing import ShopifyWriter
from catalog.formats.shopping import ShoppingColumns
from catalog.formats.shopping_writing import GoogleWriter, MetaWriter
from catalog.formats.spreadsheet_writing import SpreadsheetWriter
from catalog.formats.writing import TabWriter, TextWriter, Writer

_TABLES = (Kind.TABLE, Kind.SPREADSHEET)
_CSV = "text/csv"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _own(_: datetime) -> Dialect:
    return OwnColumns()


def _shopify(_: datetime) -> Dialect:
    return ShopifyColumns()


@dataclass(frozen=True, slots=True)
class Format:
    """How files of a format are read, and how one is written."""

    kinds: tuple[Kind, ...]  #: Containers that it may come in.
    dialect: Callable[[datetime], Dialect]  #: Of a file that is read at that time.
    writer: Callable[[], Writer]
    media_type: str  #: Of what is written.
    suffix: str


FORMATS: dict[str, Format] = {
    "csv": Format((Kind.TABLE,), _own, TextWriter, _CSV, ".csv"),
    "tsv": Format((Kind.TABLE,), _own, TabWriter, "text/tab-separated-values", ".tsv"),
    "jsonl": Format(
        (Kind.JSON_LINES,), _own, JsonWriter, "application/x-ndjson", ".jsonl"
    ),
    "xlsx": Format((Kind.SPREADSHEET,), _own, SpreadsheetWriter, _XLSX, ".xlsx"),
    "google": Format(
        (*_TABLES, Kind.XML), ShoppingColumns, GoogleWriter, "application/xml", ".xml"
    ),
    "meta": Format((*_TABLES, Kind.XML), ShoppingColumns, MetaWriter, _CSV, ".csv"),
    "shopify": Format(_TABLES, _shopify, ShopifyWriter, _CSV, ".csv"),
}
