"""What the application carries."""

from aiohttp import web

from bot.runtime import Runtime
from bot.web.limiting import Limiter

RUNTIME = web.AppKey("runtime", Runtime)
LIMITER = web.AppKey("limiter", Limiter)
