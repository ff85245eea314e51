"""The console of the demo: its people, and a way in that asks for no password."""

import secrets
from collections.abc import Mapping

from aiohttp import web

from bot.inbox.accounts import Role
from bot.inbox.passwords import hash_password
from bot.inbox.users import add_user, list_users
from bot.runtime import Runtime
from bot.web.console.entrance import let_in, own_path
from bot.web.keys import RUNTIME

#: Links of the demo's page: the second person plays a colleague in another browser.
LINKS: Mapping[str, str] = {
    "Console": "/demo/console",
    "API": "/docs",
}
_PEOPLE: Mapping[str, tuple[str, Role]] = {
    "deniz": ("Deniz Aksoy", Role.ADMIN),
    "ece": ("Ece Kaya", Role.AGENT),
    "mert": ("Mert Demir", Role.MANAGER),
}
_TENANT = web.AppKey("demo_tenant", str)
_routes = web.RouteTableDef()


def add_console(app: web.Application, tenant_id: str) -> None:
    """Add `/demo/console`: whoever opens it is signed in to the demo shop."""
    app[_TENANT] = tenant_id
    app.add_routes(_routes)


async def hire(runtime: Runtime, tenant_id: str) -> None:
    """Give the shop its people, unless it has some. Nobody knows their passwords."""
    async with runtime.database.reading() as connection:
        _, count = await list_users(connection, tenant_id, limit=1)
    if count:
        return
    unknown = await hash_password(secrets.token_urlsafe())
    async with runtime.database.transaction() as connection:
        for local, (name, role) in _PEOPLE.items():
            await add_user(
                connection,
                id=runtime.new_id("user"),
                tenant_id=tenant_id,
                email=f"{local}@demo.example",
                name=name,
                role=role,
                password_hash=unknown,
                now=runtime.clock(),
            )


@_routes.get("/demo/console")
async def enter(request: web.Request) -> web.StreamResponse:
    """Sign in as one of the demo's people: `?as=ece`, without it as the admin."""
    wanted = f"{request.query.get('as', 'deniz')}@demo.example"
    async with request.app[RUNTIME].database.reading() as connection:
        people, _ = await list_users(connection, request.app[_TENANT])
    found = [each for each in people if each.email == wanted]
    if not found:
        raise web.HTTPNotFound(text="the demo's people are deniz, ece and mert\n")
    next_path = own_path(request.query.get("next", ""))
    return await let_in(request, found, how="demo", next_path=next_path)
