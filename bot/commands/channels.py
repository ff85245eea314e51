"""`chatorder channel add whatsapp`, `pause`, `activate`, `speed` and `catalog`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.instructions import of_meta
from bot.commands import gateways, setups
from bot.commands.apps import webhook_url
from bot.commands.failing import CommandFailed
from bot.commands.opening import configured, in_transaction, tenant_named
from bot.commands.printing import JsonFlag, TenantOption, show, table
from bot.ident import new_id, utc_now
from bot.inbox.accounts import ChannelState, add_channel, replace_access_token
from bot.inbox.channel_catalog import set_catalog
from bot.inbox.directory import load_directory
from bot.inbox.lines import ChannelListing, list_channels
from bot.inbox.pausing import (
    ChannelStanding,
    activate_channel,
    channel_standing,
    pause_channel,
)
from bot.inbox.speed import set_speed
from bot.wiring import sealer_of

_EXAMPLE = (
    "Example: chatorder channel add whatsapp --tenant tenant_01... --app app_01..."
    " --phone-number-id 106540352242922 --access-token EAAG..."
)
_PAUSE = 'Example: chatorder channel pause chn_01... --reason "the number moves"'
_ACTIVATE = "Example: chatorder channel activate chn_01... --access-token EAAG..."
_SPEED = "Example: chatorder channel speed chn_01... --per-second 20"
_CATALOG = "Example: chatorder channel catalog chn_01... --catalog-id 194836987003835"
_LIST = "Example: chatorder channel list --tenant tenant_01..."
#: More than any merchant has.
_MOST = 1000
_Channel = Annotated[str, typer.Argument(help="Id of a channel.", metavar="ID")]


def register(program: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(help="Messaging accounts of merchants.")
    group.callback()(_group)
    kinds = typer.Typer(help="Add a messaging account.")
    kinds.callback()(_kinds)
    kinds.command("whatsapp", epilog=_EXAMPLE)(add_whatsapp)
    gateways.register(group, kinds)
    setups.register(group)
    group.add_typer(kinds, name="add")
    group.command("list", epilog=_LIST)(list_all)
    group.command("pause", epilog=_PAUSE)(pause)
    group.command("activate", epilog=_ACTIVATE)(activate)
    group.command("speed", epilog=_SPEED)(speed)
    group.command("catalog", epilog=_CATALOG)(catalog)
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

    async def work(connection: AsyncConnection) -> str | None:
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
        directory = await load_directory(connection, sealer)
        known = directory.app(app)
        return known.verify_token if known else None

    url = webhook_url(settings, app)
    told = of_meta(url, in_transaction(settings, work))
    show(
        {
            "id": channel_id,
            "app": app,
            "webhook_url": url,
            "verify_token": told.verify_token,
            "fields": told.fields,
        },
        [
            f"Added the channel: {channel_id}",
            f"Its messages arrive at {url}, once this is done:",
            *(f"{number}. {step}" for number, step in enumerate(told.steps, 1)),
        ],
        as_json=as_json,
    )


def list_all(*, tenant: TenantOption, as_json: JsonFlag = False) -> None:
    """List a tenant's channels: how they stand, and when a customer last wrote."""

    async def work(connection: AsyncConnection) -> Sequence[ChannelListing]:
        owner = await tenant_named(connection, tenant)
        found, _ = await list_channels(connection, owner.tenant.id, limit=_MOST)
        return found

    found = in_transaction(configured(), work)
    head = ("id", "kind", "account", "state", "last message")
    rows = [
        (c.id, c.kind, c.external_id, _standing(c), _moment(c.last_inbound_at))
        for c in found
    ]
    show(
        {
            "channels": [
                {
                    "id": c.id,
                    "kind": c.kind,
                    "external_id": c.external_id,
                    "state": c.state,
                    "reason": c.reason,
                    "since": c.since and c.since.isoformat(),
                    "last_inbound_at": c.last_inbound_at
                    and c.last_inbound_at.isoformat(),
                }
                for c in found
            ]
        },
        table([head, *rows]) if rows else ["There is no channel yet."],
        as_json=as_json,
    )


def _standing(listed: ChannelListing) -> str:
    return f"{listed.state}: {listed.reason}" if listed.reason else listed.state


def _moment(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else "never"


def pause(
    channel: _Channel,
    *,
    reason: Annotated[
        str, typer.Option(help="Why, for whoever looks.")
    ] = "a person paused it",
    as_json: JsonFlag = False,
) -> None:
    """Send nothing through a channel: replies wait, what comes in is kept."""

    async def work(connection: AsyncConnection) -> None:
        await _known(connection, channel)
        await pause_channel(connection, channel, reason=reason, now=utc_now())

    in_transaction(configured(), work)
    show(
        {"id": channel, "state": ChannelState.PAUSED},
        [f"{channel} is paused: its replies wait until `chatorder channel activate`."],
        as_json=as_json,
    )


def activate(
    channel: _Channel,
    *,
    access_token: Annotated[
        str | None, typer.Option(help="A new token, when the old one was refused.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Send through a channel again, what waited for it first."""
    settings = configured()
    sealer = sealer_of(settings) if access_token else None

    async def work(connection: AsyncConnection) -> tuple[ChannelStanding, int]:
        before = await _known(connection, channel)
        if access_token is not None and sealer is not None:
            await replace_access_token(connection, channel, access_token, sealer=sealer)
        return before, await activate_channel(connection, channel, now=utc_now())

    before, waiting = in_transaction(settings, work)
    lines = [f"{channel} is active; replies that waited for it: {waiting}."]
    if before.state is ChannelState.PAUSED:
        since = before.at.isoformat(timespec="seconds") if before.at else "it was added"
        lines.insert(0, f"It was paused since {since}: {before.reason or 'no reason'}.")
    show(
        {
            "id": channel,
            "state": ChannelState.ACTIVE,
            "was": before.state,
            "reason": before.reason,
            "since": before.at and before.at.isoformat(),
            "waiting": waiting,
        },
        lines,
        as_json=as_json,
    )


def speed(
    channel: _Channel,
    *,
    per_second: Annotated[
        int | None,
        typer.Option(help="Messages; a number with the Business app: 20."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Set how fast a number may send; without a figure: as fast as its kind."""

    async def work(connection: AsyncConnection) -> None:
        await _known(connection, channel)
        await set_speed(connection, channel, per_second)

    in_transaction(configured(), work)
    fast = f"{per_second} messages a second" if per_second else "as fast as its kind"
    show(
        {"id": channel, "per_second": per_second},
        [f"{channel} sends {fast}."],
        as_json=as_json,
    )


def catalog(
    channel: _Channel,
    *,
    catalog_id: Annotated[
        str | None,
        typer.Option(help="Commerce Manager, Catalog, Settings: Catalog ID (digits)."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show products as cards of a Meta catalog; without an id: in words."""

    async def work(connection: AsyncConnection) -> None:
        await _known(connection, channel)
        await set_catalog(connection, channel, catalog_id)

    in_transaction(configured(), work)
    how = f"as cards of the catalog {catalog_id}" if catalog_id else "in words"
    show(
        {"id": channel, "catalog_id": catalog_id},
        [f"{channel} shows products {how}."],
        as_json=as_json,
    )


async def _known(connection: AsyncConnection, channel: str) -> ChannelStanding:
    found = await channel_standing(connection, channel)
    if found is None:
        raise CommandFailed(
            f"there is no channel {channel!r}; its id was printed by `channel add`"
        )
    return found
