"""`chatorder retention show` and `retention set`: for how long what is kept."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.failing import CommandFailed
from bot.commands.opening import configured, in_transaction, tenant_named
from bot.commands.printing import JsonFlag, TenantOption, show, table
from bot.ident import new_id, utc_now
from bot.inbox.audit import audited
from bot.privacy.kinds import BadRetention, Retention
from bot.privacy.retention import load_retention, store_retention

_TENANT = "--tenant tenant_01..."
_DEFAULT = "default"


def register(program: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(help="For how long messages, files and the rest are kept.")
    example = f"Example: chatorder retention show {_TENANT}"
    group.command("show", epilog=example)(show_all)
    example = f"Example: chatorder retention set media=90 audit=default {_TENANT}"
    group.command("set", epilog=example)(change)
    program.add_typer(group, name="retention")


def show_all(*, tenant: TenantOption, as_json: JsonFlag = False) -> None:
    """Show for how many days a merchant keeps what."""

    async def work(connection: AsyncConnection) -> Retention:
        owner = await tenant_named(connection, tenant)
        return await load_retention(connection, owner.tenant.id)

    _print(in_transaction(configured(), work), as_json=as_json)


def change(
    wanted: Annotated[
        list[str],
        typer.Argument(help="KIND=DAYS, or KIND=default.", metavar="KIND=DAYS"),
    ],
    *,
    tenant: TenantOption,
    as_json: JsonFlag = False,
) -> None:
    """Set for how many days a merchant keeps what. The next night removes the rest."""
    days = _parsed(wanted)

    async def work(connection: AsyncConnection) -> Retention:
        owner = await tenant_named(connection, tenant)
        try:
            retention = await store_retention(connection, owner.tenant.id, days)
        except BadRetention as error:
            raise CommandFailed(str(error)) from None
        await audited(
            connection,
            id=new_id("audit"),
            tenant_id=owner.tenant.id,
            actor="command",
            action="set_retention",
            details=days,
            now=utc_now(),
        )
        return retention

    _print(in_transaction(configured(), work), as_json=as_json)


def _parsed(wanted: Sequence[str]) -> Mapping[str, int | None]:
    days: dict[str, int | None] = {}
    for each in wanted:
        kind, equals, value = each.partition("=")
        if not equals or not (value == _DEFAULT or value.isdecimal()):
            raise CommandFailed(f"{each!r}: write KIND=DAYS, such as media=90")
        days[kind] = None if value == _DEFAULT else int(value)
    return days


def _print(retention: Retention, *, as_json: bool) -> None:
    head = ("kind", "days", "what")
    rows = [
        (
            each.kind.name,
            f"{each.effective}{'' if each.is_default else ' (set)'}",
            each.kind.what,
        )
        for each in retention
    ]
    data = {
        each.kind.name: {
            "days": each.days,
            "effective_days": each.effective,
            "default": each.is_default,
        }
        for each in retention
    }
    show({"retention": data}, table([head, *rows]), as_json=as_json)
