"""`chatorder app add`."""

import secrets
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.instructions import META_FIELDS
from bot.commands.opening import configured, in_transaction, tenant_named
from bot.commands.printing import JsonFlag, TenantOption, show
from bot.ident import new_id, utc_now
from bot.inbox.accounts import add_app
from bot.serving import reachable
from bot.settings import Settings
from bot.wiring import sealer_of

_EXAMPLE = "Example: chatorder app add --tenant tenant_01... --app-secret 0f3a9c..."

_NEXT = (
    "Next: chatorder channel add whatsapp --tenant {tenant} --app {app}"
    " --phone-number-id ... --access-token ..."
)


def register(program: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(help="Meta apps: they sign the webhooks of their numbers.")
    group.callback()(_group)
    group.command("add", epilog=_EXAMPLE)(add)
    program.add_typer(group, name="app")


def _group() -> None:
    """Meta apps: they sign the webhooks of their numbers."""


def add(
    *,
    tenant: TenantOption,
    app_secret: Annotated[
        str, typer.Option(help="Meta's App Dashboard: App settings, Basic, App secret.")
    ],
    verify_token: Annotated[
        str | None, typer.Option(help="A word of yours; if not given, one is made.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Add a Meta app and print what to paste into its dashboard."""
    settings = configured()
    sealer = sealer_of(settings)
    app_id = new_id("app")
    token = verify_token or secrets.token_urlsafe(24)

    async def work(connection: AsyncConnection) -> None:
        owner = await tenant_named(connection, tenant)
        await add_app(
            connection,
            id=app_id,
            tenant_id=owner.tenant.id,
            secret=app_secret,
            verify_token=token,
            sealer=sealer,
            now=utc_now(),
        )

    in_transaction(settings, work)
    url = webhook_url(settings, app_id)
    show(
        {"id": app_id, "webhook_url": url, "verify_token": token},
        [
            f"Added the app: {app_id}",
            "",
            *what_to_paste(settings, app_id, token),
            "",
            _NEXT.format(tenant=tenant, app=app_id),
        ],
        as_json=as_json,
    )


def webhook_url(settings: Settings, app_id: str) -> str:
    """Return the address that Meta has to call."""
    return f"{server_base(settings)}/webhooks/whatsapp/{app_id}"


def server_base(settings: Settings) -> str:
    """Return where this server is reached: by everybody, or else on this machine."""
    return settings.public_url or reachable(settings.host, settings.port)


def what_to_paste(settings: Settings, app_id: str, verify_token: str) -> list[str]:
    """Return what the owner has to enter at Meta, and where."""
    return [
        "Paste into Meta's App Dashboard, WhatsApp, Configuration, Webhook:",
        f"  Callback URL: {webhook_url(settings, app_id)}",
        f"  Verify token: {verify_token}",
        "and subscribe to the field: messages",
        f"These tell more: {', '.join(META_FIELDS[1:])}.",
        *_public_hint(settings),
    ]


def _public_hint(settings: Settings) -> list[str]:
    if settings.public_url:
        return []
    return [
        "",
        "CHATORDER_PUBLIC_URL is not set: Meta needs the https address under which the",
        "outside world reaches this server in place of the one above.",
    ]
