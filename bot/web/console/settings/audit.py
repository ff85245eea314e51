"""The audit: who did what, in words."""

from collections.abc import Mapping
from functools import cache

from pydantic import Field

from bot.web.api.audit import AuditGiven, list_audit_entries
from bot.web.api.keys import list_of_keys
from bot.web.api.models import CursorPaging, Paging
from bot.web.api.registry import ENDPOINTS
from bot.web.api.users import list_of_users
from bot.web.console.frame import Visit
from bot.web.console.settings.room import page

_EVERYBODY = Paging(limit=100, offset=0)


class Looked(CursorPaging):
    """Which entries somebody looks for; an empty field is any."""

    actor: str = Field("", max_length=100)
    action: str = Field("", max_length=60)
    target: str = Field("", max_length=100)


@page("audit")
async def show_audit(visit: Visit) -> Mapping[str, object]:
    """Show what was done, newest first."""
    asked = visit.query(Looked)
    found = await list_audit_entries(
        visit.call,
        AuditGiven(
            actor=asked.actor.strip() or None,
            action=asked.action.strip() or None,
            target=asked.target.strip() or None,
            limit=asked.limit,
            cursor=asked.cursor,
        ),
    )
    return {
        "asked": asked,
        "entries": found.data,
        "following": found.next_cursor,
        "actors": await _actors(visit),
        "did": lambda action: _did(visit, action),
        "actions": sorted(_summaries()),
        "is_ours": lambda action: visit.say.knows(f"settings.did.{action}"),
    }


async def _actors(visit: Visit) -> Mapping[str, str]:
    """Return the names of who did things: `user:ID` -> name."""
    users = await list_of_users(visit.call, _EVERYBODY)
    keys = await list_of_keys(visit.call, _EVERYBODY)
    say = visit.say
    return {
        **{f"user:{each.id}": each.name for each in users.data},
        **{
            f"key:{each.id}": say("settings.key_named", name=each.name or each.id)
            for each in keys.data
        },
        "command": say("settings.by_command"),
        "bot": say("settings.by_bot"),
    }


def _did(visit: Visit, action: str) -> str:
    """Return what was done in words, of the API's own where the texts have none."""
    key = f"settings.did.{action}"
    if visit.say.knows(key):
        return visit.say(key)
    return _summaries().get(action) or action.replace("_", " ")


@cache
def _summaries() -> Mapping[str, str]:
    return {each.name: each.summary for each in ENDPOINTS if each.writes}
