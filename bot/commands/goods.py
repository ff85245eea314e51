"""`chatorder catalog import`, `catalog export` and `catalog search`."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from bot.commands import finding
from bot.commands.failing import CommandFailed
from bot.commands.import_progress import shown
from bot.commands.opening import configured, opened, tenant_named
from bot.commands.printing import JsonFlag, TenantOption, show
from bot.ident import new_id, utc_now
from catalog.domain.numerals import Mark
from catalog.exporting import export_products
from catalog.formats.encoding import ENCODINGS
from catalog.formats.registry import FORMATS
from catalog.formats.writing import Writer
from catalog.importing import ImportReport, Order, Told, import_products

_IMPORT = "Example: chatorder catalog import products.csv --tenant tenant_01... "
_EXPORT = "Example: chatorder catalog export products.csv --tenant tenant_01..."
#: So many wrong rows are named; the others are counted.
_NAMED = 20
_STDOUT = "-"
_FORMATS = ", ".join(FORMATS)
#: Of a file that is written, by how its name ends; the first format counts.
_BY_SUFFIX = {known.suffix: name for name, known in reversed(FORMATS.items())}
_PLAIN = "csv"
_File = Annotated[
    Path, typer.Argument(help=f"Products in one of the formats {_FORMATS}.")
]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")]
_Partial = Annotated[
    bool, typer.Option("--partial", help="Take the right rows, skip the wrong.")
]
_Format = Annotated[
    str | None,
    typer.Option("--format", help=f"{_FORMATS}; without: recognised by its content."),
]
_Encoding = Annotated[
    str | None,
    typer.Option(help=f"{', '.join(ENCODINGS)}; without: recognised."),
]
_Decimal = Annotated[
    Mark | None,
    typer.Option(help="What starts the decimals, where 1.250 may be a thousand."),
]
_Progress = Annotated[
    bool, typer.Option("--progress", help="Say how far it is, even to a file.")
]


def register(program: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(help="What merchants sell.")
    group.command("import", epilog=_IMPORT + "--dry-run")(import_file)
    group.command("export", epilog=_EXPORT)(export_file)
    group.command("search", epilog=finding.EPILOG)(finding.search)
    program.add_typer(group, name="catalog")


def import_file(
    file: _File,
    *,
    tenant: TenantOption,
    dry_run: _DryRun = False,
    partial: _Partial = False,
    file_format: _Format = None,
    encoding: _Encoding = None,
    decimal: _Decimal = None,
    progress: _Progress = False,
    as_json: JsonFlag = False,
) -> None:
    """Take in products from a file: all of them or, when a row is wrong, none.

    What the file has no column for stays as it is; an empty cell empties the field.
    """
    settings = configured()

    async def work() -> ImportReport:
        async with opened(settings) as database:
            async with database.reading() as connection:
                owner = await tenant_named(connection, tenant)
            order = Order(
                new_id("imp"),
                owner.tenant.id,
                str(file),
                actor="command",
                dry_run=dry_run,
                partial=partial,
                told=Told(file_format, encoding, decimal),
            )
            with shown(on=progress) as tell:
                return await import_products(
                    database, order, file, new_id=new_id, clock=utc_now, tell=tell
                )

    report = asyncio.run(work())
    for warning in report.warnings:
        typer.echo(f"warning: {file}, {warning}", err=True)
    for error in report.errors[:_NAMED]:
        typer.echo(f"{file}, {error}", err=True)
    if report.mistakes and not partial:
        rest = f"the first {_NAMED} are" if report.mistakes > _NAMED else "see"
        raise CommandFailed(
            f"{report.mistakes} mistakes in {file} ({rest} above), nothing was"
            " stored: correct them, or take the right rows with --partial"
        )
    _show_report(report, as_json=as_json)


def _show_report(report: ImportReport, *, as_json: bool) -> None:
    counts = asdict(report.counts)
    done = "Stored" if report.stored else "Would store"
    line = ", ".join(f"{number} {what}" for what, number in counts.items())
    line += f"; read as {report.format}"
    skipped = f"; {report.mistakes} mistakes skipped" if report.mistakes else ""
    data = {
        **counts,
        "format": report.format,
        "stored": report.stored,
        "mistakes": report.mistakes,
        "errors": [str(error) for error in report.errors],
        "warnings": [str(warning) for warning in report.warnings],
    }
    show(data, [f"{done}: {line}{skipped}"], as_json=as_json)


def export_file(
    file: Annotated[
        str, typer.Argument(help="File to write; - writes to the terminal.")
    ] = _STDOUT,
    *,
    tenant: TenantOption,
    file_format: Annotated[
        str | None,
        typer.Option(
            "--format", help=f"{_FORMATS}; without: by how the name of the file ends."
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Write all products, in a form that `catalog import` reads.

    csv, tsv, jsonl and xlsx carry everything, google, meta and shopify what their
    readers know. In tables as text, cells that a spreadsheet would take for formulas
    begin with an apostrophe, which an import removes.
    """
    if as_json and file == _STDOUT:
        raise CommandFailed("--json and the products would mix: name a file to write")
    writer = _writer(file, file_format)
    settings = configured()

    async def work() -> int:
        async with opened(settings) as database:
            async with database.reading() as connection:
                owner = await tenant_named(connection, tenant)
            chunks = export_products(database, owner.tenant.id, writer)
            if file == _STDOUT:
                return await _write(chunks, sys.stdout.buffer)
            return await _write_file(chunks, Path(file))

    size = asyncio.run(work())
    if file != _STDOUT:
        data = {"file": file, "bytes": size, "left_out": writer.left_out}
        show(data, [f"Wrote {file}: {size} bytes"], as_json=as_json)
    if writer.left_out:
        typer.echo(
            f"{writer.left_out} products were left out: they have no price or are off"
            " the shelf, and the format cannot say so",
            err=True,
        )


def _writer(file: str, file_format: str | None) -> Writer:
    name = file_format or _BY_SUFFIX.get(Path(file).suffix.lower(), _PLAIN)
    if name not in FORMATS:
        raise CommandFailed(f"there is no format {name!r}: write one of {_FORMATS}")
    return FORMATS[name].writer()


async def _write_file(chunks: AsyncIterator[bytes], file: Path) -> int:
    """Write the whole file or leave the old one."""
    part = file.with_name(f"{file.name}.part")
    try:
        with part.open("wb") as out:
            size = await _write(chunks, out)
        part.replace(file)
    except OSError as error:
        raise CommandFailed(f"{file} cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return size


async def _write(chunks: AsyncIterator[bytes], out: BinaryIO) -> int:
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        await asyncio.to_thread(out.write, chunk)
    out.flush()
    return size
