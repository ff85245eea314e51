"""The rooms of the console, in the order of its rail."""

from collections.abc import Sequence

from bot.web.console import (
    catalog,
    conversation,  # noqa: F401  # more of the inbox
    inbox,
    orders,
    overview,
    settings,
)
from bot.web.console.frame import Room

CONSOLE_ROOMS: Sequence[Room] = (
    inbox.room,
    orders.room,
    catalog.room,
    overview.room,
    settings.room,
)
