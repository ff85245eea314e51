"""The servers that have catalogs' pictures: asked gently, left alone in trouble."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from orders.domain.retry import RetryPolicy, next_attempt

#: So many pictures of one host are fetched at a time, with a pause after each, seconds.
_AT_ONCE, _PAUSE = 2, 0.1
#: One picture may be in trouble alone; a host that fails so often in a row is itself.
_FAILURES = 3
_RESTS = RetryPolicy(attempts=10, base=timedelta(minutes=1), ceiling=timedelta(hours=1))
#: Hosts in trouble that are remembered: anybody may write any into a product file.
_MOST = 1_000


@dataclass(frozen=True, slots=True)
class _Trouble:
    failures: int  #: In a row.
    rests: int = 0
    until: datetime | None = None


class PictureHosts:
    """What one worker knows of these hosts."""

    def __init__(self, *, at_once: int = _AT_ONCE, pause: float = _PAUSE) -> None:
        self._at_once, self._pause = at_once, pause
        # A place lives as long as somebody waits for it or holds it.
        self._places: WeakValueDictionary[str, asyncio.Semaphore] = (
            WeakValueDictionary()
        )
        self._troubles: OrderedDict[str, _Trouble] = OrderedDict()

    @asynccontextmanager
    async def place(self, host: str) -> AsyncIterator[None]:
        """Wait until the host may be asked."""
        place = self._places.setdefault(host, asyncio.Semaphore(self._at_once))
        async with place:
            yield
            await asyncio.sleep(self._pause)

    def resting(self, now: datetime) -> Mapping[str, datetime]:
        """Return the hosts that are left alone, and until when."""
        return {
            host: trouble.until
            for host, trouble in self._troubles.items()
            if trouble.until is not None and trouble.until > now
        }

    def answered(self, host: str) -> None:
        """Forget the trouble of a host: it answers, whatever it says."""
        self._troubles.pop(host, None)

    def failed(self, host: str, now: datetime, jitter: float) -> None:
        """Note that a host failed; after a few times in a row it is left alone."""
        known = self._troubles.pop(host, _Trouble(0))
        if known.until is not None and known.until > now:
            self._troubles[host] = known  # What was under way already tells nothing.
            return
        failures, rests = known.failures + 1, known.rests
        until = None
        if failures >= _FAILURES:
            # After a rest one more failure is enough: it is still in trouble.
            rests = min(rests + 1, _RESTS.attempts - 1)
            until = next_attempt(_RESTS, rests, now, jitter)
        self._troubles[host] = _Trouble(failures, rests, until)
        while len(self._troubles) > _MOST:
            self._troubles.popitem(last=False)
