"""The seam to whatever reads: a model, or the built-in rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

from bot.domain.message import Content, ReplyTo
from bot.domain.snapshot import Asked
from bot.domain.understanding import Understanding, Visual
from bot.reading.sighting import Sighting
from catalog import Index
from orders import Draft


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture or a document, made fit for a model to look at."""

    data: bytes = field(repr=False)
    mime: str = "image/jpeg"


@dataclass(frozen=True, slots=True)
class ReadableMessage:
    """A message of the turn (or of its history) as a reader sees it."""

    id: str
    content: Content
    sent_at: datetime
    from_customer: bool = True
    reply_to: ReplyTo | None = None
    provider_id: str | None = None
    quoted: str | None = None  #: The text of the message it answers, when known.
    picture: Picture | None = None
    seen: Visual | None = None  #: What an earlier reading saw in the same picture.
    #: Why there is no picture to look at, when it was one.
    blind: str | None = None
    sighting: Sighting | None = None  #: What it shows of what we sell, without a model.


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
    tenant_id: str = ""  #: Who pays for the reading.
    conversation_id: str = ""
    #: Id of the product spoken of last, which "is it ...?" is about.
    spoken_of: str | None = None
    #: The customer has told `language` by words of theirs; else it is the shop's.
    language_told: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a model: what it was for, what it took and what it cost."""

    purpose: str  #: read, repair, transcribe
    model: str
    response_id: str | None = None
    input_tokens: int = 0
    cached_tokens: int = 0  #: Of the input, what the provider had cached.
    output_tokens: int = 0
    audio_seconds: float = 0
    cost_micros: int = 0  #: Millionths of a US dollar.
    milliseconds: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """An understanding and how it came about."""

    understanding: Understanding
    provider: str  #: `rules` or `openai`
    model: str
    usage: Mapping[str, int] = field(default_factory=dict)
    response_id: str | None = None
    calls: tuple[Call, ...] = ()
    prompt: str | None = None  #: Name and version of the prompt it was read with.
    why: str | None = None  #: Why not by the reader that is asked first.


class ReaderUnavailable(Exception):
    """The reader cannot answer now; another reader, or a later time, may.

    `reason` is one word for counters. `lasting`: later it will not answer this turn
    either. `calls` were made, and cost, all the same.
    """

    reason: ClassVar[str] = "unavailable"
    lasting: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        retry_after: timedelta | None = None,
        calls: tuple[Call, ...] = (),
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.calls = calls


class Reader(Protocol):
    """Turns a turn into an understanding.

    `read` may be called more than once for the same turn (at least once): it has no
    effect on the conversation but its answer. It raises only `ReaderUnavailable`.
    """

    name: ClassVar[str]

    async def read(self, request: ReadingRequest) -> Reading: ...
