"""`chatorder catalog import` and `catalog search`."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.failing import CommandFailed
from bot.commands.opening import configured, in_transaction, opened, tenant_named
from bot.commands.printing import JsonFlag, TenantOption, show, table
from bot.ident import new_id, utc_now
from catalog import Ambiguous, Candidate, Certain, Index, Match
from catalog.importing import ImportReport, import_csv
from catalog.language import languages, load_language
from catalog.store import load_products

_IMPORT = "Example: chatorder catalog import products.csv --tenant tenant_01... "
_SEARCH = 'Example: chatorder catalog search "2 choc croissants" --tenant tenant_01...'
#: So many wrong rows are named; the others are counted.
_NAMED = 20


def register(program: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(help="What merchants sell.")
    group.command("import", epilog=_IMPORT + "--dry-run")(import_file)
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
    as_json: JsonFlag = False,
) -> None:
    """Take in products from a file: all of them or, when a row is wrong, none."""
    settings = configured()

    async def work() -> ImportReport:
        async with opened(settings) as database:
            async with database.reading() as connection:
                owner = await tenant_named(connection, tenant)
            return await import_csv(
                database.transaction,
                owner.tenant.id,
                file,
                new_id=new_id,
                now=utc_now(),
                dry_run=dry_run,
                partial=partial,
            )

    report = asyncio.run(work())
    for error in report.errors[:_NAMED]:
        typer.echo(f"{file}, {error}", err=True)
    if report.errors and not partial:
        rest = f"the first {_NAMED} are" if len(report.errors) > _NAMED else "see"
        raise CommandFailed(
            f"{len(report.errors)} mistakes in {file} ({rest} above), nothing was"
            " stored: correct them, or take the right rows with --partial"
        )
    _show_report(report, as_json=as_json)


def _show_report(report: ImportReport, *, as_json: bool) -> None:
    counts = asdict(report.counts)
    done = "Stored" if report.stored else "Would store"
    line = ", ".join(f"{number} {what}" for what, number in counts.items())
    errors = [str(error) for error in report.errors]
    skipped = f"; {len(errors)} mistakes skipped" if errors else ""
    show(
        {**counts, "stored": report.stored, "errors": errors},
        [f"{done}: {line}{skipped}"],
        as_json=as_json,
    )


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
