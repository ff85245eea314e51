"""What a worker without a web role shows to operators: how it is, and its numbers."""

from aiohttp import web

from bot.runtime import Runtime
from bot.web import health
from bot.web.keys import LIMITER, RUNTIME
from bot.web.limiting import Limiter


def build_watched(runtime: Runtime) -> web.Application:
    """Return the application that shows a runtime: /live, /ready and /metrics."""
    app = web.Application()
    app[RUNTIME] = runtime
    app[LIMITER] = Limiter(runtime.redis, runtime.clock)
    app.add_routes(health.routes)
    return app
