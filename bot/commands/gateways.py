"""`chatorder channel add evolution`, `channel add waha` and `channel rotate-secret`."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.evolution.client import Evolution
from bot.channels.evolution.gate import EvolutionGate
from bot.channels.gate import Gate
from bot.channels.waha.client import Waha
from bot.channels.waha.gate import WahaGate
from bot.commands.apps import server_base
from bot.commands.failing import CommandFailed
from bot.commands.opening import configured, in_transaction, tenant_named
from bot.commands.printing import JsonFlag, TenantOption, show
from bot.ident import new_id, utc_now
from bot.inbox.accounts import Seal
from bot.inbox.gateways import (
    add_gateway,
    check_base_url,
    check_instance,
    rotate_webhook_secret,
)
from bot.inbox.lines import ChannelListing, find_channel
from bot.inbox.pausing import channel_standing
from bot.settings import Settings
from bot.wiring import sealer_of

#: How each kind of gateway proves itself.
GATES: Mapping[str, Gate] = {
    Evolution.kind: EvolutionGate(),
    Waha.kind: WahaGate(),
}
_EVOLUTION = (
    "Example: chatorder channel add evolution --tenant tenant_01..."
    " --base-url http://127.0.0.1:8080 --instance shop1 --api-key ..."
)
_WAHA = (
    "Example: chatorder channel add waha --tenant tenant_01..."
    " --base-url http://127.0.0.1:3000 --instance default --api-key ..."
)
_ROTATE = "Example: chatorder channel rotate-secret chn_01... --grace-hours 24"
_BaseUrl = Annotated[
    str, typer.Option(help="Where the gateway answers, such as http://127.0.0.1:8080.")
]
_ApiKey = Annotated[str, typer.Option(help="The key of the gateway's API.")]
_Secret = Annotated[
    str | None,
    typer.Option(help="What its webhooks prove themselves with; else one is made."),
]
_Channel = Annotated[str, typer.Argument(help="Id of a channel.", metavar="ID")]


def register(group: typer.Typer, kinds: typer.Typer) -> None:
    """Add the commands to `channel` and to `channel add`."""
    kinds.command("evolution", epilog=_EVOLUTION)(add_evolution)
    kinds.command("waha", epilog=_WAHA)(add_waha)
    group.command("rotate-secret", epilog=_ROTATE)(rotate)


def add_evolution(
    *,
    tenant: TenantOption,
    base_url: _BaseUrl,
    instance: Annotated[str, typer.Option(help="Name of the instance.")],
    api_key: _ApiKey,
    webhook_secret: _Secret = None,
    as_json: JsonFlag = False,
) -> None:
    """Add an instance of Evolution API, and print how to point its webhook at us."""
    _add(
        Evolution.kind,
        tenant,
        base_url=base_url,
        instance=instance,
        api_key=api_key,
        webhook_secret=webhook_secret,
        as_json=as_json,
    )


def add_waha(
    *,
    tenant: TenantOption,
    base_url: _BaseUrl,
    instance: Annotated[str, typer.Option(help="Name of the session.")],
    api_key: _ApiKey,
    webhook_secret: _Secret = None,
    as_json: JsonFlag = False,
) -> None:
    """Add a session of WAHA, and print how to point its webhook at us."""
    _add(
        Waha.kind,
        tenant,
        base_url=base_url,
        instance=instance,
        api_key=api_key,
        webhook_secret=webhook_secret,
        as_json=as_json,
    )


def _add(
    kind: str,
    tenant: str,
    *,
    base_url: str,
    instance: str,
    api_key: str,
    webhook_secret: str | None,
    as_json: bool,
) -> None:
    settings = configured()
    sealer = sealer_of(settings)
    channel_id = new_id("chn")
    secret = webhook_secret or secrets.token_urlsafe(32)

    async def work(connection: AsyncConnection) -> tuple[str, str]:
        owner = await tenant_named(connection, tenant)
        await add_gateway(
            connection,
            id=channel_id,
            tenant_id=owner.tenant.id,
            kind=kind,
            base_url=base_url,
            instance=instance,
            api_key=api_key,
            webhook_secret=secret,
            sealer=sealer,
            now=utc_now(),
        )
        return check_base_url(base_url), check_instance(instance)

    address, name = in_transaction(settings, work)
    _tell(
        f"Added the channel: {channel_id}",
        {"id": channel_id, "webhook_url": _url(settings, kind, channel_id)},
        secret=secret if webhook_secret is None else None,
        paste=_paste(
            kind,
            url=_url(settings, kind, channel_id),
            secret=secret,
            instance=name,
            base_url=address,
        ),
        as_json=as_json,
    )


def rotate(
    channel: _Channel,
    *,
    webhook_secret: _Secret = None,
    grace_hours: Annotated[
        int, typer.Option(help="So long the old secret is taken, too.", min=0, max=720)
    ] = 24,
    as_json: JsonFlag = False,
) -> None:
    """Give a gateway's webhooks another secret; the old one is taken for a while."""
    settings = configured()
    sealer = sealer_of(settings)
    secret = webhook_secret or secrets.token_urlsafe(32)
    until = utc_now() + timedelta(hours=grace_hours)

    async def work(connection: AsyncConnection) -> ChannelListing:
        return await _rotated(connection, channel, secret, sealer, until=until)

    found = in_transaction(settings, work)
    paste = _paste(
        found.kind,
        url=_url(settings, found.kind, channel),
        secret=secret,
        instance=found.instance or "",
        base_url=found.base_url or "",
    )
    _tell(
        f"{channel} has another secret; the old one is taken until {until:%F %R} UTC.",
        {
            "id": channel,
            "old_secret_until": until.isoformat(),
            "webhook_url": _url(settings, found.kind, channel),
        },
        secret=secret if webhook_secret is None else None,
        paste=paste,
        as_json=as_json,
    )


async def _rotated(
    connection: AsyncConnection,
    channel: str,
    secret: str,
    sealer: Seal,
    *,
    until: datetime,
) -> ChannelListing:
    known = await channel_standing(connection, channel)
    if known is None:
        raise CommandFailed(
            f"there is no channel {channel!r}; its id was printed by `channel add`"
        )
    done = await rotate_webhook_secret(
        connection, known.tenant_id, channel, secret, sealer=sealer, until=until
    )
    found = await find_channel(connection, known.tenant_id, channel)
    if not done or found is None:
        raise CommandFailed(
            f"{channel} is a number of Meta's: the secret is that of its app; see"
            " POST /v1/apps/{app_id}/rotate-secret"
        )
    return found


def _url(settings: Settings, kind: str, channel_id: str) -> str:
    return f"{server_base(settings)}/webhooks/{kind}/{channel_id}"


def _paste(kind: str, *, url: str, secret: str, instance: str, base_url: str) -> str:
    return GATES[kind].to_paste(
        url=url, secret=secret, instance=instance, base_url=base_url
    )


def _tell(
    head: str,
    data: dict[str, object],
    *,
    secret: str | None,
    paste: str,
    as_json: bool,
) -> None:
    """Print what was done; a secret that was made here is shown this once."""
    made = {} if secret is None else {"webhook_secret": secret}
    show(
        {**data, **made, "paste": paste},
        [
            head,
            "",
            "Point the gateway's webhook at it, with the gateway's key in the variable",
            "API_KEY:",
            "",
            paste,
            "",
            "The secret in it is shown this once. `chatorder doctor` says whether the",
            "gateway answers and is connected to WhatsApp.",
        ],
        as_json=as_json,
    )
