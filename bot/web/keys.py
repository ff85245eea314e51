"""What the application carries."""

import asyncio

from aiohttp import web

from bot.runtime import Runtime
from bot.web.limiting import Limiter

RUNTIME = web.AppKey("runtime", Runtime)
LIMITER = web.AppKey("limiter", Limiter)
#: Bodies above the usual limit that are held in memory at a time.
LARGE_BODIES = web.AppKey("large_bodies", asyncio.Semaphore)
