"""How far an import is, on stderr: a line that is drawn again, or one line a second."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from catalog.jobs import Phase, Standing

_ERASE = "\r\x1b[2K"


@contextmanager
def shown(*, on: bool) -> Iterator[Callable[[Standing], None]]:
    """Yield what shows progress: to a person at a terminal, or to everybody if `on`."""
    is_terminal = sys.stderr.isatty()
    began = time.monotonic()

    def tell(standing: Standing) -> None:
        if not (on or is_terminal):
            return
        line = described(standing, time.monotonic() - began)
        if is_terminal:
            typer.echo(f"{_ERASE}{line}", err=True, nl=False)
        else:
            typer.echo(line, err=True)

    try:
        yield tell
    finally:
        if is_terminal:
            typer.echo(_ERASE, err=True, nl=False)


def described(standing: Standing, seconds: float) -> str:
    """Return one line: the percentage, the phase, the rows, and how fast they come."""
    is_reading = standing.phase is Phase.READING and seconds > 0
    rate = f", {standing.rows / seconds:,.0f} rows/s" if is_reading else ""
    phase = standing.phase or "waiting"
    return f"{standing.percent:3} %  {phase}, {standing.rows:,} rows{rate}"
