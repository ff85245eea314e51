"""Parts of the OpenAI reader for tests: a service, an empty purse, and simple minds."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from bot.domain.understanding import Intent
from bot.reading.budget import Payer
from bot.reading.openai.client import connected
from bot.reading.openai.reader import OpenAIReader
from bot.reading.openai.redacting import Personal
from bot.reading.openai.surroundings import Limits, Reads, Surroundings
from bot.reading.reader import Call
from tests.openai_server import KEY, Asked, OpenAIServer, answer, intent, mention


class FullPurse:
    """Pays everything, and keeps the bills."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.is_empty = False

    async def is_left(self, payer: Payer) -> bool:
        del payer
        return not self.is_empty

    async def charge(self, payer: Payer, calls: Sequence[Call]) -> None:
        del payer
        self.calls += calls


def a_service(
    server: OpenAIServer, purse: FullPurse | None = None, **changes: Any
) -> Surroundings:
    """Return what the reader needs to ask a server; patient, for busy machines."""
    whole: dict[str, Any] = {
        "api_key": KEY,
        "base_url": server.url,
        "reads": Reads(
            "gpt-5.4-mini", "gpt-5.4-mini", hidden=(Personal.PHONES, Personal.EMAILS)
        ),
        "limits": Limits(seconds=10),
        "transcribe_model": "gpt-transcribe",
        "purse": purse or FullPurse(),
        "clock": time.monotonic,
        "per_hour": 1_000_000,
    }
    return Surroundings(**{**whole, **changes})


@asynccontextmanager
async def a_reader(
    server: OpenAIServer, *, seconds: float = 10, patience: float = 10, **reads: Any
) -> AsyncIterator[OpenAIReader]:
    """Yield the bare reader, without what stands before it."""
    limits = Limits(seconds=patience)
    async with connected(KEY, server.url, limits) as service:
        wanted = Reads("gpt-5.4-mini", "gpt-5.4-mini", seconds=seconds, **reads)
        yield OpenAIReader(service, wanted)


def obliging(asked: Asked) -> Any:
    """Claim every candidate whose name is said, with the number that stands before it.

    What a model would say of plain orders; it also quotes what nobody said.
    """
    document = asked.document
    mentions, intents = [mention("a quote that nobody said", "gold", 5)], []
    for row in document["messages"]:
        words = row.get("text", "").split()
        for place, word in enumerate(words):
            named = [c for c in document["candidates"] if _names(c, word)]
            if not named:
                continue
            before = words[place - 1] if place else ""
            amount = float(before) if before.isdecimal() and before.isascii() else None
            quote = f"{before} {word}" if amount and amount < 1000 else word
            mentions.append(
                mention(
                    quote,
                    word.strip(",.?!"),
                    amount if amount and amount < 1000 else None,
                    message=row["number"],
                    candidate=named[0]["n"],
                )
            )
            intents.append(intent(Intent.ORDER, quote, row["number"]))
    return answer(mentions=mentions, intents=intents)


def _names(candidate: Any, word: str) -> bool:
    name: str = candidate["name"]
    return name.lower() == word.strip(",.?!").lower()
