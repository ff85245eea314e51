"""Reading what a caller sends: not too much, and not for ever."""

import asyncio

from aiohttp import web

from bot.web.keys import RUNTIME


async def read_body(request: web.Request) -> bytes:
    """Return the whole body, raw.

    Raises 408 when it takes too long, 413 when it is too large, and 400 when the
    connection broke off or the body is not encoded as its headers say.
    """
    seconds = request.app[RUNTIME].settings.body_timeout_seconds
    try:
        async with asyncio.timeout(seconds):
            return await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout(text="the body took too long\n") from None
    except (web.RequestPayloadError, ConnectionError):
        raise web.HTTPBadRequest(
            text="the body broke off, or is not encoded as its headers say\n"
        ) from None
