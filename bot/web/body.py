"""Reading what a caller sends: not too much, and not for ever."""

import asyncio

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

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
    except (HttpProcessingError, ConnectionError, web.PayloadAccessError) as error:
        raise web.HTTPBadRequest(
            text=f"the body could not be read: {type(error).__name__}\n"
        ) from None
