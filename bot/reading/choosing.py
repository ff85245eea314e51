"""Which reader answers: the first that can, within the time that a turn has."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.reading.reader import (
    Call,
    Reader,
    ReaderUnavailable,
    Reading,
    ReadingRequest,
)


async def read(
    readers: Sequence[Reader],
    request: ReadingRequest,
    *,
    budget: float,
    count: Callable[[str, str], None],
) -> Reading:
    """Return the answer of the first reader that gives one in `budget` seconds.

    The last reader is the belt: it gets no time limit. Raises ReaderUnavailable when
    even that one cannot answer. `count(reader, outcome)` is told of every try: "read",
    or why it did not. What failed tries cost is counted with the answer.
    """
    *preferred, last = readers
    calls: tuple[Call, ...] = ()
    why: str | None = None
    for reader in preferred:
        try:
            async with asyncio.timeout(budget):
                reading = await reader.read(request)
        except ReaderUnavailable as error:
            count(reader.name, error.reason)
            calls, why = (*calls, *error.calls), f"{reader.name}: {error.reason}"
        except TimeoutError:
            count(reader.name, "timeout")
            why = f"{reader.name}: timeout"
        else:
            count(reader.name, reading.why or "read")
            return replace(reading, calls=(*calls, *reading.calls))
    try:
        reading = await last.read(request)
    except ReaderUnavailable as error:
        count(last.name, error.reason)
        raise
    count(last.name, reading.why or "read")
    return replace(reading, calls=(*calls, *reading.calls), why=reading.why or why)
