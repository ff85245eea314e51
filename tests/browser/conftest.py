"""Chromium on PATH, else Playwright's own. Without one the tests here are skipped."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Playwright, async_playwright

#: Chromium and its kin; .ci/setup looks for the same names.
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium(playwright: Playwright) -> str:
    """Return the path of Chromium; skip without one, unless REQUIRE_BROWSER=1."""
    found = filter(None, map(shutil.which, NAMES))
    path = next(found, playwright.chromium.executable_path)
    if Path(path).exists():
        return path
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail("REQUIRE_BROWSER=1, and there is no Chromium: see .ci/setup")
    pytest.skip("there is no Chromium: apt-get install chromium")


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Return a running Chromium that talks to this machine only."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(playwright), args=list(FLAGS)
        )
        yield browser
        await browser.close()
