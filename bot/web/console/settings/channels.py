"""Channels: how they do, how they are set up, and adding one."""

from collections.abc import Mapping

from bot.web.api.apps import list_of_apps
from bot.web.api.channel_health import health_of
from bot.web.api.channels import list_of_channels
from bot.web.api.models import Paging
from bot.web.api.roles import CHANNELS_WRITE
from bot.web.console.frame import Visit
from bot.web.console.settings.room import page


@page("channels")
async def show_channels(visit: Visit) -> Mapping[str, object]:
    """Show each channel with what is known of its health."""
    asked = visit.query(Paging)
    found = await list_of_channels(visit.call, asked)
    apps = await list_of_apps(visit.call, Paging(limit=100, offset=0))
    health = await health_of(visit.call, found.data)
    return {
        "channels": [(each, health[each.id]) for each in found.data],
        "total": found.total,
        "asked": asked,
        "apps": apps.data,
        "may_write": visit.role in CHANNELS_WRITE,
    }
