"""What a request says, read and checked before anything is done."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from typing import TypeVar, get_origin

import pydantic_core
from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from pydantic import BaseModel, ValidationError

from bot.channels.cleaning import clean
from bot.web.api.call import Upload
from bot.web.api.endpoint import Endpoint
from bot.web.api.problems import (
    INVALID,
    MALFORMED,
    TOO_LARGE,
    TOO_SLOW,
    WRONG_MEDIA_TYPE,
    Problem,
    invalid,
    not_found,
)
from bot.web.body import read_body
from bot.web.keys import RUNTIME

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
#: More mistakes than these are not listed.
_MISTAKES = 50
#: They may also stand in a text.
_NO_NUMBERS = (b"NaN", b"Infinity")
_CHUNK = 64 * 1024
_LONGEST_NAME = 200
#: A file whose own name cannot be read.
_UNREADABLE = "file"
#: pydantic's kinds of mistakes that can be said in fewer words.
_WORDS = {"missing": "is required", "extra_forbidden": "is not a field here"}
#: What neither database can store; a text that has it is refused, not changed.
_NUL = "\0"


def places_of(endpoint: Endpoint, request: web.Request) -> dict[str, object]:
    """Return the ids of the path. What cannot be an id is one that nobody has."""
    found: dict[str, object] = {}
    for name, kind in endpoint.places.items():
        value = request.match_info[name]
        missing = not_found(name.removesuffix("_id").replace("_", " "), value)
        if _NUL in value:
            raise missing
        try:
            found[name] = kind.validate_strings(value)
        except ValidationError:
            raise missing from None
    return found


def query_of(endpoint: Endpoint, request: web.Request) -> BaseModel | None:
    """Return the query, checked. Raises Problem naming what is wrong."""
    if endpoint.query is None:
        _check_names({}, request, is_open=False)
        return None
    return query_in(endpoint.query, request)


def query_in(model: type[M], request: web.Request) -> M:
    """Return the query as a model has it. Raises Problem naming what is wrong."""
    fields = model.model_fields
    _check_names(fields, request, is_open=model.model_config.get("extra") == "ignore")
    values: dict[str, object] = {}
    for name in dict.fromkeys(each for each in request.query if each in fields):
        texts = request.query.getall(name)
        if any(_NUL in text for text in texts):
            raise invalid(name, "must not contain NUL characters")
        many = get_origin(fields[name].annotation) in {list, tuple}
        if len(texts) > 1 and not many:
            raise invalid(name, "give it once")
        values[name] = texts if many else texts[0]
    try:
        return model.model_validate_strings(values)
    except ValidationError as error:
        raise _mistakes(error, values) from None


def _check_names(
    fields: Mapping[str, object], request: web.Request, *, is_open: bool
) -> None:
    for name in request.query:
        if name not in fields and not is_open:
            known = ", ".join(sorted(fields)) or "none"
            raise invalid(name, f"is not a parameter here; there are: {known}")


def idempotency_key_of(endpoint: Endpoint, request: web.Request) -> str | None:
    """Return the Idempotency-Key of a call that takes one."""
    key = request.headers.get("Idempotency-Key")
    if key is None or not endpoint.takes_key:
        return None
    if not _KEY.fullmatch(key):
        raise Problem(
            MALFORMED,
            "Idempotency-Key: give 1 to 200 printable ASCII characters without spaces",
        )
    return key


async def body_of(
    endpoint: Endpoint, request: web.Request
) -> tuple[BaseModel | None, bytes]:
    """Return the body, checked, and its bytes."""
    model = endpoint.body
    if model is None or not (endpoint.body_required or request.can_read_body):
        return None, b""
    if request.can_read_body:
        _check_media_type(endpoint, request)
    raw = await read_body(request)
    if not raw.strip():
        if endpoint.body_required:
            raise Problem(MALFORMED, "the body is empty: send a JSON object")
        return None, raw
    return _validated(model, raw), raw


def _check_media_type(endpoint: Endpoint, request: web.Request) -> None:
    kind, charset = request.content_type.lower(), request.charset
    if "Content-Type" not in request.headers or kind not in endpoint.accepts:
        wanted = " or ".join(endpoint.accepts)
        raise Problem(WRONG_MEDIA_TYPE, f"send the body with `Content-Type: {wanted}`")
    if charset is not None and charset.lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise Problem(WRONG_MEDIA_TYPE, f"the charset is {charset!r}: send UTF-8")


def _validated(model: type[M], raw: bytes) -> M:
    if any(word in raw for word in _NO_NUMBERS):
        _check_numbers(raw)
    try:
        given = model.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        if first["type"] == "json_invalid":
            why = first["msg"].removeprefix("Invalid JSON: ")
            raise Problem(MALFORMED, f"the body is not JSON: {why}") from None
        raise _mistakes(error, pydantic_core.from_json(raw)) from None
    if b"\\u0000" in raw:  # It may be an escaped backslash.
        where = _nul_in(pydantic_core.from_json(raw))
        if where is not None:
            raise invalid(_joined(where), "must not contain NUL characters")
    return given


def _check_numbers(raw: bytes) -> None:
    """Raise Problem when a number is none: Python's JSON has more than JSON has."""
    try:
        pydantic_core.from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise Problem(MALFORMED, f"the body is not JSON: {error}") from None


def _nul_in(value: object) -> tuple[object, ...] | None:
    """Return where a text has a NUL, None when none has."""
    match value:
        case str() if _NUL in value:
            return ()
        case dict():
            parts = list(value.items())
        case list():
            parts = list(enumerate(value))
        case _:
            return None
    for key, part in parts:
        if isinstance(key, str) and _NUL in key:
            return (key,)
        inside = _nul_in(part)
        if inside is not None:
            return key, *inside
    return None


def _mistakes(error: ValidationError, given: object) -> Problem:
    """Return the answer that names every field that is wrong."""
    errors = [
        {
            "field": _joined(
                _place(each["loc"], given, is_missing=each["type"] == "missing")
            ),
            "message": _WORDS.get(each["type"])
            or each["msg"].removeprefix("Value error, "),
        }
        for each in error.errors(include_url=False, include_context=False)
    ]
    first = errors[0]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return Problem(
        INVALID,
        f"{first['field']}: {first['message']}{more}",
        {"errors": errors[:_MISTAKES]},
    )


def _place(where: Sequence[object], given: object, *, is_missing: bool) -> list[object]:
    """Return a place without the names of variants, which only pydantic knows."""
    found: list[object] = []
    for part in where:
        match given:
            case dict() if part in given:
                given = given[part]
            case list() if isinstance(part, int) and 0 <= part < len(given):
                given = given[part]
            case _ if not (is_missing and part is where[-1]):
                continue
        found.append(part)
    return found


def _joined(where: Sequence[object]) -> str:
    return ".".join(str(part) for part in where) or "body"


# -- files ----------------------------------------------------------------------------


#: How a body ends that is not what it says, or does not arrive.
_BROKEN = (ValueError, ConnectionError, web.RequestPayloadError, HttpProcessingError)


async def upload_of(endpoint: Endpoint, request: web.Request) -> Upload:
    """Return the file of a body: the body itself, or the first file of a form."""
    if not request.can_read_body:
        raise Problem(MALFORMED, "the body is empty: send a file")
    _check_media_type(endpoint, request)
    if request.content_type != "multipart/form-data":
        return Upload(request.content_type, None, _body_chunks(request))
    try:
        reader = await request.multipart()
        async for part in reader:
            name = _filename(part) if isinstance(part, BodyPartReader) else None
            if isinstance(part, BodyPartReader) and name is not None:
                kind = part.headers.get("Content-Type", "application/octet-stream")
                return Upload(kind, name, _part_chunks(reader, part, request))
    except _BROKEN:
        raise Problem(MALFORMED, "the form cannot be read, or broke off") from None
    raise Problem(MALFORMED, "the form has no file: send one part with a filename")


def _filename(part: BodyPartReader) -> str | None:
    """Return the name of a file, fit to be stored; None for a part that is no file."""
    try:
        name = part.filename
    except UnicodeError:
        return _UNREADABLE
    return None if name is None else clean(name, _LONGEST_NAME) or _UNREADABLE


async def _body_chunks(request: web.Request) -> AsyncIterator[bytes]:
    while chunk := await _in_time(request, request.content.read(_CHUNK)):
        yield chunk


async def _part_chunks(
    form: MultipartReader, part: BodyPartReader, request: web.Request
) -> AsyncIterator[bytes]:
    while chunk := await _in_time(request, part.read_chunk(_CHUNK)):
        yield chunk
    # A form that broke off ends its file too, as if it were complete.
    while await _in_time(request, form.next()) is not None:
        pass


async def _in_time(request: web.Request, reading: Awaitable[T]) -> T:
    """Return what was read; each step has the time that a whole JSON body has."""
    seconds = request.app[RUNTIME].settings.body_timeout_seconds
    try:
        async with asyncio.timeout(seconds):
            return await reading
    except TimeoutError:
        raise Problem(TOO_SLOW, "the file took too long") from None
    except _BROKEN:
        raise Problem(MALFORMED, "the file broke off") from None


# -- what went wrong below ------------------------------------------------------------

_KINDS = {408: TOO_SLOW, 413: TOO_LARGE, 415: WRONG_MEDIA_TYPE}


def as_problem(error: web.HTTPException, *, headers: Mapping[str, str]) -> Problem:
    """Return what the server itself refused, in the API's words."""
    kind = _KINDS.get(error.status, MALFORMED)
    return Problem(kind, (error.text or error.reason).strip(), headers=headers)
