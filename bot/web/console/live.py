"""News for open pages, as Server-Sent Events: `GET /console/live`.

`news` says what changed and in which conversation; a page then fetches its parts
again. `tick` comes every few seconds: whoever missed something looks again then. `bye`
says why the stream ends, where that is not the end of the process.
"""

import asyncio
import contextlib
import json
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Final

import structlog
from aiohttp import web

from bot.db import DatabaseUnavailable
from bot.inbox.news import Listener, Told, What
from bot.inbox.sessions import roles_of
from bot.runtime import Runtime
from bot.web.api.roles import CHATS
from bot.web.auth import session_of
from bot.web.keys import RUNTIME

_log = structlog.get_logger(__name__)

routes = web.RouteTableDef()

#: A page rests after news, seconds: in a storm it looks again this often, no more.
_REST: Final = 0.4
#: So many sessions are looked at together.
_AT_ONCE: Final = 500
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
    session_id: str
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
    tick: float = 5.0  #: Seconds between ticks, and between looks at sessions.
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

    async def look(self, runtime: Runtime) -> None:
        """End those whose sessions are over.

        An open page alone is no use of its session: it ends in its time.
        """
        now_open = sorted(self._open, key=lambda each: each.session_id)
        for start in range(0, len(now_open), _AT_ONCE):
            await look(runtime, now_open[start : start + _AT_ONCE])


STREAMS = web.AppKey("streams", Streams)


def prepare(app: web.Application, streams: Streams | None = None) -> None:
    """Let an application count its streams, and end them when it stops."""
    streams = app[STREAMS] = Streams() if streams is None else streams

    async def end_all(app: web.Application) -> None:
        del app
        streams.end_all()

    async def watch(app: web.Application) -> AsyncIterator[None]:
        watching = asyncio.create_task(_watch(app[RUNTIME], streams))
        yield
        watching.cancel()
        await asyncio.wait([watching])

    app.cleanup_ctx.append(watch)
    app.on_shutdown.append(end_all)


async def _watch(runtime: Runtime, streams: Streams) -> None:
    """Look at the sessions of all pages with every tick.

    Whoever ends one tells it as news; this is for what was told to nobody.
    """
    while True:
        await asyncio.sleep(streams.tick)
        try:
            await streams.look(runtime)
        except Exception:  # noqa: BLE001  # it must go on for as long as the process
            _log.exception("sessions_not_looked_at")


async def look(runtime: Runtime, streams: Sequence[Stream]) -> None:
    """End those of these pages whose sessions are over."""
    ids = {each.session_id for each in streams}
    try:
        async with runtime.database.reading() as connection:
            found = await roles_of(connection, ids, now=runtime.clock())
    except DatabaseUnavailable:
        return  # Nobody can tell now; the next look will.
    for each in streams:
        if found.get(each.session_id) not in CHATS:
            each.end("session")


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
    stream = Stream(person.user.id, person.session_id, listener)
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
    """Send news and ticks until the stream is ended, or the session is over.

    Of what happens after the end of a session nothing is sent.
    """
    loop, tick = asyncio.get_running_loop(), request.app[STREAMS].tick
    due = loop.time() + tick
    while stream.why is None:
        try:
            async with asyncio.timeout_at(due):
                told = await anext(stream.listener)
        except StopAsyncIteration:
            return
        except TimeoutError:
            due = loop.time() + tick
            await write(_event("tick", {}))
        else:
            if any(each.what is What.SESSION for each in told):
                await look(request.app[RUNTIME], [stream])
            text = "".join(_news(x) for x in told if x.what is not What.SESSION)
            if text and stream.why is None:
                await write(text)
                await asyncio.sleep(_REST)


def _news(told: Told) -> str:
    return _event("news", {"what": told.what, "conversation": told.conversation_id})


def _event(name: str, data: Mapping[str, str | None]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n"


async def _write(response: web.StreamResponse, text: str, *, patience: float) -> None:
    """Send text. Raises ConnectionError, or TimeoutError for who does not read."""
    async with asyncio.timeout(patience):
        await response.write(text.encode())
