"""Whether a message may go now, by what its number and its customer were sent lately.

It never waits: what may not go yet is told when to come again. Redis counts for all
processes, where there is one; else each counts alone.
"""

from dataclasses import replace
from datetime import timedelta

from bot.channels.paces import Pace
from bot.runtime import Runtime
from orders.outbox.delivery import Unavailable

#: Whoever is further back in a line comes to ask within this, seconds: those before may
#: be gone by then.
_LONGEST = 600.0


class Rations:
    """Hands out what may be sent, and places in the line of a number that is full."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        #: By number, and whether it is for what nobody asked for: when the next one in
        #: its line may come.
        self._lines: dict[tuple[str, bool], float] = {}

    async def take(
        self,
        channel_id: str,
        conversation_id: str,
        pace: Pace,
        *,
        unasked: bool = False,
    ) -> None:
        """Count one message. Raises Unavailable, with the time to come again.

        What nobody asked for takes half of what a number may send at once, and has a
        line of its own: ten thousand reminders hold up no answer.
        """
        if unasked:
            half = max(1, pace.in_all.burst // 2)
            pace = replace(pace, in_all=replace(pace.in_all, burst=half))
        rates = {
            f"send:{channel_id}": pace.in_all,
            f"send:{conversation_id}": pace.to_one,
        }
        in_all, to_one = await self._runtime.buckets.take(rates)
        if wait := pace.to_one.wait(to_one):
            self._runtime.metrics.held_back.labels("customer").inc()
            raise _later("the customer was just sent many messages", wait)
        if wait := pace.in_all.wait(in_all):
            self._runtime.metrics.held_back.labels("number").inc()
            place = self._place((channel_id, unasked), wait, pace.in_all.every)
            raise _later("the number just sent as many as it may", place)

    def _place(self, line: tuple[str, bool], wait: float, every: float) -> float:
        """Return in how many seconds one more may come: one after the other.

        Told the same moment, all of them would come at once, and all but one in vain.
        """
        now = self._runtime.clock().timestamp()
        moment = max(now + wait, self._lines.get(line, 0.0))
        if moment - now >= _LONGEST:
            # Further back they come in between those, and ask once more then.
            moment = now + _LONGEST / 2
        self._lines[line] = moment + every
        return moment - now


def _later(why: str, seconds: float) -> Unavailable:
    return Unavailable(why, retry_after=timedelta(seconds=seconds))
