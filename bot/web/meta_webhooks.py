"""The entrance of Meta's webhooks: an app signs for all its numbers.

Which codes it answers is said in `bot.web.webhooks`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.signature import is_signed
from bot.channels.whatsapp_cloud.webhook import accounts_named, handshake
from bot.db import DatabaseUnavailable
from bot.domain.message import ConsentChanged
from bot.inbox.consent import follow_preference
from bot.inbox.directory import App, ChannelEntry, Directory
from bot.runtime import Runtime
from bot.web.body import read_body
from bot.web.keys import RUNTIME
from bot.web.webhooks import NotTheirs, known_channels, take_in, unavailable

routes = web.RouteTableDef()

_KIND = "whatsapp"
_SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class _SigningApp:
    """A Meta app that signed a body: it speaks for its own numbers only."""

    id: str
    kind: str = _KIND

    def entry(self, account: str, directory: Directory) -> ChannelEntry | None:
        entry = directory.channel(_KIND, account)
        if entry is not None and entry.app_id != self.id:
            raise NotTheirs(
                f"phone_number_id {account} does not belong to the signing app"
            )
        return entry


@routes.get("/webhooks/whatsapp")
@routes.get("/webhooks/whatsapp/{app}")
async def shake_hands(request: web.Request) -> web.Response:
    """Answer Meta's verification request with its challenge."""
    directory = await known_channels(request.app[RUNTIME])
    apps = _apps(request, directory)
    challenge = handshake(request.query, [app.verify_token.encode() for app in apps])
    if challenge is None:
        raise web.HTTPForbidden(text="the verify token is not that of the app\n")
    return web.Response(
        text=challenge,
        content_type="text/plain",
        headers={"X-Content-Type-Options": "nosniff"},
    )


@routes.post("/webhooks/whatsapp")
@routes.post("/webhooks/whatsapp/{app}")
async def receive(request: web.Request) -> web.Response:
    """Store everything in the body and answer 200."""
    runtime = request.app[RUNTIME]
    body = await read_body(request)
    directory = await known_channels(runtime)
    app = _signer(request, body, directory, runtime)
    runtime.tally.took(app.id, app.tenant_id)
    for item in await take_in(runtime, _SigningApp(app.id), body):
        if isinstance(item, ConsentChanged):
            await _follow(runtime, item)
    return web.Response()


async def _follow(runtime: Runtime, told: ConsentChanged) -> None:
    """Note what a customer told Meta of promotional messages. Raises 503."""
    entry = (await known_channels(runtime)).channel(_KIND, told.account)
    if entry is None:
        return
    channel_id = entry.account.channel_id

    async def work(connection: AsyncConnection) -> bool:
        return await follow_preference(
            connection, channel_id, told.aliases, wants=told.wants, at=told.at
        )

    try:
        await runtime.database.retried(work)
    except DatabaseUnavailable:
        raise unavailable() from None


def _apps(request: web.Request, directory: Directory) -> Sequence[App]:
    name = request.match_info.get("app")
    if name is None:
        return directory.apps
    app = directory.app(name)
    if app is None:
        raise web.HTTPNotFound(text="no such app: see the URL that `app add` printed\n")
    return [app]


def _signer(
    request: web.Request, body: bytes, directory: Directory, runtime: Runtime
) -> App:
    """Return the app that signed the body, as its raw bytes came."""
    headers = request.headers.getall("X-Hub-Signature-256", [])
    if len(headers) != 1 or not _SIGNATURE.fullmatch(headers[0]):
        runtime.metrics.refusals.labels(_KIND, "missing").inc()
        raise web.HTTPUnauthorized(
            text="X-Hub-Signature-256: sha256=<hex> is missing\n"
        )
    apps = _apps(request, directory)
    # The numbers in the unchecked body only choose whose secret is tried.
    named = (directory.channel(_KIND, name) for name in accounts_named(body))
    owners = {entry.app_id for entry in named if entry}
    claimed = [app for app in apps if app.id in owners]
    now = runtime.clock()
    for app in claimed or apps:
        if any(is_signed(each.encode(), body, headers[0]) for each in app.secrets(now)):
            return app
    runtime.metrics.refusals.labels(_KIND, "wrong").inc()
    # Whom a stranger's body is about nobody knows, unless its address says so.
    for app in claimed or (apps if "app" in request.match_info else []):
        runtime.tally.refused(app.id, app.tenant_id)
    raise web.HTTPForbidden(text="the signature is not that of the app's secret\n")
