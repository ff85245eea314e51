"""Where people are signed in: seen and ended by themselves, and by admins."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.inbox.accounts import Role, add_key
from bot.inbox.sessions import LONGEST, csrf_of
from tests.door import Browser, Door, Seen, open_door


@pytest.fixture(scope="module")
async def open_house(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Door]:
    file = shutil.copy(migrated_file, tmp_path_factory.mktemp("door") / "door.db")
    async with open_door(f"sqlite:///{file}") as door:
        async with door.runtime.database.transaction() as connection:
            for role in (Role.ADMIN, Role.AGENT, Role.INTEGRATION):
                await add_key(
                    connection,
                    id=f"key_{role}",
                    tenant_id="tnt_kahve",
                    role=role,
                    key=f"co_test_{role}",
                    now=door.clock(),
                )
        yield door


@pytest.fixture
def door(open_house: Door) -> Door:
    open_house.clock.advance(LONGEST)  # Everybody is signed out by now.
    return open_house


async def listed(browser: Browser, query: str = "") -> list[Any]:
    async with browser.session.get(f"{browser.url}/v1/sessions{query}") as answer:
        assert answer.status == 200, await answer.text()
        body = await answer.json()
    assert body["total"] == len(body["data"])
    found: list[Any] = body["data"]
    return found


async def ended(browser: Browser, path: str) -> Seen:
    headers = {"X-CSRF-Token": csrf_of(browser.token)}
    return await browser("DELETE", f"/v1/sessions{path}", headers=headers)


async def test_somebody_sees_where_they_are_signed_in_and_ends_it(door: Door) -> None:
    here, there = [await door.inside("bea@shop.example") for _ in range(2)]
    await door.inside("ana@shop.example")
    both = await listed(here)
    assert {each["user_id"] for each in both} == {"user_bea"}
    assert [each["device"] for each in both] == ["Firefox, Linux"] * 2
    [mine] = [each for each in both if each["current"]]
    [other] = [each for each in both if not each["current"]]
    assert here.token not in str(both)
    assert mine["address"] == "127.0.0.1"
    assert (await ended(here, f"/{other['id']}")).status == 204
    assert await there.me() is None
    assert await here.me() == "user:user_bea"
    assert (await ended(here, f"/{other['id']}")).status == 404
    assert (await ended(here, f"/{mine['id']}")).status == 204
    assert await here.me() is None


async def test_everywhere_else_ends_at_once(door: Door) -> None:
    here, *others = [await door.inside("bea@shop.example") for _ in range(3)]
    ana = await door.inside("ana@shop.example")
    assert (await ended(here, "")).status == 204
    assert [await each.me() for each in others] == [None, None]
    assert await here.me() == "user:user_bea"
    assert await ana.me() == "user:user_ana"


async def test_an_agent_neither_sees_nor_ends_what_is_others(door: Door) -> None:
    bea, ana = [await door.inside(f"{each}@shop.example") for each in ("bea", "ana")]
    [hers] = await listed(ana)
    assert (await bea.get("/v1/sessions?user_id=user_ana")).status == 403
    assert (await ended(bea, "?user_id=user_ana")).status == 403
    assert (await ended(bea, f"/{hers['id']}")).status == 404
    assert await ana.me() is not None


async def test_an_admin_sees_and_ends_what_is_of_their_shop_alone(door: Door) -> None:
    ana, bea, eve = [
        await door.inside(f"{each}@shop.example") for each in ("ana", "bea", "eve")
    ]
    [hers] = await listed(ana, "?user_id=user_bea")
    [of_another_shop] = await listed(eve)
    assert (await ended(eve, f"/{hers['id']}")).status == 404
    assert (await ended(ana, f"/{of_another_shop['id']}")).status == 404
    for query in ("?user_id=user_eve", "?user_id=user_nobody"):
        assert (await ana.get(f"/v1/sessions{query}")).status == 404
        assert (await ended(ana, query)).status == 404
    assert await eve.me() == "user:user_eve"
    assert (await ended(ana, f"/{hers['id']}")).status == 204
    assert await bea.me() is None
    again = await door.inside("bea@shop.example")
    assert (await ended(ana, "?user_id=user_bea")).status == 204
    assert await again.me() is None
    assert await ana.me() == "user:user_ana"


async def test_a_key_is_signed_in_nowhere_and_an_admins_looks_after_people(
    door: Door,
) -> None:
    bea, browser = await door.inside("bea@shop.example"), await door.browser()

    async def call(role: str, method: str, path: str) -> Seen:
        headers = {"Authorization": f"Bearer co_test_{role}"}
        return await browser(method, f"/v1/sessions{path}", headers=headers)

    assert (await call("integration", "GET", "")).status == 403
    for role in ("agent", "admin"):
        assert '"data":[]' in (await call(role, "GET", "")).text
        assert (await call(role, "DELETE", "")).status == 204
    [hers] = await listed(bea)
    assert (await call("agent", "GET", "?user_id=user_bea")).status == 403
    assert (await call("agent", "DELETE", f"/{hers['id']}")).status == 404
    assert hers["id"] in (await call("admin", "GET", "?user_id=user_bea")).text
    assert (await call("admin", "DELETE", f"/{hers['id']}")).status == 204
    assert await bea.me() is None
