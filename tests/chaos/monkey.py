"""The monkey: kills, restarts and pauses processes at moments that a seed chooses."""

import asyncio
import time
from dataclasses import dataclass, field
from random import Random

from bot.serving import beside
from bot.simulator.phone import NothingLikeThat
from tests.chaos.customers import Customer
from tests.chaos.plant import LEASE, Plant
from tests.chaos.program import Program


@dataclass
class Monkey:
    """Harms one process after the other.

    One of each kind is left alone, where there are several: on a slow machine, where
    starting takes long, work would never get on otherwise.
    """

    plant: Plant
    dice: Random
    deeds: int  #: At most so many.
    pauses: int = 0
    _harmed: set[str] = field(default_factory=set)

    async def rage(self) -> None:
        """Do harm until cancelled; whoever was harmed is brought back, even then."""
        async with asyncio.TaskGroup() as repairs:
            while self.deeds:
                await asyncio.sleep(self.dice.uniform(0.05, 0.8))
                if victims := self._victims():
                    self.deeds -= 1
                    repairs.create_task(self._harm(self.dice.choice(victims)))

    def _victims(self) -> list[Program]:
        found: list[Program] = []
        for kind in (self.plant.webs, self.plant.workers):
            well = [each for each in kind if each.name not in self._harmed]
            found += well if len(well) > 1 or len(kind) == 1 else []
        return found

    async def _harm(self, victim: Program) -> None:
        self._harmed.add(victim.name)
        if victim in self.plant.workers and self.dice.random() < 0.3:
            await self._pause(victim)
        else:
            await self._kill(victim)
        self._harmed.discard(victim.name)

    async def _pause(self, victim: Program) -> None:
        """Let a worker sleep past its leases, and wake it among those who took over."""
        self.pauses += 1
        victim.pause()
        try:
            await asyncio.sleep(LEASE * self.dice.uniform(1.2, 2.0))
        finally:
            victim.go_on()

    async def _kill(self, victim: Program) -> None:
        victim.kill()
        try:
            await asyncio.sleep(self.dice.uniform(0, 0.3))
        finally:
            victim.begin()
        await victim.up()


async def haunted(
    plant: Plant, *, customers: int, at_once: int, seed: int, deeds: int
) -> tuple[list[Customer], Monkey, float]:
    """Let customers shop while the monkey rages; return when all of it is over."""
    began = time.monotonic()
    dice = Random(seed)
    people = [
        Customer(plant.phone(number), Random(dice.getrandbits(64)))
        for number in range(1, customers + 1)
    ]
    monkey = Monkey(plant, Random(dice.getrandbits(64)), deeds)
    room = asyncio.Semaphore(at_once)

    async def visit(person: Customer) -> None:
        async with room:
            try:
                await person.shop(1 + (person.dice.random() < 0.2))
            except NothingLikeThat as error:
                error.add_note(await plant.story(person.phone))
                raise

    async with beside(monkey.rage()), asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(visit(person))
    for each in plant.programs:
        await each.up()
    await plant.settle()
    return people, monkey, time.monotonic() - began
