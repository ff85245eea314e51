"""Who calls: `Authorization: Bearer KEY`."""

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


async def caller_of(request: web.Request) -> Caller | None:
    """Return who calls, None when the request proves nobody.

    Raises DatabaseUnavailable when the keys cannot be looked up now.
    """
    holder = await holder_of(request)
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
    runtime = request.app[RUNTIME]
    async with runtime.database.reading() as connection:
        return await find_key(connection, key.strip(), now=runtime.clock())
