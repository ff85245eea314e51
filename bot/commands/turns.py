"""`chatorder turn list` and `turn retry`: turns that failed, and another try."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.failing import CommandFailed
from bot.commands.opening import configured, in_transaction, tenant_named
from bot.commands.printing import JsonFlag, TenantOption, show, table
from bot.ident import utc_now
from bot.inbox.turns import FAILED, TurnEntry, list_turns
from bot.worker.failing import retry

_HEAD = ("id", "status", "intent", "attempts", "started", "error")


def register(program: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(help="What became of customers' messages.")
    group.command(
        "list", epilog='Example: chatorder turn list --failed --tenant "Kahve Evi"'
    )(list_all)
    group.command(
        "retry", epilog='Example: chatorder turn retry anl_01k --tenant "Kahve Evi"'
    )(try_again)
    program.add_typer(group, name="turn")


def list_all(
    *,
    tenant: TenantOption,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only those that a person must look at.")
    ] = False,
    limit: Annotated[int, typer.Option(help="How many to show.", min=1)] = 50,
    as_json: JsonFlag = False,
) -> None:
    """List the turns of a merchant, newest first."""

    async def work(
        connection: AsyncConnection,
    ) -> tuple[Sequence[TurnEntry], int]:
        entry = await tenant_named(connection, tenant)
        status = FAILED if failed else None
        return await list_turns(connection, entry.tenant.id, status=status, limit=limit)

    turns, total = in_transaction(configured(), work)
    rows = [(each.id, each.status, each.intent or "", *_more(each)) for each in turns]
    lines = table([_HEAD, *rows])
    if total > len(turns):
        lines.append(f"{len(turns)} of {total}: see more with --limit {total}")
    data = [{k: _plain(v) for k, v in asdict(each).items()} for each in turns]
    show({"data": data, "total": total}, lines, as_json=as_json)


def try_again(
    turn: Annotated[str, typer.Argument(help="Id of a failed turn.")],
    *,
    tenant: TenantOption,
    as_json: JsonFlag = False,
) -> None:
    """Let the messages of a failed turn be handled again, at once."""

    async def work(connection: AsyncConnection) -> None:
        entry = await tenant_named(connection, tenant)
        if not await retry(connection, entry.tenant.id, turn, utc_now()):
            raise CommandFailed(
                f"{entry.tenant.name} has no failed turn {turn!r}:"
                f" see `chatorder turn list --failed --tenant {entry.tenant.id}`"
            )

    in_transaction(configured(), work)
    show(
        {"id": turn, "retried": True},
        [f"{turn} waits for a worker and is handled again."],
        as_json=as_json,
    )


def _more(turn: TurnEntry) -> tuple[str, str, str]:
    error = (turn.error or "").partition("\n")[0]
    return str(turn.attempts), turn.started_at.isoformat(timespec="seconds"), error


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
