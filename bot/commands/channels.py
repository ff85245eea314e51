"""`chatorder channel add`."""

from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.apps import webhook_url
from bot.commands.opening import configured, in_transaction, tenant_named
from bot.commands.printing import JsonFlag, TenantOption, show
from bot.ident import new_id, utc_now
from bot.inbox.accounts import add_channel
from bot.wiring import sealer_of

_EXAMPLE = (
    "Example: chatorder channel add whatsapp --tenant tenant_01... --app app_01..."
    " --phone-number-id 106540352242922 --access-token EAAG..."
)


def register(program: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(help="Messaging accounts of merchants.")
    group.callback()(_group)
    kinds = typer.Typer(help="Add a messaging account.")
    kinds.callback()(_kinds)
    kinds.command("whatsapp", epilog=_EXAMPLE)(add_whatsapp)
    group.add_typer(kinds, name="add")
    program.add_typer(group, name="channel")


def _group() -> None:
    """Messaging accounts of merchants."""


def _kinds() -> None:
    """Add a messaging account."""


def add_whatsapp(
    *,
    tenant: TenantOption,
    app: Annotated[str, typer.Option(help="Id of the app, as `app add` printed it.")],
    phone_number_id: Annotated[
        str, typer.Option(help="WhatsApp, API Setup: Phone number ID (digits).")
    ],
    access_token: Annotated[
        str, typer.Option(help="Token of a system user that may send messages.")
    ],
    as_json: JsonFlag = False,
) -> None:
    """Add a number of WhatsApp's Cloud API."""
    settings = configured()
    sealer = sealer_of(settings)
    channel_id = new_id("chn")

    async def work(connection: AsyncConnection) -> None:
        owner = await tenant_named(connection, tenant)
        await add_channel(
            connection,
            id=channel_id,
            tenant_id=owner.tenant.id,
            app_id=app,
            external_id=phone_number_id,
            access_token=access_token,
            sealer=sealer,
            now=utc_now(),
        )

    in_transaction(settings, work)
    url = webhook_url(settings, app)
    show(
        {"id": channel_id, "app": app, "webhook_url": url},
        [
            f"Added the channel: {channel_id}",
            f"Its messages arrive at {url}, once the webhook of its app points there",
            "and its WhatsApp Business Account is subscribed to the app.",
        ],
        as_json=as_json,
    )
