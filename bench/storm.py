"""A storm of webhooks on two web processes and one PostgreSQL: none lost or doubled.

    python -m bench.storm [--webhooks 50000] [--connections 32]

A fifth of the webhooks repeat a message, three in ten are statuses, as providers send
them that do not see our answers in time; a repeat comes to either process, often while
the first is still under way. The same webhooks go to two bare handlers that only check
the HMAC: what counts is the ratio, and that what is stored is what was sent, once.
"""

import argparse
import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from sqlalchemy import func, select

from bench.intake import server
from bench.load import Measured, press
from bench.shop import database_url, furnish
from bench.webhooks import body, request, status_body
from bot.db import Database
from bot.inbox.table import message, message_status

_PEOPLE = 2000
_REPEATS, _STATUSES = 0.2, 0.3
#: A repeat is of one of so many messages before it.
_RECENT = 200
#: The whole storm takes no longer, seconds.
_LIMIT = 600.0


@dataclass(frozen=True, slots=True)
class Storm:
    """What each process is sent, and how many different things are in it."""

    sent: tuple[list[bytes], list[bytes]]
    messages: int
    statuses: int

    @classmethod
    def of(cls, webhooks: int, seed: int) -> "Storm":
        """Return a storm; the same seed gives the same one."""
        chance = random.Random(seed)
        fresh: list[tuple[int, int]] = []
        news = 0
        sent: tuple[list[bytes], list[bytes]] = ([], [])
        for number in range(webhooks):
            kind = chance.random()
            if kind < _STATUSES:
                content = status_body(number % _PEOPLE, number)
                news += 1
            elif kind < _STATUSES + _REPEATS and fresh:
                content = body(*chance.choice(fresh[-_RECENT:]))
            else:
                fresh.append((number % _PEOPLE, number))
                content = body(*fresh[-1])
            sent[chance.randrange(2)].append(request(content))
        return cls(sent, len(fresh), news)


async def both(ports: Sequence[int], storm: Storm, connections: int) -> list[Measured]:
    """Send each process its webhooks, at the same time."""
    return await asyncio.gather(
        *(
            press(port, sent, connections=connections, seconds=_LIMIT)
            for port, sent in zip(ports, storm.sent, strict=True)
        )
    )


def weather(url: str, storm: Storm, connections: int) -> tuple[float, Counter[int]]:
    """Return how many webhooks a second two processes took, and their answers."""
    with ExitStack() as stack:
        ports = [stack.enter_context(server(url)) for _ in range(2)]
        began = time.perf_counter()
        met = asyncio.run(both(ports, storm, connections))
        took = time.perf_counter() - began
    answers: Counter[int] = sum((each.statuses for each in met), Counter())
    return sum(answers.values()) / took, answers


async def stored(url: str) -> tuple[int, int, int]:
    """Return how many messages, different ones of them, and statuses there are."""
    database = Database.open(url)
    try:
        async with database.reading() as connection:
            counts = [
                (await connection.execute(query)).scalar_one()
                for query in (
                    select(func.count()).select_from(message),
                    select(func.count(message.c.provider_id.distinct())),
                    select(func.count()).select_from(message_status),
                )
            ]
    finally:
        await database.close()
    return counts[0], counts[1], counts[2]


def main() -> None:
    """Run the storm and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--webhooks", type=int, default=50_000)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    storm = Storm.of(options.webhooks, options.seed)
    with database_url("postgresql") as url:
        asyncio.run(furnish(url))
        bare, _ = weather("bare", storm, options.connections)
        taken, answers = weather(url, storm, options.connections)
        there, different, news = asyncio.run(stored(url))
    print(f"webhooks {options.webhooks}, answered {dict(answers)}")
    print(f"messages sent {storm.messages}, stored {there}, different {different}")
    print(f"statuses sent {storm.statuses}, stored {news}")
    print(f"lost {storm.messages - different + storm.statuses - news}")
    print(f"doubled {there - different}")
    print(f"per second {taken:.0f}, bare {bare:.0f}, of bare {taken / bare:.2f}")


if __name__ == "__main__":
    main()
