"""`chatorder doctor`."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict

import typer

from bot.commands.printing import JsonFlag, show
from bot.doctor.examining import examine
from bot.doctor.finding import Finding, Level, error
from bot.settings import SettingsError, read_settings


def register(program: typer.Typer) -> None:
    """Add the command to the program."""
    program.command("doctor", epilog="Example: chatorder doctor --json")(doctor)


def doctor(*, as_json: JsonFlag = False) -> None:
    """Look at everything once and say what to fix. Nothing is changed or sent.

    Settings, database, disk, Redis, OpenAI, the tokens of channels, sinks, clocks, and
    what waits for a person. The exit code is 1 when something does not work.
    """
    try:
        findings = asyncio.run(examine(read_settings()))
    except SettingsError as problem:
        findings = [
            error("settings", words, "correct it in the environment or in .env")
            for words in str(problem).split("; ")
        ]
    failed = any(each.level is Level.ERROR for each in findings)
    show(
        {"ok": not failed, "findings": [asdict(each) for each in findings]},
        _lines(findings),
        as_json=as_json,
    )
    if failed:
        raise typer.Exit(1)


def _lines(findings: Sequence[Finding]) -> list[str]:
    lines = []
    for each in findings:
        lines.append(f"{each.level:<7}  {each.subject}: {each.words}")
        if each.remedy:
            lines.append(f"         -> {each.remedy}")
    return lines
