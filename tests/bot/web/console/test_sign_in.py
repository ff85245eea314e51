"""Signing in and out of the console, and everybody who must not get in."""

import asyncio
import itertools
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from redis.asyncio import Redis

from bot.inbox.audit import list_audit
from bot.inbox.passwords import hash_password, is_outdated
from bot.inbox.sessions import IDLE, LONGEST, csrf_of
from bot.inbox.users import (
    UserState,
    change_user,
    find_user,
    password_hash_of,
    set_password,
)
from bot.web.auth import CSRF, UNATTENDED
from bot.web.console.entrance import own_path
from bot.web.devices import device_of
from tests.door import PASSWORD, Door, open_door

WRONG = "Email and password do not go together. Check both and try again."


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


# -- coming in ------------------------------------------------------------------------


async def test_the_right_password_opens_the_console_and_is_written_down(
    door: Door,
) -> None:
    browser = await door.browser()
    page = await browser.get("/console/sign-in?next=/console/orders")
    assert page.status == 200
    assert page.field("next") == "/console/orders"
    seen = await browser.sign_in(" ana@SHOP.example ", next="/console/orders")
    assert seen.goes_to == "/console/orders"
    assert await browser.me() == "user:user_ana"
    session = (await door.sessions())[-1]
    assert (session.user_id, session.device) == ("user_ana", "Firefox, Linux")
    assert session.address == "127.0.0.1"
    async with door.runtime.database.reading() as connection:
        [entry], _ = await list_audit(connection, "tnt_kahve", target=session.id)
        ana = await find_user(connection, "tnt_kahve", "user_ana")
    assert (entry.actor, entry.action) == ("user:user_ana", "sign_in")
    assert entry.details == {"how": "password"}
    assert ana is not None
    assert ana.last_login_at == door.clock()


async def test_the_cookie_is_for_this_server_and_for_no_script(door: Door) -> None:
    seen = await (await door.browser()).sign_in("ana@shop.example")
    [cookie] = seen.cookies
    name, _, rest = cookie.partition("=")
    assert name == "chatorder_session"
    said = {each.strip() for each in rest.split(";")[1:]}
    assert said == {"HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=1209600"}


async def test_behind_https_the_cookie_belongs_to_this_host_alone(
    sqlite_url: str,
) -> None:
    async with open_door(sqlite_url, public_url="https://console.shop.example") as door:
        browser = await door.browser()
        [cookie] = (await browser.sign_in("ana@shop.example")).cookies
        assert cookie.startswith("__Host-chatorder_session=")
        assert "; Secure" in cookie
        token = cookie.partition("=")[2].partition(";")[0]
        browser.give(token)  # Under a name that any host of the domain could set.
        assert await browser.me() is None
        sent = {"Cookie": f"__Host-chatorder_session={token}"}
        assert (await browser("GET", "/v1/me", headers=sent)).status == 200


async def test_who_is_signed_in_already_goes_on(door: Door) -> None:
    browser = await door.inside("ana@shop.example")
    seen = await browser.get("/console/sign-in?next=/console/orders")
    assert seen.goes_to == "/console/orders"


async def test_the_page_speaks_the_language_of_the_browser(door: Door) -> None:
    browser = await door.browser()
    page = await browser.get("/console/sign-in", Accept_Language="tr-TR,tr;q=0.9")
    assert '<html lang="tr" dir="ltr">' in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert " style=" not in page.text
    assert "<script>" not in page.text
    assert "/sso" not in page.text, "there is no other way in"


async def test_who_works_in_two_shops_chooses_one(door: Door) -> None:
    browser = await door.browser()
    choice = await browser.sign_in("dora@shop.example", next="/console/orders")
    assert choice.status == 200
    assert not choice.cookies
    assert "Çiçek &amp; Co" in choice.text
    assert PASSWORD not in choice.text
    ticket = choice.field("ticket")
    seen = await browser.post(
        "/console/sign-in", {"ticket": ticket, "shop": "user_dora_2"}
    )
    assert seen.goes_to == "/console/orders"
    assert await browser.me() == "user:user_dora_2"


@pytest.mark.parametrize(
    ("shop", "minutes", "changed"),
    [
        ("user_ana", 0, False),
        ("user_dora", 6, False),
        ("user_dora", 0, True),
        ("", 0, False),
    ],
)
async def test_a_choice_is_worth_nothing_for_others_too_late_or_after_a_change(
    door: Door, shop: str, minutes: int, changed: bool
) -> None:
    browser = await door.browser()
    ticket = (await browser.sign_in("dora@shop.example")).field("ticket")
    door.clock.advance(timedelta(minutes=minutes))
    if changed:
        await door.change("user_dora", password_at=door.clock())
    seen = await browser.post("/console/sign-in", {"ticket": ticket, "shop": shop})
    assert seen.status == 403
    assert "That took too long" in seen.said
    assert await browser.me() is None


async def test_a_made_up_choice_is_refused(door: Door) -> None:
    browser = await door.browser()
    other = door.runtime.seal_secret('{"user_id":"user_ana"}')
    for ticket in ("x", other, "é"):
        form = {"ticket": ticket, "shop": "user_ana"}
        assert (await browser.post("/console/sign-in", form)).status == 403


async def test_a_password_that_was_hashed_long_ago_is_hashed_again(door: Door) -> None:
    weak = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)
    await door.change("user_bea", password_hash=weak.hash(PASSWORD))
    browser = await door.inside("bea@shop.example")
    assert await browser.me() == "user:user_bea"
    async with door.runtime.database.reading() as connection:
        _, stored = await password_hash_of(connection, "tnt_kahve", "user_bea")
    assert stored is not None
    assert not is_outdated(stored)


# -- not coming in --------------------------------------------------------------------


async def test_an_unknown_address_and_a_wrong_password_are_answered_alike(
    door: Door,
) -> None:
    await door.change("user_bea", state=UserState.DISABLED)
    loop, browser = asyncio.get_running_loop(), await door.browser()

    async def refused(email: str, password: str) -> tuple[str, float]:
        began = loop.time()
        seen = await browser.sign_in(email, password)
        assert seen.status == 403
        assert not seen.cookies
        # What was typed stands in the form again.
        page = re.sub(r'name="email"[^>]*', "", seen.text)
        return page, loop.time() - began

    answers = await asyncio.gather(
        refused("ana@shop.example", "wrong password"),
        refused("dora@shop.example", "wrong password"),
        refused("nobody@shop.example", PASSWORD),
        refused("bea@shop.example", PASSWORD),
        refused("user_ana", PASSWORD),
        refused("a\0na@shop.example", PASSWORD),
    )
    await door.change("user_bea", state=UserState.ACTIVE)
    [page] = {page for page, _ in answers}
    assert WRONG in page
    assert min(seconds for _, seconds in answers) >= 0.39


async def test_nothing_is_signed_in_by_nothing(door: Door) -> None:
    browser = await door.browser()
    for email, password in (("", ""), ("ana@shop.example", ""), ("", PASSWORD)):
        assert (await browser.sign_in(email, password)).said == WRONG
    assert (await browser.post("/console/sign-in", {})).status == 403
    seen = await browser(
        "POST", "/console/sign-in", data="{}", headers={"Content-Type": "text/plain"}
    )
    assert seen.status == 415


async def test_an_account_is_not_guessed_at_for_long(door: Door) -> None:
    browser = await door.browser()
    tries = [browser.sign_in("Eve@shop.example", f"guess {n}") for n in range(10)]
    assert {each.status for each in await asyncio.gather(*tries)} == {403}
    seen = await browser.sign_in("eve@shop.example")  # However it is spelled.
    assert seen.status == 429
    assert seen.said == "Too many tries. Wait 1 min, then try again."
    assert seen.headers["Retry-After"] == "60"
    assert await browser.me() is None
    assert (await browser.sign_in("ana@shop.example")).status == 303
    door.clock.advance(timedelta(minutes=1))
    assert (await browser.sign_in("eve@shop.example")).status == 303


async def test_an_address_does_not_try_many_accounts(door: Door) -> None:
    browser = await door.browser()
    tries = [browser.sign_in(f"{n}@shop.example") for n in range(25)]
    seen = await asyncio.gather(*tries)
    late = [each for each in seen if each.status == 429]
    assert len(late) == 5
    assert {each.said for each in late} == {
        "Too many tries. Wait 5 sec, then try again."
    }
    assert (await browser.sign_in("ana@shop.example")).status == 429


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_another_site_signs_nobody_in_or_out(
    door: Door, headers: dict[str, str]
) -> None:
    browser = await door.inside("ana@shop.example")
    form = {"email": "eve@shop.example", "password": PASSWORD}
    seen = await browser.post("/console/sign-in", form, **headers)
    assert seen.status == 403
    seen = await browser.post("/console/sign-out", {}, **headers)
    assert seen.status == 403
    assert await browser.me() == "user:user_ana"


NOT_OURS = (
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "/consolex",
    "/console@evil.example",
    "/console//evil.example",
    "/console/../../evil",
    "/console/..%2f..%2fevil",
    "/console\\evil.example",
    "/console?\nSet-Cookie: a=b",
    "/console/ö",
    "/setup",
    "/v1/me",
    "javascript:alert(1)",
    "/console/sign-in",
    "/console/sign-out",
    "/console/" + "x" * 2000,
    "",
)


@pytest.mark.parametrize("wanted", NOT_OURS)
def test_the_way_on_leads_nowhere_but_into_the_console(wanted: str) -> None:
    assert own_path(wanted) == "/console"


@pytest.mark.parametrize(
    "wanted",
    ["/console", "/console/orders/ord_1", "/console/inbox?q=a%20b&next=https://x.y"],
)
def test_pages_of_the_console_are_where_one_may_go_on(wanted: str) -> None:
    assert own_path(wanted) == wanted


async def test_no_form_sends_anybody_to_another_site(door: Door) -> None:
    browser = await door.browser()
    seen = await browser.sign_in("ana@shop.example", next="//evil.example/console")
    assert seen.goes_to == "/console"
    seen = await browser.get("/console/sign-in?next=https://evil.example")
    assert seen.goes_to == "/console"


# -- being inside ---------------------------------------------------------------------


async def test_every_sign_in_begins_a_session_that_nobody_knew_before(
    door: Door,
) -> None:
    browser = await door.browser()
    browser.give("a-token-of-the-attacker-0123456789-0123456789")
    await browser.sign_in("ana@shop.example")
    first = browser.token
    assert first != "a-token-of-the-attacker-0123456789-0123456789"
    attacker = await door.browser()
    attacker.give(first)
    assert await attacker.me() == "user:user_ana"
    await browser.sign_in("bea@shop.example")
    assert browser.token != first
    assert await browser.me() == "user:user_bea"
    assert await attacker.me() is None, "what the browser had before is over"


async def test_a_change_needs_the_token_of_its_own_session(door: Door) -> None:
    browser, other = [await door.inside("ana@shop.example") for _ in range(2)]
    body = {"name": "Ana Kaya"}

    async def change(**headers: str) -> int:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        path = "/v1/users/user_ana"
        return (await browser("PATCH", path, json=body, headers=sent)).status

    mine, theirs = csrf_of(browser.token), csrf_of(other.token)
    assert mine != theirs
    assert await change() == 403
    for wrong in ("", "x", theirs, mine[:-1], mine.upper(), mine + "x", "é"):
        assert await change(X_CSRF_Token=wrong) == 403
    assert await change(X_CSRF_Token=mine, Sec_Fetch_Site="cross-site") == 403
    assert await change(X_CSRF_Token=mine, Sec_Fetch_Site="same-site") == 403
    async with door.runtime.database.reading() as connection:
        ana = await find_user(connection, "tnt_kahve", "user_ana")
    assert ana is not None
    assert ana.name != "Ana Kaya"
    assert await change(X_CSRF_Token=mine, Sec_Fetch_Site="same-origin") == 200
    seen = await browser("PATCH", "/v1/users/user_ana", json=body)
    assert CSRF in seen.text
    assert seen.headers["Content-Type"] == "application/problem+json"


async def test_another_site_reads_nothing_through_a_browser(door: Door) -> None:
    browser = await door.inside("ana@shop.example")
    assert (await browser.get("/v1/me", Sec_Fetch_Site="cross-site")).status == 403
    assert (await browser.get("/v1/me", Sec_Fetch_Site="same-origin")).status == 200


async def test_a_key_wins_over_the_session(door: Door) -> None:
    browser = await door.inside("ana@shop.example")
    seen = await browser.get("/v1/me", Authorization="Bearer co_a_nobody")
    assert seen.status == 401
    seen = await browser.get("/v1/me", Authorization="Basic b3A6cHc=")
    assert seen.status == 200, "a proxy may ask for a password of its own"


async def test_a_session_is_no_key_of_the_other_faces_or_of_metrics(door: Door) -> None:
    browser = await door.inside("ana@shop.example")
    headers = {CSRF: csrf_of(browser.token)}
    for method, path in (
        ("GET", "/api/v1/products/recommendations"),
        ("POST", "/CreateOrder"),
    ):
        seen = await browser(method, path, json={}, headers=headers)
        assert seen.status in {401, 404, 405}
    bearer = {"Authorization": f"Bearer {browser.token}"}
    assert (await browser("GET", "/v1/me", headers=bearer)).status == 401


async def test_a_session_may_what_its_person_may_and_only_in_their_shop(
    door: Door,
) -> None:
    agent, admin = [
        await door.inside(f"{each}@shop.example") for each in ("bea", "eve")
    ]
    refused = await agent.get("/v1/users")
    assert refused.status == 403
    assert "a person with the role agent may not do this" in refused.text
    assert (await admin.get("/v1/users/user_eve")).status == 200
    for path in ("/v1/users/user_ana", "/v1/sessions?user_id=user_ana"):
        seen = await admin.get(path)
        assert seen.status == 404
        assert "user_ana" in seen.text
        assert "shop.example" not in seen.text


async def test_a_session_ends_when_nobody_uses_it_and_at_its_end(door: Door) -> None:
    browser = await door.inside("ana@shop.example")
    door.clock.advance(IDLE - timedelta(minutes=1))
    assert await browser.me() is not None
    door.clock.advance(IDLE - timedelta(minutes=1))
    assert await browser.me() is not None, "it was used since"
    door.clock.advance(IDLE)
    assert await browser.me() is None
    assert (await browser.get("/console/inbox")).goes_to.startswith("/console/sign-in")
    browser = await door.inside("ana@shop.example")
    end = door.clock() + LONGEST
    while door.clock() < end:
        assert await browser.me() is not None
        door.clock.advance(IDLE / 2)
    assert await browser.me() is None


async def test_a_new_password_and_a_disabled_person_end_the_session_at_once(
    door: Door,
) -> None:
    browser = await door.inside("bea@shop.example")
    hashed = await hash_password(PASSWORD)
    async with door.runtime.database.transaction() as connection:
        await set_password(
            connection, "tnt_kahve", "user_bea", hashed, now=door.clock()
        )
    assert await browser.me() is None
    browser = await door.inside("bea@shop.example")
    async with door.runtime.database.transaction() as connection:
        await change_user(connection, "tnt_kahve", "user_bea", state=UserState.DISABLED)
    assert await browser.me() is None
    await door.change("user_bea", state=UserState.ACTIVE)


async def test_signing_out_ends_the_session_and_not_only_its_cookie(door: Door) -> None:
    browser = await door.inside("ana@shop.example")
    token, page_token = browser.token, csrf_of(browser.token)
    for wrong in ({}, {"csrf": "x"}):
        assert (await browser.post("/console/sign-out", wrong)).status == 403
    assert await browser.me() is not None
    seen = await browser.post("/console/sign-out", {"csrf": page_token})
    assert seen.goes_to == "/console/sign-in"
    assert browser.token == ""
    browser.give(token)
    assert await browser.me() is None
    async with door.runtime.database.reading() as connection:
        [entry, *_], _ = await list_audit(connection, "tnt_kahve", action="sign_out")
    assert entry.actor == "user:user_ana"
    assert (await browser.post("/console/sign-out", {})).goes_to == "/console/sign-in"


_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0) {_CHROME} Safari/1 Edg/1", "Edge, Windows"),
        (f"Mozilla/5.0 (Linux; Android 15) {_CHROME} Mobile", "Chrome, Android"),
        (f"{_IPHONE} Mobile/15E148 Safari/604.1", "Safari, iPhone"),
        ("curl/8.9.1", None),
        ("", None),
        (None, None),
    ],
)
def test_a_browser_is_called_by_a_name_that_its_owner_knows(
    user_agent: str | None, device: str | None
) -> None:
    assert device_of(user_agent) == device


# -- more than one process ------------------------------------------------------------


@pytest.fixture(params=["redis", "sqlite", "postgresql"])
async def two_doors(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Door, Door]]:
    """Yield two processes: what they share is Redis, or nothing but the database."""
    engine = "postgres_url" if request.param == "postgresql" else "sqlite_url"
    settings = {}
    if request.param == "redis":
        settings["redis_url"] = request.getfixturevalue("redis_url")
        redis = Redis.from_url(settings["redis_url"])
        await redis.flushdb()
        await redis.aclose()
    async with open_door(request.getfixturevalue(engine), **settings) as here:
        yield here, await here.second()


async def test_all_processes_count_tries_together(two_doors: tuple[Door, Door]) -> None:
    browsers = [await door.browser() for door in two_doors]

    async def tried(*emails: str) -> Counter[int]:
        tries = zip(itertools.cycle(browsers), emails, strict=False)
        seen = (browser.sign_in(email, "wrong horse") for browser, email in tries)
        return Counter(each.status for each in await asyncio.gather(*seen))

    assert await tried(*["bea@shop.example"] * 12) == {403: 10, 429: 2}
    for browser in browsers:
        assert (await browser.sign_in("bea@shop.example")).status == 429
    # They came from one address, and that has few tries left, too.
    assert 429 in await tried(*(f"{n}@shop.example" for n in range(9)))


async def test_what_a_page_asks_by_itself_is_no_use_of_a_session(door: Door) -> None:
    browser = await door.inside("ana@shop.example")
    by_itself = {"X-Part": "queue", UNATTENDED: "1"}
    door.clock.advance(IDLE - timedelta(minutes=1))
    seen = await browser("GET", "/console/inbox", headers=by_itself)
    assert seen.status == 200
    door.clock.advance(timedelta(minutes=2))
    seen = await browser("GET", "/console/inbox", headers=by_itself)
    assert seen.status == 401
    assert (await browser.get("/console/inbox")).goes_to.startswith("/console/sign-in")
