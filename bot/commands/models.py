"""`chatorder model budget|usage`: what models may cost a merchant, and did."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.failing import CommandFailed
from bot.commands.opening import configured, in_transaction, tenant_named
from bot.commands.printing import JsonFlag, TenantOption, show, table
from bot.ident import first_id, utc_now
from bot.inbox.overview import find_chat
from bot.inbox.usage import Period, Took, count_usage, took
from bot.inbox.usage import days as days_of
from bot.reading.budget import MICROS, Spending, day_of, spent_on
from catalog.table import tenant as tenant_table
from orders.store import load_order

_MOST = Decimal(100_000)
_EXAMPLE = 'Example: chatorder model budget --tenant "Kahve Evi" --usd-per-day 2.50'


_USAGE_EXAMPLE = 'Example: chatorder model usage --tenant "Kahve Evi" --days 30'
_HEAD = ("", "turns", "by whom", "tokens in", "cached", "out", "US dollars")
_MOST_DAYS = 366


def register(program: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(help="Models that read messages.")
    group.callback()(_group)
    group.command("budget", epilog=_EXAMPLE)(budget)
    group.command("usage", epilog=_USAGE_EXAMPLE)(usage)
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


def usage(
    *,
    tenant: TenantOption,
    order: Annotated[
        str | None, typer.Option(help="Only what led to this order: its id.")
    ] = None,
    conversation: Annotated[
        str | None, typer.Option(help="Only what this conversation took: its id.")
    ] = None,
    days: Annotated[
        int, typer.Option(help="So many days, today included.", min=1, max=_MOST_DAYS)
    ] = 7,
    as_json: JsonFlag = False,
) -> None:
    """Show what reading took: tokens and US dollars, by day, or of one order.

    It is counted from stored turns: what retention removed is not in it.
    """
    if order is not None and conversation is not None:
        raise CommandFailed("give --order or --conversation, not both")

    async def work(connection: AsyncConnection) -> Mapping[str, Took]:
        entry = await tenant_named(connection, tenant)
        tenant_id = entry.tenant.id
        if order is not None:
            return {order: await _of_order(connection, tenant_id, order)}
        if conversation is not None:
            if await find_chat(connection, tenant_id, conversation) is None:
                raise CommandFailed(
                    f"{entry.tenant.name} has no conversation {conversation!r}:"
                    " see `chatorder conversation list`"
                )
            return {conversation: await took(connection, tenant_id, conversation)}
        zone = ZoneInfo(entry.tenant.timezone)
        last = utc_now().astimezone(zone).date()
        periods = days_of(zone, last - timedelta(days=days - 1), last)
        await count_usage(connection, tenant_id, periods, first_id=first_id)
        return {each.begins.isoformat(): _of_day(each) for each in periods}

    sums = in_transaction(configured(), work)
    data = [
        {"of": name, **asdict(each), "usd": _dollars(each.cost_micros)}
        for name, each in sums.items()
    ]
    rows = [(name, *_cells(each)) for name, each in sums.items()]
    show({"data": data}, table([_HEAD, *rows]), as_json=as_json)


async def _of_order(connection: AsyncConnection, tenant_id: str, order: str) -> Took:
    stored = await load_order(connection, tenant_id, order)
    if stored is None:
        raise CommandFailed(
            f"there is no order {order!r}: give its id, as the API does"
        )
    if stored.conversation_id is None:
        return Took()
    chat, draft_id = stored.conversation_id, stored.order.draft_id
    return await took(connection, tenant_id, chat, draft_id)


def _of_day(day: Period) -> Took:
    return Took(
        turns=day.turns,
        readings=day.readings,
        input_tokens=day.tokens.get("input_tokens", 0),
        cached_tokens=day.tokens.get("cached_tokens", 0),
        output_tokens=day.tokens.get("output_tokens", 0),
        cost_micros=day.cost,
    )


def _cells(sums: Took) -> tuple[str, ...]:
    by = ", ".join(f"{count} {name}" for name, count in sorted(sums.readings.items()))
    tokens = (sums.input_tokens, sums.cached_tokens, sums.output_tokens)
    return (str(sums.turns), by, *map(str, tokens), _dollars(sums.cost_micros))


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
