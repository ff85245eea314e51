"""Whoever looks: their name, their language, their alerts, where they are signed in."""

from collections.abc import Mapping

from bot.web.api.sessions import SessionsQuery, list_of_sessions
from bot.web.console.frame import Visit
from bot.web.console.settings.room import page


@page("account")
async def show_account(visit: Visit) -> Mapping[str, object]:
    """Show the account of whoever looks."""
    found = await list_of_sessions(visit.call, SessionsQuery(user_id=None))
    return {"sessions": found.data}
