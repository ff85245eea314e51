"""`chatorder model budget`: what models may cost a merchant, and did."""

from decimal import Decimal
from typing import Annotated

import typer
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.failing import CommandFailed
from bot.commands.opening import configured, in_transaction, tenant_named
from bot.commands.printing import JsonFlag, TenantOption, show
from bot.ident import utc_now
from bot.reading.budget import MICROS, Spending, day_of, spent_on
from catalog.table import tenant as tenant_table

_MOST = Decimal(100_000)
_EXAMPLE = 'Example: chatorder model budget --tenant "Kahve Evi" --usd-per-day 2.50'


def register(program: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(help="Models that read messages.")
    group.callback()(_group)
    group.command("budget", epilog=_EXAMPLE)(budget)
    program.add_typer(group, name="model")


def _group() -> None:
    """Models that read messages."""


def budget(
    *,
    tenant: TenantOption,
    usd_per_day: Annotated[
        str | None,
        typer.Option(help="US dollars that models may cost in a day; 0 for none."),
    ] = None,
    as_deployed: Annotated[
        bool,
        typer.Option(
            "--as-deployed", help="Follow CHATORDER_OPENAI_DAILY_BUDGET again."
        ),
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Show what models cost a merchant today and may cost in a day; or change it."""
    settings = configured()
    own = _micros(usd_per_day) if usd_per_day is not None else None
    if own is not None and as_deployed:
        raise CommandFailed("give --usd-per-day or --as-deployed, not both")

    async def work(connection: AsyncConnection) -> tuple[str, str, Spending]:
        entry = await tenant_named(connection, tenant)
        if own is not None or as_deployed:
            await connection.execute(
                update(tenant_table)
                .where(tenant_table.c.id == entry.tenant.id)
                .values(model_budget=own)
            )
        day = day_of(utc_now(), entry.tenant.timezone)
        default = int(settings.openai_daily_budget * MICROS)
        spent = await spent_on(connection, entry.tenant.id, day, default)
        return entry.tenant.id, day, spent

    tenant_id, day, spent = in_transaction(settings, work)
    show(
        {
            "tenant": tenant_id,
            "day": day,
            "usd_spent": _dollars(spent.cost),
            "usd_per_day": _dollars(spent.budget),
        },
        [f"{day}: {_dollars(spent.cost)} of {_dollars(spent.budget)} US dollars spent"],
        as_json=as_json,
    )


def _micros(text: str) -> int:
    try:
        dollars = Decimal(text)
        if 0 <= dollars <= _MOST:
            return int(dollars * MICROS)
    except ArithmeticError:
        pass  # No number at all.
    raise CommandFailed(
        f"--usd-per-day {text!r}: give US dollars from 0 to {_MOST}, such as 2.50"
    )


def _dollars(micros: int) -> str:
    return f"{Decimal(micros) / MICROS:.6f}"
