"""`chatorder alarm list`: what somebody has to look at."""

from collections.abc import Sequence
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.opening import configured, in_transaction, tenant_named
from bot.commands.printing import JsonFlag, TenantOption, show, table
from bot.domain.alarming import ABOUT
from bot.inbox.alarms import Alarm, list_alarms

_EXAMPLE = 'Example: chatorder alarm list --tenant "Kahve Evi"'
_HEAD = ("kind", "about", "since", "until", "what is wrong")


def register(program: typer.Typer) -> None:
    """Add the command to the program."""
    group = typer.Typer(help="What is wrong with channels and chats, and what was.")
    group.callback()(_group)
    group.command("list", epilog=_EXAMPLE)(list_all)
    program.add_typer(group, name="alarm")


def _group() -> None:
    """Alarms: what is wrong with channels and chats, and what was."""


def list_all(
    *,
    tenant: TenantOption,
    over: Annotated[
        bool, typer.Option("--over", help="Also those of 90 days that are over.")
    ] = False,
    limit: Annotated[int, typer.Option(help="How many to show.", min=1)] = 50,
    as_json: JsonFlag = False,
) -> None:
    """List a tenant's alarms that stand, newest first."""

    async def work(connection: AsyncConnection) -> tuple[Sequence[Alarm], int]:
        owner = await tenant_named(connection, tenant)
        return await list_alarms(
            connection, owner.tenant.id, stands=None if over else True, limit=limit
        )

    found, total = in_transaction(configured(), work)
    lines = table([_HEAD, *map(_row, found)]) if found else ["Nothing is wrong."]
    if total > len(found):
        lines.append(f"{len(found)} of {total}: see more with --limit")
    show(
        {"data": [_plain(each) for each in found], "total": total},
        lines,
        as_json=as_json,
    )


def _row(alarm: Alarm) -> tuple[str, ...]:
    ended = alarm.cleared_at
    return (
        alarm.kind,
        f"{ABOUT[alarm.kind]} {alarm.subject}",
        f"{alarm.raised_at:%F %R}",
        f"{ended:%F %R}" if ended else "-",
        alarm.words,
    )


def _plain(alarm: Alarm) -> dict[str, object]:
    return {
        "id": alarm.id,
        "kind": alarm.kind,
        "about": ABOUT[alarm.kind],
        "subject": alarm.subject,
        "words": alarm.words,
        "raised_at": alarm.raised_at.isoformat(),
        "cleared_at": alarm.cleared_at and alarm.cleared_at.isoformat(),
    }
