"""`chatorder channel setup`: what to paste where, once more."""

from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.instructions import Instructions, of_channel
from bot.commands.apps import server_base
from bot.commands.failing import CommandFailed
from bot.commands.gateways import GATES
from bot.commands.opening import configured, in_transaction
from bot.commands.printing import JsonFlag, show
from bot.inbox.directory import load_directory
from bot.inbox.lines import find_channel
from bot.inbox.pausing import channel_standing
from bot.wiring import sealer_of

_EXAMPLE = "Example: chatorder channel setup chn_01..."
_Channel = Annotated[str, typer.Argument(help="Id of a channel.", metavar="ID")]


def register(group: typer.Typer) -> None:
    """Add the command to `channel`."""
    group.command("setup", epilog=_EXAMPLE)(setup)


def setup(channel: _Channel, *, as_json: JsonFlag = False) -> None:
    """Say how a channel's provider is pointed at this server, as its owner does it.

    A gateway's secret was shown once: `channel rotate-secret` makes another.
    """
    settings = configured()
    sealer, base = sealer_of(settings), server_base(settings)

    async def work(connection: AsyncConnection) -> Instructions:
        known = await channel_standing(connection, channel)
        found = known and await find_channel(connection, known.tenant_id, channel)
        if not found:
            raise CommandFailed(
                f"there is no channel {channel!r}: see `chatorder channel list`"
            )
        directory = await load_directory(connection, sealer)
        app = directory.app(found.app_id or "")
        return of_channel(
            found.kind,
            GATES.get(found.kind),
            base=base,
            signer=found.app_id or found.id,
            instance=found.instance,
            base_url=found.base_url,
            verify_token=app.verify_token if app else None,
        )

    told = in_transaction(settings, work)
    numbered = [f"{number}. {step}" for number, step in enumerate(told.steps, 1)]
    show(
        {
            "callback_url": told.callback_url,
            "is_public": settings.public_url is not None,
            "verify_token": told.verify_token,
            "fields": list(told.fields),
            "headers": dict(told.headers),
            "steps": list(told.steps),
            "paste": told.paste,
        },
        [*numbered, *([told.paste] if told.paste else [])],
        as_json=as_json,
    )
