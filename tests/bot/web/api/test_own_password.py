"""One's own password: asked for, replaced, and everywhere else signed out."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.inbox.accounts import Role, add_key
from bot.inbox.audit import list_audit
from bot.inbox.sessions import csrf_of
from bot.inbox.users import password_hash_of, set_password
from tests.door import PASSWORD, Browser, Door, Seen, open_door

NEW = "seven calm green lamps"


@pytest.fixture(scope="module")
async def open_house(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Door]:
    file = shutil.copy(migrated_file, tmp_path_factory.mktemp("door") / "door.db")
    async with open_door(f"sqlite:///{file}") as door:
        yield door


@pytest.fixture
def door(open_house: Door) -> Door:
    open_house.rest()
    return open_house


async def changed(browser: Browser, current: str, password: str = NEW) -> Seen:
    return await browser(
        "PUT",
        "/v1/me/password",
        json={"current": current, "password": password},
        headers={"X-CSRF-Token": csrf_of(browser.token)},
    )


async def test_who_knows_their_password_replaces_it_and_stays_signed_in_here_alone(
    door: Door,
) -> None:
    here, there = [await door.inside("bea@shop.example") for _ in range(2)]
    ana = await door.inside("ana@shop.example")
    seen = await changed(here, PASSWORD)
    assert (seen.status, seen.text) == (204, "")
    assert await here.me() == "user:user_bea"
    assert await there.me() is None
    assert await ana.me() == "user:user_ana"
    assert (await there.sign_in("bea@shop.example")).status == 403
    assert (await there.sign_in("bea@shop.example", NEW)).goes_to == "/console"
    async with door.runtime.database.reading() as connection:
        (entry, *_), _ = await list_audit(connection, "tnt_kahve", target="user_bea")
    assert (entry.actor, entry.action) == ("user:user_bea", "change_own_password")
    assert entry.details == {}


@pytest.mark.parametrize(
    ("current", "password", "field"),
    [
        ("not it at all", NEW, "current"),
        (PASSWORD, "short", "password"),
        (PASSWORD, "EVE@shop.example", "password"),
    ],
)
async def test_a_wrong_or_a_weak_password_changes_nothing(
    door: Door, current: str, password: str, field: str
) -> None:
    browser = await door.inside("eve@shop.example")
    seen = await changed(browser, current, password)
    assert seen.status == 422
    assert f'"field":"{field}"' in seen.text
    assert await (await door.inside("eve@shop.example")).me() == "user:user_eve"


async def test_a_password_is_guessed_at_no_faster_than_at_the_sign_in(
    door: Door,
) -> None:
    browser = await door.inside("ana@shop.example")
    tries = [await changed(browser, f"guess {n}") for n in range(10)]
    assert [each.status for each in tries] == [422] * 9 + [429]
    assert int(tries[-1].headers["Retry-After"]) > 0
    assert (await browser.sign_in("ana@shop.example")).status == 429


async def test_a_password_that_an_admin_resets_meanwhile_stays_theirs(
    postgres_url: str,
) -> None:
    async with open_door(postgres_url) as door:
        browser = await door.inside("bea@shop.example")
        place, now = ("tnt_kahve", "user_bea"), door.clock()
        async with door.runtime.database.transaction() as connection:
            await set_password(connection, *place, "theirs", now=now)
            own = asyncio.create_task(changed(browser, PASSWORD))
            await asyncio.sleep(0.5)
            assert not own.done()
        assert (await own).status == 409
        assert await browser.me() is None
        async with door.runtime.database.reading() as connection:
            assert (await password_hash_of(connection, *place))[1] == "theirs"


async def test_a_key_has_no_password(door: Door) -> None:
    async with door.runtime.database.transaction() as connection:
        given: dict[str, Any] = {"id": "key_a", "tenant_id": "tnt_kahve"}
        await add_key(
            connection, **given, role=Role.AGENT, key="co_test_a", now=door.clock()
        )
    seen = await (await door.browser())(
        "PUT",
        "/v1/me/password",
        json={"current": PASSWORD, "password": NEW},
        headers={"Authorization": "Bearer co_test_a"},
    )
    assert seen.status == 409
    assert "a key has no password" in seen.text
