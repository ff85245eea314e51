"""Whoever is signed out is so at once, on every page, and told so."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from argon2 import PasswordHasher

from bot.inbox import passwords
from bot.inbox.accounts import Role
from bot.inbox.news import What
from bot.inbox.sessions import begin, csrf_of, end_all, new_token
from bot.inbox.users import load_user
from bot.web.auth import cookie_of
from tests.bot.inbox.test_news import connected, spread
from tests.bot.web.console.test_live import door_of, news, stream_of, until
from tests.console import Person, signed_in
from tests.house import House, open_house

BYE = ("bye", {"why": "session"})
NEVER = 3600.0  #: Seconds between ticks, where something else is to be quicker.
OLD, NEW = "green lamps in the yard", "seven calm green lamps"


@pytest.fixture(scope="module")
async def house(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("leaving")
    file = shutil.copy(migrated_file, folder / "test.db")
    with pytest.MonkeyPatch.context() as patch:
        # A real hash takes as long as a hundred of these.
        patch.setattr(passwords, "_HASHER", PasswordHasher(1, 8, 1))
        async with open_house(f"sqlite:///{file}", folder) as house:
            yield house


@pytest.fixture(scope="module")
async def boss(house: House) -> Person:
    return await signed_in(house, "Boss", Role.ADMIN)


async def again(person: Person) -> Person:
    """Return the same person in another browser."""
    runtime, token = person.house.runtime, new_token()
    async with runtime.database.transaction() as connection:
        await begin(
            connection,
            person.user,
            token,
            id=runtime.new_id("session"),
            address=None,
            device=None,
            now=runtime.clock(),
        )
    return Person(person.house, person.user, token)


async def with_password(house: House, boss: Person, name: str) -> Person:
    """Return a new person, signed in, whose password is OLD."""
    person = await signed_in(house, name)
    path = f"/v1/users/{person.user.id}"
    await boss.call("POST", f"{path}/reset-password", {"password": OLD})
    user: Any = person.user
    async with house.runtime.database.reading() as connection:
        user = await load_user(connection, house.tenant_id, user.id)
    return await again(Person(house, user, person.token))


# -- how a session ends ---------------------------------------------------------------


async def _revoked(leaver: Person, boss: Person) -> None:
    query = f"?user_id={leaver.user.id}"
    (session,) = (await boss.call("GET", f"/v1/sessions{query}"))["data"]
    await boss.call("DELETE", f"/v1/sessions/{session['id']}")


async def _ended_elsewhere(leaver: Person, boss: Person) -> None:
    del boss
    await (await again(leaver)).call("DELETE", "/v1/sessions")


async def _reset(leaver: Person, boss: Person) -> None:
    await boss.call("POST", f"/v1/users/{leaver.user.id}/reset-password", {})


async def _disabled(leaver: Person, boss: Person) -> None:
    await boss.call("PATCH", f"/v1/users/{leaver.user.id}", {"disabled": True})


async def _signed_out(leaver: Person, boss: Person) -> None:
    del boss
    async with leaver.session() as tab:
        form = {"csrf": csrf_of(leaver.token)}
        async with tab.post("/console/sign-out", data=form) as answer:
            assert answer.status == 200


@pytest.mark.parametrize(
    "end", [_revoked, _ended_elsewhere, _reset, _disabled, _signed_out]
)
async def test_the_pages_of_a_session_that_ends_hear_nothing_more(
    house: House, boss: Person, end: Callable[[Person, Person], Awaitable[None]]
) -> None:
    leaver = await signed_in(house, "Lea")
    async with door_of(house, tick=NEVER) as door, stream_of(leaver, door) as heard:
        await end(leaver, boss)
        house.runtime.news.tell(house.tenant_id, "cnv_secret", What.MESSAGE)
        found = [event async for event in heard]
        assert found[-1] == BYE
        assert news("message", "cnv_secret") not in found
        assert not len(door.streams)
        async with leaver.session() as tab:
            for path in ("live", "alerts"):
                assert (await tab.get(f"/console/{path}")).status == 401


async def test_pages_of_other_people_stay_open(house: House, boss: Person) -> None:
    async with door_of(house, tick=NEVER) as door, stream_of(boss, door) as heard:
        await _disabled(await signed_in(house, "Lea"), boss)
        house.runtime.news.tell(house.tenant_id, "cnv_1", What.DRAFT)
        found = await until(heard, news("draft", "cnv_1"))
        # That somebody left is told to no page.
        assert {each[1]["what"] for each in found} == {"draft"}


async def test_a_session_that_another_process_ended_takes_its_pages_along(
    house: House, redis_url: str
) -> None:
    leaver = await signed_in(house, "Lea")
    async with spread(redis_url, "one") as one, spread(redis_url, "two") as two:
        (await connected(two, one)).close()
        async with (
            door_of(house, news=two, tick=NEVER) as door,
            stream_of(leaver, door) as heard,
        ):
            async with house.runtime.database.transaction() as connection:
                await end_all(connection, house.tenant_id, leaver.user.id)
            one.tell(house.tenant_id, None, What.SESSION)
            assert [event async for event in heard][-1] == BYE


# -- one's own password ---------------------------------------------------------------


async def test_who_changes_their_password_goes_on_here_with_another_cookie(
    house: House, boss: Person
) -> None:
    here = await with_password(house, boss, "Pia")
    there, name = await again(here), cookie_of(house.runtime.settings)
    async with (
        door_of(house, tick=NEVER) as door,
        stream_of(here, door) as open_tab,
        stream_of(there, door) as elsewhere,
        here.session() as tab,
    ):
        body = {"current": OLD, "password": NEW}
        async with tab.put("/v1/me/password", json=body) as answer:
            assert answer.status == 204, await answer.text()
            cookie = answer.cookies[name]
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
        assert cookie.value != here.token
        assert [event async for event in elsewhere][-1] == BYE
        # The page that was open goes on, and what it sends along is still right.
        house.runtime.news.tell(house.tenant_id, "cnv_1", What.DRAFT)
        await until(open_tab, news("draft", "cnv_1"))
        async with tab.post("/v1/customers", json={"name": "Ana"}) as answer:
            assert answer.status == 201, await answer.text()
        # The old cookie opens nothing, whoever has it.
        for old in (here, there):
            await old.call("GET", "/v1/me", status=401)
        # Once more: the same page, another cookie.
        body = {"current": NEW, "password": OLD}
        async with tab.put("/v1/me/password", json=body) as answer:
            assert answer.status == 204
            assert answer.cookies[name].value != cookie.value
        async with tab.get("/v1/me") as answer:
            assert answer.status == 200


# -- what a page says -----------------------------------------------------------------


async def test_who_is_signed_out_is_told_so_and_led_back(house: House) -> None:
    leaver = await signed_in(house, "Lea")
    async with house.runtime.database.transaction() as connection:
        await end_all(connection, house.tenant_id, leaver.user.id)
    async with leaver.session() as tab:
        async with tab.get("/console/orders?page=2") as answer:
            assert answer.url.path == "/console/sign-in"
            text = await answer.text()
        assert "You are signed out here." in text
        assert 'name="next" value="/console/orders?page=2"' in text
    nobody = aiohttp.ClientSession(house.shop.url)
    async with nobody as tab, tab.get("/console/orders") as answer:
        assert "You are signed out here." not in await answer.text()
