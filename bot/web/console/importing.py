"""Product files: taken in from the browser, followed, and reported row by row."""

from collections.abc import Mapping
from typing import Literal

from bot.web.api.imports import ImportView, list_imports, read_import
from bot.web.api.models import Paging
from bot.web.api.roles import PRODUCTS_READ, PRODUCTS_WRITE
from bot.web.console.actors import actor_names
from bot.web.console.filtering import drop_empty
from bot.web.console.frame import Room, Visit
from catalog.jobs import LIVE, State

room = Room("catalog", "/console/catalog", PRODUCTS_READ, key="p")

Meaning = Literal["good", "bad", "info", "quiet"]


@room.page("/catalog/imports", "imports.html", roles=PRODUCTS_WRITE)
async def show_imports(visit: Visit) -> Mapping[str, object]:
    """Show where a file is uploaded, and the imports so far."""
    drop_empty(visit)
    wanted = visit.query(Paging)
    page = await list_imports(visit.call, wanted)
    return {
        "page": page,
        "wanted": wanted,
        "limit": visit.runtime.settings.import_limit_bytes,
        "actors": await actor_names(visit, (each.actor for each in page.data)),
        "meaning": meaning,
        "is_live": is_live,
    }


@room.page("/catalog/imports/{import_id}", "imports_one.html", roles=PRODUCTS_WRITE)
async def show_import(visit: Visit) -> Mapping[str, object]:
    """Show how far an import is, or what it found."""
    found = await read_import(visit.call, visit.place("import_id"))
    return {
        "found": found,
        "actors": await actor_names(visit, [found.actor]),
        "meaning": meaning,
        "is_live": is_live,
    }


def is_live(found: ImportView) -> bool:
    """Return whether an import waits or runs."""
    return found.state in LIVE


def meaning(found: ImportView) -> Meaning:
    """Return which meaning the word of its state has."""
    if is_live(found):
        return "info"
    if found.state is State.DONE:
        return "good"
    return "bad" if found.state is State.FAILED else "quiet"
