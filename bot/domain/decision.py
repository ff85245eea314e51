"""What a turn decides, as values: the shell saves and sends them, and nothing else."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.handed import Why
from bot.domain.replies import Reply
from bot.domain.snapshot import Memory, Owner
from orders import Change, Draft, Order


@dataclass(frozen=True, slots=True)
class Timer:
    """Something that must happen later. `key` is unique; None of `due_at` cancels."""

    key: str
    due_at: datetime | None
    payload: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of one turn. An order is there only after its confirmation."""

    draft: Draft
    changes: tuple[Change, ...]
    replies: tuple[Reply, ...]
    memory: Memory
    owner: Owner
    language: str
    opted_out: bool = False
    order: Order | None = None
    next_draft: Draft | None = None  #: The empty draft that follows an ended one.
    timers: tuple[Timer, ...] = ()
    silent_because: str | None = None  #: Why there is no reply, when there is none.
    #: The older version that the draft is again, but for the changes.
    restored: int | None = None
    cancelled: Order | None = None  #: The order, as it was, that the customer cancels.
    attention: str | None = None  #: What a person is to look at: `image`, `voice` ...
    handed: Why | None = None  #: Why a person takes over, when one does.
    hushed: bool = False  #: What we had to say before is withdrawn: a person wrote.
    #: A person gave it back: what was written meanwhile is taken up; and how.
    takes_up: str | None = None
