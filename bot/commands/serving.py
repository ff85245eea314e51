"""`chatorder serve` and `chatorder worker`."""

import asyncio
import gc
from collections.abc import Coroutine
from typing import Annotated

import typer

from bot.commands.opening import configured, opened
from bot.serving import bind, serve, work
from bot.settings import Settings
from bot.telemetry import configure_logging
from bot.wiring import need_secret_key, running


def register(program: typer.Typer) -> None:
    """Add the commands to the program."""
    program.command("serve", epilog="Example: chatorder serve --no-worker")(serve_web)
    program.command("worker", epilog="Example: chatorder worker")(run_worker)


def serve_web(
    *,
    worker: Annotated[
        bool, typer.Option(help="Also handle conversations in this process.")
    ] = True,
) -> None:
    """Receive webhooks and answer the APIs, until SIGINT or SIGTERM."""
    settings = _prepared()
    with bind(settings.host, settings.port) as listener:

        async def run() -> None:
            async with opened(settings), running(settings) as runtime:
                await serve(runtime, listener, with_worker=worker)

        run_loop(run())


def run_worker() -> None:
    """Handle conversations and deliver what is due, until SIGINT or SIGTERM."""
    settings = _prepared()

    async def run() -> None:
        async with opened(settings), running(settings) as runtime:
            await work(runtime)

    run_loop(run())


def _prepared() -> Settings:
    settings = configured()
    need_secret_key(settings)
    configure_logging(level=settings.log_level, as_json=settings.log_format == "json")
    return settings


def run_loop(main: Coroutine[None, None, None]) -> None:
    """Run the program's main coroutine, on uvloop where it is installed."""
    calm_collector()
    try:
        import uvloop  # noqa: PLC0415  # optional: the extra `fast`
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)
    finally:
        # Extensions see their objects go at the end, or they call them leaks.
        gc.unfreeze()


def calm_collector() -> None:
    """Keep the garbage collector from looking at what was imported, again and again.

    Measured in bench/RESULTS.md: half of what intake does at its default.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
