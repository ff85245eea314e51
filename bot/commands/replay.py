"""`chatorder replay`: stored turns read again, and what would differ."""

import asyncio
import re
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import make_url

from bot.commands.failing import CommandFailed
from bot.commands.model_choice import (
    ModelOption,
    PromptOption,
    ReaderName,
    need_service,
    version_of,
    wallet_with,
    with_model,
)
from bot.commands.opening import configured, tenant_named
from bot.commands.printing import JsonFlag, TenantOption
from bot.commands.replay_report import Report
from bot.evaluation.rereading import reread
from bot.evaluation.stored import Choice, chosen
from bot.ident import utc_now
from bot.migrations.upgrade import Ahead, AtHead, SchemaIsNewer, state
from bot.reading.registry import READERS, Senses
from bot.reading.rules.reader import RulesReader
from bot.settings import Settings
from bot.telemetry import configure_logging
from bot.wiring import running, service_of

_AGO = re.compile(r"(\d{1,4})([dhm])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}
#: Nobody waits for the customer of a replay: a conversation may be read at once.
_READINGS = 1_000_000


def register(program: typer.Typer) -> None:
    """Add the command to the program."""
    program.command(
        "replay", epilog='Example: chatorder replay --tenant "Kahve Evi" --since 7d'
    )(replay)


def replay(
    *,
    tenant: TenantOption,
    turns: Annotated[
        list[str] | None, typer.Option("--turn", help="Id of a turn; may be repeated.")
    ] = None,
    conversation: Annotated[
        str | None, typer.Option(help="Only turns of this conversation.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Only turns since then: 7d, 24h or 2026-11-20.")
    ] = None,
    limit: Annotated[
        int, typer.Option(help="The newest so many of them.", min=1, max=100_000)
    ] = 100,
    reader: Annotated[
        ReaderName, typer.Option(help="Who is to read now.")
    ] = ReaderName.RULES,
    model: ModelOption = None,
    prompt: PromptOption = None,
    most_usd: Annotated[
        float, typer.Option(help="US dollars that it may cost.", min=0, max=10_000)
    ] = 1.0,
    as_json: JsonFlag = False,
) -> None:
    """Read stored turns again and show where the draft would be another one.

    Nothing is changed and nothing is sent. What models cost is nobody's daily budget:
    it is told, and ends at --most-usd. A turn that cannot be read is left out with its
    reason. Exits with 1 when no turn was read, with 0 however many would differ.
    """
    settings = with_model(configured(), model)
    configure_logging(
        level="ERROR", as_json=settings.log_format == "json", lasting=False
    )
    if reader is ReaderName.OPENAI:
        need_service(settings)
    _need_file(settings.database_url)
    begins = None if since is None else _moment(since, utc_now())
    choice = Choice("", tuple(turns or ()), conversation, begins, limit)
    wallet = wallet_with(most_usd, reader)
    patient = settings.model_copy(update={"openai_readings_per_hour": _READINGS})
    service = service_of(patient, wallet, prompt=version_of(prompt))
    report = Report(wallet, as_json=as_json)
    opening = READERS[reader.value](service)
    asyncio.run(_read(settings, opening, tenant, choice, report))
    report.end()


async def _read(
    settings: Settings,
    opening: AbstractAsyncContextManager[Senses],
    tenant: str,
    choice: Choice,
    report: Report,
) -> None:
    """Read the turns again, and tell each as it comes."""
    looking = running(settings, readers=[RulesReader()], read_only=True)
    async with opening as senses, looking as runtime:
        found = await state(runtime.database)
        if isinstance(found, Ahead):
            raise SchemaIsNewer(found)
        if not isinstance(found, AtHead):
            raise CommandFailed("the database is older: run `chatorder migrate` first")
        async with runtime.database.reading() as connection:
            entry = await tenant_named(connection, tenant)
            rows = await chosen(connection, replace(choice, tenant_id=entry.tenant.id))
        missing = set(choice.turns) - {row.id for row in rows}
        if missing:
            raise CommandFailed(
                f"{entry.tenant.name} has no such turn that ended well:"
                f" {', '.join(sorted(missing))}; see `chatorder turn list`"
            )
        report.begin(len(rows))
        async for each in reread(rows, senses, runtime, report.wallet):
            report.tell(each)


def _need_file(url: str) -> None:
    """Raise CommandFailed for a file that is not there: looking would make it."""
    parsed = make_url(url)
    is_file = parsed.get_backend_name() == "sqlite"
    if is_file and not Path(parsed.database or "").exists():
        raise CommandFailed(f"there is no database {parsed.database}")


def _moment(text: str, now: datetime) -> datetime:
    ago = _AGO.fullmatch(text)
    if ago:
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandFailed(
            f"--since {text!r}: give 7d, 24h, 30m or a day such as 2026-11-20 (UTC)"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
