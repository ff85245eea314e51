"""What models took for a turn, also for attempts that came to nothing.

An attempt that is to be made again leaves no analysis: what it took waits with the
conversation, for the analysis of the attempt that ends the turn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from bot.reading.reader import Call

#: One call as it is stored.
Spent = Mapping[str, str | int | float | None]
_SUMMED = (
    "input_tokens",
    "cached_tokens",
    "output_tokens",
    "audio_seconds",
    "cost_micros",
)


def spent_on(calls: Sequence[Call]) -> tuple[Spent, ...]:
    """Return calls as they are stored."""
    return tuple(asdict(call) for call in calls)


def usage_of(spent: Sequence[Spent]) -> dict[str, object]:
    """Return the usage of an analysis: each call, and their sums."""
    if not spent:
        return {}
    return {"calls": list(spent), **{name: _sum(spent, name) for name in _SUMMED}}


def _sum(spent: Sequence[Spent], name: str) -> int | float:
    amounts = (call.get(name) for call in spent)
    return sum(amount for amount in amounts if isinstance(amount, int | float))
