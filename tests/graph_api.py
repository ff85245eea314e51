"""A Graph API for tests: says what it is told to say, and remembers what it heard."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Say:
    """An answer: `body` as bytes, or as what becomes JSON."""

    status: int = 200
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    chunked: bool = False  #: Without a Content-Length.


class Drop:
    """Read the request and close the connection without an answer."""


class Hang:
    """Read the request and answer nothing until the test is over."""


@dataclass(frozen=True)
class BreakOff:
    """Promise more bytes than are sent."""

    body: bytes
    promised: int
    status: int = 200


Behaviour = Say | Drop | Hang | BreakOff


class GraphApi:
    """Answers calls with what was queued, in order; without that, with a 500."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.queue: deque[Behaviour] = deque()
        self.url = ""
        self._over = asyncio.Event()

    def will(self, *behaviours: Behaviour) -> None:
        self.queue.extend(behaviours)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        call = Call(
            request.method,
            request.path,
            dict(request.query),
            dict(request.headers),
            await request.read(),
        )
        self.calls.append(call)
        behaviour = self.queue.popleft() if self.queue else Say(500)
        match behaviour:
            case Say():
                return await _answer(request, behaviour)
            case BreakOff(body, promised, status):
                response = web.StreamResponse(status=status)
                response.content_length = promised
                await response.prepare(request)
                await response.write(body)
            case Hang():
                await self._over.wait()
            case Drop():
                pass
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    def end(self) -> None:
        self._over.set()


async def _answer(request: web.Request, say: Say) -> web.StreamResponse:
    body = say.body if isinstance(say.body, bytes) else json.dumps(say.body).encode()
    response = web.StreamResponse(status=say.status, headers=say.headers)
    if say.chunked:
        response.enable_chunked_encoding()
    else:
        response.content_length = len(body)
    await response.prepare(request)
    try:
        await response.write(body)
        await response.write_eof()
    except ConnectionResetError:
        pass  # heard enough, such as of what is too large
    return response


@asynccontextmanager
async def graph_api() -> AsyncIterator[GraphApi]:
    """Run one on 127.0.0.1; its `url` is where."""
    api = GraphApi()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", api.handle)
    server = TestServer(app)
    await server.start_server()
    api.url = str(server.make_url("")).rstrip("/")
    try:
        yield api
    finally:
        api.end()
        await server.close()
