"""`chatorder secret new` and `secret rotate`."""

import asyncio

import typer

from bot.commands.failing import CommandFailed
from bot.commands.opening import configured, opened
from bot.commands.printing import JsonFlag, show
from bot.inbox.resealing import Resealed, reseal_all
from bot.sealing import new_secret_key
from bot.wiring import sealer_of

_NEW = "Example: chatorder secret new"
_ROTATE = "Example: chatorder secret rotate"
#: So many secrets that do not open are named; the others are counted.
_NAMED = 20


def register(program: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(help="The key that encrypts stored secrets.")
    group.command("new", epilog=_NEW)(new)
    group.command("rotate", epilog=_ROTATE)(rotate)
    program.add_typer(group, name="secret")


def new(*, as_json: JsonFlag = False) -> None:
    """Print a fresh value for CHATORDER_SECRET_KEY. It is stored nowhere."""
    key = new_secret_key()
    show(
        {"secret_key": key},
        [
            f"CHATORDER_SECRET_KEY={key}",
            "",
            "Put this line into .env (or your secret store) and keep a copy: whoever",
            "loses it loses the stored tokens.",
        ],
        as_json=as_json,
    )


def rotate(*, as_json: JsonFlag = False) -> None:
    """Seal every stored secret anew with the current CHATORDER_SECRET_KEY.

    Before: make a key with `secret new`, set it as CHATORDER_SECRET_KEY, name the one
    before in CHATORDER_SECRET_KEYS_OLD, and restart every process. Buttons that
    customers got before stay good for as long as the old key is named.
    """
    settings = configured()
    sealer = sealer_of(settings)

    async def work() -> Resealed:
        async with opened(settings) as database:
            return await reseal_all(database.transaction, sealer)

    found = asyncio.run(work())
    for name in found.unopened[:_NAMED]:
        typer.echo(f"does not open: {name}", err=True)
    if found.unopened:
        raise CommandFailed(
            f"{len(found.unopened)} stored secrets open with none of the keys"
            f" ({found.done} others were sealed anew, {found.current} were already):"
            " name the key that sealed them in CHATORDER_SECRET_KEYS_OLD and try again,"
            " or enter these secrets again"
        )
    old = bool(settings.secret_keys_old)
    show(
        {"resealed": found.done, "already": found.current},
        [
            f"{found.done} secrets sealed anew, {found.current} were already.",
            *(_WHEN_DONE if old else ()),
        ],
        as_json=as_json,
    )


_WHEN_DONE = (
    "No stored secret needs CHATORDER_SECRET_KEYS_OLD any more. Keep it for some days",
    "all the same, so that buttons on customers' phones still work; then remove it.",
)
