"""The door of the console: a server with two shops, and browsers before it."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update
from yarl import URL

from bot.inbox import passwords
from bot.inbox.accounts import Role, add_tenant
from bot.inbox.passwords import hash_password
from bot.inbox.people_table import session as sessions
from bot.inbox.people_table import user as users
from bot.inbox.users import add_user
from bot.runtime import Runtime
from bot.serving import bind, listening
from bot.settings import Settings
from bot.web.application import build
from bot.wiring import running
from orders import Shop
from tests.simulation import Clock

PASSWORD = "correct horse battery"
SHOPS = {"tnt_kahve": "Kahve Evi", "tnt_cicek": "Çiçek & Co"}
#: Who works where: (id, shop, email, role). Dora works in both.
PEOPLE = (
    ("user_ana", "tnt_kahve", "Ana@shop.example", Role.ADMIN),
    ("user_bea", "tnt_kahve", "bea@shop.example", Role.AGENT),
    ("user_eve", "tnt_cicek", "eve@shop.example", Role.ADMIN),
    ("user_dora", "tnt_kahve", "dora@shop.example", Role.MANAGER),
    ("user_dora_2", "tnt_cicek", "dora@shop.example", Role.AGENT),
)
_FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"


@dataclass(frozen=True)
class Seen:
    """What came back, redirects not followed."""

    status: int
    headers: Mapping[str, str]
    text: str
    cookies: tuple[str, ...] = ()  #: Each `Set-Cookie` as it came.

    @property
    def goes_to(self) -> str:
        assert self.status == 303, self.text
        return self.headers["Location"]

    @property
    def said(self) -> str:
        """Return what is wrong, in the page's words."""
        found = re.search(r'role="alert">([^<]*)<', self.text)
        return found[1] if found else ""

    def field(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        assert found is not None, self.text
        return found[1]


@dataclass(frozen=True)
class Browser:
    """Somebody's browser: it keeps cookies."""

    url: str
    session: aiohttp.ClientSession

    async def __call__(self, method: str, path: str, **sent: Any) -> Seen:
        async with self.session.request(
            method, self.url + path, allow_redirects=False, **sent
        ) as answer:
            return Seen(
                answer.status,
                answer.headers,
                await answer.text(),
                tuple(answer.headers.getall("Set-Cookie", ())),
            )

    async def get(self, path: str, **headers: str) -> Seen:
        return await self("GET", path, headers=_named(headers))

    async def post(self, path: str, form: Mapping[str, str], **headers: str) -> Seen:
        """Send a form; `Sec_Fetch_Site="cross-site"` becomes that header."""
        return await self("POST", path, data=form, headers=_named(headers))

    async def sign_in(
        self, email: str, password: str = PASSWORD, /, **form: str
    ) -> Seen:
        given = {"email": email, "password": password, **form}
        return await self.post("/console/sign-in", given)

    async def me(self) -> str | None:
        """Return who the native API takes the browser for."""
        answer = await self("GET", "/v1/me")
        assert answer.status in {200, 401}
        found = re.search(r'"actor":"([^"]+)"', answer.text)
        return found[1] if found else None

    @property
    def token(self) -> str:
        """Return what the session's cookie says."""
        return next(
            (c.value for c in self.session.cookie_jar if "session" in c.key), ""
        )

    def give(self, token: str, name: str = "chatorder_session") -> None:
        """Put a cookie into the browser, as somebody else would."""
        self.session.cookie_jar.update_cookies({name: token}, URL(self.url))


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass(frozen=True)
class Door:
    """A running server, its clock, and as many browsers as are asked for."""

    runtime: Runtime
    url: str
    clock: Clock
    _stack: AsyncExitStack

    async def browser(self) -> Browser:
        session = await self._stack.enter_async_context(
            aiohttp.ClientSession(
                cookie_jar=aiohttp.CookieJar(unsafe=True),
                headers={"User-Agent": _FIREFOX},
            )
        )
        return Browser(self.url, session)

    async def inside(self, email: str) -> Browser:
        """Return a browser in which somebody has signed in."""
        browser = await self.browser()
        assert (await browser.sign_in(email)).goes_to == "/console"
        return browser

    async def change(self, user_id: str, **values: object) -> None:
        """Change a person's row."""
        async with self.runtime.database.transaction() as connection:
            await connection.execute(
                update(users).where(users.c.id == user_id).values(values)
            )

    async def sessions(self) -> list[Any]:
        async with self.runtime.database.reading() as connection:
            rows = await connection.execute(
                select(sessions).order_by(sessions.c.created_at, sessions.c.id)
            )
            return list(rows.all())

    async def second(self) -> "Door":
        """Return another process of the same installation: only the database is one."""
        runtime = await self._stack.enter_async_context(
            running(self.runtime.settings, clock=self.clock)
        )
        listener = bind("127.0.0.1", 0)
        port = await self._stack.enter_async_context(
            listening(build(runtime), listener)
        )
        return Door(runtime, f"http://127.0.0.1:{port}", self.clock, self._stack)

    def rest(self) -> None:
        """Let so much time pass that everybody may try again."""
        self.clock.advance(timedelta(hours=1))


@asynccontextmanager
async def open_door(
    database_url: str, clock: Clock | None = None, **settings: Any
) -> AsyncIterator[Door]:
    """Serve two shops and their people on a migrated database."""
    clock = clock or Clock()
    async with AsyncExitStack() as stack:
        # A real hash takes as long as a hundred of these: tests try many passwords.
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(passwords, "_HASHER", PasswordHasher(1, 8, 1))
        given = Settings(database_url=database_url, secret_key="s" * 43, **settings)
        runtime = await stack.enter_async_context(running(given, clock=clock))
        await _furnish(runtime)
        listener = bind("127.0.0.1", 0)
        port = await stack.enter_async_context(listening(build(runtime), listener))
        yield Door(runtime, f"http://127.0.0.1:{port}", clock, stack)


async def _furnish(runtime: Runtime) -> None:
    now, hashed = runtime.clock(), await hash_password(PASSWORD)
    async with runtime.database.transaction() as connection:
        for tenant_id, name in SHOPS.items():
            await add_tenant(
                connection,
                id=tenant_id,
                name=name,
                language="tr",
                timezone="Europe/Istanbul",
                currency="TRY",
                country="TR",
                shop=Shop(),
                now=now,
            )
        for user_id, tenant_id, email, role in PEOPLE:
            await add_user(
                connection,
                id=user_id,
                tenant_id=tenant_id,
                email=email,
                name=email.partition("@")[0],
                role=role,
                password_hash=hashed,
                now=now,
            )
