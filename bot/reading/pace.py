"""How often one conversation may ask a model: so many readings in an hour.

A conversation that asks more is a machine or a quarrel; the rules read on. Counted by
each process for itself: a bound on the cost, not a promise.
"""

from collections import OrderedDict
from collections.abc import Callable

HOUR = 3600.0
#: So many conversations are remembered; the one that was silent longest is forgotten.
_REMEMBERED = 50_000


class Pace:
    """The generic cell rate algorithm: one moment for each conversation says it all."""

    def __init__(self, clock: Callable[[], float], per_hour: int) -> None:
        self._clock = clock
        self._per_hour = per_hour
        #: When what a conversation used would be used up, were it evenly spread.
        self._even: OrderedDict[str, float] = OrderedDict()

    def allows(self, conversation_id: str) -> bool:
        """Return whether one more reading is in order, and count it."""
        now = self._clock()
        even = max(self._even.get(conversation_id, now), now) + HOUR / self._per_hour
        # Sums of fractions are not exact; a millisecond is nothing.
        if even - now > HOUR + 0.001:
            return False
        self._even[conversation_id] = even
        self._even.move_to_end(conversation_id)
        if len(self._even) > _REMEMBERED:
            self._even.popitem(last=False)
        return True
