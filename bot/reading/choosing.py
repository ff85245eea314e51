"""Which reader answers: the first that can, within the time that a turn has."""

import asyncio
from collections.abc import Callable, Sequence

from bot.reading.reader import Reader, ReaderUnavailable, Reading, ReadingRequest


async def read(
    readers: Sequence[Reader],
    request: ReadingRequest,
    *,
    budget: float,
    count: Callable[[str, str], None],
) -> Reading:
    """Return the answer of the first reader that gives one in `budget` seconds.

    The last reader is the belt: it gets no time limit. Raises ReaderUnavailable when
    even that one cannot answer. `count(reader, outcome)` is told of every try.
    """
    *preferred, last = readers
    for reader in preferred:
        try:
            async with asyncio.timeout(budget):
                reading = await reader.read(request)
        except ReaderUnavailable:
            count(reader.name, "unavailable")
        except TimeoutError:
            count(reader.name, "timeout")
        else:
            count(reader.name, "read")
            return reading
    reading = await last.read(request)
    count(last.name, "read")
    return reading
