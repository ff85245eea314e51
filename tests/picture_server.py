"""A merchant's picture server on 127.0.0.1, with what goes wrong on such servers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class PictureServer:
    """Serves `files` by path; counts what was asked for."""

    url: str
    files: dict[str, bytes] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def host(self) -> str:
        return self.url.partition("://")[2]

    async def answer(self, request: web.Request) -> web.Response:
        path = request.path
        self.asked.append(path)
        await asyncio.sleep(0)
        if path in self.moved:
            return web.Response(status=302, headers={"Location": self.moved[path]})
        if path in self.statuses:
            return web.Response(status=self.statuses[path])
        if path not in self.files:
            return web.Response(status=404)
        return web.Response(body=self.files[path])


@asynccontextmanager
async def picture_server() -> AsyncIterator[PictureServer]:
    server = PictureServer("")
    app = web.Application()
    app.router.add_get("/{path:.*}", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        server.url = f"http://{host}:{port}"
        yield server
    finally:
        await runner.cleanup()
