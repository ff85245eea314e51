"""What is true of every endpoint: keys, roles, ids, bodies, errors."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.db import Database
from bot.inbox.accounts import Role, revoke_key
from bot.inbox.api_table import audit
from bot.inbox.audit import list_audit, purge_audit
from bot.web.api.endpoint import Endpoint
from bot.web.api.registry import ENDPOINTS
from tests.api import Answer, Api, open_api
from tests.bot.web.entrance import ANA, BEN, body


def address(endpoint: Endpoint, thing: str = "nothing") -> str:
    return re.sub(r"\{\w+\}", thing, endpoint.path)


def sent(endpoint: Endpoint) -> Any:
    """Return a body that fits the endpoint, as its documentation shows it."""
    if endpoint.body is None:
        return None
    examples = endpoint.body.model_json_schema().get("examples")
    assert examples, f"{endpoint.name}: the body needs an example"
    return examples[0]


async def test_nobody_gets_in_without_a_valid_key(sqlite_url: str) -> None:
    async with open_api(sqlite_url, api_refusals_per_address=10**6) as api:
        for endpoint in ENDPOINTS:
            answer = await api.nobody(endpoint.method, address(endpoint))
            assert (answer.status, answer.kind) == (401, "unauthorized"), endpoint.name
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer nonsense", "Basic co_test_key_admin", "\xff"],
)
async def test_what_is_no_key_opens_nothing(quick_api: Api, header: str) -> None:
    answer = await quick_api.nobody("GET", "/v1/me", headers={"Authorization": header})
    assert (answer.status, answer.kind) == (401, "unauthorized")


async def test_a_revoked_key_opens_nothing_from_that_moment(quick_api: Api) -> None:
    assert (await quick_api.agent.get("/v1/me")).status == 200
    async with quick_api.runtime.database.transaction() as connection:
        await revoke_key(
            connection,
            tenant_id=ANA.tenant_id,
            key_id="key_agent",
            now=quick_api.runtime.clock(),
        )
    assert (await quick_api.agent.get("/v1/me")).status == 401


async def test_a_key_says_whose_it_is(quick_api: Api) -> None:
    assert await quick_api.manager.read("/v1/me") == {
        "actor": "key:key_manager",
        "role": "manager",
        "tenant": {
            "id": ANA.tenant_id,
            "name": ANA.tenant_id,
            "language": "en",
            "timezone": "Europe/Istanbul",
            "currency": "TRY",
            "country": "TR",
        },
    }


@pytest.mark.parametrize("role", Role)
async def test_a_role_may_do_what_the_documentation_says_and_no_more(
    quick_api: Api, role: Role
) -> None:
    caller = quick_api.by_role(role)
    for endpoint in ENDPOINTS:
        answer = await caller(endpoint.method, address(endpoint), sent(endpoint))
        forbidden = role not in endpoint.roles
        assert (answer.status == 403) is forbidden, (endpoint.name, answer.raw)
        if forbidden:
            assert answer.kind == "forbidden"
            assert all(allowed in answer.body["detail"] for allowed in endpoint.roles)


@pytest.mark.parametrize(
    "thing", ["nothing", "x" * 41, "%00", "a%20b", "%F0%9F%98%80", "..%2F..", "'--"]
)
async def test_an_id_that_nobody_has_is_not_found(quick_api: Api, thing: str) -> None:
    for endpoint in ENDPOINTS:
        if not endpoint.places or endpoint.upload:
            continue
        answer = await quick_api.admin(
            endpoint.method, address(endpoint, thing), sent(endpoint)
        )
        assert answer.status == 404, (endpoint.name, answer.raw)
        assert answer.kind == "not-found"


BAD_BODIES: dict[str, tuple[Any, int, str, str]] = {
    "no JSON": ("{", 400, "malformed-request", "not JSON"),
    "nothing": ("", 400, "malformed-request", "empty"),
    "not UTF-8": (b'{"version": "\xff"}', 400, "malformed-request", "not JSON"),
    "half an emoji": ('{"reason": "\\ud800"}', 400, "malformed-request", "not JSON"),
    "a million brackets": ("[" * 1_000_000, 400, "malformed-request", "not JSON"),
    "a list": ([], 422, "invalid-request", "body"),
    "null": ("null", 422, "invalid-request", "body"),
    "nothing of it": ({}, 422, "invalid-request", "version: is required"),
    "another type": (
        {"version": "1", "reason": "x"},
        422,
        "invalid-request",
        "version",
    ),
    "true for one": (
        {"version": True, "reason": "x"},
        422,
        "invalid-request",
        "version",
    ),
    "an unknown field": (
        {"version": 1, "reason": "x", "force": True},
        422,
        "invalid-request",
        "force: is not a field here",
    ),
    "a number that no column holds": (
        {"version": 10**30, "reason": "x"},
        422,
        "invalid-request",
        "version",
    ),
    "a NUL character": (
        {"version": 1, "reason": "a\0b"},
        422,
        "invalid-request",
        "reason: must not contain NUL",
    ),
    "a NUL in a name": (
        '{"version": 1, "reason": "x", "a\\u0000b": 1}',
        422,
        "invalid-request",
        "is not a field here",
    ),
    "an empty text": (
        {"version": 1, "reason": " "},
        422,
        "invalid-request",
        "reason",
    ),
    "a long text": (
        {"version": 1, "reason": "x" * 501},
        422,
        "invalid-request",
        "reason",
    ),
    "not a number": ('{"version": NaN}', 400, "malformed-request", "not JSON"),
}


@pytest.mark.parametrize("case", BAD_BODIES)
async def test_a_bad_body_is_refused_with_the_reason(quick_api: Api, case: str) -> None:
    sent_body, status, kind, words = BAD_BODIES[case]
    answer = await quick_api.admin.post("/v1/drafts/d/reject", sent_body)
    assert (answer.status, answer.kind) == (status, kind), answer.raw
    assert words in answer.body["detail"]
    if kind == "invalid-request":
        assert all({"field", "message"} == set(e) for e in answer.body["errors"])


async def test_every_wrong_field_is_named_by_its_place(quick_api: Api) -> None:
    changes = [
        {"type": "put_line", "sku": "LATTE", "quantity": "a lot"},
        {"type": "set_address", "address": {"city": "Izmir"}},
        {"type": "put_line"},
        {"type": "guess"},
    ]
    answer = await quick_api.admin.post(
        "/v1/drafts/d/changes", {"version": 1, "changes": changes}
    )
    assert [each["field"] for each in answer.body["errors"]] == [
        "changes.0.quantity",
        "changes.1.address.text",
        "changes.2",
        "changes.3",
    ]


@pytest.mark.parametrize(
    "kind",
    [None, "text/plain", "application/xml", "application/json; charset=latin-1"],
)
async def test_a_body_of_another_form_is_not_read(
    quick_api: Api, kind: str | None
) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    answer = await quick_api.admin(
        "POST",
        "/v1/drafts/d/undo",
        b'{"version": 1}',
        headers=headers or {"Content-Type": ""},
    )
    assert (answer.status, answer.kind) == (415, "unsupported-media-type")


async def test_a_body_that_is_too_large_is_refused(sqlite_url: str) -> None:
    async with open_api(sqlite_url, body_limit_bytes=1024) as api:
        answer = await api.admin.post("/v1/drafts/d/undo", b" " * 2000 + b"{}")
    assert (answer.status, answer.kind) == (413, "body-too-large")


BAD_QUERIES = {
    "limit=0": "limit",
    "limit=101": "limit",
    "limit=ten": "limit",
    "limit=1&limit=2": "limit",
    "offset=-1": "offset",
    "offset=99999999999999999999": "offset",
    "owner=cat": "owner",
    "search=": "search",
    "search=%00": "search",
    "channel_id=a%20b": "channel_id",
    "nonsense=1": "nonsense",
}


@pytest.mark.parametrize("query", BAD_QUERIES)
async def test_a_bad_parameter_is_named(quick_api: Api, query: str) -> None:
    answer = await quick_api.agent("GET", f"/v1/conversations?{query}")
    assert (answer.status, answer.kind) == (422, "invalid-request")
    assert [each["field"] for each in answer.body["errors"]] == [BAD_QUERIES[query]]


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/nothing", "/v1/me/too"])
async def test_an_unknown_address_is_a_problem_too(quick_api: Api, path: str) -> None:
    for caller in (quick_api.admin, quick_api.nobody):
        answer = await caller("GET", path)
        assert (answer.status, answer.kind) == (404, "not-found")


async def test_a_wrong_method_is_a_problem_that_names_the_right_ones(
    quick_api: Api,
) -> None:
    answer = await quick_api.admin("DELETE", "/v1/orders")
    assert (answer.status, answer.kind) == (405, "method-not-allowed")
    assert answer.headers["Allow"] == "GET, HEAD"
    assert "GET" in answer.body["detail"]


async def test_answers_are_for_the_caller_alone(quick_api: Api) -> None:
    for answer in (
        await quick_api.admin.get("/v1/me"),
        await quick_api.admin.get("/v1/orders/none"),
        await quick_api.nobody.get("/v1/me"),
    ):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_database_that_cannot_commit_is_unavailable_and_says_when(
    sqlite_url: str,
) -> None:
    async with open_api(sqlite_url, database_wait_seconds=0.05) as api:
        conversation = await a_conversation(api)
        blocker = Database.open(sqlite_url)
        async with blocker.transaction():
            answer = await api.agent.post(f"/v1/conversations/{conversation}/take-over")
        await blocker.close()
    assert (answer.status, answer.kind) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0


# -- tenants --------------------------------------------------------------------------


async def a_conversation(api: Api, wamid: str = "wamid.1", **message: Any) -> str:
    """Let a customer of Ana's write; return the conversation's id."""
    assert await api.entrance.post(body(wamid, **message)) == 200
    found = await api.agent.read("/v1/conversations")
    return str(found["data"][0]["id"])


async def test_another_shops_things_look_as_if_they_did_not_exist(api: Api) -> None:
    conversation = await a_conversation(api)
    messages = await api.agent.read(f"/v1/conversations/{conversation}/messages")
    things = {
        "conversation_id": conversation,
        "message_id": messages["data"][0]["id"],
    }
    for endpoint in ENDPOINTS:
        mine = [things[name] for name in endpoint.places if name in things]
        for thing in mine:
            other = thing[:-3] + "zzz"
            answers = [
                await api.ben(endpoint.method, address(endpoint, each), sent(endpoint))
                for each in (thing, other)
            ]
            assert [each.status for each in answers] == [404, 404]
            assert answers[0].raw.replace(thing.encode(), b"ID") == answers[
                1
            ].raw.replace(other.encode(), b"ID")
            assert _without_counts(answers[0]) == _without_counts(answers[1])
    assert (await api.ben.read("/v1/conversations"))["total"] == 0


def _without_counts(answer: Answer) -> dict[str, str]:
    return {
        name: value
        for name, value in answer.headers.items()
        if not name.startswith("RateLimit") and name != "Date"
    }


# -- the audit ------------------------------------------------------------------------


async def test_what_was_done_is_written_down_once_and_what_failed_is_not(
    api: Api,
) -> None:
    conversation = await a_conversation(api)
    done = await api.agent.post(f"/v1/conversations/{conversation}/take-over")
    assert done.status == 200
    await api.agent.post("/v1/conversations/none/take-over")
    await api.agent.read("/v1/conversations")
    (row,) = await api.entrance.rows(audit)
    assert (row.tenant_id, row.actor) == (ANA.tenant_id, "key:key_agent")
    assert (row.action, row.target) == ("take_over_conversation", conversation)


async def test_the_audit_can_be_read_by_who_and_what_and_forgotten(api: Api) -> None:
    conversation = await a_conversation(api)
    await api.agent.post(f"/v1/conversations/{conversation}/take-over")
    await api.admin.post(f"/v1/conversations/{conversation}/hand-back")
    async with api.runtime.database.transaction() as connection:
        found, total = await list_audit(connection, ANA.tenant_id)
        assert [each.action for each in found] == [
            "hand_back_conversation",
            "take_over_conversation",
        ]
        assert total == 2
        _, mine = await list_audit(connection, ANA.tenant_id, actor=api.agent.actor)
        _, bens = await list_audit(connection, BEN.tenant_id)
        assert (mine, bens) == (1, 0)
        past = datetime(2026, 1, 1, tzinfo=UTC)
        assert await purge_audit(connection, ANA.tenant_id, before=past) == 0
        soon = api.runtime.clock() + timedelta(seconds=1)
        assert await purge_audit(connection, BEN.tenant_id, before=soon) == 0
        assert await purge_audit(connection, ANA.tenant_id, before=soon) == 2
        assert (await connection.execute(select(audit))).all() == []
