"""The native API over real HTTP, with two merchants and a key of every role."""

import io
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
from yarl import URL

from bot.inbox.accounts import Role, add_key
from bot.runtime import Runtime
from bot.simulator.phone import Phone
from tests.bot.web.entrance import ANA, BEN, Entrance, open_entrance
from tests.house import House, open_house

#: A body that is not JSON is sent as it is.
_RAW = (bytes, str)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def kind(self) -> str:
        """Return which problem it is."""
        assert self.headers["Content-Type"] == "application/problem+json", self.raw
        assert self.body["status"] == self.status
        return str(self.body["type"]).removeprefix("/docs/errors#")


@dataclass(frozen=True)
class Caller:
    """Somebody with a key."""

    url: str
    session: aiohttp.ClientSession
    key: str | None
    key_id: str = ""

    @property
    def actor(self) -> str:
        return f"key:{self.key_id}"

    async def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request; a body that is no bytes and no text is sent as JSON."""
        sent = dict(headers or {})
        if self.key is not None:
            sent.setdefault("Authorization", f"Bearer {self.key}")
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        data = body if body is None or isinstance(body, _RAW) else json.dumps(body)
        sendable = io.BytesIO(data) if isinstance(data, bytes) else data
        async with self.session.request(
            method, URL(self.url + path, encoded=True), data=sendable, headers=sent
        ) as response:
            return Answer(response.status, response.headers, await response.read())

    async def get(self, path: str, **parameters: Any) -> Answer:
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        return await self("GET", f"{path}?{query}" if query else path)

    async def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """Post; `idempotency_key="x"` becomes the header Idempotency-Key."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self("POST", path, body, headers=named)

    async def read(self, path: str, **parameters: Any) -> Any:
        """Get what is there."""
        answer = await self.get(path, **parameters)
        assert answer.status == HTTPStatus.OK, answer.raw
        return answer.body


@dataclass(frozen=True)
class Api:
    """A running server; callers of Ana by role, and Ben's admin."""

    entrance: Entrance
    agent: Caller
    manager: Caller
    admin: Caller
    integration: Caller
    ben: Caller
    nobody: Caller

    @property
    def runtime(self) -> Runtime:
        return self.entrance.runtime

    def by_role(self, role: Role) -> Caller:
        caller: Caller = getattr(self, role.value)
        return caller


@dataclass(frozen=True)
class Office:
    """A whole shop with customers, and its people and programs at the API."""

    house: House
    agent: Caller
    manager: Caller
    admin: Caller
    integration: Caller

    async def write(self, phone: Phone, *texts: str) -> str:
        """Let a customer write; return the conversation's id when all is done."""
        for text in texts:
            await phone.say(text)
            await self.house.rest()
        chat = await self.house.chat(phone)
        return str(chat.id)

    async def draft(self, conversation_id: str) -> Any:
        """Return the newest draft of a conversation, as the API shows it."""
        found = await self.agent.read(
            "/v1/drafts", conversation_id=conversation_id, limit=1
        )
        return await self.agent.read(f"/v1/drafts/{found['data'][0]['id']}")


@asynccontextmanager
async def open_office(
    database_url: str, folder: Path, **changes: Any
) -> AsyncIterator[Office]:
    """Run a whole shop, with a key of every role."""
    async with (
        open_house(database_url, folder, **changes) as house,
        aiohttp.ClientSession() as session,
    ):
        callers = await a_caller_of_each_role(
            house.runtime,
            str(house.runtime.settings.public_url).rstrip("/"),
            session,
            tenant_id=house.tenant_id,
        )
        yield Office(house, **{r.value: caller for r, caller in callers.items()})


@asynccontextmanager
async def open_api(database_url: str, **settings: Any) -> AsyncIterator[Api]:
    """Serve two merchants on a migrated database, with a key of every role."""
    # No name is looked up: examples name hosts that are not ours.
    settings.setdefault("allow_private_hosts", True)
    async with open_entrance(database_url, **settings) as entrance:
        door = (entrance.runtime, entrance.url, entrance.session)
        callers = await a_caller_of_each_role(*door, tenant_id=ANA.tenant_id)
        yield Api(
            entrance=entrance,
            ben=await a_caller(
                *door, tenant_id=BEN.tenant_id, role=Role.ADMIN, key_id="key_ben"
            ),
            nobody=Caller(entrance.url, entrance.session, None),
            **{role.value: caller for role, caller in callers.items()},
        )


async def a_caller_of_each_role(
    runtime: Runtime, url: str, session: aiohttp.ClientSession, *, tenant_id: str
) -> dict[Role, Caller]:
    """Make a key of every role for a tenant."""
    return {
        role: await a_caller(
            runtime,
            url,
            session,
            tenant_id=tenant_id,
            role=role,
            key_id=f"key_{role.value}",
        )
        for role in Role
    }


async def a_caller(
    runtime: Runtime,
    url: str,
    session: aiohttp.ClientSession,
    *,
    tenant_id: str,
    role: Role,
    key_id: str,
) -> Caller:
    """Make a key and return who holds it."""
    key = f"co_test_{key_id}"
    async with runtime.database.transaction() as connection:
        await add_key(
            connection,
            id=key_id,
            tenant_id=tenant_id,
            role=role,
            key=key,
            now=runtime.clock(),
        )
    return Caller(url, session, key, key_id)
