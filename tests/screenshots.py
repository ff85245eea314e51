"""Pictures of the demo's pages, for the README and for whoever looks at every one.

    python -m tests.screenshots FOLDER [--all]

Runs the demo in a folder of its own with its sample chats, signs in, and writes one PNG
for each page. `--all`: also narrow, and light and dark of each; otherwise only what the
README shows.
"""

import argparse
import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from sqlalchemy import select

from bot.commands.demo_shop import OpenShop, demo_settings, open_shop
from bot.serving import bind
from bot.settings import Settings
from bot.simulator.chats import play, sample_chats
from bot.simulator.reports import Delays
from bot.telemetry import configure_logging
from orders.table import order
from tests.browser.conftest import FLAGS, chromium

_WIDTHS: Mapping[str, tuple[int, int]] = {
    "desk": (1440, 900),
    "tablet": (768, 1024),
    "phone": (360, 740),
}


@dataclass(frozen=True, slots=True)
class Shot:
    """One page. CHAT and ORDER in its path are those of the newest order."""

    name: str
    path: str
    scheme: str = "light"
    width: str = "desk"


#: What the README shows.
SHOWN: Sequence[Shot] = (
    Shot("phones", "/"),
    Shot("conversation", "/console/conversations/CHAT"),
    Shot("conversation-dark", "/console/conversations/CHAT", "dark"),
    Shot("conversation-phone", "/console/conversations/CHAT", "light", "phone"),
    Shot("inbox-phone", "/console/inbox", "dark", "phone"),
    Shot("order", "/console/orders/ORDER"),
    Shot("catalog", "/console/catalog"),
    Shot("overview", "/console/overview"),
    Shot("settings", "/console/settings"),
)


async def take(folder: Path, shots: Sequence[Shot]) -> None:
    """Write the pictures into a folder."""
    with tempfile.TemporaryDirectory() as home:
        async with _demo(Path(home)) as (shop, url), async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=chromium(playwright), args=list(FLAGS)
            )
            chat, order = await _newest(shop)
            for shot in shots:
                path = shot.path.replace("CHAT", chat).replace("ORDER", order)
                async with _window(browser, url, shot) as page:
                    await page.goto(path)
                    await page.wait_for_timeout(700)
                    await page.screenshot(path=folder / f"{shot.name}.png")
            await browser.close()


@asynccontextmanager
async def _demo(home: Path) -> AsyncIterator[tuple[OpenShop, str]]:
    listener = bind("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    chosen = Settings(allow_private_hosts=True, debounce_seconds=0.1)
    settings = demo_settings(chosen, home, url)
    async with open_shop(settings, listener, url, delays=Delays(0, 0, 0)) as shop:
        await play(shop.simulator, sample_chats())
        ana = shop.simulator.phone("905551110001", "Ana")
        for words in ("2 latte and a butter croissant, pick up", "yes"):
            await ana.say(words)
            await asyncio.sleep(4)
        await ana.say("also 3 orange juise pls, tomorrow at 10")
        await asyncio.sleep(5)
        yield shop, url


async def _newest(shop: OpenShop) -> tuple[str, str]:
    """Return the ids of the conversation and of the order that are shown."""
    newest = select(order).order_by(order.c.number.desc()).limit(1)
    async with shop.runtime.database.reading() as connection:
        found = (await connection.execute(newest)).one()
    return found.conversation_id, found.id


@asynccontextmanager
async def _window(browser: Browser, url: str, shot: Shot) -> AsyncIterator[Page]:
    width, height = _WIDTHS[shot.width]
    context: BrowserContext = await browser.new_context(
        base_url=url,
        viewport={"width": width, "height": height},
        color_scheme="dark" if shot.scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = await context.new_page()
    await page.goto("/demo/console")
    yield page
    await context.close()


def every(shots: Sequence[Shot]) -> Sequence[Shot]:
    """Return each page in every width, light and dark."""
    paths = dict.fromkeys(shot.path for shot in shots)
    names = {shot.path: shot.name for shot in reversed(shots)}
    return [
        Shot(f"{names[path]}-{width}-{scheme}", path, scheme, width)
        for path in paths
        for width in _WIDTHS
        for scheme in ("light", "dark")
    ]


def main() -> None:
    """Take the pictures that the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--all", action="store_true")
    given = parser.parse_args()
    configure_logging(level="WARNING", as_json=True)
    given.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(given.folder, every(SHOWN) if given.all else SHOWN))


if __name__ == "__main__":
    main()
