"""Privacy: what is known about a person, forgetting them, and how long all is kept."""

from collections.abc import Mapping

from pydantic import Field

from bot.web.api.contacts import ContactsGiven, PersonView, list_of_contacts
from bot.web.api.models import Page, Paging
from bot.web.api.retention import read_retention
from bot.web.console.frame import Visit
from bot.web.console.settings.room import page


class Looked(Paging):
    """Whom somebody looks for."""

    search: str = Field("", max_length=100)


@page("privacy")
async def show_privacy(visit: Visit) -> Mapping[str, object]:
    """Show whom was looked for, and for how long what is kept."""
    asked = visit.query(Looked)
    found = await _found(visit, asked)
    kept = await read_retention(visit.call)
    return {"asked": asked, "found": found, "kept": kept.data}


async def _found(visit: Visit, asked: Looked) -> Page[PersonView] | None:
    """Return who fits, None when nobody was looked for."""
    search = asked.search.strip()
    if not search:
        return None
    given = ContactsGiven(
        search=search, limit=asked.limit, offset=asked.offset, channel_id=None
    )
    return await list_of_contacts(visit.call, given)
