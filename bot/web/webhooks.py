"""Meta's webhooks: authenticate, translate, store, answer. Thinking happens later.

Codes: stored 200; missing or malformed signature 401; wrong signature or verify token,
or a number of another app 403; body too large 413; nothing could be stored 503, so that
the sender tries again. What is signed and not understood is kept and answered with 200.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

import structlog
from aiohttp import web

from bot.channels.signature import is_signed
from bot.channels.whatsapp_cloud.webhook import accounts_named, handshake
from bot.db import DatabaseUnavailable
from bot.db.batcher import BatcherFull
from bot.db.intake import Delivery, NewMessage, NewQuarantine, NewStatus
from bot.domain.message import (
    FLUSH_TYPES,
    Ignored,
    InboundMessage,
    Quarantined,
    Received,
    StatusUpdate,
)
from bot.inbox.directory import App, ChannelEntry, Directory
from bot.runtime import Runtime
from bot.web.body import read_body
from bot.web.keys import RUNTIME

routes = web.RouteTableDef()
_log = structlog.get_logger(__name__)

_KIND = "whatsapp"
_SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}")
#: A quarantined body is kept up to this many characters.
_RAW_LIMIT = 65_536


class _NotOfThisApp(Exception):
    """The signing app does not own a number that the body names."""


@routes.get("/webhooks/whatsapp")
@routes.get("/webhooks/whatsapp/{app}")
async def shake_hands(request: web.Request) -> web.Response:
    """Answer Meta's verification request with its challenge."""
    directory = await _directory(request.app[RUNTIME])
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
    directory = await _directory(runtime)
    app = _signer(request, body, directory, runtime.clock())
    received = runtime.channels[_KIND].translate(body)
    try:
        delivery = await _delivery(received, app, directory, runtime)
    except _NotOfThisApp as error:
        raise web.HTTPForbidden(text=f"{error}\n") from None
    try:
        await runtime.writer.store(delivery)
    except (BatcherFull, DatabaseUnavailable) as error:
        _log.warning("intake_refused", error=str(error))
        raise _unavailable() from None
    _count(runtime, received)
    return web.Response()


async def _directory(runtime: Runtime, *, fresh: bool = False) -> Directory:
    try:
        return await runtime.directories.current(fresh=fresh)
    except DatabaseUnavailable as error:
        _log.warning("directory_unavailable", error=str(error))
        raise _unavailable() from None


def _unavailable() -> web.HTTPServiceUnavailable:
    return web.HTTPServiceUnavailable(
        text="nothing was stored: please send it again\n", headers={"Retry-After": "5"}
    )


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


async def _delivery(
    received: Iterable[Received], app: App, directory: Directory, runtime: Runtime
) -> Delivery:
    messages: list[NewMessage] = []
    statuses: list[NewStatus] = []
    quarantines: list[NewQuarantine] = []
    for item in received:
        if isinstance(item, Ignored):
            continue
        if isinstance(item, Quarantined):
            quarantines.append(_quarantine(item, item.reason, app, runtime))
            continue
        entry = directory.channel(_KIND, item.account)
        if entry is None:
            directory = await _directory(runtime, fresh=True)
            entry = directory.channel(_KIND, item.account)
        if entry is None and (_KIND, item.account) in directory.closed:
            # It is ours, and will be readable again: the sender keeps the message.
            _log.error("channel_closed", number_of=app.id)
            raise _unavailable()
        if entry is None:
            quarantines.append(_quarantine(item, "unknown_number", app, runtime))
        elif entry.app_id != app.id:
            raise _NotOfThisApp(
                f"phone_number_id {item.account} does not belong to the signing app"
            )
        elif isinstance(item, InboundMessage):
            messages.append(_message(item, entry, runtime))
        else:
            statuses.append(_status(item, entry))
    return Delivery(tuple(messages), tuple(statuses), tuple(quarantines))


def _message(item: InboundMessage, entry: ChannelEntry, runtime: Runtime) -> NewMessage:
    content = item.content
    return NewMessage(
        id=runtime.new_id("msg"),
        tenant_id=entry.account.tenant_id,
        shard=entry.shard,
        channel_id=entry.account.channel_id,
        event="message",
        kind=content.type,
        provider_id=item.provider_id,
        aliases=tuple((alias.kind, alias.value) for alias in item.sender.aliases),
        name=item.sender.name,
        content=content.model_dump_json(exclude_none=True),
        reply_to=item.reply_to.model_dump_json(exclude_none=True)
        if item.reply_to
        else None,
        sent_at=item.sent_at,
        contact_id=runtime.new_id("con"),
        flush=content.type in FLUSH_TYPES,
    )


def _status(item: StatusUpdate, entry: ChannelEntry) -> NewStatus:
    return NewStatus(
        tenant_id=entry.account.tenant_id,
        channel_id=entry.account.channel_id,
        provider_id=item.provider_id,
        state=item.state,
        at=item.at,
        callback=item.callback,
        error_code=item.error_code,
        error_title=item.error_title,
    )


def _quarantine(
    item: Received, reason: str, app: App, runtime: Runtime
) -> NewQuarantine:
    raw = item.raw if isinstance(item, Quarantined) else item.model_dump_json()
    account = None if isinstance(item, Ignored) else item.account
    return NewQuarantine(
        id=runtime.new_id("qrn"),
        app_id=app.id,
        account=account and account[:100],
        reason=reason[:60],
        raw=raw[:_RAW_LIMIT],
    )


_WHAT = {
    InboundMessage: "message",
    StatusUpdate: "status",
    Quarantined: "quarantined",
    Ignored: "ignored",
}


def _count(runtime: Runtime, received: Iterable[Received]) -> None:
    for item in received:
        runtime.metrics.received.labels(_WHAT[type(item)]).inc()
