"""Processes of the product, forked from one in which everything is imported already.

Importing it takes seconds of a processor, and tests start it some hundred times. What
runs is the same program in a process of its own: it is killed, paused and left alone
like any other. `tests/test_distribution.py` and others start it as users do.
"""

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory

from bot.__main__ import main

_IMPORTED = ("bot.commands.serving", "bot.commands.schema", "bot.commands.chat")


def begin(
    words: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    out: Path,
    errors: Path | None = None,
    said: Path | None = None,
) -> ForkServerProcess:
    """Start `chatorder WORDS` in a folder; what it prints is added to files.

    `errors`: another file for stderr; `said`: what it reads as its stdin.
    """
    streams = (said or os.devnull, out, errors or out)
    process = _nursery().Process(
        target=_run,
        args=(list(words), dict(environment), str(folder), [*map(str, streams)]),
        daemon=True,
    )
    process.start()
    return process


def run(
    words: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    said: str = "",
    seconds: float = 60.0,
) -> CompletedProcess[str]:
    """Run `chatorder WORDS` to its end, with what is said on its stdin."""
    with TemporaryDirectory(prefix="nursery") as kept:
        given, out, errors = (Path(kept, name) for name in ("in", "out", "err"))
        given.write_text(said, encoding="utf-8")
        process = begin(
            words,
            environment=environment,
            folder=folder,
            said=given,
            out=out,
            errors=errors,
        )
        process.join(seconds)
        code = process.exitcode
        if code is None:
            process.kill()
            raise TimeoutError(f"{words} ran longer than {seconds} s")
        return CompletedProcess(
            list(words),
            code,
            out.read_text(encoding="utf-8"),
            errors.read_text(encoding="utf-8"),
        )


@cache
def _nursery() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_IMPORTED))
    return context


def _run(
    words: Sequence[str],
    environment: Mapping[str, str],
    folder: str,
    streams: Sequence[str],
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    written = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    for stream, path in enumerate(streams):
        opened = os.open(path, written if stream else os.O_RDONLY, 0o600)
        os.dup2(opened, stream)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115  # as long as it runs
    sys.argv = ["chatorder", *words]
    main()
