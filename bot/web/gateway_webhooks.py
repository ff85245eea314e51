"""The entrance of gateways: one URL for each channel, and a secret that is its own.

How a kind of gateway proves its calls is said by its channel's `gate`. Which codes are
answered is said in `bot.web.webhooks`: Evolution API gives up after 400, 401, 403, 404
and 422, so that whatever another try may help with is answered with 503.
"""

from contextlib import AsyncExitStack
from dataclasses import dataclass

import structlog
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.gate import Gate, Knock
from bot.db import DatabaseUnavailable
from bot.domain.message import LinkChanged
from bot.inbox.directory import ChannelEntry, Directory
from bot.inbox.pausing import link_found, link_lost
from bot.runtime import Runtime
from bot.web.arrivals import note_arrivals
from bot.web.body import read_large_body
from bot.web.keys import RUNTIME
from bot.web.webhooks import known_channels, take_in, unavailable

routes = web.RouteTableDef()
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _ProvenChannel:
    """A channel whose secret a call knew: it speaks for itself only."""

    own: ChannelEntry

    @property
    def id(self) -> str:
        return self.own.account.channel_id

    @property
    def kind(self) -> str:
        return self.own.kind

    def entry(self, account: str, directory: Directory) -> ChannelEntry | None:
        del directory
        return self.own if account == self.own.account.named else None


# Evolution API adds the event's name to the address when it is told to.
@routes.post("/webhooks/{kind:[a-z]{1,20}}/{channel}")
@routes.post("/webhooks/{kind:[a-z]{1,20}}/{channel}/{event:[a-z-]{1,40}}")
async def receive(request: web.Request) -> web.Response:
    """Store everything in the body and answer 200."""
    runtime = request.app[RUNTIME]
    channel = runtime.channels.get(request.match_info["kind"])
    if channel is None or channel.gate is None:
        raise web.HTTPNotFound(text="no such kind of channel\n")
    entry = await _entry(request, runtime)
    _admit(channel.gate, entry, request, runtime)
    limit = runtime.settings.gateway_body_limit_bytes
    async with AsyncExitStack() as stack:
        body = await read_large_body(request, limit=limit, until=stack)
        _admit(channel.gate, entry, request, runtime, body=body)
        runtime.tally.took(entry.account.channel_id, entry.account.tenant_id)
        received = await take_in(runtime, _ProvenChannel(entry), body)
        await note_arrivals(runtime, entry, received)
    for item in received:
        if isinstance(item, LinkChanged) and item.account == entry.account.named:
            await _follow(runtime, entry.account.channel_id, item)
    return web.Response()


async def _entry(request: web.Request, runtime: Runtime) -> ChannelEntry:
    kind, channel_id = request.match_info["kind"], request.match_info["channel"]
    directory = await known_channels(runtime)
    entry = directory.channel_by_id(channel_id)
    if entry is None:
        directory = await known_channels(runtime, fresh=True)
        entry = directory.channel_by_id(channel_id)
    if entry is None and channel_id in directory.closed_ids:
        _log.error("channel_closed", channel=channel_id)
        raise unavailable()
    if entry is None or entry.kind != kind:
        raise web.HTTPNotFound(
            text="no such channel: see the URL that `channel add` printed\n"
        )
    return entry


def _admit(
    gate: Gate,
    entry: ChannelEntry,
    request: web.Request,
    runtime: Runtime,
    *,
    body: bytes | None = None,
) -> None:
    """Return when the call is let in. Raises 401 and 403."""
    now = runtime.clock()
    refusal = gate.refusal(Knock(request.headers, entry.secrets(now), now, body))
    if refusal is None:
        return
    why = "missing" if refusal.is_missing else "wrong"
    runtime.metrics.refusals.labels(entry.kind, why).inc()
    # Also one without any proof: whoever knows the address was told it by somebody.
    runtime.tally.refused(entry.account.channel_id, entry.account.tenant_id)
    if refusal.is_missing:
        raise web.HTTPUnauthorized(text=f"{refusal.why}\n")
    raise web.HTTPForbidden(text=f"{refusal.why}\n")


async def _follow(runtime: Runtime, channel_id: str, link: LinkChanged) -> None:
    """Pause a channel that lost its connection; let it go on when that is back."""
    now = runtime.clock()

    async def work(connection: AsyncConnection) -> bool:
        if link.connected:
            return await link_found(connection, channel_id, now=now)
        return await link_lost(connection, channel_id, reason=link.reason, now=now)

    try:
        changed = await runtime.database.retried(work)
    except DatabaseUnavailable:
        raise unavailable() from None
    if not changed:
        return
    runtime.directories.expire()
    if link.connected:
        runtime.outbox_bell.ring()
        _log.info("channel_activated", channel=channel_id)
    else:
        runtime.metrics.pauses.labels("channel").inc()
        _log.error("channel_paused", channel=channel_id, reason=link.reason)
