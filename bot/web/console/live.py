"""News for open pages, as Server-Sent Events: `GET /console/live`.

`news` says what changed and in which conversation; a page then fetches its parts
again. `tick` comes every few seconds: whoever missed something looks again then. `bye`
says why the stream ends, where that is not the end of the process.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Final

from aiohttp import web

from bot.db import DatabaseUnavailable
from bot.inbox.news import Listener, Told
from bot.inbox.sessions import find
from bot.web.api.roles import CHATS
from bot.web.auth import cookie_of, session_of
from bot.web.keys import RUNTIME

routes = web.RouteTableDef()

#: A page rests after news, seconds: in a storm it looks again this often, no more.
_REST: Final = 0.4
#: What a browser is told to wait before it comes again, milliseconds.
_AGAIN: Final = 3000
_HEADERS: Final[Mapping[str, str]] = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    # A proxy that gathers what we send would keep the news for itself.
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(eq=False, slots=True)
class Stream:
    """One open page."""

    user_id: str
    listener: Listener
    why: str | None = None  #: Why it was ended, for the page.

    def end(self, why: str | None = None) -> None:
        """End it, soon."""
        self.why = self.why or why
        self.listener.close()


@dataclass(eq=False, slots=True)
class Streams:
    """The open pages of this process, the oldest first."""

    most: int = 2000
    most_of_one: int = 8  #: Pages of one person; the oldest makes room.
    tick: float = 5.0  #: Seconds between ticks.
    looks: int = 12  #: A session is looked at again after so many ticks.
    patience: float = 10.0  #: Whoever does not read for so long is let go, seconds.
    _open: dict[Stream, None] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._open)

    @property
    def is_full(self) -> bool:
        """Return whether this process serves no more pages."""
        return len(self._open) >= self.most

    @contextlib.contextmanager
    def opened(self, stream: Stream) -> Iterator[None]:
        """Count a page while the block runs."""
        same = [each for each in self._open if each.user_id == stream.user_id]
        for each in same[: len(same) + 1 - self.most_of_one]:
            each.end("many")
        self._open[stream] = None
        try:
            yield
        finally:
            stream.end()
            del self._open[stream]

    def end_all(self) -> None:
        """End all of them: the process stops."""
        for stream in self._open:
            stream.end()


STREAMS = web.AppKey("streams", Streams)


def prepare(app: web.Application, streams: Streams | None = None) -> None:
    """Let an application count its streams, and end them when it stops."""
    streams = app[STREAMS] = Streams() if streams is None else streams

    async def end_all(app: web.Application) -> None:
        del app
        streams.end_all()

    app.on_shutdown.append(end_all)


@routes.get("/console/live", allow_head=False)
async def live(request: web.Request) -> web.StreamResponse:
    """Tell a signed-in person's page what changes in their shop."""
    try:
        # Browsers come here by themselves, again and again: that is no use of it.
        person = await session_of(request, used=False)
    except DatabaseUnavailable:
        return _refused(HTTPStatus.SERVICE_UNAVAILABLE)
    if person is None:
        return _refused(HTTPStatus.UNAUTHORIZED)
    if person.user.role not in CHATS:
        return _refused(HTTPStatus.FORBIDDEN)
    streams = request.app[STREAMS]
    if streams.is_full:
        return _refused(HTTPStatus.SERVICE_UNAVAILABLE)
    listener = request.app[RUNTIME].news.subscribe(person.user.tenant_id)
    stream = Stream(person.user.id, listener)
    response = web.StreamResponse(headers=_HEADERS)
    write = partial(_write, response, patience=streams.patience)
    with streams.opened(stream):
        try:
            await response.prepare(request)
            await write(f"retry: {_AGAIN}\n\n")
            await _follow(request, stream, write)
            if stream.why is not None:
                await write(_event("bye", {"why": stream.why}))
        except ConnectionError:
            pass  # The page was closed.
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()
    return response


def _refused(status: HTTPStatus) -> web.Response:
    return web.Response(status=status, headers={"Cache-Control": "no-store"})


async def _follow(
    request: web.Request, stream: Stream, write: Callable[[str], Awaitable[None]]
) -> None:
    """Send news and ticks until the stream is ended, or the session is over."""
    loop, streams = asyncio.get_running_loop(), request.app[STREAMS]
    ticks, due = 0, loop.time() + streams.tick
    while True:
        try:
            async with asyncio.timeout_at(due):
                told = await anext(stream.listener)
        except StopAsyncIteration:
            return
        except TimeoutError:
            ticks, due = ticks + 1, loop.time() + streams.tick
            if ticks % streams.looks == 0 and not await _is_signed_in(request):
                stream.end("session")
                return
            await write(_event("tick", {}))
        else:
            await write("".join(map(_news, told)))
            await asyncio.sleep(_REST)


async def _is_signed_in(request: web.Request) -> bool:
    """Return whether the session goes on.

    An open page alone is no use of it: it ends in its time.
    """
    runtime = request.app[RUNTIME]
    token = request.cookies.get(cookie_of(runtime.settings), "")
    try:
        async with runtime.database.reading() as connection:
            found = await find(connection, token, now=runtime.clock())
    except DatabaseUnavailable:
        return True  # Nobody can tell now; the next look will.
    return found is not None and found.user.role in CHATS


def _news(told: Told) -> str:
    return _event("news", {"what": told.what, "conversation": told.conversation_id})


def _event(name: str, data: Mapping[str, str | None]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n"


async def _write(response: web.StreamResponse, text: str, *, patience: float) -> None:
    """Send text. Raises ConnectionError, or TimeoutError for who does not read."""
    async with asyncio.timeout(patience):
        await response.write(text.encode())
