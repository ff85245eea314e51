"""The page about the console tells what there is: queues, keys, and who sees what."""

import re
from collections.abc import Sequence
from functools import cache

from bot.inbox.queues import Queue
from bot.inbox.users import USER_ROLES
from bot.texts import spoken
from bot.web.api.roles import PRODUCTS_WRITE, Roles
from bot.web.console.registry import CONSOLE_ROOMS
from bot.web.console.saying import Say, speaking
from bot.web.console.settings.room import PAGES
from tests.documents import ROOT, read, rows
from tests.factories import NOON

PAGE = "docs/console.md"
TEMPLATES = ROOT / "bot" / "web" / "console" / "templates"


@cache
def say() -> Say:
    return speaking("en", "UTC", "", NOON)


def test_every_queue_is_told_by_its_name() -> None:
    told = [row[0] for row in rows(PAGE, "## The inbox")]
    assert told == [say()(f"inbox.queue.{queue.value}") for queue in Queue]


def test_every_key_is_told() -> None:
    told = {
        key for row in rows(PAGE, "## Keys") for key in re.findall(r"`([^`]+)`", row[0])
    }
    pages = "".join(path.read_text("utf-8") for path in TEMPLATES.rglob("*.html"))
    pressed = set(re.findall(r'data-key="(.)"', pages))
    pressed |= set(re.findall(r'search\("\w+", say\("[\w.]+"\), "(.)"\)', pages))
    leads = {room.key for room in CONSOLE_ROOMS}
    assert told == pressed | leads | {"j", "k", "g", "?", ";", "Enter", "Esc"}


def test_who_sees_what_is_told() -> None:
    pages: Sequence[tuple[str, Roles]] = [
        *((say()(f"frame.{room.name}"), room.roles) for room in CONSOLE_ROOMS),
        ("Files of the catalog", PRODUCTS_WRITE),
        *(
            ("Settings: " + say()(f"settings.page_{page.name}"), page.roles)
            for page in PAGES
        ),
    ]
    expected = {
        name: ["yes" if role in roles else "" for role in USER_ROLES]
        for name, roles in pages
        if name != "Settings"
    }
    told = rows(PAGE, "## Who sees what")
    assert {row[0]: list(row[1:]) for row in told} == expected


def test_every_language_of_the_console_is_told() -> None:
    told = read(PAGE).partition("## Languages and colours")[2]
    assert all(name in told for name in spoken().values())
