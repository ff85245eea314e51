"""Settings: channels, sinks, keys, rules, texts, people, privacy, the audit."""

from bot.web.console.settings import (
    account,
    alarms,
    audit,
    channels,
    keys,
    labels,
    privacy,
    rules,
    sinks,
    texts,
    users,
)
from bot.web.console.settings.room import room

__all__ = ["room"]

#: Each declares its pages at the room.
_PAGES = (
    account,
    alarms,
    audit,
    channels,
    keys,
    labels,
    privacy,
    rules,
    sinks,
    texts,
    users,
)
del _PAGES
