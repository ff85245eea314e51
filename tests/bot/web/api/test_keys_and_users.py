"""Keys and users over the API: shown once, rotated with a grace, never above one."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.inbox import people_table, table
from bot.inbox.accounts import Role
from bot.inbox.passwords import is_password
from bot.web.api.roles import may_grant
from tests.api import Api


async def made(api: Api, **given: Any) -> Any:
    answer = await api.admin.post("/v1/keys", {"role": "agent", **given})
    assert answer.status == 201, answer.raw
    return answer.body


async def works(api: Api, key: str) -> bool:
    answer = await replace(api.nobody, key=key).get("/v1/me")
    assert answer.status in {200, 401}
    return answer.status == 200


async def test_a_key_is_shown_once_and_works(api: Api) -> None:
    key = await made(api, name="Till")
    assert await works(api, key["key"])
    listed = await api.admin.read("/v1/keys")
    assert key["key"] not in str(listed)
    (shown,) = [each for each in listed["data"] if each["id"] == key["id"]]
    assert (shown["name"], shown["role"], shown["works"]) == ("Till", "agent", True)


async def test_a_key_ends_when_it_was_made_to(api: Api) -> None:
    ends = api.runtime.clock() + timedelta(hours=1)
    key = await made(api, expires_at=ends.isoformat())
    assert await works(api, key["key"])
    await expire(api, key["id"])
    assert not await works(api, key["key"])
    shown = await api.admin.read(f"/v1/keys/{key['id']}")
    assert shown["works"] is False
    past = {"role": "agent", "expires_at": "2020-01-01T00:00:00Z"}
    answer = await api.admin.post("/v1/keys", past)
    assert answer.body["errors"] == [
        {"field": "expires_at", "message": "lies in the past"}
    ]


async def expire(api: Api, key_id: str) -> None:
    """Let the time of a key be over."""
    async with api.runtime.database.transaction() as connection:
        await connection.execute(
            update(table.key)
            .where(table.key.c.id == key_id)
            .values(expires_at=api.runtime.clock() - timedelta(seconds=1))
        )


async def test_a_rotated_key_works_for_a_day_beside_its_successor(api: Api) -> None:
    old = await made(api, name="ERP", role="integration")
    answer = await api.admin.post(f"/v1/keys/{old['id']}/rotate")
    assert answer.status == 201
    new = answer.body
    assert new["id"] != old["id"]
    assert (new["name"], new["role"]) == ("ERP", "integration")
    assert await works(api, old["key"])
    assert await works(api, new["key"])
    shown = await api.admin.read(f"/v1/keys/{old['id']}")
    assert shown["expires_at"] is not None
    await expire(api, old["id"])
    assert not await works(api, old["key"])
    assert await works(api, new["key"])
    again = await api.admin.post(f"/v1/keys/{old['id']}/rotate")
    assert (again.status, again.kind) == (409, "conflict")


async def test_without_a_grace_the_old_key_ends_at_once(quick_api: Api) -> None:
    old = await made(quick_api)
    path = f"/v1/keys/{old['id']}/rotate"
    await quick_api.admin.post(path, {"grace_seconds": 0})
    assert not await works(quick_api, old["key"])


async def test_a_revoked_key_stays_so(quick_api: Api) -> None:
    key = await made(quick_api)
    path = f"/v1/keys/{key['id']}/revoke"
    first = await quick_api.admin.post(path)
    assert not await works(quick_api, key["key"])
    again = await quick_api.admin.post(path)
    assert first.body["revoked_at"] == again.body["revoked_at"]


async def test_a_repeated_creation_shows_the_same_key(quick_api: Api) -> None:
    given = {"role": "agent"}
    answers = [
        await quick_api.admin.post("/v1/keys", given, idempotency_key="k")
        for _ in range(2)
    ]
    assert answers[0].body == answers[1].body


async def test_another_shops_keys_and_users_are_not_there(quick_api: Api) -> None:
    key, user = await made(quick_api), await hired(quick_api)
    for method, path, sent in (
        ("GET", f"/v1/keys/{key['id']}", None),
        ("POST", f"/v1/keys/{key['id']}/rotate", None),
        ("POST", f"/v1/keys/{key['id']}/revoke", None),
        ("GET", f"/v1/users/{user['id']}", None),
        ("PATCH", f"/v1/users/{user['id']}", {"disabled": True}),
        ("POST", f"/v1/users/{user['id']}/reset-password", None),
    ):
        answer = await quick_api.ben(method, path, sent)
        assert (answer.status, answer.kind) == (404, "not-found"), path
    assert await works(quick_api, key["key"])
    assert (await quick_api.ben.read("/v1/users"))["total"] == 0


@pytest.mark.parametrize("own", Role)
@pytest.mark.parametrize("wanted", Role)
def test_nobody_gives_what_they_do_not_have(own: Role, wanted: Role) -> None:
    ranks = {Role.AGENT: 1, Role.MANAGER: 2, Role.ADMIN: 3}
    if may_grant(own, wanted):
        assert own in {Role.MANAGER, Role.ADMIN}
        assert own is Role.ADMIN or ranks.get(wanted, 9) <= ranks[own]
    assert may_grant(Role.ADMIN, wanted)


# -- users ----------------------------------------------------------------------------


async def hired(api: Api, email: str = "ana@shop.example", **given: Any) -> Any:
    sent = {"email": email, "name": "Ana Kaya", "role": "agent", **given}
    answer = await api.admin.post("/v1/users", sent)
    assert answer.status == 201, answer.raw
    return answer.body


async def stored_hash(api: Api, user_id: str) -> str:
    (row,) = [
        row for row in await api.entrance.rows(people_table.user) if row.id == user_id
    ]
    return str(row.password_hash)


async def test_a_password_that_is_made_is_shown_once(api: Api) -> None:
    user = await hired(api)
    assert await is_password(await stored_hash(api, user["id"]), user["password"])
    shown = await api.manager.read(f"/v1/users/{user['id']}")
    assert "password" not in shown
    assert shown["email"] == "ana@shop.example"
    given = await hired(api, "ben@shop.example", password="correct horse battery")
    assert given["password"] is None
    assert (await api.manager.read("/v1/users"))["total"] == 2


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"name": " "}, "name"),
        ({"role": "integration"}, "role"),
        ({"password": "short"}, "password"),
        ({"password": "ana@shop.example"}, "password"),
    ],
)
async def test_what_a_user_cannot_be_is_named(
    quick_api: Api, given: dict[str, str], field: str
) -> None:
    right = {"email": "ana@shop.example", "name": "Ana", "role": "agent"}
    answer = await quick_api.admin.post("/v1/users", right | given)
    assert (answer.status, answer.kind) == (422, "invalid-request")
    assert [each["field"] for each in answer.body["errors"]] == [field]


async def test_an_address_has_one_user(quick_api: Api) -> None:
    await hired(quick_api)
    answer = await quick_api.admin.post(
        "/v1/users", {"email": "ANA@shop.example", "name": "A", "role": "agent"}
    )
    assert answer.body["errors"][0]["field"] == "email"


async def test_the_last_admin_stays(api: Api) -> None:
    boss = await hired(api, role="admin")
    path = f"/v1/users/{boss['id']}"
    for change, field in (({"disabled": True}, "state"), ({"role": "agent"}, "role")):
        answer = await api.admin("PATCH", path, change)
        assert answer.status == 422
        assert answer.body["errors"][0]["field"] == field
        assert "the last active admin" in answer.body["detail"]
    await hired(api, "two@shop.example", role="admin")
    changed = await api.admin("PATCH", path, {"disabled": True, "name": "Gone"})
    assert (changed.body["disabled"], changed.body["name"]) == (True, "Gone")


async def test_a_new_password_replaces_the_old_one(quick_api: Api) -> None:
    user = await hired(quick_api)
    path = f"/v1/users/{user['id']}/reset-password"
    reset = (await quick_api.admin.post(path)).body
    hashed = await stored_hash(quick_api, user["id"])
    assert await is_password(hashed, reset["password"])
    assert not await is_password(hashed, user["password"])
    chosen = await quick_api.admin.post(path, {"password": "several words do it"})
    assert chosen.body["password"] is None
