"""The pages of the settings: who sees which, and what stands beside all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

from bot.web.api.alarms import AlarmsGiven, list_of_alarms
from bot.web.api.roles import (
    CHANNELS_READ,
    CHATS,
    KEYS,
    PRIVACY,
    SETTINGS,
    SHOP_WRITE,
    SINKS_READ,
    USERS_READ,
    Roles,
)
from bot.web.console.frame import Handler, Room, Visit

#: More alarms than these are only counted on top of a page.
_ON_TOP = 3


@dataclass(frozen=True, slots=True)
class Page:
    """An entry of the list at the side."""

    name: str  #: Also of its address, its template and its title in the texts.
    roles: Roles


#: In the order of the list. Everybody sees the last one.
PAGES = (
    Page("channels", CHANNELS_READ),
    Page("sinks", SINKS_READ & CHATS),
    Page("keys", KEYS),
    Page("shop", SETTINGS),
    Page("rules", SHOP_WRITE),
    Page("texts", SHOP_WRITE),
    Page("labels", SHOP_WRITE),
    Page("users", USERS_READ),
    Page("privacy", PRIVACY),
    Page("audit", PRIVACY),
    Page("alarms", CHANNELS_READ),
    Page("account", CHATS),
)
_BY_NAME = {each.name: each for each in PAGES}

room = Room("settings", "/console/settings", CHATS, key="s")


def page(
    name: str, *, below: str = "", template: str = ""
) -> Callable[[Handler], Handler]:
    """Declare a page of the list, or one `below` it with a template of its own."""

    def declare(handler: Handler) -> Handler:
        async def show(visit: Visit) -> Mapping[str, object]:
            return {**await _beside(visit, name), **await handler(visit)}

        room.page(
            f"/settings/{name}{below}",
            f"settings/{template or name}.html",
            roles=_BY_NAME[name].roles,
        )(show)
        return handler

    return declare


@room.page("/settings", "settings/page.html")
async def show_start(visit: Visit) -> Mapping[str, object]:
    """Lead to the first page that they may see."""
    raise web.HTTPSeeOther(f"/console/settings/{_seen_by(visit)[0]}")


async def _beside(visit: Visit, name: str) -> Mapping[str, object]:
    wrong, count = [], 0
    if visit.role in CHANNELS_READ and name != "alarms":
        found = await list_of_alarms(
            visit.call, AlarmsGiven(state="standing", limit=_ON_TOP, offset=0)
        )
        wrong, count = found.data, found.total
    return {
        "pages": _seen_by(visit),
        "here": name,
        "wrong": wrong,
        "wrong_count": count,
    }


def _seen_by(visit: Visit) -> list[str]:
    return [each.name for each in PAGES if visit.role in each.roles]
