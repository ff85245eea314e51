"""What was written long before it came is context, and no more.

A phone that was offline tells its gateway later what was written meanwhile: minutes
late, it is a customer who waits; hours late, it is what people have talked about.
"""

from dataclasses import replace
from datetime import timedelta

from bot.worker.loading import Loaded

#: Why a message is not heard, as it is stored with it.
HISTORY = "history"


def without_history(loaded: Loaded, after: timedelta | None) -> Loaded:
    """Return what a turn knows, with what came later than that laid aside."""
    if after is None:
        return loaded
    messages = tuple(
        replace(m, aside=HISTORY)
        if m.aside is None and m.received_at - m.sent_at > after
        else m
        for m in loaded.messages
    )
    return replace(loaded, messages=messages)
