"""Calls of OpenAI's API, through the official client, with every failure by its name.

The client's own retries are off: how often to ask is decided where the turn's time is
known. What comes back is read by our own types; the client's would accept anything.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import httpx2
import openai
from openai import AsyncOpenAI, DefaultAioHttpClient
from pydantic import BaseModel, ValidationError

from bot.domain.speech import Piece
from bot.reading.openai import wire
from bot.reading.openai.errors import (
    CutShort,
    Declined,
    NoCredit,
    NotReached,
    RateLimited,
    Rejected,
    ServerFailed,
    TimedOut,
    Unauthorised,
)
from bot.reading.openai.prices import Prices, load_prices
from bot.reading.openai.surroundings import Limits
from bot.reading.reader import Call, ReaderUnavailable

_SERVER_ERROR = 500
_TOO_MANY = 429
#: The key, its rights, the address, the name of the model: for the operator to mend.
_MISCONFIGURED = frozenset({401, 403, 404})
#: Passing conditions that have a status of their own.
_PASSING = frozenset({408, 409, 425})
#: Codes of 429 that waiting does not mend: OpenAI's guide "Error codes".
_NO_CREDIT = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
#: A server that asks for more patience than this asks for too much.
_LONGEST_WAIT = 3600.0

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to a model."""

    purpose: str
    model: str
    instructions: str
    content: Sequence[Mapping[str, Any]]  #: Parts of the user's message.
    schema: Mapping[str, Any]
    schema_name: str
    cache_key: str  #: Turns that share a beginning share this.
    user: str  #: Who is behind it, as a hash.


@dataclass(frozen=True, slots=True)
class Told:
    """The text of an answer, and what the call took."""

    text: str
    call: Call


@dataclass(frozen=True, slots=True)
class Written:
    """What was said in a sound, when, as far as told, and what the call took."""

    text: str
    call: Call
    seconds: float | None  #: That it plays, as the server says.
    pieces: tuple[Piece, ...]


class Service:
    """A server that speaks OpenAI's API. Every method may be called any time."""

    def __init__(
        self, client: AsyncOpenAI, limits: Limits, prices: Prices | None = None
    ) -> None:
        self._client = client
        self._limits = limits
        self._prices = prices or load_prices()

    async def ask(self, ask: Ask, *, within: float) -> Told:
        """Return what the model says, in at most `within` seconds.

        Raises ReaderUnavailable in one of the forms of `bot.reading.openai.errors`.
        """
        options = self._options(ask)
        started = time.monotonic()
        raw = await self._called(
            lambda: self._client.responses.with_raw_response.create(**options), within
        )
        response = _parsed(wire.Response, raw.content)
        call = self._cost(ask, response, time.monotonic() - started)
        return Told(_text(response, call), call)

    async def transcribe(
        self,
        sound: tuple[str, bytes, str],
        model: str,
        *,
        seconds: float,
        within: float,
        options: Mapping[str, Any],
    ) -> Written:
        """Return what is said in `sound`: a file name, its bytes, and its type.

        `seconds` is how long it plays, for its cost. Raises like `ask`.
        """
        wanted = {"response_format": "json", **options}
        started = time.monotonic()
        raw = await self._called(
            lambda: self._client.audio.transcriptions.with_raw_response.create(
                file=sound, model=model, **wanted
            ),
            within,
        )
        heard = _parsed(wire.Transcription, raw.content)
        told = heard.usage.seconds if heard.usage else None
        long = seconds if told is None else told
        call = Call(
            purpose="transcribe",
            model=model,
            audio_seconds=long,
            cost_micros=self._prices.of_sound(model, long),
            milliseconds=round(1000 * (time.monotonic() - started)),
        )
        plays = told if heard.duration is None else heard.duration
        return Written(heard.text, call, plays, heard.pieces)

    def _options(self, ask: Ask) -> dict[str, Any]:
        text_format = {
            "type": "json_schema",
            "name": ask.schema_name,
            "strict": True,
            "schema": dict(ask.schema),
        }
        options: dict[str, Any] = {
            "model": ask.model,
            "instructions": ask.instructions,
            "input": [{"role": "user", "content": list(ask.content)}],
            "text": {"format": text_format},
            "max_output_tokens": self._limits.output_tokens,
            "store": False,
            "prompt_cache_key": ask.cache_key,
            "safety_identifier": ask.user,
        }
        if self._limits.effort is not None:
            options["reasoning"] = {"effort": self._limits.effort}
        return options

    async def _called(self, call: Callable[[], Awaitable[Any]], within: float) -> Any:  # noqa: ANN401  # the client's raw answers have no common type
        seconds = min(within, self._limits.seconds)
        started = time.monotonic()
        try:
            async with asyncio.timeout(seconds):
                return await call()
        except TimeoutError:
            raise TimedOut(f"no answer in {seconds:.1f} s") from None
        except openai.APIStatusError as error:
            raise _refusal(error) from None
        except openai.APITimeoutError:
            # The transport says so of a connection that broke before any answer, too.
            if time.monotonic() - started < seconds / 2:
                raise NotReached("the connection broke") from None
            raise TimedOut(f"no answer in {seconds:.1f} s") from None
        except (openai.OpenAIError, httpx2.HTTPError, OSError) as error:
            raise NotReached(type(error).__name__) from None

    def _cost(self, ask: Ask, response: wire.Response, seconds: float) -> Call:
        usage = response.usage or wire.Usage()
        details = usage.input_tokens_details or wire.InputDetails()
        cached = min(details.cached_tokens, usage.input_tokens)
        return Call(
            purpose=ask.purpose,
            model=ask.model,
            response_id=response.id,
            input_tokens=usage.input_tokens,
            cached_tokens=cached,
            output_tokens=usage.output_tokens,
            cost_micros=self._prices.of_tokens(
                ask.model,
                fresh=usage.input_tokens - cached,
                cached=cached,
                output=usage.output_tokens,
            ),
            milliseconds=round(1000 * seconds),
        )


@asynccontextmanager
async def connected(
    api_key: str, base_url: str, limits: Limits
) -> AsyncIterator[Service]:
    """Yield a service that connects when it is first asked; close it afterwards."""
    client = AsyncOpenAI(
        api_key=api_key,
        base_url=base_url,
        max_retries=0,
        timeout=limits.seconds,
        # A redirect is never followed: it would take the key and the words elsewhere.
        http_client=DefaultAioHttpClient(
            timeout=limits.seconds, follow_redirects=False
        ),
    )
    try:
        # The client loads its parts when they are first used: not in a turn's time.
        await asyncio.to_thread(lambda: (client.responses, client.audio))
        yield Service(client, limits)
    finally:
        await client.close()


def _parsed(kind: type[T], body: bytes) -> T:
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]["msg"]
        raise ServerFailed(f"the server's answer makes no sense: {problem}") from None


def _text(response: wire.Response, call: Call) -> str:
    """Return the text of an answer that is whole; raise what else it is."""
    refusals = [part.refusal for part in response.parts if part.type == "refusal"]
    if refusals:
        raise Declined("the model will not answer", calls=(call,))
    if response.status == "incomplete":
        details = response.incomplete_details
        if details is not None and details.reason == "content_filter":
            raise Declined("the provider's filter cut the answer", calls=(call,))
        raise CutShort("the answer was cut short", calls=(call,))
    if response.error is not None or response.status in ("failed", "cancelled"):
        code = response.error.code if response.error else None
        raise _failure(code, call)
    return "".join(
        part.text or "" for part in response.parts if part.type == "output_text"
    )


def _failure(code: str | None, call: Call) -> ReaderUnavailable:
    if code == "rate_limit_exceeded":
        return RateLimited("the model is overloaded", calls=(call,))
    if code in (None, "server_error"):
        return ServerFailed("the model failed", calls=(call,))
    return Rejected(f"the request was refused: {code}", calls=(call,))


def _refusal(error: openai.APIStatusError) -> ReaderUnavailable:
    status = error.status_code
    words = f"{status} {error.code or ''}".strip()
    wait = _retry_after(error.response.headers)
    if status == _TOO_MANY:
        kind = NoCredit if error.code in _NO_CREDIT else RateLimited
        return kind(words, retry_after=wait)
    if status >= _SERVER_ERROR or status in _PASSING:
        return ServerFailed(words, retry_after=wait)
    if status in _MISCONFIGURED:
        return Unauthorised(words)
    return Rejected(words)


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Return how long a server wants us to wait: in seconds, or milliseconds."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) * unit
        except ValueError:
            continue
        if 0 <= seconds <= _LONGEST_WAIT:
            return timedelta(seconds=seconds)
    return None
