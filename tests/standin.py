"""A product that only listens: checks signatures, keeps what came, plays a script."""

import asyncio
import hashlib
import hmac
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

Json = Mapping[str, Any]


@asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[str]:
    """Serve an application on a free port of this machine; yield its address."""
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


class StandIn:
    """The product's webhook endpoint and its callback endpoint.

    `script` is called with each message of a customer after it was acknowledged.
    """

    def __init__(self, app_secret: str) -> None:
        self.payloads: list[Json] = []
        self.callbacks: list[tuple[str, str, Json]] = []
        self.next_statuses: deque[int] = deque()
        self.script: Callable[[Json], Awaitable[None]] | None = None
        self._secret = app_secret
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def messages(self) -> list[Json]:
        return [each for value in self._values() for each in value.get("messages", ())]

    @property
    def statuses(self) -> list[Json]:
        return [each for value in self._values() for each in value.get("statuses", ())]

    def app(self) -> web.Application:
        app = web.Application(client_max_size=8 * 1024 * 1024)
        app.router.add_post("/webhooks/whatsapp", self._webhook)
        app.router.add_post("/v2/orders/{order}/{kind}", self._callback)
        app.on_cleanup.append(self._end)
        return app

    def _values(self) -> list[Json]:
        return [
            change["value"]
            for payload in self.payloads
            for entry in payload["entry"]
            for change in entry["changes"]
        ]

    async def _webhook(self, request: web.Request) -> web.Response:
        body = await request.read()
        digest = hmac.new(self._secret.encode(), body, hashlib.sha256).hexdigest()
        if request.headers.get("X-Hub-Signature-256") != f"sha256={digest}":
            return web.Response(status=403)
        if self.next_statuses:
            return web.Response(status=self.next_statuses.popleft())
        payload = json.loads(body)
        self.payloads.append(payload)
        for entry in payload["entry"]:
            for change in entry["changes"]:
                for message in change["value"].get("messages", ()):
                    self._start(message)
        return web.Response()

    async def _callback(self, request: web.Request) -> web.Response:
        status = self.next_statuses.popleft() if self.next_statuses else 200
        if request.headers.get("Authorization") != "Bearer the-key":
            return web.Response(status=401)
        order, kind = request.match_info["order"], request.match_info["kind"]
        self.callbacks.append((order, kind, await request.json()))
        return web.json_response({}, status=status)

    def _start(self, message: Json) -> None:
        if self.script is not None:
            task = asyncio.ensure_future(self.script(message))
            self._tasks.add(task)

    async def _end(self, _app: web.Application) -> None:
        await asyncio.gather(*self._tasks)


class GraphCaller:
    """Calls the fake Graph API as the product would."""

    def __init__(self, session: aiohttp.ClientSession, base: str, token: str) -> None:
        self.session = session
        self.base = base
        self.url = f"{base}/v23.0/106540352242922/messages"
        self.headers = {"Authorization": f"Bearer {token}"}

    async def send(self, to: str, **content: Any) -> tuple[int, Json]:
        """Send a message; return the status and the JSON of the answer."""
        body = {"messaging_product": "whatsapp", "to": to, **content}
        return await self.call(body)

    async def text(self, to: str, words: str, **more: Any) -> tuple[int, Json]:
        return await self.send(to, type="text", text={"body": words}, **more)

    async def buttons(self, to: str, words: str, *titles: str) -> tuple[int, Json]:
        replies = [{"id": f"id:{title}", "title": title} for title in titles]
        action = {"buttons": [{"type": "reply", "reply": each} for each in replies]}
        interactive = {"type": "button", "body": {"text": words}, "action": action}
        return await self.send(to, type="interactive", interactive=interactive)

    async def listing(
        self, to: str, words: str, button: str, *rows: tuple[str, str]
    ) -> tuple[int, Json]:
        lines = [
            {"id": f"row:{title}", "title": title, "description": about}
            for title, about in rows
        ]
        action = {"button": button, "sections": [{"rows": lines}]}
        interactive = {"type": "list", "body": {"text": words}, "action": action}
        return await self.send(to, type="interactive", interactive=interactive)

    async def read(self, wamid: str, *, typing: bool = False) -> tuple[int, Json]:
        receipt: dict[str, Any] = {
            "messaging_product": "whatsapp",
            "status": "read",
            "message_id": wamid,
        }
        if typing:
            receipt["typing_indicator"] = {"type": "text"}
        return await self.call(receipt)

    async def call(self, body: Json) -> tuple[int, Json]:
        async with self.session.post(
            self.url, json=body, headers=self.headers
        ) as response:
            return response.status, await response.json()
