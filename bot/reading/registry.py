"""The readers that a deployment may choose from, by the name in its settings."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias

from bot.reading.guarding import GuardedReader
from bot.reading.listening import Listener
from bot.reading.openai.surroundings import Surroundings
from bot.reading.reader import Reader
from bot.reading.rules.reader import RulesReader


@dataclass(frozen=True, slots=True)
class Senses:
    """What a reader brings: reading, and perhaps ears."""

    reader: Reader
    listener: Listener | None = None


Opening: TypeAlias = Callable[
    [Surroundings | None], AbstractAsyncContextManager[Senses]
]


#: The client of OpenAI takes a second to load: only those who use it wait for it.
@asynccontextmanager
async def _openai(given: Surroundings | None) -> AsyncIterator[Senses]:
    if given is None:
        raise LookupError("the openai reader needs a service")
    from bot.reading.openai.opening import opened  # noqa: PLC0415  # see above

    async with opened(given) as (reader, listener):
        yield Senses(reader, listener)


@asynccontextmanager
async def _rules(_given: Surroundings | None) -> AsyncIterator[Senses]:
    yield Senses(RulesReader())


READERS: Mapping[str, Opening] = {
    GuardedReader.name: _openai,
    RulesReader.name: _rules,
}
#: Who reads, in the order of asking, by the setting. `auto` without a service: rules.
CHAINS: Mapping[str, Sequence[str]] = {
    "auto": (GuardedReader.name, RulesReader.name),
    "openai": (GuardedReader.name,),
    "rules": (RulesReader.name,),
}
