"""How fast one conversation may go: what comes faster waits, and is handled together.

Nothing is lost and nothing is said about it: the next turn takes what came meanwhile.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.domain.course import Course, remembered
from bot.domain.rate import allowance, spent
from bot.domain.snapshot import Memory, TurnMessage
from bot.domain.ticking import ticked
from orders.domain.manners import Manners

#: One every two seconds, for a whole minute: no person reads as many answers.
TURNS_A_MINUTE = 30
#: So many times the usual pause a backlog is gathered for: its senders repeat it in
#: pieces, and nobody has been waiting for it for seconds.
_BACKLOG = 5


def paced(course: Course) -> Memory:
    """Return the memory after one more turn."""
    now, until = course.snapshot.now, course.memory.paced_until
    ahead = spent(_ahead(until, now), TURNS_A_MINUTE)
    return remembered(course.memory, paced_until=now + timedelta(seconds=ahead))


def waits_until(
    memory: Memory,
    messages: Iterable[TurnMessage],
    *,
    manners: Manners,
    now: datetime,
    pause: timedelta,
) -> datetime | None:
    """Return until when a turn waits that could begin now; None: it need not.

    `pause` is what a burst of messages is gathered for.
    """
    owned = [m for m in messages if ticked(m.content) is None]
    if not owned:
        return None
    allowed = allowance(_ahead(memory.paced_until, now), TURNS_A_MINUTE)
    if allowed.is_refused:
        return now + timedelta(seconds=allowed.retry_after)
    gathered = max(m.received_at for m in owned) + _BACKLOG * pause
    is_old = all(now - m.sent_at >= manners.stale_after for m in owned)
    return gathered if is_old and gathered > now else None


def _ahead(until: datetime | None, now: datetime) -> float:
    return (until - now).total_seconds() if until else 0.0
