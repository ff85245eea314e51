"""Customers with a seeded plan: what they want, how they say it, when they tap twice.

They wait for the question they expect, for as long as it takes, and say nothing again
by themselves: whatever is lost or repeated between them and the shop is the shop's.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from bot.simulator.bubble import Bubble
from bot.simulator.phone import Phone

#: What they call the goods of `tests.goods`.
NAMES: Mapping[str, tuple[str, str]] = {
    "LATTE": ("latte", "Latte"),
    "TEA": ("tea", "Tea"),
    "CHOC": ("chocolate croissant", "Chocolate Croissant"),
    "BUTTER": ("butter croissant", "Butter Croissant"),
    "BAGEL": ("bagel", "Bagel"),
    "WATER": ("water", "Water"),
}
TIMES = "\N{MULTIPLICATION SIGN}"
#: The longest anybody waits for an answer, seconds.
PATIENCE = 90.0

_PICK_UP, _CONFIRM = "Pick-up", "Confirm"
_PLACED = re.compile(r"your order \d+ is (already )?placed", re.IGNORECASE)


@dataclass
class Customer:
    """One customer. `orders`: what was confirmed, in order, as SKU -> quantity."""

    phone: Phone
    dice: Random
    orders: list[dict[str, int]] = field(default_factory=list)
    _wanted: dict[str, int] = field(default_factory=dict)
    _seen: int = 0  #: So many bubbles belong to what is over.

    async def shop(self, times: int) -> None:
        """Order so often, each time after the order before was placed."""
        for _ in range(times):
            self._seen = len(self.phone.inbox)
            await self._ask_for_goods()
            question = await self._shown(lambda each: _has(each, _PICK_UP))
            await self.phone.tap(_PICK_UP, on=question)
            summary = await self._summary()
            if self.dice.random() < 0.7:
                summary = await self._change_mind(summary)
            await self._confirm(summary)
            self.orders.append(dict(self._wanted))

    async def _ask_for_goods(self) -> None:
        skus = self.dice.sample(sorted(NAMES), self.dice.randint(1, 3))
        self._wanted = {sku: self.dice.randint(1, 9) for sku in skus}
        parts = [f"{much} {NAMES[sku][0]}" for sku, much in self._wanted.items()]
        if self.dice.random() < 0.5:
            await self.phone.say(" and ".join(parts))
            return
        for part in parts:
            await self.phone.say(part)

    async def _change_mind(self, before: Bubble) -> Bubble:
        sku = self.dice.choice(sorted(self._wanted))
        way = self.dice.choice(("more", "drop", "add"))
        if way == "drop" and len(self._wanted) > 1:
            del self._wanted[sku]
            await self.phone.say(f"remove the {NAMES[sku][0]}")
        elif way == "add" and (others := sorted(set(NAMES) - set(self._wanted))):
            sku = self.dice.choice(others)
            self._wanted[sku] = self.dice.randint(1, 9)
            await self.phone.say(f"and {self._wanted[sku]} {NAMES[sku][0]}")
        else:
            self._wanted[sku] = self._wanted[sku] % 9 + 1
            await self.phone.say(f"make the {NAMES[sku][0]} {self._wanted[sku]}")
        summary = await self._summary()
        if self.dice.random() < 0.4:
            # An old button: nothing is ordered, and what is open is shown again.
            await self.phone.tap(_CONFIRM, on=before)
            summary = await self._summary(after=self._place(summary) + 1)
        return summary

    async def _confirm(self, summary: Bubble) -> None:
        asked = self._place(summary)
        if self.dice.random() < 0.4:
            await self.phone.say("yes")
        else:
            for _ in range(self.dice.choice((1, 1, 2))):
                await self.phone.tap(_CONFIRM, on=summary)
        await self._shown(lambda each: bool(_PLACED.search(each.words)), after=asked)
        if self.dice.random() < 0.3:
            await self.phone.tap(_CONFIRM, on=summary)

    async def _summary(self, *, after: int = 0) -> Bubble:
        """Wait for a summary of exactly what is wanted."""
        return await self._shown(
            lambda each: _has(each, _CONFIRM) and _lines(each) == self._wanted,
            after=after,
        )

    def _place(self, bubble: Bubble) -> int:
        ids = [each.id for each in self.phone.inbox]
        return ids.index(bubble.id)

    async def _shown(self, fits: Callable[[Bubble], bool], *, after: int = 0) -> Bubble:
        """Wait for a message of the shop; return the newest that fits."""
        first = max(after, self._seen)

        def found() -> list[Bubble]:
            return [each for each in self.phone.inbox[first:] if fits(each)]

        await self.phone.until(lambda _: bool(found()), within=PATIENCE)
        return found()[-1]


def _has(bubble: Bubble, title: str) -> bool:
    return any(button.title == title for button in bubble.buttons)


def _lines(bubble: Bubble) -> dict[str, int]:
    """Return the goods that a summary names; what it says before them is not one."""
    _, _, summary = bubble.words.rpartition("Your order:")
    skus = {name: sku for sku, (_, name) in NAMES.items()}
    found = re.findall(rf"(\d+) {TIMES} ([A-Z][A-Za-z ]*[a-z])", summary)
    return {skus[name]: int(much) for much, name in found}
