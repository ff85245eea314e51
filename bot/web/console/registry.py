"""The rooms of the console, in the order of its rail."""

from collections.abc import Sequence

from bot.web.console import catalog, conversation, inbox, orders, overview, settings
from bot.web.console.frame import Room

CONSOLE_ROOMS: Sequence[Room] = (
    inbox.room,
    orders.room,
    catalog.room,
    overview.room,
    settings.room,
)

#: Pages of rooms that have more than one module.
_MODULES = (conversation,)
del _MODULES
