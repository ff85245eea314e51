"""What stands in a chat, in its order: words, notes, what happened, and days."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape
from pydantic import JsonValue

from bot.inbox.steps import StepKind
from bot.web.api.conversation_history import StepView
from bot.web.api.messages import MessageView
from bot.web.api.notes import NoteView

#: What is about another message, and is shown there.
_ABOUT: Final = frozenset({"edit", "revoke"})
_CLOCK: Final = "clock"
#: What WhatsApp shows bold.
_BOLD: Final = re.compile(r"(?<!\w)\*([^\s*](?:[^*\n]*[^\s*])?)\*(?!\w)")


class Content(dict[str, JsonValue]):
    """What a message has in it; what its kind has not is None."""

    def __missing__(self, name: str) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that stands in a chat."""

    kind: Literal["day", "message", "step", "note"]
    at: datetime
    day: date
    message: MessageView | None = None
    quoted: MessageView | None = None  #: What the message answers.
    reactions: Sequence[str] = ()
    content: Content = field(default_factory=Content)
    step: StepView | None = None
    note: NoteView | None = None

    @property
    def sort(self) -> str:
        """Return the kind of the message; of a file, which: `image`, `voice` ..."""
        kind = self.content["kind"] or (self.message and self.message.kind)
        return str(kind or "")


def marked(text: str) -> Markup:
    """Return what we wrote as HTML: escaped, with *words* in bold as phones show it."""
    return Markup().join(
        Markup("<strong>{}</strong>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(_BOLD.split(text))
    )


def items_of(
    messages: Sequence[MessageView],
    notes: Iterable[NoteView],
    steps: Iterable[StepView],
    zone: ZoneInfo,
) -> Sequence[Item]:
    """Return what stands in a chat, oldest first; `messages` are in their order.

    Notes and steps stand before the first message that came after them.
    """
    known = {each.id: each for each in messages}
    beside = [*map(_Beside.of_note, notes), *map(_Beside.of_step, steps)]
    beside.sort(key=lambda each: (each.at, each.place))
    found: list[Item] = []

    def put(item: Item) -> None:
        if not found or found[-1].day != item.day:
            found.append(Item("day", item.at, item.day))
        found.append(item)

    reacted = _reactions(messages)
    for each in messages:
        if not _is_shown(each, known):
            continue
        while beside and beside[0].at < each.received_at:
            put(beside.pop(0).item(zone))
        put(
            Item(
                "message",
                each.received_at,
                _day(each.received_at, zone),
                message=each,
                quoted=known.get(each.about_id or ""),
                reactions=reacted.get(each.id, ()),
                content=Content(each.content),
            )
        )
    for left in beside:
        put(left.item(zone))
    return found


@dataclass(frozen=True, slots=True)
class _Beside:
    """A note or a step, and where it stands."""

    at: datetime
    place: str
    note: NoteView | None = None
    step: StepView | None = None

    @classmethod
    def of_note(cls, note: NoteView) -> "_Beside":
        return cls(note.at, note.id, note=note)

    @classmethod
    def of_step(cls, step: StepView) -> "_Beside":
        # In the moment of a handover it is handed over first, and then somebody's.
        rank = int(step.kind is StepKind.ASSIGNED)
        place = f"{rank}{step.kind}{step.user_id}{step.order_id}"
        return cls(step.at, place, step=step)

    def item(self, zone: ZoneInfo) -> Item:
        kind: Literal["note", "step"] = "note" if self.note else "step"
        day = _day(self.at, zone)
        return Item(kind, self.at, day, note=self.note, step=self.step)


def _is_shown(message: MessageView, known: Mapping[str, MessageView]) -> bool:
    """Return whether a message stands for itself."""
    if message.event == _CLOCK:
        return False
    if message.kind == "reaction" or message.event in _ABOUT:
        return message.about_id not in known
    return True


def _reactions(messages: Sequence[MessageView]) -> Mapping[str, Sequence[str]]:
    """Return the emojis on each message: the last one of either side counts."""
    found: dict[str, dict[str, str]] = {}
    for each in messages:
        if each.kind == "reaction" and each.about_id is not None:
            emoji = each.content.get("emoji")
            sides = found.setdefault(each.about_id, {})
            sides[each.direction] = emoji if isinstance(emoji, str) else ""
    return {
        about: [emoji for emoji in sides.values() if emoji]
        for about, sides in found.items()
    }


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
