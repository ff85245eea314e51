"""What is true of every face: keys, envelopes, addresses, methods, bodies, limits."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from bot.serving import bind, listening
from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoint, Endpoints
from bot.web.api.face import NATIVE, Face, KeyPlace
from bot.web.api.models import Shown
from bot.web.api.roles import EVERYBODY
from bot.web.api.running import route
from bot.web.describing import document
from bot.web.faces.registry import FACE_ENDPOINTS, FACES
from bot.web.keys import LIMITER, RUNTIME
from bot.web.limiting import Limiter
from tests.api import Answer, Api, Caller, open_api


def address(endpoint: Endpoint) -> str:
    """Return the endpoint's address, with ids that nobody has."""

    def place(found: re.Match[str]) -> str:
        schema = endpoint.places[found[1]].json_schema()
        return "404404" if schema["type"] == "integer" else "nothing"

    return re.sub(r"\{(\w+)\}", place, endpoint.path)


def sent(endpoint: Endpoint) -> Any:
    if endpoint.body is None:
        return None
    return endpoint.body.model_json_schema()["examples"][0]


def with_bodies() -> Iterator[Endpoint]:
    return (each for each in FACE_ENDPOINTS if each.body is not None)


async def call(
    api: Api,
    face: Face,
    method: str,
    path: str,
    body: Any = None,
    *,
    key: str | None = "co_test_key_admin",
    **headers: str,
) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if key is not None:
        named[face.keys[0].header] = face.keys[0].written(key)
    return await api.nobody(method, path, body, headers=named)


def refused(answer: Answer, face: Face, status: int) -> None:
    """Check that a refusal stands in the face's own envelope."""
    assert answer.status == status, answer.raw
    assert answer.headers["Content-Type"].partition(";")[0] == face.media_type
    face.error.model_validate_json(answer.raw)
    assert answer.headers["Cache-Control"] == "no-store"


every_face = pytest.mark.parametrize("face", FACES, ids=lambda face: face.name)
every_operation = pytest.mark.parametrize(
    "endpoint", FACE_ENDPOINTS, ids=lambda each: each.name
)


def test_faces_share_no_address_with_each_other_or_with_us() -> None:
    owners = (NATIVE, *FACES)
    for endpoint in FACE_ENDPOINTS:
        assert endpoint.face.owns(endpoint.path)
        owning = [face for face in owners if face.owns(endpoint.path)]
        assert owning == [endpoint.face]


def test_every_operation_of_a_face_is_in_the_one_description() -> None:
    paths: Any = document()["paths"]
    for endpoint in FACE_ENDPOINTS:
        operation = paths[endpoint.path][endpoint.method.lower()]
        assert operation["tags"] == [endpoint.face.name]
        assert operation["security"] == [{p.name: []} for p in endpoint.face.keys]
        told = {str(endpoint.face.status(kind).value) for kind in endpoint.problems} | {
            str(endpoint.status.value)
        }
        assert set(operation["responses"]) == told


@every_operation
async def test_nobody_gets_in_without_a_key(faces: Api, endpoint: Endpoint) -> None:
    face = endpoint.face
    for key in (None, "co_nobody", "\N{SNOWMAN}"):
        answer = await call(faces, face, endpoint.method, address(endpoint), key=key)
        refused(answer, face, face.status_of("unauthorized"))
        assert face.keys[0].header in answer.raw.decode()


@every_operation
async def test_what_nobody_has_is_not_found(faces: Api, endpoint: Endpoint) -> None:
    if not endpoint.places:
        return
    answer = await call(
        faces, endpoint.face, endpoint.method, address(endpoint), sent(endpoint)
    )
    refused(answer, endpoint.face, 404)


@every_face
async def test_an_address_below_a_face_that_is_none_is_its_404(
    faces: Api, face: Face
) -> None:
    for prefix in face.prefixes:
        path = f"{prefix}/no/such/address/at/all"
        refused(await call(faces, face, "GET", path), face, 404)


@every_operation
async def test_another_method_is_405_and_says_which_go(
    faces: Api, endpoint: Endpoint
) -> None:
    answer = await call(faces, endpoint.face, "PATCH", address(endpoint), {})
    refused(answer, endpoint.face, 405)
    assert endpoint.method in answer.headers["Allow"]


BAD_BODIES = {
    "no JSON": b"{",
    "nothing": b"",
    "no UTF-8": b'{"a": "\xff"}',
    "half an emoji": b'{"a": "\\ud800"}',
    "no number": b'{"a": NaN}',
    "deep brackets": b"[" * 100_000,
    "a list": b"[]",
    "null": b"null",
    "a text": b'"text"',
}


@pytest.mark.parametrize("name", BAD_BODIES)
async def test_a_body_that_cannot_be_is_the_faces_400(faces: Api, name: str) -> None:
    for endpoint in with_bodies():
        face = endpoint.face
        answer = await call(
            faces, face, endpoint.method, address(endpoint), BAD_BODIES[name]
        )
        expected = {
            face.status_of("malformed-request"),
            face.status_of("invalid-request"),
        }
        assert answer.status in expected, (endpoint.name, answer.raw)
        refused(answer, face, answer.status)


async def test_nul_characters_are_refused_and_named(faces: Api) -> None:
    for endpoint in with_bodies():
        whole = json.dumps(sent(endpoint))
        text = next(iter(re.findall(r'": "(\w)', whole)))
        body = whole.replace(f'": "{text}', f'": "\\u0000{text}', 1).encode()
        answer = await call(
            faces, endpoint.face, endpoint.method, address(endpoint), body
        )
        refused(answer, endpoint.face, endpoint.face.status_of("invalid-request"))


async def test_another_media_type_is_415(faces: Api) -> None:
    for endpoint in with_bodies():
        answer = await call(
            faces,
            endpoint.face,
            endpoint.method,
            address(endpoint),
            b"<order/>",
            Content_Type="application/xml",
        )
        refused(answer, endpoint.face, 415)


async def test_a_body_beyond_the_limit_is_413(faces: Api) -> None:
    much = b'{"a": "' + b"x" * faces.runtime.settings.body_limit_bytes + b'"}'
    for endpoint in with_bodies():
        answer = await call(
            faces, endpoint.face, endpoint.method, address(endpoint), much
        )
        refused(answer, endpoint.face, 413)


async def test_who_calls_too_often_waits(sqlite_url: str) -> None:
    async with open_api(sqlite_url, api_limit_per_key=1) as api:
        for face in FACES:
            endpoint = next(e for e in FACE_ENDPOINTS if e.face is face)
            await call(api, face, endpoint.method, address(endpoint))
            answer = await call(api, face, endpoint.method, address(endpoint))
            refused(answer, face, 429)
            assert int(answer.headers["Retry-After"]) >= 1


# -- a face of a test -----------------------------------------------------------------


def test_a_key_stands_where_the_face_says() -> None:
    plain, bare = KeyPlace("a", "api-key"), KeyPlace("b", "Authorization")
    bearer = KeyPlace("c", "Authorization", "Bearer")
    assert plain.found({"api-key": " k "}) == "k"
    assert bare.found({"Authorization": "k"}) == "k"
    assert bearer.found({"Authorization": "bearer k"}) == "k"
    assert bearer.found({"Authorization": "k"}) is None
    assert plain.found({}) is None
    assert [each.written("k") for each in (plain, bearer)] == ["k", "Bearer k"]


async def test_a_bug_is_the_faces_500_with_an_id_and_no_more(faces: Api) -> None:
    face = replace(FACES[0], name="toy")
    toys = Endpoints("toys", "For tests.", face)

    async def a_bug(call: Call) -> Shown:
        raise RuntimeError(f"the secret of {call.tenant_id}")

    toys.get("/toys", roles=EVERYBODY)(a_bug)
    app = web.Application()
    app[RUNTIME] = faces.runtime
    app[LIMITER] = Limiter(None, faces.runtime.clock)
    app.add_routes(route(each) for each in toys.declared)
    async with listening(app, bind("127.0.0.1", 0)) as port:
        url = f"http://127.0.0.1:{port}"
        caller: Caller = replace(faces.nobody, url=url)
        headers = {face.keys[0].header: face.keys[0].written("co_test_key_admin")}
        answer = await caller("GET", "/toys", headers=headers)
    refused(answer, face, 500)
    assert b"secret" not in answer.raw
    assert b"err_" in answer.raw
