"""`chatorder init`: from an empty folder to a shop that takes orders."""

import asyncio
import contextlib
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import make_url

from bot.commands.answers import (
    Wishes,
    admin_facts,
    catalog_file,
    channel_facts,
    need_answers,
    settings_wanted,
    shop_facts,
)
from bot.commands.apps import webhook_url, what_to_paste
from bot.commands.asking import Chosen, PasswordStdin, is_interactive
from bot.commands.beginning import (
    ChannelMade,
    Found,
    add_missing,
    beginning,
    connect,
    look,
)
from bot.commands.env_file import add_settings
from bot.commands.failing import EXPECTED, CommandFailed
from bot.commands.goods import import_file
from bot.commands.opening import configured
from bot.commands.printing import JsonFlag, show
from bot.ident import utc_now
from bot.inbox.resealing import find_unopened
from bot.sealing import Sealer, new_secret_key
from bot.settings import Settings, read_settings
from bot.wiring import sealer_of

_ENV_FILE = Path(".env")
_EXAMPLE = (
    'Example: chatorder init --yes --name "Kahve Evi" --country TR'
    " --admin-email ana@shop.example --catalog products.csv"
)

_Yes = Annotated[
    bool, typer.Option("--yes", help="Ask nothing: flags say what is needed.")
]
_Name = Annotated[
    str | None, typer.Option(help="Name of the shop, as customers see it.")
]
_Country = Annotated[str | None, typer.Option(help="Country, ISO 3166, such as TR.")]
_Language = Annotated[
    str | None, typer.Option(help="Language we answer in when we know no better.")
]
_Timezone = Annotated[
    str | None, typer.Option(help="IANA time zone; if not given, the country's.")
]
_Currency = Annotated[
    str | None, typer.Option(help="ISO 4217; if not given, the country's.")
]
_AdminEmail = Annotated[
    str | None, typer.Option(help="Email address of the first admin.")
]
_AdminName = Annotated[str | None, typer.Option(help="Name of the first admin.")]
_DatabaseUrl = Annotated[
    str | None, typer.Option(help="Where everything is stored; goes to .env.")
]
_PublicUrl = Annotated[
    str | None, typer.Option(help="The server's https address; goes to .env.")
]
_Catalog = Annotated[
    Path | None,
    typer.Option(help="File with the products: CSV, XLSX, a shopping feed."),
]
_AppSecret = Annotated[
    str | None, typer.Option(help="Meta's App Dashboard: App secret.")
]
_VerifyToken = Annotated[
    str | None, typer.Option(help="A word of yours; if not given, one is made.")
]
_PhoneNumberId = Annotated[
    str | None, typer.Option(help="WhatsApp, API Setup: Phone number ID.")
]
_AccessToken = Annotated[str | None, typer.Option(help="Token of a system user.")]


def register(program: typer.Typer) -> None:
    """Add the command to the program."""
    program.command("init", epilog=_EXAMPLE)(init)


@dataclass
class _Report:
    """What was there, what was made, and what is still missing."""

    settings: Settings
    made: list[str] = field(default_factory=list)
    found: Found = field(default_factory=Found)
    password: Chosen | None = None
    channel: ChannelMade | None = None
    failure: str | None = None


def init(
    *,
    yes: _Yes = False,
    name: _Name = None,
    country: _Country = None,
    language: _Language = None,
    timezone: _Timezone = None,
    currency: _Currency = None,
    admin_email: _AdminEmail = None,
    admin_name: _AdminName = None,
    password_stdin: PasswordStdin = False,
    database_url: _DatabaseUrl = None,
    public_url: _PublicUrl = None,
    catalog: _Catalog = None,
    app_secret: _AppSecret = None,
    verify_token: _VerifyToken = None,
    phone_number_id: _PhoneNumberId = None,
    access_token: _AccessToken = None,
    as_json: JsonFlag = False,
) -> None:
    """Set up a shop: key, database, merchant, first admin, products, WhatsApp.

    Run it again at any time: it says what is there and goes on with what is missing.
    Nothing that exists is changed.
    """
    wishes = Wishes(
        questions=is_interactive() and not yes,
        database_url=database_url,
        public_url=public_url,
        name=name,
        language=language,
        country=country,
        timezone=timezone,
        currency=currency,
        admin_email=admin_email,
        admin_name=admin_name,
        password_stdin=password_stdin,
        catalog=catalog,
        app_secret=app_secret,
        verify_token=verify_token,
        phone_number_id=phone_number_id,
        access_token=access_token,
    )
    report = _go(wishes)
    show(_data(report), _lines(report), as_json=as_json)
    if report.failure:
        raise CommandFailed(report.failure)


def _go(wishes: Wishes) -> _Report:
    settings, wanted = _settings(wishes)
    found = asyncio.run(_look(settings, wishes))
    need_answers(wishes, found)
    # Every answer before any of it is stored.
    shop = shop_facts(wishes, utc_now()) if found.tenant is None else None
    admin, password = (None, None) if found.admin else admin_facts(wishes)
    channel = channel_facts(wishes, found)
    file = catalog_file(wishes, found)

    add_settings(_ENV_FILE, wanted)
    report = _Report(configured(), made=list(wanted), password=password)
    sealer = sealer_of(report.settings)

    async def store() -> None:
        async with beginning(report.settings) as database, database.transaction() as to:
            report.found = await add_missing(to, found, shop, admin, now=utc_now())
            tenant = report.found.tenant
            if channel is not None and tenant is not None:
                report.channel = await connect(
                    to, tenant, channel, sealer=sealer, now=utc_now()
                )

    asyncio.run(store())
    report.made += [
        *(["shop"] if found.tenant is None else []),
        *(["admin"] if found.admin is None else []),
        *(["channel"] if report.channel else []),
    ]
    if file is not None:
        _import(report, file)
    return report


def _settings(wishes: Wishes) -> tuple[Settings, dict[str, str]]:
    """Return the settings as they will be, and what has to be added to `.env`."""
    read = read_settings()
    for warning in read.warnings:
        typer.echo(f"warning: {warning}", err=True)
    wanted = settings_wanted(wishes, read.settings)
    url = wanted.get("CHATORDER_DATABASE_URL", read.settings.database_url)
    if read.settings.secret_key is None:
        wanted["CHATORDER_SECRET_KEY"] = new_secret_key()
    return read.settings.model_copy(update={"database_url": url}), wanted


async def _look(settings: Settings, wishes: Wishes) -> Found:
    async with beginning(settings) as database, database.reading() as connection:
        if settings.secret_key is None:
            sealed, _ = await find_unopened(connection, Sealer(new_secret_key()))
            if sealed:
                raise CommandFailed(
                    f"the database holds {sealed} secrets, and the key that sealed them"
                    " is not set: set it as CHATORDER_SECRET_KEY and try again"
                )
        return await look(connection, wishes.name)


def _import(report: _Report, file: Path) -> None:
    """Import the products; what is wrong with them stops nothing else."""
    tenant = report.found.tenant
    if tenant is None:
        return
    try:
        # Its words are for people: stdout is for the result of this command.
        with contextlib.redirect_stdout(sys.stderr):
            import_file(file, tenant=tenant.id)
    except EXPECTED as error:
        report.failure = f"{error} (everything else is done: run init again)"
        return
    found = asyncio.run(_look(report.settings, Wishes(questions=False, name=tenant.id)))
    report.found = found
    report.made.append("catalog")


def _data(report: _Report) -> dict[str, object]:
    tenant, admin, channel = report.found.tenant, report.found.admin, report.channel
    return {
        "made": report.made,
        "missing": _missing(report),
        "database": _shown_url(report.settings),
        "tenant": None if tenant is None else {"id": tenant.id, "name": tenant.name},
        "admin": None
        if admin is None
        else {
            "id": admin.id,
            "email": admin.email,
            **(report.password.data() if report.password else {}),
        },
        "products": report.found.products,
        "channel": None
        if channel is None
        else {
            "id": channel.channel_id,
            "app": channel.app_id,
            "webhook_url": webhook_url(report.settings, channel.app_id),
            "verify_token": channel.verify_token,
        },
        "next": "chatorder serve",
    }


def _lines(report: _Report) -> list[str]:
    tenant, admin = report.found.tenant, report.found.admin
    made = report.made
    lines = [f"Database  {_shown_url(report.settings)}"]
    if "CHATORDER_SECRET_KEY" in made:
        lines += [
            f"Key       made and written to {_ENV_FILE}, which only you can read:",
            "          keep a copy, without it the stored tokens are lost",
        ]
    if tenant is not None:
        lines.append(f"Shop      {tenant.name} ({tenant.id}){_since('shop', made)}")
    if admin is not None:
        lines.append(f"Admin     {admin.email}{_since('admin', made)}")
    if report.password:
        lines += [f"          {line.strip()}" for line in report.password.lines()]
    lines.append(f"Products  {report.found.products or 'none yet'}")
    numbers = ", ".join(report.found.channels)
    if report.channel is None:
        lines.append(f"WhatsApp  {numbers or 'not connected yet'}")
    else:
        paste = what_to_paste(
            report.settings, report.channel.app_id, report.channel.verify_token
        )
        lines += ["WhatsApp  connected on our side. On Meta's side:", "", *paste]
    lines += ["", *_missing_lines(report), "Next: chatorder serve"]
    return lines


def _missing(report: _Report) -> list[str]:
    return [
        *([] if report.found.products else ["catalog"]),
        *([] if report.found.channels or report.channel else ["channel"]),
    ]


def _missing_lines(report: _Report) -> list[str]:
    tenant = report.found.tenant
    name = tenant.id if tenant else "..."
    ways = {
        "catalog": f"products: chatorder catalog import FILE --tenant {name}",
        "channel": "a WhatsApp number: chatorder init, or `app add` and `channel add`",
    }
    return [f"Missing {ways[each]}" for each in _missing(report)]


def _since(what: str, made: list[str]) -> str:
    return "" if what in made else ", there already"


def _shown_url(settings: Settings) -> str:
    return make_url(settings.database_url).render_as_string(hide_password=True)
