"""What the OpenAI reader is given from outside. Light: it does not load the client."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from bot.reading.guarding import Purse
from bot.reading.openai.redacting import Personal


@dataclass(frozen=True, slots=True)
class Limits:
    """How long, and how long-winded, a call may be."""

    seconds: float = 15
    output_tokens: int = 4000
    effort: str | None = None  #: Of reasoning; None: the model's own default.


@dataclass(frozen=True, slots=True)
class Reads:
    """With which models a reader reads, how long, and what it keeps to itself."""

    model: str
    vision_model: str
    seconds: float = 18  #: For a whole reading: the call, its retry and its repair.
    hidden: Collection[Personal] = ()
    prompt: str | None = None  #: Version of the prompt; None: the newest that is used.


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The service, and who pays for it."""

    api_key: str = field(repr=False)
    base_url: str
    reads: Reads
    limits: Limits
    transcribe_model: str
    purse: Purse
    clock: Callable[[], float]  #: Monotonic, in seconds.
    per_hour: int = 60  #: Readings of one conversation.
    longest_sound: float = 180  #: Seconds.
