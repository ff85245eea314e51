"""Putting the OpenAI reader together, from values that a deployment sets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.reading.breaker import Breaker
from bot.reading.guarding import Guard, GuardedReader
from bot.reading.listening import Listener
from bot.reading.openai.client import connected
from bot.reading.openai.reader import OpenAIReader
from bot.reading.openai.surroundings import Surroundings
from bot.reading.openai.transcriber import OpenAITranscriber
from bot.reading.pace import Pace


@asynccontextmanager
async def opened(given: Surroundings) -> AsyncIterator[tuple[GuardedReader, Listener]]:
    """Yield a reader and a listener that share what they know of the service's state.

    Raises PromptError when the prompt is missing or incomplete.
    """
    async with connected(given.api_key, given.base_url, given.limits) as service:
        guard = Guard(
            # Both go to one service: when it is away for one, so it is for the other.
            Breaker(given.clock),
            given.purse,
            Pace(given.clock, given.per_hour),
        )
        transcriber = OpenAITranscriber(
            service, given.transcribe_model, seconds=given.reads.seconds
        )
        yield (
            GuardedReader(OpenAIReader(service, given.reads), guard),
            Listener(transcriber, guard, longest=given.longest_sound),
        )
