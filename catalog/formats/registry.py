"""Every format of product files, in one line each."""

from collections.abc import Callable
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Format:
    """How files of a format are read, and how one is written."""

    kinds: tuple[Kind, ...]  #: Containers that it may come in.
    dialect: Callable[[], Dialect]
    writer: Callable[[], Writer]
    media_type: str  #: Of what is written.
    suffix: str


FORMATS: dict[str, Format] = {
    "csv": Format((Kind.TABLE,), OwnColumns, TextWriter, _CSV, ".csv"),
    "tsv": Format(
        (Kind.TABLE,), OwnColumns, TabWriter, "text/tab-separated-values", ".tsv"
    ),
    "jsonl": Format(
        (Kind.JSON_LINES,), OwnColumns, JsonWriter, "application/x-ndjson", ".jsonl"
    ),
    "xlsx": Format((Kind.SPREADSHEET,), OwnColumns, SpreadsheetWriter, _XLSX, ".xlsx"),
    "google": Format(
        (*_TABLES, Kind.XML), ShoppingColumns, GoogleWriter, "application/xml", ".xml"
    ),
    "meta": Format((*_TABLES, Kind.XML), ShoppingColumns, MetaWriter, _CSV, ".csv"),
    "shopify": Format(_TABLES, ShopifyColumns, ShopifyWriter, _CSV, ".csv"),
}
