"""Who calls: `Authorization: Bearer KEY`."""

from aiohttp import web

from bot.inbox.accounts import KeyHolder, find_key
from bot.web.keys import RUNTIME


async def holder_of(request: web.Request) -> KeyHolder | None:
    """Return who holds the request's key, None when it has none that is valid.

    Raises DatabaseUnavailable when the keys cannot be looked up now.
    """
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        return None
    async with request.app[RUNTIME].database.reading() as connection:
        return await find_key(connection, key.strip())
