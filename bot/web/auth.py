"""Who calls: the holder of a key."""

from dataclasses import dataclass

from aiohttp import web

from bot.inbox.accounts import KeyHolder, Role, find_key
from bot.web.keys import RUNTIME


@dataclass(frozen=True, slots=True)
class Caller:
    """Who may do what, for whom. `actor` is what is written down: `key:ID`."""

    tenant_id: str
    actor: str
    role: Role


async def caller_of(request: web.Request, key: str | None) -> Caller | None:
    """Return who calls with a key, None when it proves nobody.

    Raises DatabaseUnavailable when the keys cannot be looked up now.
    """
    holder = None if key is None else await _holder(request, key)
    if holder is None:
        return None
    return Caller(holder.tenant_id, f"key:{holder.id}", holder.role)


async def holder_of(request: web.Request) -> KeyHolder | None:
    """Return who holds the request's key, None when it has none that is valid.

    Raises DatabaseUnavailable when the keys cannot be looked up now.
    """
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        return None
    return await _holder(request, key.strip())


async def _holder(request: web.Request, key: str) -> KeyHolder | None:
    runtime = request.app[RUNTIME]
    async with runtime.database.reading() as connection:
        return await find_key(connection, key, now=runtime.clock())
