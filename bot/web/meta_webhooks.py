"""The entrance of Meta's webhooks: an app signs for all its numbers.

Which codes it answers is said in `bot.web.webhooks`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from bot.channels.signature import is_signed
from bot.channels.whatsapp_cloud.webhook import accounts_named, handshake
from bot.inbox.directory import App, ChannelEntry, Directory
from bot.web.body import read_body
from bot.web.keys import RUNTIME
from bot.web.webhooks import NotTheirs, known_channels, take_in

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
    app = _signer(request, body, directory, runtime.clock())
    await take_in(runtime, _SigningApp(app.id), body)
    return web.Response()


def _apps(request: web.Request, directory: Directory) -> Sequence[App]:
    name = request.match_info.get("app")
    if name is None:
        return directory.apps
    app = directory.app(name)
    if app is None:
        raise web.HTTPNotFound(text="no such app: see the URL that `app add` printed\n")
    return [app]


def _signer(
    request: web.Request, body: bytes, directory: Directory, now: datetime
) -> App:
    """Return the app that signed the body, as its raw bytes came."""
    headers = request.headers.getall("X-Hub-Signature-256", [])
    if len(headers) != 1 or not _SIGNATURE.fullmatch(headers[0]):
        raise web.HTTPUnauthorized(
            text="X-Hub-Signature-256: sha256=<hex> is missing\n"
        )
    apps = _apps(request, directory)
    # The numbers in the unchecked body only choose whose secret is tried.
    named = (directory.channel(_KIND, name) for name in accounts_named(body))
    owners = {entry.app_id for entry in named if entry}
    for app in [app for app in apps if app.id in owners] or apps:
        if any(is_signed(each.encode(), body, headers[0]) for each in app.secrets(now)):
            return app
    raise web.HTTPForbidden(text="the signature is not that of the app's secret\n")
