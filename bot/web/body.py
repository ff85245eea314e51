"""Reading what a caller sends: not too much, and not for ever."""

import asyncio
from collections.abc import Awaitable
from contextlib import AsyncExitStack

from aiohttp import web

from bot.web.keys import LARGE_BODIES, RUNTIME


async def read_body(request: web.Request) -> bytes:
    """Return the whole body, raw, of at most the usual size.

    Raises what `read_large_body` raises.
    """
    return await _in_time(request, request.read())


async def read_large_body(
    request: web.Request, *, limit: int, until: AsyncExitStack
) -> bytes:
    """Return the whole body, raw, of at most `limit` bytes.

    A body above the usual limit waits for one of few slots and has it until the block
    ends that holds the stack, so that many of them never fill the memory. Raises 408
    when it takes too long, the wait included, 413 when it is too large, and 400 when
    the connection broke off or the body is not encoded as its headers say.
    """
    return await _in_time(request, _within(request, limit, until))


async def _in_time(request: web.Request, reading: Awaitable[bytes]) -> bytes:
    seconds = request.app[RUNTIME].settings.body_timeout_seconds
    try:
        async with asyncio.timeout(seconds):
            return await reading
    except TimeoutError:
        raise web.HTTPRequestTimeout(text="the body took too long\n") from None
    except (web.RequestPayloadError, ConnectionError):
        raise web.HTTPBadRequest(
            text="the body broke off, or is not encoded as its headers say\n"
        ) from None


async def _within(request: web.Request, limit: int, until: AsyncExitStack) -> bytes:
    """Return the body, counted as it comes: a promised length proves nothing."""
    usual = request.app[RUNTIME].settings.body_limit_bytes
    if (request.content_length or 0) > limit:
        raise _too_large(limit, request.content_length or 0)
    body = bytearray()
    if await _filled(request, body, usual):
        return bytes(body)
    slots: asyncio.Semaphore = request.app[LARGE_BODIES]
    await until.enter_async_context(slots)
    if not await _filled(request, body, limit):
        raise _too_large(limit, len(body))
    return bytes(body)


async def _filled(request: web.Request, body: bytearray, most: int) -> bool:
    """Read on, up to so many bytes; return whether the body ended."""
    while True:
        if len(body) > most:
            return False
        chunk = await request.content.readany()
        if not chunk:
            return True
        body += chunk


def _too_large(limit: int, size: int) -> web.HTTPRequestEntityTooLarge:
    return web.HTTPRequestEntityTooLarge(
        max_size=limit,
        actual_size=size,
        text=f"the body is larger than {limit} bytes, the most that is taken here\n",
    )
