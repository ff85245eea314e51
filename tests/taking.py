"""A product file read to its end, without a database: what is told, what is kept."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from catalog.formats.rows import UNTOLD, Told
from catalog.spool import Mistakes, open_spool
from catalog.spooling import spool_file

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file held."""

    format: str
    kept: dict[str, list[str]]  #: SKUs of products, each with those of its variants.
    errors: list[str]
    warnings: list[str]
    columns: frozenset[str]


def taken(
    path: Path,
    *,
    name: str = "shop",
    currency: str = "TRY",
    told: Told = UNTOLD,
    now: datetime = NOW,
) -> Taken:
    """Return what a file holds. Raises BadFeed."""
    mistakes = Mistakes()
    with open_spool() as spool:
        found = spool_file(
            path,
            spool,
            mistakes,
            name=name,
            currency=currency,
            now=now,
            tell=lambda _, __: None,
            told=told,
        )
        given = spool.products(0, 10_000) if not mistakes.count else ()
    return Taken(
        found.format,
        {each.sku: [form.sku for form in each.variants] for each in given},
        [str(each) for each in mistakes.first()],
        [str(each) for each in found.warnings],
        found.columns,
    )
