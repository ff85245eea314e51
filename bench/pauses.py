"""How long an event loop waits for its turn while something is done beside it."""

import asyncio
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from time import clock_gettime, perf_counter, pthread_getcpuclockid
from typing import TypeVar

T = TypeVar("T")
_TICK = 0.001


@dataclass(frozen=True, slots=True)
class Pauses:
    """Milliseconds that ticks of the loop came late, the longest and the 99th of 100.

    What the machine took for other programs is taken off: the time that the loop's
    thread was ready to run and had no processor, and all in which the other threads of
    this process had none either.
    """

    longest: float
    p99: float


async def pauses_during(work: Coroutine[None, None, T]) -> tuple[T, Pauses]:
    """Do some work and return what came of it, with the pauses meanwhile."""
    task = asyncio.create_task(work)
    late = [0.0]
    while not task.done():
        began, waited, others = perf_counter(), _waited(), _others()
        await asyncio.sleep(_TICK)
        gap = perf_counter() - began - _TICK - (_waited() - waited)
        late.append(1e3 * max(0.0, min(gap, _others() - others)))
    late.sort()
    return task.result(), Pauses(late[-1], late[int(0.99 * (len(late) - 1))])


def _waited() -> float:
    """Return for how many seconds this thread waited for a processor; Linux tells."""
    path = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
    try:
        return int(path.read_text(encoding="ascii").split()[1]) / 1e9
    except FileNotFoundError:
        return 0.0


def _others() -> float:
    """Return how many seconds of processor time the other threads have had."""
    own = threading.get_ident()
    idents = [each.ident for each in threading.enumerate() if each.ident != own]
    return sum(clock_gettime(pthread_getcpuclockid(each)) for each in idents if each)
