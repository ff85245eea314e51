"""The OpenAI reader: one call, one retry, one repair, and nothing taken on trust."""

import asyncio
import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import ValidationError

from bot.reading.openai.answer import Answer
from bot.reading.openai.client import Ask, Service, Told
from bot.reading.openai.errors import Garbled, NotNow, TimedOut
from bot.reading.openai.grounding import grounded
from bot.reading.openai.schema import NAME, answer_schema
from bot.reading.openai.showing import Shown, shown_for
from bot.reading.openai.surroundings import Reads
from bot.reading.reader import (
    Call,
    Picture,
    ReaderUnavailable,
    Reading,
    ReadingRequest,
)
from prompts import Prompt, load_prompt

PROMPT, VERSION = "read_message", "v1"
#: Before the one retry, when the server does not say how long to wait.
_PAUSE = 0.25
#: An answer takes at least so long: with less left, asking is only a cost.
_LEAST = 1.0
_PDF = "application/pdf"


class OpenAIReader:
    """Reads a turn with a model. Raises the forms of `bot.reading.openai.errors`."""

    name: ClassVar[str] = "openai"

    def __init__(
        self, service: Service, reads: Reads, prompt: Prompt | None = None
    ) -> None:
        """Raise PromptError when the prompt is missing or incomplete."""
        self._service = service
        self._reads = reads
        self._prompt = prompt or load_prompt(PROMPT, reads.prompt or VERSION)
        self._schema = answer_schema(self._prompt.fields)

    async def read(self, request: ReadingRequest) -> Reading:
        """Return what the turn says, as far as it stands on the customer's words."""
        # Searching, masking and checking are work for a processor: not in the loop.
        shown = await asyncio.to_thread(shown_for, request, self._reads.hidden)
        reading = _Reading(self._service, self._ask(request, shown), self._reads)
        answer = await reading.answer(self._prompt.repair)
        understanding = await asyncio.to_thread(grounded, answer, shown, request)
        calls = tuple(reading.calls)
        return Reading(
            understanding,
            provider=self.name,
            model=calls[-1].model,
            usage=_summed(calls),
            response_id=calls[-1].response_id,
            calls=calls,
            prompt=self._prompt.id,
        )

    def _ask(self, request: ReadingRequest, shown: Shown) -> Ask:
        reads = self._reads
        parts: list[Mapping[str, Any]] = [
            {"type": "input_text", "text": shown.document}
        ]
        for number, picture in shown.pictures:
            parts.append({"type": "input_text", "text": f"Picture {number}:"})
            parts.append(_part(number, picture))
        return Ask(
            purpose="read",
            model=reads.vision_model if shown.pictures else reads.model,
            instructions=self._prompt.system,
            content=parts,
            schema=self._schema,
            schema_name=NAME,
            # A tenant's turns share their beginning, and nobody else's cache.
            cache_key=_hashed(self._prompt.id, request.tenant_id),
            user=_hashed(request.tenant_id, request.conversation_id),
        )


class _Reading:
    """One reading's calls, within the time that it has."""

    def __init__(self, service: Service, ask: Ask, reads: Reads) -> None:
        self._service = service
        self._ask = ask
        self._end = asyncio.get_running_loop().time() + reads.seconds
        self.calls: list[Call] = []

    async def answer(self, repair: str) -> Answer:
        """Return a valid answer, if need be the repaired one."""
        told = await self._told(self._ask)
        try:
            return Answer.model_validate_json(told.text)
        except ValidationError as error:
            problem = _problem(error)
        again = {"type": "input_text", "text": repair.replace("{problem}", problem)}
        told = await self._told(self._changed([*self._ask.content, again]))
        try:
            return Answer.model_validate_json(told.text)
        except ValidationError as error:
            raise Garbled(_problem(error), calls=tuple(self.calls)) from None

    def _changed(self, content: list[Mapping[str, Any]]) -> Ask:
        ask = self._ask
        return Ask(
            purpose="repair",
            model=ask.model,
            instructions=ask.instructions,
            content=content,
            schema=ask.schema,
            schema_name=ask.schema_name,
            cache_key=ask.cache_key,
            user=ask.user,
        )

    async def _told(self, ask: Ask) -> Told:
        """Ask, and once more if that may help and there is time for it."""
        try:
            return await self._once(ask)
        except NotNow as error:
            wait = error.retry_after.total_seconds() if error.retry_after else _PAUSE
            if not error.again or wait + _LEAST > self._left():
                raise
            await asyncio.sleep(wait)
        return await self._once(ask)

    async def _once(self, ask: Ask) -> Told:
        left = self._left()
        if left < _LEAST:
            raise TimedOut("no time is left in this turn", calls=tuple(self.calls))
        try:
            told = await self._service.ask(ask, within=left)
        except ReaderUnavailable as error:
            self.calls += error.calls
            error.calls = tuple(self.calls)
            raise
        self.calls.append(told.call)
        return told

    def _left(self) -> float:
        return self._end - asyncio.get_running_loop().time()


def _part(number: int, picture: Picture) -> Mapping[str, Any]:
    data = base64.b64encode(picture.data).decode("ascii")
    url = f"data:{picture.mime};base64,{data}"
    if picture.mime == _PDF:
        return {
            "type": "input_file",
            "filename": f"picture_{number}.pdf",
            "file_data": url,
        }
    return {"type": "input_image", "image_url": url, "detail": "auto"}


def _summed(calls: tuple[Call, ...]) -> Mapping[str, int]:
    """Return what all calls of a reading took together."""
    return {
        "input_tokens": sum(call.input_tokens for call in calls),
        "cached_tokens": sum(call.cached_tokens for call in calls),
        "output_tokens": sum(call.output_tokens for call in calls),
        "cost_micros": sum(call.cost_micros for call in calls),
    }


def _problem(error: ValidationError) -> str:
    """Return what is wrong with an answer, in our words: none of its own."""
    first = error.errors(include_url=False, include_input=False)[0]
    known = [
        str(part) for part in first["loc"] if isinstance(part, int) or part in _KNOWN
    ]
    return f"{'.'.join(known) or 'it'}: {first['type']}"


def _hashed(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


_KNOWN = frozenset(Answer.model_fields)
