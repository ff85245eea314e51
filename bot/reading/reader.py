"""The seam to whatever reads: a model, or the built-in rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol

from bot.domain.message import Content, ReplyTo
from bot.domain.snapshot import Asked
from bot.domain.understanding import Understanding
from catalog import Index
from orders import Draft


@dataclass(frozen=True, slots=True)
class ReadableMessage:
    """A message of the turn (or of its history) as a reader sees it."""

    id: str
    content: Content
    sent_at: datetime
    from_customer: bool = True
    reply_to: ReplyTo | None = None
    quoted: str | None = None  #: The text of the message it answers, when known.


@dataclass(frozen=True, slots=True)
class ReadingRequest:
    """Everything a reader may look at. It holds no other tenant's data."""

    messages: tuple[ReadableMessage, ...]  #: The turn's, by sent_at, then seq.
    history: tuple[ReadableMessage, ...]  #: Before them, oldest first.
    draft: Draft
    asked: Asked | None  #: Our last question, when it is still open.
    index: Index
    language: str  #: The conversation's language so far.
    timezone: str
    country: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """An understanding and how it came about."""

    understanding: Understanding
    provider: str  #: `rules` or `openai`
    model: str
    usage: Mapping[str, int] = field(default_factory=dict)
    response_id: str | None = None


class ReaderUnavailable(Exception):
    """The reader cannot answer now; another reader, or a later time, may."""


class Reader(Protocol):
    """Turns a turn into an understanding.

    `read` may be called more than once for the same turn (at least once): it has no
    effect but its answer. It raises only `ReaderUnavailable`.
    """

    name: ClassVar[str]

    async def read(self, request: ReadingRequest) -> Reading: ...
