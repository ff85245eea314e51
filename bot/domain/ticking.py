"""The timers of a conversation, and the message from the clock that a firing becomes.

A timer is one for each name: setting it again moves it. When it fires, the conversation
gets a message that only the rules see, and its turn decides anew what is to be done.
"""

from datetime import datetime

from bot.domain.decision import Timer
from bot.domain.message import Content, System

#: The kind of the outbox timers that fire into a conversation.
CLOCK = "clock"
_PREFIX = f"{CLOCK}."


def timer(
    conversation_id: str, name: str, due_at: datetime | None, *, about: str = ""
) -> Timer:
    """Return a timer of the conversation; `due_at` None cancels it.

    `about` comes back with the firing: an id or a version, never a person's words.
    """
    payload = (
        ("kind", CLOCK),
        ("conversation_id", conversation_id),
        ("name", name),
        ("about", about),
        ("at", due_at.isoformat() if due_at else ""),
    )
    return Timer(key_of(conversation_id, name), due_at, payload)


def key_of(conversation_id: str, name: str) -> str:
    """Return the unique key of a conversation's timer."""
    return f"{CLOCK}:{conversation_id}:{name}"


def tick(name: str, about: str = "") -> System:
    """Return what the clock says when a timer fires."""
    return System(event=_PREFIX + name, about=about or None)


def ticked(content: Content) -> str | None:
    """Return the name of the timer that fired; None: not the clock says this."""
    if not isinstance(content, System) or not content.event.startswith(_PREFIX):
        return None
    return content.event.removeprefix(_PREFIX)
