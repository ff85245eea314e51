"""Money for one run: nobody's daily budget is touched, and no more is spent."""

from collections.abc import Sequence

from bot.reading.budget import Payer
from bot.reading.reader import Call


class Wallet:
    """A purse that is held in memory: see `bot.reading.guarding.Purse`.

    What is under way when it runs empty is let through, as a tenant's budget does.
    """

    def __init__(self, most: int) -> None:
        """`most`: millionths of a US dollar."""
        self.most = most
        self.spent = 0
        self.calls = 0

    @property
    def is_empty(self) -> bool:
        """Return whether no more may be spent."""
        return self.spent >= self.most

    async def is_left(self, payer: Payer) -> bool:
        del payer
        return not self.is_empty

    async def charge(self, payer: Payer, calls: Sequence[Call]) -> None:
        del payer
        self.calls += len(calls)
        self.spent += sum(call.cost_micros for call in calls)
