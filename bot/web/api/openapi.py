"""The API's description, OpenAPI 3.1, made from the endpoints themselves."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version

import pydantic_core
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from bot.web.api.endpoint import JSON, Endpoint, Endpoints
from bot.web.api.face import BEARER, NATIVE, Face, KeyPlace
from bot.web.api.problems import KINDS, MEDIA_TYPE, Kind, Problem, ProblemView
from bot.web.api.roles import EVERYBODY

Object = dict[str, object]
#: What ids begin with, where that is not the name of the thing.
_PREFIXES = {
    "channel": "chn",
    "contact": "con",
    "conversation": "cnv",
    "draft": "drf",
    "message": "msg",
    "order": "ord",
    "tenant": "tnt",
}
#: Kinds that say when to come again.
_WAITS = frozenset({"too-many-requests", "unavailable"})
#: The moment of examples.
_THEN = datetime(2026, 11, 22, 12, tzinfo=UTC)
_ABOUT = """\
Everything that the console does, for programs. A key fixes the shop: it sees the
things of its own shop only, and another shop's id is answered like one that does not
exist.

* Send the key as `Authorization: Bearer KEY`.
* Lists answer `{"data": [...], "total": n}`.
* Money is `{"amount": "12.50", "currency": "TRY"}`, quantities are decimal texts,
  moments are ISO 8601 in UTC.
* Send `Idempotency-Key` with a POST that must not happen twice. For 24 hours the same
  call gets the same answer, with the header `Idempotent-Replay: true`.
* Errors are problem details (RFC 9457), described under `/docs/errors`.
* Answers say in `RateLimit-Remaining` how many calls are left in this minute.
"""
#: (model, how it is used) -> its name under `components/schemas`.
_Names = Mapping[tuple[object, str], Mapping[str, object]]


def describe(endpoints: Sequence[Endpoint], subjects: Sequence[Endpoints]) -> Object:
    """Return the description of these endpoints."""
    found, schemas = models_json_schema(
        sorted(_models(endpoints), key=lambda each: (each[0].__name__, each[1])),
        ref_template="#/components/schemas/{model}",
    )
    names: _Names = {(each[0], each[1]): ref for each, ref in found.items()}
    paths: dict[str, Object] = {}
    for each in endpoints:
        operations = paths.setdefault(each.path, {})
        operations[each.method.lower()] = _operation(each, names)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "chatorder",
            "version": version("chatorder"),
            "description": _ABOUT,
        },
        "tags": [{"name": each.tag, "description": each.about} for each in subjects],
        "security": [{BEARER.name: []}],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                place.name: dict(place.security) for place in _key_places(endpoints)
            },
            "responses": {kind.name: _problem(kind, names) for kind in KINDS},
            "headers": _HEADERS,
        },
    }


def _models(
    endpoints: Sequence[Endpoint],
) -> set[tuple[type[BaseModel], JsonSchemaMode]]:
    found: set[tuple[type[BaseModel], JsonSchemaMode]] = {
        (ProblemView, "serialization")
    }
    for each in endpoints:
        found.add((each.face.error, "serialization"))
        if each.body:
            found.add((each.body, "validation"))
        if each.answer:
            found.add((each.answer, "serialization"))
    return found


def _key_places(endpoints: Sequence[Endpoint]) -> Sequence[KeyPlace]:
    """Return every place in which keys are looked for, the native one first."""
    found = (place for each in endpoints for place in each.face.keys)
    return tuple(dict.fromkeys((BEARER, *found)))


def _operation(endpoint: Endpoint, names: _Names) -> Object:
    operation: Object = {
        "operationId": endpoint.name,
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "description": _described(endpoint),
        "x-roles": sorted(endpoint.roles),
        "parameters": [*_places(endpoint), *_query(endpoint), *_key(endpoint)],
        "responses": {
            str(endpoint.status.value): _success(endpoint, names),
            **_problems(endpoint, names),
        },
    }
    if endpoint.face is not NATIVE:
        operation["security"] = [{place.name: []} for place in endpoint.face.keys]
    body = _body(endpoint, names)
    return operation if body is None else {**operation, "requestBody": body}


def _described(endpoint: Endpoint) -> str:
    everybody = endpoint.roles == EVERYBODY
    who = "any role" if everybody else ", ".join(sorted(endpoint.roles))
    return "\n\n".join(
        part for part in (endpoint.description, f"Roles: {who}.") if part
    )


def _places(endpoint: Endpoint) -> list[Object]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"examples": [sample_id(name)], **kind.json_schema()},
        }
        for name, kind in endpoint.places.items()
    ]


def sample_id(name: str) -> str:
    """Return what the id of that name may look like."""
    what = name.removesuffix("_id")
    return f"{_PREFIXES.get(what, what)}_01k9wz8qg6f1t0m3v5x7z9b2d4"


def _query(endpoint: Endpoint) -> list[Object]:
    if endpoint.query is None:
        return []
    # Enums and the like stand in the place: a parameter has no components of its own.
    schema = endpoint.query.model_json_schema()
    needed = schema.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in needed,
            "description": each.pop("description", ""),
            "schema": _inlined(each, schema.get("$defs", {})),
        }
        for name, each in schema.get("properties", {}).items()
    ]


def _inlined(schema: object, known: Mapping[str, object]) -> object:
    """Return a schema with what it refers to in its place; absent means null here."""
    if isinstance(schema, list):
        return [_inlined(part, known) for part in schema]
    if not isinstance(schema, dict):
        return schema
    rest: Object = dict(schema)
    ref, choices = rest.pop("$ref", None), rest.get("anyOf")
    if isinstance(ref, str):
        return _inlined({**_object(known[ref.rpartition("/")[2]]), **rest}, known)
    if isinstance(choices, list) and choices[1:] == [{"type": "null"}]:
        del rest["anyOf"]
        if rest.get("default", "") is None:
            del rest["default"]
        return _inlined({**_object(choices[0]), **rest}, known)
    return {name: _inlined(part, known) for name, part in rest.items()}


def _object(value: object) -> Object:
    return value if isinstance(value, dict) else {}


def _key(endpoint: Endpoint) -> list[Object]:
    if not endpoint.takes_key:
        return []
    return [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "The same key and call have their effect once in 24 hours.",
            "schema": {"type": "string", "pattern": r"^[\x21-\x7e]{1,200}$"},
        }
    ]


def _body(endpoint: Endpoint, names: _Names) -> Object | None:
    if endpoint.upload:
        file: Object = {"type": "string", "format": "binary"}
        form: Object = {
            "type": "object",
            "properties": {"file": file},
            "required": ["file"],
        }
        return {
            "required": True,
            "content": {
                kind: {"schema": form if kind == "multipart/form-data" else file}
                for kind in endpoint.accepts
            },
        }
    if endpoint.body is None:
        return None
    return {
        "required": endpoint.body_required,
        "content": {JSON: {"schema": dict(names[endpoint.body, "validation"])}},
    }


def _success(endpoint: Endpoint, names: _Names) -> Object:
    headers: Object = {name: _header(name) for name in _HEADERS if "Rate" in name}
    if endpoint.takes_key:
        headers["Idempotent-Replay"] = _header("Idempotent-Replay")
    answer: Object = {"description": endpoint.status.phrase, "headers": headers}
    if endpoint.answer is not None:
        schema = dict(names[endpoint.answer, "serialization"])
        answer["content"] = {JSON: {"schema": schema}}
    elif endpoint.downloads:
        answer["content"] = {kind: {} for kind in endpoint.downloads}
    return answer


def _problems(endpoint: Endpoint, names: _Names) -> Object:
    """Return the answers by status; several kinds of one status share an answer."""
    face = endpoint.face
    by_status: dict[str, list[Kind]] = {}
    for kind in endpoint.problems:
        by_status.setdefault(str(face.status(kind).value), []).append(kind)
    return {
        status: _ref("responses", kinds[0].name)
        if len(kinds) == 1 and face is NATIVE
        else _several(face, kinds, names)
        for status, kinds in sorted(by_status.items())
    }


def _several(face: Face, kinds: Sequence[Kind], names: _Names) -> Object:
    answer: Object = {
        "description": " ".join(f"`{k.name}`: {k.means}" for k in kinds),
        "content": {
            face.media_type: {
                "schema": dict(names[face.error, "serialization"]),
                "examples": {k.name: {"value": _said(face, k)} for k in kinds},
            }
        },
    }
    if any(kind.name in _WAITS for kind in kinds):
        answer["headers"] = {"Retry-After": _header("Retry-After")}
    return answer


def _said(face: Face, kind: Kind) -> object:
    problem = Problem(kind, kind.means)
    said = face.said(face.refusal(problem, at=_THEN, id=sample_id("err")))
    return pydantic_core.to_jsonable_python(said)


def _problem(kind: Kind, names: _Names) -> Object:
    answer: Object = {
        "description": f"{kind.means} {kind.remedy}",
        "content": {
            MEDIA_TYPE: {
                "schema": dict(names[ProblemView, "serialization"]),
                "example": _said(NATIVE, kind),
            }
        },
    }
    if kind.name in _WAITS:
        answer["headers"] = {"Retry-After": _header("Retry-After")}
    return answer


def _ref(where: str, name: str) -> Object:
    return {"$ref": f"#/components/{where}/{name}"}


def _header(name: str) -> Object:
    return _ref("headers", name)


def _number(description: str) -> Object:
    return {"description": description, "schema": {"type": "integer"}}


_HEADERS: Mapping[str, Object] = {
    "RateLimit-Limit": _number("Calls a minute, of the tighter limit."),
    "RateLimit-Remaining": _number("Calls that are left."),
    "RateLimit-Reset": _number("Seconds until all of them are there again."),
    "RateLimit-Policy": {
        "description": "The limit and its window in seconds.",
        "schema": {"type": "string", "examples": ["600;w=60"]},
    },
    "Retry-After": _number("Seconds to wait."),
    "Idempotent-Replay": {
        "description": "`true`: this is the answer of the first call.",
        "schema": {"type": "string"},
    },
}
