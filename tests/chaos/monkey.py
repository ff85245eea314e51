"""The monkey: kills, restarts and pauses processes at moments that a seed chooses."""

import asyncio
import time
from dataclasses import dataclass
from random import Random

from tests.chaos.customers import Customer
from tests.chaos.plant import LEASE, Plant
from tests.chaos.program import Program


@dataclass(frozen=True)
class Pace:
    """Seconds between two deeds of the monkey, at least and at most."""

    least: float
    most: float


@dataclass
class Monkey:
    plant: Plant
    dice: Random
    pace: Pace
    pauses: int = 0

    async def rage(self) -> None:
        """Do harm until cancelled; everything that was harmed comes back by itself."""
        async with asyncio.TaskGroup() as repairs:
            while True:
                await asyncio.sleep(self.dice.uniform(self.pace.least, self.pace.most))
                free = [each for each in self.plant.programs if each.is_healthy]
                if not free:
                    continue
                victim = self.dice.choice(free)
                victim.is_healthy = False
                if victim in self.plant.workers and self.dice.random() < 0.3:
                    self.pauses += 1
                    repairs.create_task(self._pause(victim))
                else:
                    repairs.create_task(self._kill(victim))

    async def _pause(self, victim: Program) -> None:
        """Let a worker sleep past its leases, and wake it among those who took over."""
        victim.pause()
        try:
            await asyncio.sleep(LEASE * self.dice.uniform(1.2, 2.0))
        finally:
            victim.go_on()
            victim.is_healthy = True

    async def _kill(self, victim: Program) -> None:
        victim.kill()
        try:
            await asyncio.sleep(self.dice.uniform(0, 0.5))
        finally:
            victim.begin()
        await victim.up()
        victim.is_healthy = True


async def haunted(
    plant: Plant, *, customers: int, at_once: int, seed: int, pace: Pace
) -> tuple[list[Customer], Monkey, float]:
    """Let customers shop while the monkey rages; return when all of it is over."""
    began = time.monotonic()
    dice = Random(seed)
    people = [
        Customer(plant.phone(number), Random(dice.getrandbits(64)))
        for number in range(1, customers + 1)
    ]
    monkey = Monkey(plant, Random(dice.getrandbits(64)), pace)
    room = asyncio.Semaphore(at_once)

    async def visit(person: Customer) -> None:
        async with room:
            await person.shop(1 + (person.dice.random() < 0.2))

    raging = asyncio.create_task(monkey.rage())
    try:
        async with asyncio.TaskGroup() as group:
            for person in people:
                group.create_task(visit(person))
    finally:
        raging.cancel()
        await asyncio.gather(raging, return_exceptions=True)
    for each in plant.programs:
        await each.up()
    await plant.settle()
    return people, monkey, time.monotonic() - began
