"""Who may ask the model, and when: the rules for what needs none or may have none.

Trivial turns, tenants whose budget is used up and conversations that ask too much are
read by the rules, in every mode. An outage is not: it is said, and whoever called
decides whether the rules take over or the turn waits.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar, Protocol, TypeVar

import structlog

from bot.reading.breaker import Breaker
from bot.reading.budget import Payer
from bot.reading.pace import Pace
from bot.reading.reader import Call, Reader, ReaderUnavailable, Reading, ReadingRequest
from bot.reading.rules.reader import MODEL, RulesReader
from bot.reading.trivial import trivial

_log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")


class Purse(Protocol):
    """What `bot.reading.budget.Budget` does."""

    async def is_left(self, payer: Payer) -> bool: ...

    async def charge(self, payer: Payer, calls: Sequence[Call]) -> None: ...


class ServiceAway(ReaderUnavailable):
    """The breaker is open: the service failed again and again, and is left alone."""

    reason = "breaker_open"


@dataclass(frozen=True, slots=True)
class Guard:
    """What stands before every call of a service."""

    breaker: Breaker
    purse: Purse
    pace: Pace

    async def passed(
        self,
        call: Callable[[], Awaitable[Answer]],
        payer: Payer,
        calls_of: Callable[[Answer], Sequence[Call]],
    ) -> Answer:
        """Make a call and charge for it. Raises ReaderUnavailable."""
        breaker = self.breaker
        if not breaker.enter():
            raise ServiceAway(
                "the service is left alone for now",
                retry_after=timedelta(seconds=breaker.wait),
            )
        try:
            answer = await call()
        except ReaderUnavailable as error:
            if error.lasting:
                breaker.succeeded()
            else:
                wait = error.retry_after.total_seconds() if error.retry_after else None
                breaker.failed(wait=wait)
            await self.purse.charge(payer, error.calls)
            raise
        except BaseException:
            breaker.left()
            raise
        breaker.succeeded()
        await self.purse.charge(payer, calls_of(answer))
        return answer


class GuardedReader:
    """A model's reader that is asked only when it should be."""

    name: ClassVar[str] = "openai"

    def __init__(self, reader: Reader, guard: Guard) -> None:
        self._reader = reader
        self._guard = guard
        self._rules = RulesReader()

    async def read(self, request: ReadingRequest) -> Reading:
        """Return what the turn says. Raises ReaderUnavailable in an outage."""
        clear = trivial(request)
        if clear is not None:
            return Reading(clear, self._rules.name, MODEL, why="trivial")
        payer = Payer(request.tenant_id, request.timezone)
        if not await self._guard.purse.is_left(payer):
            return await self._by_rules(request, "over_budget")
        if not self._guard.pace.allows(request.conversation_id):
            return await self._by_rules(request, "too_many_readings")
        try:
            return await self._guard.passed(
                lambda: self._reader.read(request), payer, lambda made: made.calls
            )
        except ReaderUnavailable as error:
            if not error.lasting:
                raise
            _log.info(
                "model_did_not_read",
                conversation=request.conversation_id,
                reason=error.reason,
            )
            reading = await self._by_rules(request, error.reason)
            return replace(reading, calls=error.calls)

    async def _by_rules(self, request: ReadingRequest, why: str) -> Reading:
        return replace(await self._rules.read(request), why=why)
