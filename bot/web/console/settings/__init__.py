"""Settings: channels, sinks, keys, rules, texts, people, privacy, the audit."""

# Each declares its pages at the room.
from bot.web.console.settings import (  # noqa: F401
    account,
    alarms,
    audit,
    channels,
    keys,
    labels,
    privacy,
    rules,
    shop,
    sinks,
    texts,
    users,
)
from bot.web.console.settings.room import room

__all__ = ["room"]
