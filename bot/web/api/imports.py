"""Product files: imported in the background, and exported."""

import asyncio
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from pydantic import Field

from bot.web.api.call import Call, Download, Upload
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Given, Id, Moment, Page, Paging, Shown
from bot.web.api.problems import CONFLICT, TOO_LARGE, Problem, not_found
from bot.web.api.roles import PRODUCTS_READ, PRODUCTS_WRITE
from catalog import exporting, jobs
from catalog.domain.feed import RowError
from catalog.domain.numerals import Mark
from catalog.formats.registry import FORMATS
from catalog.importing import Order, Told, queue_import
from catalog.jobs import Import, Phase, State

endpoints = Endpoints(
    "product files",
    "The whole catalog as a file of any common format: imported in the background, all"
    " of it or nothing, and exported in a form that an import reads.",
)

#: Imports of one tenant that may wait or run; their files lie on our disk.
_AT_ONCE = 10
#: Besides what we write: what programs call tables, feeds and whatever they have.
_ACCEPTED = (
    *dict.fromkeys(known.media_type for known in FORMATS.values()),
    *("application/jsonl", "text/xml"),
    *("application/rss+xml", "application/atom+xml", "application/octet-stream"),
    "multipart/form-data",
)
_PREFIX = "chatorder-import-"
_NAME = "products"


class FormatName(StrEnum):
    """Formats of product files."""

    CSV = "csv"
    TSV = "tsv"
    JSONL = "jsonl"
    XLSX = "xlsx"
    GOOGLE = "google"
    META = "meta"
    SHOPIFY = "shopify"


class EncodingName(StrEnum):
    """Encodings of texts."""

    UTF_8 = "utf-8"
    UTF_16 = "utf-16"
    WINDOWS_1250 = "windows-1250"
    WINDOWS_1251 = "windows-1251"
    WINDOWS_1252 = "windows-1252"
    WINDOWS_1254 = "windows-1254"
    ISO_8859_1 = "iso-8859-1"
    ISO_8859_9 = "iso-8859-9"
    KOI8_R = "koi8-r"


class ExportGiven(Given):
    """How to export."""

    format: FormatName = Field(
        default=FormatName.CSV,
        description="csv, tsv, jsonl and xlsx carry everything, the others what their"
        " readers know.",
    )


class ImportGiven(Given):
    """How to import."""

    dry_run: bool = Field(
        default=False, description="Only say what would happen.", examples=[True]
    )
    partial: bool = Field(
        default=False,
        description="Take the products whose rows are right, skip the others.",
    )
    format: FormatName | None = Field(
        default=None, description="Without it the content is looked at."
    )
    encoding: EncodingName | None = Field(
        default=None, description="Without it the content is looked at."
    )
    decimal: Mark | None = Field(
        default=None,
        description="What starts the decimals of numbers, where 1,250 or a"
        " price of 1.250 could be both.",
    )


class RowErrorView(Shown):
    """What is wrong with a row."""

    line: int = Field(description="Line 1 is the header.", examples=[3])
    column: str = Field(examples=["price"])
    message: str = Field(description="What is wrong, and what to write instead.")


class ImportView(Shown):
    """An import: how far it is, what it found, how it ended."""

    id: str = Field(examples=["imp_01k9wz8qg6f1t0m3v5x7z9b2d4"])
    state: State
    phase: Phase | None = Field(description="What it does, or did last.")
    percent: int = Field(description="How far it is.", examples=[100])
    rows: int = Field(description="How many rows were read.")
    file_name: str
    format: str | None = Field(
        description="What the file was read as.", examples=["csv"]
    )
    actor: str
    dry_run: bool
    partial: bool
    added: int = Field(description="Products, each with its variants.")
    changed: int
    unchanged: int
    mistakes: int = Field(description="How many things are wrong with the rows.")
    errors: list[RowErrorView] = Field(description="The first 100 of them.")
    warnings: list[RowErrorView]
    error: str | None = Field(description="Why it failed as a whole.")
    created_at: Moment
    started_at: Moment | None
    ended_at: Moment | None


@endpoints.post(
    "/v1/products/imports",
    roles=PRODUCTS_WRITE,
    status=202,
    accepts=_ACCEPTED,
    raises=(CONFLICT,),
)
async def import_products(call: Call, query: ImportGiven, upload: Upload) -> ImportView:
    """Import products from a file.

    Tables (CSV, TSV, XLSX) and lines of JSON with our own fields, shopping feeds of
    Google (XML, TSV) and Meta, and Shopify's product CSV are recognised by their
    content. Of our own fields, `sku`, `name` and `price` are required. What the file
    has no column for stays as it is; an empty cell empties the field. A variant is a
    row of its own whose `parent_sku` names its product. When a row is wrong nothing is
    stored, unless `partial` is set. The answer comes at once: read the import again
    until its `state` is `done`, `failed` or `cancelled`.
    """
    path = await _received(call, upload)
    order = Order(
        call.new_id("imp"),
        call.tenant_id,
        upload.filename or _NAME,
        call.actor,
        dry_run=query.dry_run,
        partial=query.partial,
        told=Told(query.format, query.encoding, query.decimal),
    )

    async def work(call: Call) -> ImportView:
        live = await jobs.count_live(call.connection, call.tenant_id)
        if live >= _AT_ONCE:
            raise Problem(
                CONFLICT,
                f"{live} imports wait or run already: wait until one of them has ended",
            )
        await queue_import(call.connection, order, call.now)
        call.after_commit(lambda: call.runtime.imports.accept(order, path))
        return _view(await _known(call, order.id))

    try:
        return await call.transact(work)
    except BaseException:
        _drop(path)
        raise


@endpoints.get("/v1/products/imports", roles=PRODUCTS_READ)
async def list_imports(call: Call, query: Paging) -> Page[ImportView]:
    """List imports, newest first."""
    found, total = await jobs.list_imports(
        call.connection, call.tenant_id, limit=query.limit, offset=query.offset
    )
    return Page(data=[_view(each) for each in found], total=total)


@endpoints.get("/v1/products/imports/{import_id}", roles=PRODUCTS_READ)
async def read_import(call: Call, import_id: Id) -> ImportView:
    """Read how far an import is, or how it ended."""
    return _view(await _known(call, import_id))


@endpoints.post(
    "/v1/products/imports/{import_id}/cancel",
    roles=PRODUCTS_WRITE,
    raises=(CONFLICT,),
)
async def cancel_import(call: Call, import_id: Id) -> ImportView:
    """Cancel an import that waits or runs.

    It stores nothing. One that has ended cannot be cancelled any more.
    """
    known = await _known(call, import_id)
    is_cancelled = await jobs.cancel(
        call.connection, call.tenant_id, import_id, now=call.now
    )
    if not is_cancelled and known.state is not State.CANCELLED:
        ended = (await _known(call, import_id)).state
        raise Problem(CONFLICT, f"the import has ended: it is {ended}")
    return _view(await _known(call, import_id))


@endpoints.get(
    "/v1/products/export",
    roles=PRODUCTS_READ,
    downloads=tuple(dict.fromkeys(known.media_type for known in FORMATS.values())),
)
async def export_products(call: Call, query: ExportGiven) -> Download:
    """Export all products.

    Importing a file with our own fields changes nothing. Stock is what there is, held
    for orders or not. In tables as text, cells that a spreadsheet would take for
    formulas begin with an apostrophe, which an import removes.
    """
    wanted = FORMATS[query.format]
    parts = exporting.export_products(
        call.runtime.database, call.tenant_id, wanted.writer()
    )
    return Download(wanted.media_type, parts, _NAME + wanted.suffix)


async def _received(call: Call, upload: Upload) -> Path:
    """Return a file of our own with what was uploaded."""
    handle, name = tempfile.mkstemp(prefix=_PREFIX, suffix=".feed")
    path = Path(name)
    try:
        with open(handle, "wb") as file:  # noqa: ASYNC230, PTH123  # it is open already
            await _keep(upload, file, call.runtime.settings.import_limit_bytes)
    except BaseException:
        _drop(path)
        raise
    return path


async def _keep(upload: Upload, file: BinaryIO, limit: int) -> None:
    size = 0
    async for chunk in upload.chunks():
        size += len(chunk)
        if size > limit:
            raise Problem(
                TOO_LARGE,
                f"the file has more than {limit} bytes: send it in parts, or raise"
                " CHATORDER_IMPORT_LIMIT_BYTES",
            )
        await asyncio.to_thread(file.write, chunk)


def _drop(path: Path) -> None:
    path.unlink(missing_ok=True)


async def _known(call: Call, import_id: str) -> Import:
    found = await jobs.find_import(call.connection, call.tenant_id, import_id)
    if found is None:
        raise not_found("import", import_id)
    return found


def _view(found: Import) -> ImportView:
    order, findings, counts = found.order, found.findings, found.findings.counts
    return ImportView(
        id=order.id,
        state=found.state,
        phase=found.standing.phase,
        percent=found.standing.percent,
        rows=found.standing.rows,
        file_name=order.file_name,
        format=findings.format,
        actor=order.actor,
        dry_run=order.dry_run,
        partial=order.partial,
        added=counts.added,
        changed=counts.changed,
        unchanged=counts.unchanged,
        mistakes=findings.mistakes,
        errors=[_error(each) for each in findings.errors],
        warnings=[_error(each) for each in findings.warnings],
        error=findings.error,
        created_at=found.created_at,
        started_at=found.started_at,
        ended_at=found.ended_at,
    )


def _error(error: RowError) -> RowErrorView:
    return RowErrorView(line=error.line, column=error.column, message=error.message)
