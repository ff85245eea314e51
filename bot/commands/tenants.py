"""`chatorder tenant add` and `tenant list`."""

from dataclasses import asdict
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.opening import configured, in_transaction
from bot.commands.printing import JsonFlag, show, table
from bot.domain.snapshot import Tenant
from bot.ident import new_id, utc_now
from bot.inbox.accounts import TenantEntry, add_tenant, load_tenants
from bot.inbox.checking import check_country, check_spoken, usual_currency
from orders import Shop

_FIELDS = ("id", "name", "language", "timezone", "currency", "country")
_EXAMPLE = (
    'Example: chatorder tenant add "Kahve Evi" --language tr'
    " --timezone Europe/Istanbul --country TR"
)


def register(program: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(help="Merchants.")
    group.command("add", epilog=_EXAMPLE)(add)
    group.command("list", epilog="Example: chatorder tenant list --json")(list_all)
    program.add_typer(group, name="tenant")


def add(
    name: Annotated[str, typer.Argument(help="Name of the shop, as customers see it.")],
    *,
    language: Annotated[
        str, typer.Option(help="Language we answer in when we know no better.")
    ] = "en",
    timezone: Annotated[str, typer.Option(help="IANA time zone of the shop.")] = "UTC",
    country: Annotated[
        str, typer.Option(help="Country, ISO 3166: local phone numbers are read by it.")
    ] = "US",
    currency: Annotated[
        str | None,
        typer.Option(
            help="Currency of the prices, ISO 4217; if not given, the country's."
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Add a merchant."""
    now = utc_now()
    language = check_spoken(language)
    country = check_country(country)
    chosen = currency or usual_currency(country, now.date())

    async def work(connection: AsyncConnection) -> Tenant:
        return await add_tenant(
            connection,
            id=new_id("tenant"),
            name=name,
            language=language,
            timezone=timezone,
            currency=chosen,
            country=country,
            shop=Shop(),
            now=now,
        )

    added = in_transaction(configured(), work)
    show(
        asdict(added),
        [
            f"Added {added.name}: {added.id}",
            f"language {added.language}, time zone {added.timezone}",
            f"currency {added.currency}, country {added.country}",
            "",
            f"Next: chatorder catalog import products.csv --tenant {added.id}",
        ],
        as_json=as_json,
    )


def list_all(*, as_json: JsonFlag = False) -> None:
    """List the merchants, oldest first."""

    async def work(connection: AsyncConnection) -> list[TenantEntry]:
        return list((await load_tenants(connection)).values())

    rows = [asdict(entry.tenant) for entry in in_transaction(configured(), work)]
    lines = table([_FIELDS, *([str(row[field]) for field in _FIELDS] for row in rows)])
    show({"data": rows, "total": len(rows)}, lines, as_json=as_json)
