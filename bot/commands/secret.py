"""`chatorder secret new`."""

import typer

from bot.commands.printing import JsonFlag, show
from bot.sealing import new_secret_key


def register(program: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(help="The key that encrypts stored secrets.")
    group.callback()(_group)
    group.command("new", epilog="Example: chatorder secret new")(new)
    program.add_typer(group, name="secret")


def _group() -> None:
    """Make the key that encrypts stored secrets."""


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
