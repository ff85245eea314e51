"""`chatorder chat`: a phone in the terminal, and the demo shop at its other end."""

import asyncio
import contextlib
import json
import re
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from sqlalchemy import func, select

from bot.commands.demo_shop import OpenShop, demo_settings, open_shop
from bot.commands.failing import CommandFailed
from bot.commands.serving import run_loop
from bot.inbox.table import conversation
from bot.serving import bind, stopping
from bot.settings import Settings, read_settings
from bot.simulator.actions import sample
from bot.simulator.bubble import Bubble
from bot.simulator.phone import Phone
from bot.simulator.reports import Delays
from bot.telemetry import configure_logging
from orders.outbox.store import State, Topic
from orders.table import outbox

_HOST = "127.0.0.1"
_WA_ID = "905551110003"
_HELP = "/1 taps the first button or row, /photo sends a picture, /quit ends"
_TAP = re.compile(r"/(\d{1,2})")
#: Nobody pauses between the lines of a terminal: a line is a whole message.
_DEBOUNCE = 0.1
#: Answers from a script's point of view come within this, seconds.
_PATIENCE = 60.0
_LOOK = 0.02


def register(program: typer.Typer) -> None:
    """Add the command to the program."""
    program.command("chat", epilog="Example: chatorder chat --name Ana")(chat)


def chat(
    *,
    name: Annotated[str, typer.Option(help="Name of the customer.")] = "Ana",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per message.")
    ] = False,
) -> None:
    """Write to the demo shop from the terminal. Lines are messages; nothing is kept.

    /1 taps the first button or row, /photo sends a picture, /quit ends. What is piped
    in is answered line by line.
    """
    with TemporaryDirectory(prefix="chatorder-") as folder:
        listener = bind(_HOST, 0)
        url = f"http://{_HOST}:{listener.getsockname()[1]}"
        chosen = read_settings().settings
        settings = _quick(demo_settings(chosen, Path(folder), url))
        configure_logging(level="WARNING", as_json=settings.log_format == "json")

        async def run() -> None:
            async with open_shop(settings, listener, url, delays=Delays(0, 0, 0)) as o:
                await _talk(_Terminal(o, name, as_json=as_json))

        run_loop(run())


def _quick(settings: Settings) -> Settings:
    if "debounce_seconds" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"debounce_seconds": _DEBOUNCE})


class _Terminal:
    """One phone whose screen is stdout."""

    def __init__(self, shop: OpenShop, name: str, *, as_json: bool) -> None:
        self.shop = shop
        self.phone: Phone = shop.simulator.phone(_WA_ID, name)
        self._as_json = as_json
        self._shown: set[str] = set()
        self._choices: Bubble | None = None

    async def watch(self) -> None:
        """Print what comes, as it comes, until cancelled."""
        with self.shop.simulator.news.watching() as subjects:
            async for _ in subjects:
                self.print_new()

    def print_new(self) -> None:
        """Print the messages that are not on the screen yet."""
        for bubble in self.phone.bubbles:
            if bubble.id in self._shown:
                continue
            self._shown.add(bubble.id)
            if bubble.buttons or bubble.rows:
                self._choices = bubble
            self._print(bubble)

    async def enter(self, line: str) -> bool:
        """Do what a line says; False when it says that this is the end."""
        tap = _TAP.fullmatch(line)
        if line == "/quit":
            return False
        if line == "/photo":
            await self.phone.send_image(sample("cup.jpg"))
        elif tap:
            await self._tap(int(tap[1]))
        elif line.startswith("/"):
            typer.echo(f"there is no {line.split(maxsplit=1)[0]}: {_HELP}", err=True)
        elif line:
            await self.phone.say(line)
        self.print_new()
        return True

    async def _tap(self, number: int) -> None:
        bubble = self._choices
        choices = (bubble.buttons or bubble.rows) if bubble else ()
        if bubble is None or not 0 < number <= len(choices):
            typer.echo(f"there is no choice {number} to tap", err=True)
        elif bubble.buttons:
            await self.phone.tap(number - 1, on=bubble)
        else:
            await self.phone.pick(number - 1, on=bubble)

    def _print(self, bubble: Bubble) -> None:
        if self._as_json:
            typer.echo(json.dumps(_object(bubble), ensure_ascii=False))
            return
        if bubble.mine:
            if not sys.stdin.isatty():
                typer.echo(f"> {bubble.text or bubble.kind}")
            return
        parts = [bubble.header, bubble.text or f"[{bubble.kind}]", bubble.footer]
        for line in "\n".join(part for part in parts if part).splitlines():
            typer.echo(f"  {line}")
        for card in bubble.cards:
            typer.echo(f"  • {card.title}")
        if bubble.opens:
            typer.echo(f"  [{bubble.opens.title}] {bubble.opens.url}")
        for number, choice in enumerate(bubble.buttons or bubble.rows, start=1):
            about = f", {choice.description}" if choice.description else ""
            typer.echo(f"  /{number}  {choice.title}{about}")


def _object(bubble: Bubble) -> Mapping[str, object]:
    return {
        "from": "customer" if bubble.mine else "shop",
        "kind": bubble.kind,
        "text": bubble.text,
        "choices": [each.title for each in bubble.buttons or bubble.rows],
    }


async def _talk(terminal: _Terminal) -> None:
    interactive = sys.stdin.isatty()
    if interactive:
        typer.echo(f"Write to {terminal.shop.simulator.number.name}; {_HELP}.")
    lines = _lines()
    watching = asyncio.ensure_future(terminal.watch())
    try:
        with stopping() as stopped:
            while True:
                line = asyncio.ensure_future(lines.get())
                either: set[asyncio.Future[Any]] = {line, stopped}
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
                if stopped.done():
                    line.cancel()
                    return
                entered = line.result()
                if entered is None or not await terminal.enter(entered):
                    break
                if not interactive:
                    await _settled(terminal.shop)
                    terminal.print_new()
            await _settled(terminal.shop)
            terminal.print_new()
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


def _lines() -> asyncio.Queue[str | None]:
    """Return the lines of stdin as they come, None after the last.

    A thread reads them, because a terminal, a pipe and a file have no other way in
    common; it dies with the process, whatever it still waits for.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[str | None] = asyncio.Queue()

    def read() -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
            for line in sys.stdin:
                loop.call_soon_threadsafe(queue.put_nowait, line.strip())
            loop.call_soon_threadsafe(queue.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    return queue


async def _settled(shop: OpenShop) -> None:
    """Return when every answer has come, the ERP's included."""
    try:
        async with asyncio.timeout(_PATIENCE):
            await _rest(shop)
            await shop.erp.settled()  # its callbacks are news for the customer
            await _rest(shop)
    except TimeoutError:
        raise CommandFailed(f"no answer came within {_PATIENCE:g} seconds") from None


async def _rest(shop: OpenShop) -> None:
    while not await _rests(shop):  # noqa: ASYNC110 (a table rings no bell)
        await asyncio.sleep(_LOOK)
    await shop.simulator.settled()


async def _rests(shop: OpenShop) -> bool:
    """Return whether nothing waits to be handled or sent."""
    async with shop.runtime.database.reading() as connection:
        waiting = await connection.execute(
            select(func.count()).where(conversation.c.ready_at.is_not(None))
        )
        unsent = await connection.execute(
            select(func.count()).where(
                outbox.c.state == State.DUE, outbox.c.topic != Topic.TIMER
            )
        )
        return not (waiting.scalar_one() or unsent.scalar_one())
