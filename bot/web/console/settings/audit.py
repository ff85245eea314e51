"""The audit: who did what, in words."""

from collections.abc import Mapping, Sequence
from functools import cache

from pydantic import Field

from bot.web.api.audit import AuditGiven, AuditView, list_audit_entries
from bot.web.api.models import CursorPaging
from bot.web.api.registry import ENDPOINTS
from bot.web.console.actors import actor_names
from bot.web.console.frame import Visit
from bot.web.console.settings.room import page


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
        "actors": await actor_names(visit, _actors(asked, found.data)),
        "did": lambda action: _did(visit, action),
        "actions": sorted(_summaries()),
        "is_ours": lambda action: visit.say.knows(f"settings.did.{action}"),
    }


def _actors(asked: Looked, found: Sequence[AuditView]) -> list[str]:
    """Return whom the page names: who did something on it, or is looked for."""
    return ["command", "bot", asked.actor, *(each.actor for each in found)]


def _did(visit: Visit, action: str) -> str:
    """Return what was done in words, of the API's own where the texts have none."""
    key = f"settings.did.{action}"
    if visit.say.knows(key):
        return visit.say(key)
    return _summaries().get(action) or action.replace("_", " ")


@cache
def _summaries() -> Mapping[str, str]:
    return {each.name: each.summary for each in ENDPOINTS if each.writes}
