"""`chatorder demo`: a whole shop on this machine, with phones to play customers."""

import shutil
from asyncio import TaskGroup
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.demo_shop import demo_settings, open_shop
from bot.commands.serving import run_loop
from bot.serving import bind, reachable, stopping
from bot.settings import read_settings
from bot.simulator.chats import play, sample_chats
from bot.telemetry import configure_logging

#: A busy port moves to one of the next ones.
_PORTS = 50


def register(program: typer.Typer) -> None:
    """Add the command to the program."""
    program.command("demo", epilog="Example: chatorder demo --reset")(demo)


def demo(
    *,
    reset: Annotated[
        bool, typer.Option("--reset", help="Forget what earlier runs left.")
    ] = False,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its data.")] = Path(
        "data/demo"
    ),
) -> None:
    """Start a sample shop with phones, a fake WhatsApp and a demo ERP. No account."""
    if reset:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    chosen = read_settings().settings
    listener = bind(chosen.host, chosen.port, tries=_PORTS)
    url = reachable(chosen.host, listener.getsockname()[1])
    settings = demo_settings(chosen, folder, url)
    configure_logging(level="WARNING", as_json=settings.log_format == "json")

    async def run() -> None:
        with stopping() as stopped:
            async with open_shop(settings, listener, url) as shop, TaskGroup() as group:
                chats = sample_chats() if shop.is_new else ()
                chatting = group.create_task(play(shop.simulator, chats))
                _greet(url, folder)
                await stopped
                chatting.cancel()

    run_loop(run())


def _greet(url: str, folder: Path) -> None:
    typer.echo("The demo shop is open. Write to it from the phone on this page:")
    typer.echo(url)
    typer.echo(f"Its data is kept in {folder}; stop it with Ctrl+C.")
