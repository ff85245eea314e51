"""What was said during one attempt, for whoever looks at it later.

The relay listens while it sends; senders say what they ask and what is answered. It is
kept only where somebody has said how persons and secrets are hidden (`keep_with`).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field, replace

#: An attempt that asks more often than this keeps its last calls.
_MOST = 10


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call of another system, and its answer. Without a status none came."""

    method: str
    url: str
    request: str | None = None
    status: int | None = None
    response: str | None = None


Hide = Callable[[Exchange], Exchange]


@dataclass(slots=True)
class Transcript:
    """What was said so far."""

    said: list[Exchange] = field(default_factory=list)
    hide: Hide | None = None

    def kept(self) -> Sequence[dict[str, object]]:
        """Return what may be stored, as JSON."""
        if self.hide is None:
            return []
        return [asdict(self.hide(each)) for each in self.said[-_MOST:]]


_OPEN: ContextVar[Transcript | None] = ContextVar("transcript", default=None)


@contextmanager
def listening() -> Iterator[Transcript]:
    """Hear what is said until the block ends."""
    transcript = Transcript()
    token = _OPEN.set(transcript)
    try:
        yield transcript
    finally:
        _OPEN.reset(token)


def keep_with(hide: Hide) -> None:
    """Let what is said be kept, each exchange after `hide`."""
    if (transcript := _OPEN.get()) is not None:
        transcript.hide = hide


def asked(method: str, url: str, body: bytes | None) -> None:
    """Say what is asked, right before it is sent."""
    if (transcript := _OPEN.get()) is not None:
        text = None if body is None else body.decode("utf-8", "replace")
        transcript.said.append(Exchange(method, url, text))


def answered(status: int, text: str) -> None:
    """Say what was answered to what was asked last."""
    transcript = _OPEN.get()
    if transcript is not None and transcript.said:
        last = transcript.said[-1]
        transcript.said[-1] = replace(last, status=status, response=text or None)
