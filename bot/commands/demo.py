"""`chatorder demo`: a whole shop on this machine, with phones to play customers."""

import shutil
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from bot.commands.serving import run_loop
from bot.demo import DemoShop, furnish, simulator_of
from bot.ident import new_id
from bot.migrations.upgrade import upgrade
from bot.sealing import Sealer, new_secret_key
from bot.serving import bind, listening, until_signal, upkeep, working
from bot.settings import Settings, read_settings
from bot.simulator.app import add_simulator
from bot.telemetry import configure_logging
from bot.web.application import build
from bot.wiring import running

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
    url = f"http://{chosen.host}:{listener.getsockname()[1]}"
    settings = _settings(chosen, folder, url)
    configure_logging(level="WARNING", as_json=settings.log_format == "json")

    async def run() -> None:
        await upgrade(settings.database_url)
        async with AsyncExitStack() as stack:
            runtime = await stack.enter_async_context(running(settings))
            secret_key = settings.secret_key
            assert secret_key is not None  # noqa: S101  # made in `_settings`
            shop = DemoShop.of(Sealer(secret_key.get_secret_value()), url)
            await furnish(runtime, shop)
            await stack.enter_async_context(upkeep(runtime))
            await stack.enter_async_context(working(runtime))
            app = build(runtime)
            simulator, erp = simulator_of(
                shop, clock=runtime.clock, new_id=lambda: new_id("sim")
            )
            add_simulator(app, simulator, erp=erp, reading=runtime.database.reading)
            await stack.enter_async_context(listening(app, listener))
            _greet(url, folder)
            await until_signal()

    run_loop(run())


def _greet(url: str, folder: Path) -> None:
    typer.echo("The demo shop is open. Write to it from the phone on this page:")
    typer.echo(url)
    typer.echo(f"Its data is kept in {folder}; stop it with Ctrl+C.")


def _secret_key(folder: Path) -> SecretStr:
    """Return the demo's own key: made at its first start, kept with its data."""
    path = folder / "secret.key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(new_secret_key(), encoding="utf-8")
    return SecretStr(path.read_text(encoding="utf-8"))


def _settings(chosen: Settings, folder: Path, url: str) -> Settings:
    """Return the settings of the demo: everything local, nothing to set."""
    unset = set(type(chosen).model_fields) - chosen.model_fields_set
    return chosen.model_copy(
        update={
            "database_url": f"sqlite:///{folder.resolve() / 'chatorder.db'}",
            "redis_url": None,
            "media_dir": folder / "media",
            "secret_key": _secret_key(folder),
            "public_url": url,
            "graph_api_url": f"{url}/graph",
            **({"reader": "rules"} if "reader" in unset else {}),
        }
    )
