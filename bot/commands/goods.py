"""`chatorder catalog import`, `catalog export` and `catalog search`."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.failing import CommandFailed
from bot.commands.import_progress import shown
from bot.commands.opening import configured, in_transaction, opened, tenant_named
from bot.commands.printing import JsonFlag, TenantOption, show, table
from bot.ident import new_id, utc_now
from catalog import Ambiguous, Candidate, Certain, Index, Match
from catalog.exporting import export_csv
from catalog.importing import ImportReport, Order, import_csv
from catalog.language import languages, load_language
from catalog.store import load_products

_IMPORT = "Example: chatorder catalog import products.csv --tenant tenant_01... "
_EXPORT = "Example: chatorder catalog export products.csv --tenant tenant_01..."
_SEARCH = 'Example: chatorder catalog search "2 choc croissants" --tenant tenant_01...'
#: So many wrong rows are named; the others are counted.
_NAMED = 20
_STDOUT = "-"


def register(program: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(help="What merchants sell.")
    group.command("import", epilog=_IMPORT + "--dry-run")(import_file)
    group.command("export", epilog=_EXPORT)(export_file)
    group.command("search", epilog=_SEARCH)(search)
    program.add_typer(group, name="catalog")


def import_file(
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8 with a header line.")],
    *,
    tenant: TenantOption,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would happen.")
    ] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Take the right rows, skip the wrong.")
    ] = False,
    progress: Annotated[
        bool,
        typer.Option("--progress", help="Say how far it is, even to a file."),
    ] = False,
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
            )
            with shown(on=progress) as tell:
                return await import_csv(
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
    skipped = f"; {report.mistakes} mistakes skipped" if report.mistakes else ""
    data = {
        **counts,
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
    as_json: JsonFlag = False,
) -> None:
    """Write all products as CSV, in the form that `catalog import` reads.

    Cells that begin with = + - or @ are written as they are: open the file in a
    spreadsheet as text columns, or they are taken for formulas.
    """
    if as_json and file == _STDOUT:
        raise CommandFailed("--json and the CSV would mix: name a file to write")
    settings = configured()

    async def work() -> int:
        async with opened(settings) as database:
            async with database.reading() as connection:
                owner = await tenant_named(connection, tenant)
            chunks = export_csv(database, owner.tenant.id)
            if file == _STDOUT:
                return await _write(chunks, sys.stdout.buffer)
            return await _write_file(chunks, Path(file))

    size = asyncio.run(work())
    if file != _STDOUT:
        data = {"file": file, "bytes": size}
        show(data, [f"Wrote {file}: {size} bytes"], as_json=as_json)


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


def search(
    text: Annotated[str, typer.Argument(help="What a customer might write.")],
    *,
    tenant: TenantOption,
    as_json: JsonFlag = False,
) -> None:
    """Show what a customer's words would be taken for, and how surely."""

    async def work(connection: AsyncConnection) -> tuple[Index, str]:
        owner = await tenant_named(connection, tenant)
        products = await load_products(connection, owner.tenant.id)
        packs = [load_language(code) for code in languages()]
        return Index.build(products, packs), owner.tenant.currency

    index, currency = in_transaction(configured(), work)
    match = index.find(text)
    rows = [_row(index, candidate, currency) for candidate in _candidates(match)]
    outcome = type(match).__name__.lower()
    fields = ("probability", "sku", "name", "price", "stock", "why")
    lines = table([fields, *([row[field] for field in fields] for row in rows)])
    show(
        {"outcome": outcome, "candidates": rows},
        [f"{text!r}: {outcome}", *(lines if rows else [])],
        as_json=as_json,
    )


def _candidates(match: Match) -> Sequence[Candidate]:
    if isinstance(match, Certain):
        return (match.candidate, *match.others)
    return match.candidates if isinstance(match, Ambiguous) else match.near


def _row(index: Index, candidate: Candidate, currency: str) -> Mapping[str, str]:
    product = index.products[candidate.product_id]
    variant = product.variant(candidate.variant_id)
    price = product.price_of(candidate.variant_id)
    stock = product.stock_of(candidate.variant_id)
    return {
        "product_id": product.id,
        "variant_id": variant.id if variant else "",
        "sku": variant.sku if variant else product.sku,
        "name": f"{product.name} {variant.name}" if variant else product.name,
        "price": "" if price is None else f"{price} {currency}",
        "stock": "" if stock is None else f"{stock}",
        "probability": f"{candidate.probability:.2f}",
        "why": ", ".join(candidate.why),
    }
