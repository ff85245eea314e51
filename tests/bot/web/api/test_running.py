"""What the runner does for endpoints that answer files, take files, or go wrong."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from pydantic import ConfigDict, Field

from bot.inbox.api_table import audit, idempotency
from bot.serving import bind, listening
from bot.web.api.call import Call, Download, Upload
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Given, Id, Shown
from bot.web.api.problems import CONFLICT, TOO_LARGE, Problem
from bot.web.api.roles import EVERYBODY
from bot.web.api.running import route
from bot.web.keys import LIMITER, RUNTIME
from bot.web.limiting import Limiter
from tests.api import Answer, Api, Caller

toys = Endpoints("toys", "For tests of the runner.")
done: list[str] = []


class Toy(Shown):
    id: str
    size: int = 0


class ToyGiven(Given):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "x"}]})

    name: str = Field(max_length=20)


@toys.get("/v1/toys/bug", roles=EVERYBODY)
async def a_bug(call: Call) -> Toy:
    """Fail."""
    raise RuntimeError(f"the secret of {call.tenant_id}")


@toys.get("/v1/toys/stream", roles=EVERYBODY, downloads=("text/csv",))
async def a_stream(call: Call) -> Download:
    """Answer a file that is made while it is sent."""
    del call

    async def lines() -> AsyncIterator[bytes]:
        for number in range(3):
            await asyncio.sleep(0)
            yield f"line {number}\n".encode()

    return Download("text/csv", lines(), "ürünler 1.csv")


@toys.get("/v1/toys/{toy_id}", roles=EVERYBODY)
async def read_toy(call: Call, toy_id: Id) -> Toy:
    """Read a toy."""
    del call
    return Toy(id=toy_id)


@toys.post("/v1/toys", roles=EVERYBODY, status=201)
async def make_toy(call: Call, body: ToyGiven | None = None) -> Toy:
    """Make a toy."""
    call.note(colour="red")
    call.after_commit(lambda: done.append(f"rang for {body.name if body else None}"))
    call.after_commit(lambda: done[99])  # fails
    call.after_commit(_late)
    return Toy(id=call.new_id("toy"))


async def _late() -> None:
    done.append("waited")


@toys.post("/v1/toys/slow", roles=EVERYBODY, own_transaction=True, raises=(CONFLICT,))
async def slow_toy(call: Call, body: ToyGiven) -> Toy:
    """Do something slow first."""
    with pytest.raises(RuntimeError, match="own_transaction"):
        _ = call.connection
    done.append("slow")

    async def work(within: Call) -> Toy:
        assert within.connection.in_transaction()
        if body.name == "refuse":
            raise Problem(CONFLICT, "no")
        within.note(target="toy_slow")
        return Toy(id="toy_slow")

    return await call.transact(work)


@toys.post(
    "/v1/toys/file",
    roles=EVERYBODY,
    status=202,
    raises=(TOO_LARGE,),
    accepts=("text/csv", "multipart/form-data"),
)
async def toy_of_file(call: Call, upload: Upload) -> Toy:
    """Take a file."""
    size = 0
    async for chunk in upload.chunks():
        size += len(chunk)
        if size > 1_000_000:
            raise Problem(TOO_LARGE, "at most a megabyte")
    name = f"{upload.media_type} {upload.filename}"

    async def work(within: Call) -> Toy:
        within.note(size=size)
        return Toy(id=name, size=size)

    return await call.transact(work)


@toys.delete("/v1/toys/{toy_id}", roles=EVERYBODY)
async def drop_toy(call: Call, toy_id: Id) -> None:
    """Drop a toy."""
    del call, toy_id


@pytest.fixture
async def toy(quick_api: Api) -> AsyncIterator[Caller]:
    """Serve the toys on the database of the API."""
    done.clear()
    app = web.Application()
    app[RUNTIME] = quick_api.runtime
    app[LIMITER] = Limiter(None, quick_api.runtime.clock)
    app.add_routes(route(each) for each in toys.declared)
    async with listening(app, bind("127.0.0.1", 0)) as port:
        yield replace(quick_api.agent, url=f"http://127.0.0.1:{port}")


async def test_a_bug_shows_a_stranger_nothing(toy: Caller) -> None:
    answer = await toy.get("/v1/toys/bug")
    assert (answer.status, answer.kind) == (500, "internal-error")
    assert b"secret" not in answer.raw


async def test_a_file_may_be_made_while_it_is_sent(toy: Caller) -> None:
    answer = await toy.get("/v1/toys/stream")
    assert answer.raw == b"line 0\nline 1\nline 2\n"
    assert answer.headers["Content-Type"] == "text/csv"
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="_r_nler_1.csv";'
        " filename*=UTF-8''%C3%BCr%C3%BCnler%201.csv"
    )
    assert answer.headers["RateLimit-Limit"] == "600"


async def test_what_waits_for_the_commit_cannot_fail_the_call(toy: Caller) -> None:
    answer = await toy.post("/v1/toys", {"name": "car"})
    assert answer.status == 201
    assert done == ["rang for car", "waited"]


async def test_a_body_that_may_be_left_out_may_be_left_out(toy: Caller) -> None:
    assert (await toy.post("/v1/toys")).status == 201
    assert done[0] == "rang for None"
    wrong = await toy.post("/v1/toys", {"nome": "car"})
    assert (wrong.status, wrong.kind) == (422, "invalid-request")


async def test_the_audit_names_what_was_made(quick_api: Api, toy: Caller) -> None:
    made = await toy.post("/v1/toys", {"name": "car"})
    (row,) = await quick_api.entrance.rows(audit)
    assert (row.action, row.target) == ("make_toy", made.body["id"])
    assert row.details == {"colour": "red"}


async def test_nothing_to_say_is_said_with_204(quick_api: Api, toy: Caller) -> None:
    answer = await toy("DELETE", "/v1/toys/toy_1")
    assert (answer.status, answer.raw) == (204, b"")
    (row,) = await quick_api.entrance.rows(audit)
    assert (row.action, row.target) == ("drop_toy", "toy_1")


async def test_what_is_slow_is_not_done_twice_under_one_key(
    quick_api: Api, toy: Caller
) -> None:
    first = await toy.post("/v1/toys/slow", {"name": "x"}, idempotency_key="k")
    again = await toy.post("/v1/toys/slow", {"name": "x"}, idempotency_key="k")
    assert (first.status, again.raw) == (200, first.raw)
    assert done == ["slow"]
    (row,) = await quick_api.entrance.rows(audit)
    assert row.target == "toy_slow"


async def test_what_failed_in_its_own_transaction_leaves_nothing(
    quick_api: Api, toy: Caller
) -> None:
    answer = await toy.post("/v1/toys/slow", {"name": "refuse"}, idempotency_key="k")
    assert (answer.status, answer.kind) == (409, "conflict")
    assert await quick_api.entrance.rows(audit) == []
    assert await quick_api.entrance.rows(idempotency) == []


# -- files ----------------------------------------------------------------------------


async def test_a_file_is_taken_as_the_body_or_in_a_form(toy: Caller) -> None:
    raw = await toy(
        "POST", "/v1/toys/file", b"a,b\n" * 5, headers={"Content-Type": "text/csv"}
    )
    assert (raw.status, raw.body) == (202, {"id": "text/csv None", "size": 20})
    form = aiohttp.FormData()
    form.add_field("note", "not the file")
    form.add_field("file", b"a,b\n", filename="goods.csv", content_type="text/csv")
    answer = await sent(toy, form)
    assert answer.body == {"id": "text/csv goods.csv", "size": 4}


async def test_a_file_under_a_key_is_taken_once(toy: Caller) -> None:
    headers = {"Content-Type": "text/csv", "Idempotency-Key": "k"}
    first = await toy("POST", "/v1/toys/file", b"a,b\n", headers=headers)
    again = await toy("POST", "/v1/toys/file", b"a,b\n", headers=headers)
    other = await toy("POST", "/v1/toys/file", b"c,d\n", headers=headers)
    assert again.raw == first.raw
    assert again.headers["Idempotent-Replay"] == "true"
    assert (other.status, other.kind) == (422, "idempotency-key-reused")


BAD_FILES: dict[str, tuple[Any, str, int, str]] = {
    "none": (None, "text/csv", 400, "malformed-request"),
    "another form": (b"x", "application/json", 415, "unsupported-media-type"),
    "no boundary": (b"x", "multipart/form-data", 400, "malformed-request"),
    "broken form": (
        b"--b\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\nhalf",
        "multipart/form-data; boundary=b",
        400,
        "malformed-request",
    ),
    "a form without a file": (
        b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--\r\n",
        "multipart/form-data; boundary=b",
        400,
        "malformed-request",
    ),
    "too large": (b"x" * 1_100_000, "text/csv", 413, "body-too-large"),
}


@pytest.mark.parametrize("case", BAD_FILES)
async def test_a_bad_file_is_refused(toy: Caller, case: str) -> None:
    data, kind, status, problem = BAD_FILES[case]
    answer = await toy("POST", "/v1/toys/file", data, headers={"Content-Type": kind})
    assert (answer.status, answer.kind) == (status, problem)


async def sent(caller: Caller, form: aiohttp.FormData) -> Answer:
    async with caller.session.post(
        f"{caller.url}/v1/toys/file",
        data=form,
        headers={"Authorization": f"Bearer {caller.key}"},
    ) as response:
        return Answer(response.status, response.headers, await response.read())


def test_the_hash_of_an_upload_is_that_of_what_was_read() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"a"
        yield b"b"

    async def read() -> bytes:
        upload = Upload("text/csv", None, chunks())
        assert [chunk async for chunk in upload.chunks()] == [b"a", b"b"]
        return upload.digest

    assert asyncio.run(read()) == hashlib.sha256(b"ab").digest()
