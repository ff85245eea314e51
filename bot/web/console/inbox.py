"""The inbox: which conversations need a person, and why."""

from collections.abc import Mapping

from aiohttp import web

from bot.web.api.roles import CHATS
from bot.web.console import queue
from bot.web.console.frame import Room, Visit

room = Room("inbox", "/console/inbox", CHATS, key="i", texts=("draft",))


@room.page("/inbox", "inbox.html")
async def show_inbox(visit: Visit) -> Mapping[str, object]:
    """Show the queues, and nothing chosen."""
    return await queue.values(visit)


@room.page("", "inbox.html")
async def show_start(visit: Visit) -> Mapping[str, object]:
    """Lead to the inbox."""
    del visit
    raise web.HTTPSeeOther("/console/inbox")
