"""How fast each kind of channel may send: one table, and the source of its figures."""

from dataclasses import dataclass, replace

from bot.domain.rate import Rate


@dataclass(frozen=True, slots=True)
class Pace:
    """How often messages may leave, to one customer and by a number in all."""

    to_one: Rate
    in_all: Rate

    def at_most(self, per_second: int | None) -> "Pace":
        """Return the pace of a number that may send so many a second, if it is told."""
        if per_second is None:
            return self
        return replace(self, in_all=_per_second(per_second))


def _per_second(messages: int) -> Rate:
    return Rate(1 / messages, messages)


#: Meta's Cloud API reference, "Throughput" and error 131056: to one customer a message
#: every six seconds, of which up to 45 may be sent at once and are waited for later; 80
#: a second by a number, 20 by one that the Business app uses, too. We borrow less than
#: half of what Meta lends: what others send by the same number counts as well.
CLOUD = Pace(to_one=Rate(6.0, 20), in_all=_per_second(80))

#: Nobody publishes what an unofficial number may send before it is banned. These are
#: our own figures, as a quick person types: a message every three seconds to one
#: customer after a burst of eight, and two a second in all after one of ten.
GATEWAY = Pace(to_one=Rate(3.0, 8), in_all=Rate(0.5, 10))

#: Where nobody counts, such as on paper.
UNLIMITED = Pace(to_one=_per_second(10**6), in_all=_per_second(10**6))
