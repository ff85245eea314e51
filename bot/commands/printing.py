"""What commands print: lines for people, or one JSON object for programs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

import typer

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
TenantOption = Annotated[
    str, typer.Option("--tenant", help="Id or name of the tenant.", show_default=False)
]


def show(data: Mapping[str, object], lines: Iterable[str], *, as_json: bool) -> None:
    """Print the data as JSON, or else the lines."""
    if as_json:
        typer.echo(json.dumps(data, ensure_ascii=False))
        return
    for line in lines:
        typer.echo(line)


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines whose columns stand below each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]
