"""The demo shop running in this process: what `demo` and `chat` share."""

import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from bot.commands.demo_console import LINKS, add_console, hire
from bot.demo import SAMPLE_CART, DemoShop, furnish, simulator_of
from bot.ident import new_id
from bot.migrations.upgrade import upgrade
from bot.runtime import Runtime
from bot.sealing import Sealer, new_secret_key
from bot.serving import listening, upkeep, working
from bot.settings import Settings
from bot.simulator.app import add_simulator
from bot.simulator.erp import DemoErp
from bot.simulator.reports import Delays
from bot.simulator.simulator import Simulator
from bot.web.application import build
from bot.wiring import need_secret_key, running


@dataclass(frozen=True, slots=True)
class OpenShop:
    """A shop that takes orders, with the phones and the ERP at its other ends."""

    runtime: Runtime
    simulator: Simulator
    erp: DemoErp
    is_new: bool  #: This is its first start.


def demo_settings(chosen: Settings, folder: Path, url: str) -> Settings:
    """Return settings with which everything is local and nothing has to be set.

    The folder must exist; the shop's data and its secret key are kept there.
    """
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


def _secret_key(folder: Path) -> SecretStr:
    """Return the demo's own key: made at its first start, kept with its data."""
    path = folder / "secret.key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(new_secret_key(), encoding="utf-8")
    return SecretStr(path.read_text(encoding="utf-8"))


@asynccontextmanager
async def open_shop(
    settings: Settings,
    listener: socket.socket,
    url: str,
    *,
    delays: Delays | None = None,
) -> AsyncIterator[OpenShop]:
    """Run the shop of `demo_settings` beside the block, served at `url`."""
    await upgrade(settings.database_url)
    async with AsyncExitStack() as stack:
        runtime = await stack.enter_async_context(running(settings))
        shop = DemoShop.of(Sealer(need_secret_key(settings)), url)
        is_new, tenant_id = await furnish(runtime, shop)
        await hire(runtime, tenant_id)
        await stack.enter_async_context(upkeep(runtime))
        await stack.enter_async_context(working(runtime))
        app = build(runtime)
        simulator, erp = simulator_of(
            shop, clock=runtime.clock, new_id=lambda: new_id("sim"), delays=delays
        )
        add_simulator(
            app,
            simulator,
            erp=erp,
            reading=runtime.database.reading,
            cart=SAMPLE_CART,
            links=LINKS,
        )
        add_console(app, tenant_id)
        await stack.enter_async_context(listening(app, listener))
        yield OpenShop(runtime, simulator, erp, is_new)
