"""For operators: is it alive, can it work, how does it do."""

import asyncio
import ipaddress
from collections.abc import Sequence

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import DatabaseUnavailable
from bot.inbox.pausing import ChannelStanding, paused_channels
from bot.inbox.table import conversation
from bot.runtime import Runtime
from bot.web.auth import holder_of
from bot.web.keys import RUNTIME
from orders.outbox.store import State
from orders.sinks import SinkStanding, paused_sinks
from orders.table import outbox

routes = web.RouteTableDef()
_log = structlog.get_logger(__name__)

#: A check that takes longer than this has failed, seconds.
_TIMEOUT = 5.0
#: Of what is paused, so many are named.
_SHOWN = 20


@routes.get("/live")
async def live(request: web.Request) -> web.Response:
    """Answer 200 while the process can answer at all."""
    del request
    return web.json_response({"status": "ok"})


@routes.get("/ready")
async def ready(request: web.Request) -> web.Response:
    """Answer 200 when messages can be stored, else 503; say what is wrong."""
    runtime = request.app[RUNTIME]
    checks: dict[str, object] = {"database": "ok"}
    healthy = True
    try:
        async with asyncio.timeout(_TIMEOUT):
            checks |= await _backlog(runtime)
    except (DatabaseUnavailable, TimeoutError) as error:
        # Errors name hosts and roles; anybody may ask how it is.
        _log.warning("database_not_ready", error=str(error) or "no answer in time")
        checks["database"] = "the database cannot be reached; the log says why"
        healthy = False
    if runtime.redis is not None:
        try:
            async with asyncio.timeout(_TIMEOUT):
                await runtime.redis.ping()
            checks["redis"] = "ok"
        except (RedisError, OSError, TimeoutError) as error:
            # Without Redis wake-ups are slower; nothing is lost and work goes on.
            _log.warning("redis_not_ready", error=str(error) or "no answer in time")
            checks["redis"] = "unreachable: workers look by themselves"
    return web.json_response(
        {"status": "ok" if healthy else "unavailable", "checks": checks},
        status=200 if healthy else 503,
    )


async def _backlog(runtime: Runtime) -> dict[str, object]:
    now = runtime.clock()
    async with runtime.database.reading() as connection:
        due = (
            await connection.execute(
                select(func.count(), func.min(conversation.c.ready_at)).where(
                    conversation.c.ready_at <= now
                )
            )
        ).one()
        parked = (
            await connection.execute(
                select(func.count()).where(outbox.c.state == State.PARKED)
            )
        ).scalar()
        paused = await _paused(connection)
    oldest = (now - due[1]).total_seconds() if due[1] else 0.0
    return {
        "waiting_conversations": due[0],
        "oldest_waiting_seconds": round(max(0.0, oldest), 3),
        "waiting_writes": runtime.writer.depth,
        "parked_deliveries": parked,
        **paused,
    }


async def _paused(connection: AsyncConnection) -> dict[str, object]:
    """Return what nothing is sent to until somebody acts, if there is any."""
    found: dict[str, Sequence[ChannelStanding | SinkStanding]] = {
        "paused_channels": await paused_channels(connection, limit=_SHOWN),
        "paused_sinks": await paused_sinks(connection, limit=_SHOWN),
    }
    return {
        name: [
            {
                "id": each.id,
                "since": each.at and each.at.isoformat(),
                "reason": each.reason,
            }
            for each in paused
        ]
        for name, paused in found.items()
        if paused
    }


@routes.get("/metrics")
async def metrics(request: web.Request) -> web.Response:
    """Give Prometheus its numbers: to a key, or to somebody on this host."""
    runtime = request.app[RUNTIME]
    try:
        allowed = _is_local(request) or await holder_of(request) is not None
    except DatabaseUnavailable:
        raise web.HTTPServiceUnavailable(
            text="keys cannot be looked up now: please try again\n",
            headers={"Retry-After": "5"},
        ) from None
    if not allowed:
        raise web.HTTPUnauthorized(
            text="send `Authorization: Bearer KEY` with a key of `chatorder key add`\n"
        )
    return web.Response(
        body=generate_latest(runtime.metrics.registry),
        headers={"Content-Type": CONTENT_TYPE_LATEST},
    )


def _is_local(request: web.Request) -> bool:
    """Return whether the very connection is local: a proxy's header proves nothing."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    peer = request.transport and request.transport.get_extra_info("peername")
    if not isinstance(peer, tuple):
        return False
    return ipaddress.ip_address(peer[0]).is_loopback
