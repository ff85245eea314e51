"""People at the console of a house: signed in, by HTTP or in Chromium."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from playwright.async_api import Browser, BrowserContext, Page

from bot.inbox.accounts import Role
from bot.inbox.sessions import begin, csrf_of, new_token
from bot.inbox.users import User, add_user
from bot.web.auth import cookie_of
from tests.house import House

#: Nobody signs in with it: sessions of tests are begun without a password.
_NO_PASSWORD = "-"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in to the console of a house."""

    house: House
    user: User
    token: str

    @property
    def cookies(self) -> Mapping[str, str]:
        return {cookie_of(self.house.runtime.settings): self.token}

    @property
    def headers(self) -> Mapping[str, str]:
        """Return what their pages' scripts send along."""
        return {"X-CSRF-Token": csrf_of(self.token)}

    @asynccontextmanager
    async def session(self) -> AsyncIterator[aiohttp.ClientSession]:
        """Yield a session that asks as they do: `get("/console/inbox")`."""
        # The jar takes no cookies of addresses by number unless it is told to.
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(
            self.house.shop.url,
            cookies=dict(self.cookies),
            headers=dict(self.headers),
            cookie_jar=jar,
        ) as session:
            yield session

    async def page(self, path: str = "/console/inbox") -> str:
        """Return a page as HTML; it is there, and they may see it."""
        async with self.session() as session, session.get(path) as answer:
            text = await answer.text()
            assert answer.status == 200, text
            return text

    async def call(
        self, method: str, path: str, json: Any = None, *, status: int | None = None
    ) -> Any:
        """Call the native API as they; return the JSON."""
        async with (
            self.session() as session,
            session.request(method, path, json=json) as answer,
        ):
            text = await answer.text()
            assert answer.status == (status or answer.status), text
            assert status is not None or answer.ok, text
            return await answer.json() if text else None

    async def browse(self, browser: Browser, **context: Any) -> BrowserContext:
        """Return a browser window in which they are signed in."""
        opened = await browser.new_context(
            base_url=self.house.shop.url, reduced_motion="reduce", **context
        )
        await opened.add_cookies(
            [
                {"name": name, "value": value, "url": self.house.shop.url}
                for name, value in self.cookies.items()
            ]
        )
        return opened

    @asynccontextmanager
    async def at(
        self, browser: Browser, path: str = "/console/inbox", **context: Any
    ) -> AsyncIterator[Page]:
        """Yield a page of the console; an error of its scripts fails the test."""
        opened = await self.browse(browser, **context)
        page = await opened.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda said: errors.append(said.text) if "Security" in said.text else None,
        )
        answer = await page.goto(path)
        assert answer is not None
        assert answer.ok, path
        yield page
        await opened.close()
        assert not errors, errors


async def is_too_wide(page: Page) -> bool:
    """Return whether a page scrolls sideways."""
    root = "document.documentElement"
    return bool(await page.evaluate(f"{root}.scrollWidth > {root}.clientWidth"))


async def signed_in(
    house: House,
    name: str = "Deniz Ak",
    role: Role = Role.AGENT,
    *,
    tenant_id: str | None = None,
) -> Person:
    """Return a new person of a house's shop, signed in."""
    runtime, now = house.runtime, house.runtime.clock()
    token = new_token()
    async with runtime.database.transaction() as connection:
        user = await add_user(
            connection,
            id=runtime.new_id("user"),
            tenant_id=tenant_id or house.tenant_id,
            email=f"{runtime.new_id('u')}@shop.example",
            name=name,
            role=role,
            password_hash=_NO_PASSWORD,
            now=now,
        )
        await begin(
            connection,
            user,
            token,
            id=runtime.new_id("session"),
            address=None,
            device=None,
            now=now,
        )
    return Person(house, user, token)
