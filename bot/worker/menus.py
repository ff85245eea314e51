"""A number as an answer to the menu that a customer sees, where menus have numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from bot.domain.message import SILENT_TYPES, OutButtons, OutContent, OutList, Text
from bot.domain.numbering import Menu, tapped
from bot.domain.snapshot import TurnMessage

_CONTENT: TypeAdapter[OutContent] = TypeAdapter(OutContent)
#: Such a message never got to the customer.
_UNSEEN = frozenset({"failed", "cancelled"})


def open_menu(rows: Sequence[Any]) -> Menu | None:
    """Return the choices shown last, unless the customer has said something since.

    `rows` are those of a conversation, what waits for its turn among them.
    """
    for row in sorted(rows, key=lambda row: int(row.seq), reverse=True):
        if row.direction == "in":
            said = row.content.get("type") not in SILENT_TYPES
            if said and row.state != "pending":
                return None
        elif row.state not in _UNSEEN and row.content.get("type") in (
            "buttons",
            "list",
        ):
            shown = _CONTENT.validate_python(row.content)
            return shown if isinstance(shown, OutButtons | OutList) else None
    return None


def numbered(
    messages: Iterable[TurnMessage], menu: Menu | None
) -> tuple[TurnMessage, ...]:
    """Return bare numbers as the taps that they stand for, anything else as it is.

    After other words a number rather says how many: "croissant", "1" confirms nothing.
    """
    heard: list[TurnMessage] = []
    for message in messages:
        words = message.content.text if isinstance(message.content, Text) else None
        tap = tapped(words, menu) if menu is not None and words is not None else None
        if words is not None and tap is None:
            menu = None
        heard.append(message if tap is None else replace(message, content=tap))
    return tuple(heard)
