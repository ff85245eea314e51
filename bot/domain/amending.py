"""Edited and deleted messages: what a turn hears of them. Pure.

Who edits or deletes a message sends another one about it. While the first one waits,
the turn hears the new words, or nothing. When it was handled before, the correction is
a message of its own, and what the first one caused is looked at again: see
`bot.domain.correcting`. A correction that comes first waits for its message.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.domain.message import (
    CORRECTIONS,
    EDIT,
    REVOKE,
    Content,
    Media,
    ReplyTo,
    System,
    Text,
)
from bot.domain.snapshot import Memory, TurnMessage

#: So many corrections without their message are remembered.
_EARLY_AT_MOST: Final = 30

#: Why a message is not heard, as it is stored with it.
DELETED, EDITED = "revoked", "edited"
UNCHANGED, OVERTAKEN = "edit_unchanged", "edited_again"
EARLY = "revoked_early"


@dataclass(frozen=True, slots=True)
class Handled:
    """A message of before that a correction is about."""

    id: str
    provider_id: str
    content: Content  #: As it reads now: edits of before are in it.
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """What is to be noted with a message that was corrected. No text: hide its own."""

    message_id: str
    event: str
    text: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Amended:
    """A turn's messages as they are to be heard."""

    messages: tuple[TurnMessage, ...]
    marks: tuple[Mark, ...]
    memory: Memory


def targets_of(contents: Iterable[Content]) -> frozenset[str]:
    """Return the provider ids of the messages that corrections are about."""
    return frozenset(
        content.target
        for content in contents
        if isinstance(content, System)
        and content.event in CORRECTIONS
        and content.target is not None
    )


def amended(
    messages: Sequence[TurnMessage], memory: Memory, handled: Mapping[str, Handled]
) -> Amended:
    """Return a turn's messages with what was edited and deleted, by provider id."""
    turn = _Turn(messages, memory, handled)
    heard = tuple(turn.heard(message) for message in messages)
    return Amended(heard, tuple(turn.marks), turn.memory)


def worded(content: Content, text: str) -> Content:
    """Return a content with other words: a picture keeps what it shows."""
    if isinstance(content, Media):
        return content.model_copy(update={"caption": text or None})
    return Text(text=text)


class _Turn:
    def __init__(
        self,
        messages: Sequence[TurnMessage],
        memory: Memory,
        handled: Mapping[str, Handled],
    ) -> None:
        self.memory = memory
        self.marks: list[Mark] = []
        self._handled = handled
        self._waiting = {
            m.provider_id for m in messages if _correction(m.content) is None
        }
        #: The newest correction of each message; nothing follows a delete.
        self._newest: dict[str, TurnMessage] = {}
        for message in sorted(messages, key=lambda m: (m.sent_at, m.seq)):
            content = _correction(message.content)
            if content is None or content.target is None:
                continue
            before = self._newest.get(content.target)
            if before is None or not _deletes(before):
                self._newest[content.target] = message

    def heard(self, message: TurnMessage) -> TurnMessage:
        """Return a message as it is to be heard, or why it is not."""
        content = _correction(message.content)
        if message.aside is not None:
            return message
        if content is None:
            return self._original(message)
        target = content.target or ""
        if self._newest.get(target) is not message:
            return replace(message, aside=OVERTAKEN)
        if target in self._waiting:
            return replace(message, aside=content.event)
        known = self._handled.get(target)
        if known is not None:
            return self._correcting(message, content, known)
        return self._early(message, content)

    def _original(self, message: TurnMessage) -> TurnMessage:
        """Return a message that waits, as it reads after its corrections."""
        if message.provider_id in self.memory.deleted_early:
            self._mark(message.id, REVOKE, None, message.sent_at)
            return replace(message, aside=DELETED)
        if message.provider_id in self.memory.edited_early:
            self._mark(message.id, EDIT, None, message.sent_at)
            return replace(message, aside=EDITED)
        newest = self._newest.get(message.provider_id)
        if newest is None:
            return message
        if _deletes(newest):
            self._mark(message.id, REVOKE, None, newest.sent_at)
            return replace(message, aside=DELETED)
        text = _text(newest)
        self._mark(message.id, EDIT, text, newest.sent_at)
        return replace(message, content=worded(message.content, text))

    def _correcting(
        self, message: TurnMessage, content: System, known: Handled
    ) -> TurnMessage:
        if known.deleted:
            return replace(message, aside=DELETED)
        if content.event == REVOKE:
            self._mark(known.id, REVOKE, None, message.sent_at)
            return replace(message, amends=known.id)
        text = content.text or ""
        if worded(known.content, text) == known.content:
            return replace(message, aside=UNCHANGED)
        self._mark(known.id, EDIT, text, message.sent_at)
        # The words below a picture are about the picture: it is what they answer.
        shows = isinstance(known.content, Media)
        about = ReplyTo(provider_id=known.provider_id) if shows else message.reply_to
        return replace(
            message, content=Text(text=text), amends=known.id, reply_to=about
        )

    def _early(self, message: TurnMessage, content: System) -> TurnMessage:
        """Remember a correction whose message has not come; new words are heard."""
        target = content.target or ""
        field = "deleted_early" if content.event == REVOKE else "edited_early"
        before = [each for each in getattr(self.memory, field) if each != target]
        kept = (*before, target)[-_EARLY_AT_MOST:]
        self.memory = self.memory.model_copy(update={field: tuple(kept)})
        if content.event == REVOKE:
            return replace(message, aside=EARLY)
        return replace(message, content=Text(text=content.text or ""))

    def _mark(
        self, message_id: str, event: str, text: str | None, at: datetime
    ) -> None:
        self.marks.append(Mark(message_id, event, text, at))


def _correction(content: Content) -> System | None:
    is_one = isinstance(content, System) and content.event in CORRECTIONS
    return content if is_one and isinstance(content, System) else None


def _deletes(message: TurnMessage) -> bool:
    content = message.content
    return isinstance(content, System) and content.event == REVOKE


def _text(message: TurnMessage) -> str:
    content = message.content
    return (content.text or "") if isinstance(content, System) else ""
