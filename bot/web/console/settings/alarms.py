"""Alarms: what is wrong, and what was."""

from collections.abc import Mapping

from bot.web.api.alarms import AlarmsGiven, list_of_alarms
from bot.web.console.frame import Visit
from bot.web.console.settings.room import page


@page("alarms")
async def show_alarms(visit: Visit) -> Mapping[str, object]:
    """Show the alarms, newest first."""
    asked = visit.query(AlarmsGiven)
    found = await list_of_alarms(visit.call, asked)
    return {"asked": asked, "alarms": found.data, "total": found.total}
