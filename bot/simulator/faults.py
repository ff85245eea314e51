"""How sends go wrong, on demand: each fault hits one send and is then used up."""

from collections import defaultdict, deque
from dataclasses import dataclass
from enum import Enum, auto


class Answer(Enum):
    """What the caller of the fake Graph API gets to see."""

    NORMAL = auto()
    ERROR = auto()  #: Meta's error object with a code.
    MALFORMED = auto()  #: Status 200 and half a JSON.
    SILENCE = auto()  #: Nothing, until the caller gives up.
    CUT = auto()  #: The connection ends without an answer.


@dataclass(frozen=True, slots=True)
class Fault:
    """One send that goes wrong. Made by the functions below."""

    answer: Answer = Answer.NORMAL
    accepted: bool = False  #: The message reaches the phone all the same.
    reported: bool = True  #: What was accepted is told by statuses.
    status: int | None = None  #: HTTP status; None: the one that belongs to the code.
    code: int = 0  #: Meta's error code, in the answer or in a `failed` status.
    retry_after: int | None = None  #: Seconds, in the Retry-After header.


def refused(
    code: int, *, status: int | None = None, retry_after: int | None = None
) -> Fault:
    """Answer with one of Meta's error codes, such as 131056; nothing is accepted."""
    return Fault(Answer.ERROR, status=status, code=code, retry_after=retry_after)


def server_error(status: int = 500) -> Fault:
    """Answer with a server error; nothing is accepted."""
    return Fault(Answer.ERROR, status=status, code=131000)


def malformed(*, accepted: bool = True) -> Fault:
    """Answer 200 with half a JSON."""
    return Fault(Answer.MALFORMED, accepted=accepted)


def times_out(*, accepted: bool = True, reported: bool = True) -> Fault:
    """Never answer."""
    return Fault(Answer.SILENCE, accepted=accepted, reported=reported)


def dropped(*, accepted: bool, reported: bool = True) -> Fault:
    """Cut the connection, before or after the message was accepted."""
    return Fault(Answer.CUT, accepted=accepted, reported=reported)


def fails_later(code: int = 131026) -> Fault:
    """Accept, and report later that the message failed."""
    return Fault(accepted=True, code=code)


class Faults:
    """Faults that wait, for one recipient or for whoever is next."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str | None, deque[Fault]] = defaultdict(deque)

    def add(self, fault: Fault, *, to: str | None = None, times: int = 1) -> None:
        """Let the next sends go wrong: those to one recipient, or any (None)."""
        self._waiting[to].extend([fault] * times)

    def take(self, to: str) -> Fault | None:
        """Return the fault of a send, if one waits; a recipient's own come first."""
        for key in (to, None):
            if self._waiting[key]:
                return self._waiting[key].popleft()
        return None
