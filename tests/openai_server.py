"""A server that speaks OpenAI's Responses and transcription protocols, for tests.

It holds every request to what the protocol and strict structured outputs demand, says
what it is told to say, and remembers what it heard.
"""

import asyncio
import json
import math
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from bot.domain.understanding import Act, Detail, Intent
from bot.reading.openai.answer import Answer
from tests.graph_api import BreakOff, Drop, Hang, Say
from tests.standin import served

KEY = "sk-test-of-the-openai-reader"
#: What strict structured outputs know of JSON Schema, of what we use.
_KEYWORDS = {
    *("type", "properties", "required", "additionalProperties", "items", "enum"),
    *("anyOf", "description"),
}
_TYPES = {"object", "array", "string", "number", "integer", "boolean", "null"}
_PARTS = {
    "input_text": {"text"},
    "input_image": {"image_url", "detail"},
    "input_file": {"filename", "file_data"},
}


@dataclass(frozen=True)
class Asked:
    """A request of the Responses API."""

    body: Mapping[str, Any]

    @property
    def document(self) -> Any:
        """Return the JSON document that the model is shown."""
        return json.loads(self.parts[0]["text"])

    @property
    def parts(self) -> Sequence[Mapping[str, Any]]:
        parts: Sequence[Mapping[str, Any]] = self.body["input"][0]["content"]
        return parts

    @property
    def pictures(self) -> Sequence[str]:
        return [p["image_url"] for p in self.parts if p["type"] == "input_image"]

    @property
    def text(self) -> str:
        """Return everything in words that leaves the house."""
        texts = [part["text"] for part in self.parts if "text" in part]
        return "\n".join((self.body["instructions"], *texts))


@dataclass(frozen=True)
class Heard:
    """A request of the transcription API."""

    fields: Mapping[str, Sequence[str]]
    filename: str
    sound: bytes


@dataclass(frozen=True)
class Drip:
    """Send an answer that never ends, a little at a time."""

    pause: float = 0.02


Behaviour = Say | Drop | Hang | BreakOff | Drip
Mind = Callable[[Asked], Mapping[str, Any]]


@dataclass
class OpenAIServer:
    """Answers with what was queued, then with what its `mind` makes of a request."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    queue: deque[Behaviour] = field(default_factory=deque)
    always: Say | None = None  #: Said to everything, until it is None again.
    mind: Mind = field(default_factory=lambda: lambda _: answer())
    speech: Callable[[Heard], str] = field(default_factory=lambda: lambda _: "")
    pace: float = 0.5  #: Seconds that each word takes, for models that tell times.
    usage: Mapping[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def will(self, *behaviours: Behaviour) -> None:
        self.queue.extend(behaviours)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/v1/responses", self._responses)
        app.router.add_post("/v1/audio/transcriptions", self._transcriptions)
        return app

    async def _responses(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        try:
            check_headers(request)
            check_request(body)
        except AssertionError as problem:
            self.problems.append(str(problem))
            return web.json_response(
                failure("invalid_request", str(problem)), status=400
            )
        asked = Asked(body)
        self.asked.append(asked)
        if self.always is not None:
            self.queue.append(self.always)
        if self.queue:
            return await self._behave(request)
        said = Answer.model_validate(self.mind(asked)).model_dump(mode="json")
        return web.json_response(response(json.dumps(said), usage=self.usage or used()))

    async def _transcriptions(self, request: web.Request) -> web.StreamResponse:
        fields: dict[str, list[str]] = {}
        filename, sound = "", b""
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            if part.name == "file":
                filename, sound = part.filename or "", bytes(await part.read())
            else:
                fields.setdefault(str(part.name), []).append(await part.text())
        heard = Heard(fields, filename, sound)
        self.heard.append(heard)
        try:
            check_transcription(heard)
        except AssertionError as problem:
            self.problems.append(str(problem))
            return web.json_response(
                failure("unsupported_value", str(problem)), status=400
            )
        if self.queue:
            return await self._behave(request)
        return web.json_response(transcription(heard, self.speech(heard), self.pace))

    async def _behave(self, request: web.Request) -> web.StreamResponse:
        behaviour = self.queue.popleft()
        match behaviour:
            case Say(status, body, headers):
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                return web.Response(
                    status=status,
                    body=data,
                    headers=headers,
                    content_type="application/json",
                )
            case Hang():
                await self.over.wait()
            case Drip(pause):
                return await self._drip(request, pause)
            case BreakOff(body, promised, status):
                reply = web.StreamResponse(status=status)
                reply.content_length = promised
                await reply.prepare(request)
                await reply.write(body)
            case Drop():
                pass
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _drip(self, request: web.Request, pause: float) -> web.StreamResponse:
        reply = web.StreamResponse()
        await reply.prepare(request)
        try:
            while not self.over.is_set():
                await reply.write(b" ")
                await asyncio.sleep(pause)
        except ConnectionResetError:
            pass  # The reader had enough.
        return reply


@asynccontextmanager
async def openai_server() -> AsyncIterator[OpenAIServer]:
    """Run one on 127.0.0.1. Fails when a request was not what the protocol demands."""
    server = OpenAIServer()
    async with served(server.app()) as url:
        server.url = f"{url}/v1"
        try:
            yield server
        finally:
            server.over.set()
    assert not server.problems


def settings_for(server: OpenAIServer, **changes: Any) -> dict[str, Any]:
    """Return the settings of a house that asks this server."""
    return {"openai_api_key": KEY, "openai_base_url": server.url, **changes}


# -- what it says ---------------------------------------------------------------------


def answer(**parts: Any) -> dict[str, Any]:
    """Return a whole answer; without parts, one that understood nothing."""
    return {
        "images": [],
        "mentions": [],
        "details": [],
        "pick": None,
        "intents": [],
        "language": "en",
        "color": None,
        "size": None,
        "sentiment": "neutral",
        "priority": "normal",
        "summary": "",
        "suggested_reply": None,
        "confidence": 0.9,
        **parts,
    }


def mention(quote: str, text: str, quantity: float | None = None, **more: Any) -> Any:
    """Return a product that is said in words of message 0."""
    return {
        "message": 0,
        "quote": quote,
        "where": "text",
        "box": None,
        "act": Act.ADD,
        "text": text,
        "candidate": None,
        "quantity": quantity,
        "unit": None,
        "options": [],
        "line": None,
        "replaces": None,
        "note": None,
        "asks": None,
        "facts": [],
        "confidence": 0.95,
        **more,
    }


def intent(kind: Intent, quote: str, message: int = 0) -> Any:
    return {"intent": kind, "message": message, "quote": quote}


def detail(kind: Detail, value: str, quote: str | None = None, message: int = 0) -> Any:
    said = value if quote is None else quote
    return {"detail": kind, "value": value, "message": message, "quote": said}


def image(message: int = 0, *, readable: bool = True, **seen: Any) -> Any:
    """Return what was seen in a picture; `seen` may name attributes."""
    about = {name: seen.pop(name, "") for name in ("description", "query")}
    kinds = ("product_type", "color", "model", "pattern", "material", "brand")
    more = ("visible_text", "style", "shape", "other_features")
    attributes = {name: seen.get(name) for name in (*kinds, *more)}
    return {"message": message, "readable": readable, **about, "attributes": attributes}


def used(fresh: int = 400, cached: int = 1600, output: int = 200) -> dict[str, Any]:
    return {
        "input_tokens": fresh + cached,
        "input_tokens_details": {"cached_tokens": cached},
        "output_tokens": output,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": fresh + cached + output,
    }


def response(text: str, **changes: Any) -> dict[str, Any]:
    """Return a body of the Responses API that says a text."""
    part = {"type": "output_text", "text": text, "annotations": []}
    message = {
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "status": "completed",
        "content": [part],
    }
    return {
        "id": "resp_1",
        "object": "response",
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "output": [{"type": "reasoning", "id": "rs_1", "summary": []}, message],
        "usage": used(),
        **changes,
    }


def transcription(heard: Heard, text: str, pace: float) -> dict[str, Any]:
    """Return a body of the transcription API, in the format that was asked for."""
    words = text.split()
    seconds = pace * len(words)
    billed = {"type": "duration", "seconds": math.ceil(seconds)}
    segment = {"id": 0, "text": f" {text}", "start": 0.0, "end": seconds}
    match heard.fields["response_format"]:
        case ["verbose_json"]:
            told: dict[str, Any] = {
                "task": "transcribe",
                "language": "english",
                "duration": seconds,
                "segments": [segment],
                "words": [
                    {
                        "word": word.strip(".,!?"),
                        "start": number * pace,
                        "end": (number + 1) * pace,
                    }
                    for number, word in enumerate(words)
                ],
            }
        case ["diarized_json"]:
            said = {**segment, "type": "transcript.text.segment", "speaker": "A"}
            told = {"task": "transcribe", "duration": seconds, "segments": [said]}
        case _:
            return {"text": text}
    return {"text": text, **told, "usage": billed}


def refusal() -> dict[str, Any]:
    body = response("")
    body["output"][1]["content"] = [{"type": "refusal", "refusal": "I cannot do that."}]
    return body


def failure(code: str, message: str = "no") -> dict[str, Any]:
    return {"error": {"message": message, "type": "error", "code": code, "param": None}}


# -- what it demands ------------------------------------------------------------------


def check_headers(request: web.Request) -> None:
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert request.content_type == "application/json"


def check_request(body: Mapping[str, Any]) -> None:
    """Hold a request of the Responses API to its protocol."""
    assert isinstance(body["model"], str)
    assert body["model"]
    assert isinstance(body["instructions"], str)
    assert body["store"] is False, "what customers write is not to be kept"
    assert 0 < body["max_output_tokens"] <= 16_000
    assert "tools" not in body, "the model may only speak"
    (message,) = body["input"]
    assert message["role"] == "user"
    for part in message["content"]:
        wanted = _PARTS[part["type"]]
        assert set(part) == wanted | {"type"}, part["type"]
    wanted_format = body["text"]["format"]
    assert wanted_format["type"] == "json_schema"
    assert wanted_format["strict"] is True
    assert 0 < len(wanted_format["name"]) <= 64
    check_strict(wanted_format["schema"])


def check_transcription(heard: Heard) -> None:
    """Hold a request of the transcription API to its protocol."""
    assert "." in heard.filename, "the file's name tells its format"
    assert heard.sound
    (model,) = heard.fields["model"]
    (wanted,) = heard.fields["response_format"]
    is_whisper = model == "whisper-1"
    cuts = model.startswith("gpt-4o-transcribe-diarize")
    formats = {"json"}
    formats |= {"verbose_json"} if is_whisper else set()
    formats |= {"diarized_json"} if cuts else set()
    assert wanted in formats, f"{wanted} is not compatible with {model}"
    times = set(heard.fields.get("timestamp_granularities[]", ()))
    assert times <= {"word", "segment"}
    assert not times or wanted == "verbose_json", "times are told in verbose_json only"
    if cuts:
        assert heard.fields["chunking_strategy"] == ["auto"], "long ones must be cut"
    hints = heard.fields.keys() & {"languages[]", "keywords[]"}
    assert not hints or model.startswith("gpt-transcribe"), f"{model} takes no hints"


def check_strict(schema: Mapping[str, Any], depth: int = 1) -> None:
    """Hold a schema to what strict structured outputs allow."""
    assert depth <= 10, "nested too deep"
    assert set(schema) <= _KEYWORDS, set(schema) - _KEYWORDS
    if "anyOf" in schema:
        assert depth > 1, "the root is no object"
        for each in schema["anyOf"]:
            check_strict(each, depth + 1)
        return
    assert schema["type"] in _TYPES, schema
    if schema["type"] == "object":
        assert schema["additionalProperties"] is False
        assert sorted(schema["required"]) == sorted(schema["properties"])
        for each in schema["properties"].values():
            check_strict(each, depth + 1)
    if schema["type"] == "array":
        check_strict(schema["items"], depth + 1)
