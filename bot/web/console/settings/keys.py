"""Keys of the API."""

from collections.abc import Mapping

from bot.inbox.accounts import Role
from bot.web.api.keys import list_of_keys
from bot.web.api.models import Paging
from bot.web.api.roles import may_grant
from bot.web.console.frame import Visit
from bot.web.console.settings.room import page


@page("keys")
async def show_keys(visit: Visit) -> Mapping[str, object]:
    """Show the keys, those that work first."""
    asked = visit.query(Paging)
    found = await list_of_keys(visit.call, asked)
    return {
        "keys": sorted(found.data, key=lambda each: not each.works),
        "total": found.total,
        "asked": asked,
        "roles": [role for role in reversed(Role) if may_grant(visit.role, role)],
    }
