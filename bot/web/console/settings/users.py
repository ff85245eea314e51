"""People of the console, and their roles."""

from collections.abc import Mapping

from bot.inbox.users import USER_ROLES
from bot.web.api.models import Paging
from bot.web.api.roles import USERS_WRITE
from bot.web.api.users import list_of_users, read_user
from bot.web.console.frame import Visit
from bot.web.console.settings.room import page


@page("users")
async def show_users(visit: Visit) -> Mapping[str, object]:
    """Show everybody, and the way to add somebody."""
    asked = visit.query(Paging)
    found = await list_of_users(visit.call, asked)
    return {
        "people": found.data,
        "total": found.total,
        "asked": asked,
        "roles": USER_ROLES,
        "may_write": visit.role in USERS_WRITE,
    }


@page("users", below="/{user_id}", template="user")
async def show_user(visit: Visit) -> Mapping[str, object]:
    """Show one person."""
    return {
        "person": await read_user(visit.call, visit.place("user_id")),
        "roles": USER_ROLES,
        "may_write": visit.role in USERS_WRITE,
    }
