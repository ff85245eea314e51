"""The seam to whatever writes down voice notes, and what stands before it."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.domain.speech import Timeline
from bot.reading.budget import Payer
from bot.reading.guarding import Guard
from bot.reading.reader import Call, ReaderUnavailable
from bot.reading.sound import seconds_of, told_seconds

#: Types of sound that can be listened to, and the file endings that tell them.
ENDINGS = {
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "video/mp4": "mp4",
}
#: Transcripts that a process remembers, so that a turn that runs again pays once.
_REMEMBERED = 500


@dataclass(frozen=True, slots=True)
class Sound:
    """A voice note to be written down, and what may help."""

    data: bytes = field(repr=False)
    mime: str
    sha256: str
    languages: tuple[str, ...] = ()  #: That it may be in, ISO 639-1.
    words: tuple[str, ...] = ()  #: That may occur: names of products.

    @property
    def seconds(self) -> float:
        """Return how long it plays; if nothing tells, rather too much."""
        return seconds_of(self.data)

    @property
    def told_seconds(self) -> float | None:
        """Return how long it plays, None when nothing tells."""
        return told_seconds(self.data)


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said in a voice note; empty when nothing can be understood."""

    text: str
    model: str
    seconds: float
    calls: tuple[Call, ...] = ()
    timeline: Timeline | None = None  #: None: nothing tells how long it plays.


class CannotListen(ReaderUnavailable):
    """This sound is not listened to, now or later; the message says why."""

    reason = "unheard"
    lasting = True


class Transcriber(Protocol):
    """Writes down what is said. Raises only ReaderUnavailable; may be called twice."""

    async def transcribe(self, sound: Sound) -> Transcript: ...


class Listener:
    """Listens to each voice note once, within the tenant's budget."""

    def __init__(
        self, transcriber: Transcriber, guard: Guard, *, longest: float
    ) -> None:
        """`longest`: seconds that a voice note may play."""
        self._transcriber = transcriber
        self._guard = guard
        self._longest = longest
        self._known: OrderedDict[tuple[str, str], Transcript] = OrderedDict()

    async def hear(self, sound: Sound, payer: Payer) -> Transcript:
        """Return what is said. Raises ReaderUnavailable, `lasting` or not."""
        key = (payer.tenant_id, sound.sha256)
        if key in self._known:
            return self._known[key]
        if sound.mime not in ENDINGS:
            raise CannotListen(f"{sound.mime} is not listened to")
        if sound.seconds > self._longest:
            raise CannotListen(f"it plays longer than {self._longest:g} seconds")
        if not await self._guard.purse.is_left(payer):
            raise CannotListen("the budget of the day is used up")
        heard = await self._guard.passed(
            lambda: self._transcriber.transcribe(sound), payer, _calls
        )
        self._known[key] = heard
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return heard


def _calls(heard: Transcript) -> Sequence[Call]:
    return heard.calls
