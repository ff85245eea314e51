"""The web application: routes, limits, and what happens around each request."""

import asyncio

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.runtime import Runtime
from bot.web import first_run, gateway_webhooks, health, meta_webhooks, pages
from bot.web.api import refusing, running
from bot.web.api.face import NATIVE
from bot.web.api.registry import ENDPOINTS
from bot.web.console import alerts, files, live, sign_in, sso
from bot.web.console.frame import ROOMS, elsewhere
from bot.web.console.registry import CONSOLE_ROOMS
from bot.web.faces.registry import FACE_ENDPOINTS, FACES
from bot.web.keys import LARGE_BODIES, LIMITER, RUNTIME
from bot.web.limiting import Limiter
from bot.web.proxies import behind

_log = structlog.get_logger(__name__)

#: Meta's entrance first: the one of gateways would take any kind.
_MODULES = (
    meta_webhooks,
    gateway_webhooks,
    health,
    first_run,
    pages,
    files,
    live,
    alerts,
    sign_in,
    sso,
)
#: Bodies with media inside that are held in memory at a time, each up to
#: GATEWAY_BODY_LIMIT_BYTES, three times over while it is read.
_LARGE_BODIES = 2


def build(runtime: Runtime) -> web.Application:
    """Return the application that serves a runtime."""
    proxies = runtime.settings.trusted_proxies
    app = web.Application(
        client_max_size=runtime.settings.body_limit_bytes,
        middlewares=[*([behind(proxies)] if proxies else []), _around],
    )
    app[RUNTIME] = runtime
    app[LIMITER] = Limiter(runtime.redis, runtime.clock, database=runtime.database)
    app[LARGE_BODIES] = asyncio.Semaphore(_LARGE_BODIES)
    app[ROOMS] = CONSOLE_ROOMS
    live.prepare(app)
    for module in _MODULES:
        app.add_routes(module.routes)
    for room in CONSOLE_ROOMS:
        app.add_routes(room.routes)
    app.add_routes([elsewhere(CONSOLE_ROOMS[0])])
    app.add_routes(
        running.route(endpoint) for endpoint in (*ENDPOINTS, *FACE_ENDPOINTS)
    )
    return app


@web.middleware
async def _around(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count webhook answers; turn a bug into a logged 500 without its details."""
    try:
        response = await handler(request)
    except web.HTTPException as answer:
        _count(request, answer.status)
        face = refusing.face_of((NATIVE, *FACES), request.path)
        if face is not None:
            return refusing.refused(request, face, answer)
        raise
    except Exception:  # noqa: BLE001  # a bug must show a stranger nothing
        _log.exception("request_failed", path=request.path)
        _count(request, web.HTTPInternalServerError.status_code)
        raise web.HTTPInternalServerError(
            text="something went wrong here; it was logged\n"
        ) from None
    _count(request, response.status)
    return response


def _count(request: web.Request, status: int) -> None:
    if request.path.startswith("/webhooks/"):
        kind = request.path.split("/")[2]
        if kind in request.app[RUNTIME].channels:
            request.app[RUNTIME].metrics.webhooks.labels(kind, str(status)).inc()
