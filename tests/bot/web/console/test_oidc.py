"""Signing in with an OpenID Connect provider: a real one on loopback, honest or not."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from yarl import URL

from bot.inbox.audit import list_audit
from bot.inbox.users import UserState
from bot.settings import SettingsError, read_settings
from tests import openid_provider
from tests.door import Browser, Door, Seen, open_door
from tests.openid_provider import CLIENT, SECRET, Claims, Provider, open_provider
from tests.simulation import Clock

REFUSED = (
    "The sign-in service did not confirm who you are. Try again, or use your password."
)


@dataclass(frozen=True)
class Place:
    """A door whose people may come by way of a provider."""

    door: Door
    provider: Provider

    async def try_in(self, browser: Browser, path: str = "/console") -> Seen:
        """Go to the provider and come back."""
        there = await browser.get(f"/console/sign-in/sso?next={path}")
        assert there.goes_to.startswith(self.provider.url)
        return await browser.get(await self.answer(there))

    async def answer(self, there: Seen) -> str:
        """Return the address at which the provider's answer arrives."""
        async with (await self.door.browser()).session.get(
            URL(there.goes_to, encoded=True), allow_redirects=False
        ) as answer:
            assert answer.status == 302, await answer.text()
            return answer.headers["Location"].removeprefix(self.door.url)


@pytest.fixture(scope="module")
async def whole_place(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Place]:
    file = shutil.copy(migrated_file, tmp_path_factory.mktemp("oidc") / "oidc.db")
    async with AsyncExitStack() as stack:
        clock = Clock()
        provider = await stack.enter_async_context(open_provider(clock))
        settings: dict[str, Any] = {
            "oidc_issuer": provider.url,
            "oidc_client_id": CLIENT,
            "oidc_client_secret": SECRET,
            "oidc_name": "Kahve ID",
        }
        door = await stack.enter_async_context(
            open_door(f"sqlite:///{file}", clock=clock, **settings)
        )
        yield Place(door, provider)


@pytest.fixture
def place(whole_place: Place) -> Place:
    whole_place.provider.reset()
    whole_place.door.rest()
    return whole_place


# -- coming in ------------------------------------------------------------------------


async def test_whom_the_provider_vouches_for_comes_in_and_where_they_wanted(
    place: Place,
) -> None:
    browser = await place.door.browser()
    page = await browser.get("/console/sign-in?next=/console/orders")
    assert "Sign in with Kahve ID" in page.text
    assert 'href="/console/sign-in/sso?next=/console/orders"' in page.text
    seen = await place.try_in(browser, "/console/orders")
    assert seen.goes_to == "/console/orders"
    assert await browser.me() == "user:user_ana"
    assert [each for each in seen.cookies if each.startswith("chatorder_sso=")] == [
        'chatorder_sso=""; HttpOnly; Max-Age=0; Path=/; SameSite=Lax'
    ]
    async with place.door.runtime.database.reading() as connection:
        [entry, *_], _ = await list_audit(connection, "tnt_kahve", action="sign_in")
    assert (entry.actor, entry.details) == ("user:user_ana", {"how": "sso"})
    account = await browser.get("/console/settings/account")
    assert "Kahve ID ile giriş yaptınız" in account.text
    assert "/v1/me/password" not in account.text


async def test_the_way_there_carries_no_secret_and_no_try_is_like_another(
    place: Place,
) -> None:
    browser = await place.door.browser()
    asked = [
        URL((await browser.get("/console/sign-in/sso")).goes_to).query for _ in range(2)
    ]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
        assert len(asked[0][name]) >= 43
    assert SECRET not in str(asked)
    assert asked[0]["redirect_uri"] == place.door.url + "/console/sign-in/callback"


async def test_who_belongs_to_two_shops_chooses_one(place: Place) -> None:
    place.provider.person["email"] = "DORA@shop.example"
    browser = await place.door.browser()
    choice = await place.try_in(browser)
    form = {"ticket": choice.field("ticket"), "shop": "user_dora_2"}
    assert (await browser.post("/console/sign-in", form)).goes_to == "/console"
    assert await browser.me() == "user:user_dora_2"


async def test_an_address_that_only_the_user_info_has_does_as_well(
    place: Place,
) -> None:
    place.provider.in_user_info = True
    place.provider.person["email_verified"] = "true"  # As some write it.
    browser = await place.door.browser()
    assert (await place.try_in(browser)).goes_to == "/console"
    assert await browser.me() == "user:user_ana"
    assert "/me" in place.provider.asked


async def test_a_provider_that_wants_the_secret_in_the_form_gets_it_there(
    place: Place,
) -> None:
    place.provider.discovery = {
        "token_endpoint_auth_methods_supported": ["client_secret_post"]
    }
    browser = await place.door.browser()
    assert (await place.try_in(browser)).goes_to == "/console"


# -- not coming in --------------------------------------------------------------------


async def nobody(place: Place, browser: Browser, seen: Seen, said: str) -> None:
    assert seen.status in {403, 502}
    assert seen.said == said
    assert not [each for each in seen.cookies if each.startswith("chatorder_session")]
    assert await browser.me() is None


@pytest.mark.parametrize("verified", [False, None, "false", "yes", 0])
async def test_an_address_that_nobody_has_verified_is_anybodys(
    place: Place, verified: object
) -> None:
    place.provider.lies = {"email_verified": verified}
    browser = await place.door.browser()
    seen = await place.try_in(browser)
    said = "The sign-in service has no confirmed email address of yours."
    await nobody(place, browser, seen, said)


async def test_strangers_and_the_disabled_do_not_become_users(place: Place) -> None:
    before = len(await place.door.sessions())
    await place.door.change("user_bea", state=UserState.DISABLED)
    for email in ("stranger@shop.example", "bea@shop.example", "user_ana"):
        place.provider.person["email"] = email
        browser = await place.door.browser()
        seen = await place.try_in(browser)
        assert "Nobody here has your email address" in seen.said
        assert await browser.me() is None
    await place.door.change("user_bea", state=UserState.ACTIVE)
    assert len(await place.door.sessions()) == before


_NOW = Clock().now.timestamp()


@pytest.mark.parametrize(
    "lies",
    [
        {"iss": "https://evil.example"},
        {"aud": "another client"},
        {"aud": [CLIENT, "another client"]},
        {"azp": "another client"},
        {"nonce": "of another try"},
        {"nonce": None},
        {"exp": _NOW - 3600},
        {"exp": None},
        {"iat": _NOW + 10**7},
        {"sub": None},
        {"exp": "soon"},
    ],
    ids=str,
)
async def test_a_token_that_is_not_for_us_or_not_for_now_is_refused(
    place: Place, lies: Claims
) -> None:
    place.provider.lies = lies
    browser = await place.door.browser()
    await nobody(place, browser, await place.try_in(browser), REFUSED)


@pytest.mark.parametrize(
    "sign",
    [
        openid_provider.with_another_key,
        openid_provider.with_an_unknown_key,
        openid_provider.with_a_key_for_other_things,
        openid_provider.with_the_secret,
        openid_provider.with_nothing,
        openid_provider.not_at_all,
    ],
)
async def test_a_token_that_the_provider_did_not_sign_is_refused(
    place: Place, sign: Callable[[Provider, Claims], str]
) -> None:
    place.provider.sign = sign
    browser = await place.door.browser()
    await nobody(place, browser, await place.try_in(browser), REFUSED)


async def test_user_info_of_somebody_else_is_refused(place: Place) -> None:
    place.provider.in_user_info = True
    browser = await place.door.browser()
    there = await browser.get("/console/sign-in/sso")
    back = await place.answer(there)
    place.provider.sign = lambda provider, claims: openid_provider.honestly(
        provider, {**claims, "sub": "somebody else"}
    )
    await nobody(place, browser, await browser.get(back), REFUSED)


async def test_an_answer_belongs_to_the_browser_that_asked(place: Place) -> None:
    """Else an attacker could send a victim into the attacker's account."""
    attacker, victim = [await place.door.browser() for _ in range(2)]
    back = await place.answer(await attacker.get("/console/sign-in/sso"))
    over = "That took too long, or began in another window. Please sign in again."
    await nobody(place, victim, await victim.get(back), over)
    await victim.get("/console/sign-in/sso")  # It has a try of its own.
    await nobody(place, victim, await victim.get(back), over)
    assert "/token" not in place.provider.asked


async def test_an_answer_comes_once_and_in_time(place: Place) -> None:
    browser = await place.door.browser()
    back = await place.answer(await browser.get("/console/sign-in/sso"))
    assert (await browser.get(back)).status == 303
    other = await place.door.browser()
    assert (await other.get(back)).status == 403
    late = await place.door.browser()
    back = await place.answer(await late.get("/console/sign-in/sso"))
    place.door.clock.advance(timedelta(minutes=11))
    assert (await late.get(back)).status == 403
    assert await late.me() is None


@pytest.mark.parametrize(
    "changes",
    [
        {"error": "access_denied"},
        {"iss": "https://evil.example"},
        {"code": "made up"},
        {"code": ""},
        {"code": "x" * 5000},
    ],
    ids=lambda each: f"{next(iter(each))}={str(next(iter(each.values())))[:20]}",
)
async def test_an_answer_that_was_tampered_with_is_refused(
    place: Place, changes: dict[str, str]
) -> None:
    browser = await place.door.browser()
    back = await place.answer(await browser.get("/console/sign-in/sso"))
    bent = str(URL(back).update_query(changes))
    await nobody(place, browser, await browser.get(bent), REFUSED)


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://provider.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": None},
    ],
    ids=str,
)
async def test_a_provider_that_is_not_what_it_should_be_is_not_gone_to(
    place: Place, discovery: Claims
) -> None:
    place.provider.discovery = discovery
    browser = await place.door.browser()
    seen = await browser.get("/console/sign-in/sso")
    await nobody(place, browser, seen, REFUSED)
    assert place.provider.asked == ["/.well-known/openid-configuration"]


@pytest.mark.parametrize(
    "address", ["/.well-known/openid-configuration", "/token", "/keys"]
)
async def test_while_the_provider_is_down_people_are_told_so(
    place: Place, address: str
) -> None:
    browser = await place.door.browser()
    back = await place.answer(await browser.get("/console/sign-in/sso"))
    place.provider.down = frozenset({address})
    seen = await browser.get(back)
    said = "The sign-in service does not answer."
    assert seen.status == 502
    assert seen.said.startswith(said)
    assert (await browser.sign_in("ana@shop.example")).status == 303


async def test_tries_are_counted_by_address(place: Place) -> None:
    browser = await place.door.browser()
    seen = [await browser.get("/console/sign-in/callback") for _ in range(21)]
    assert [each.status for each in seen] == [403] * 20 + [429]
    assert (await browser.get("/console/sign-in/sso")).status == 429


async def test_without_a_provider_there_are_no_such_pages(sqlite_url: str) -> None:
    async with open_door(sqlite_url) as door:
        browser = await door.browser()
        for path in ("/console/sign-in/sso", "/console/sign-in/callback?code=x"):
            assert (await browser.get(path)).status == 404


# -- settings -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("issuer", "client"),
    [
        ("http://provider.example", "us"),
        ("provider.example", "us"),
        ("https://provider.example", ""),
        ("", "us"),
    ],
)
def test_a_provider_is_reached_by_https_and_knows_us(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, issuer: str, client: str
) -> None:
    monkeypatch.setenv("CHATORDER_OIDC_ISSUER", issuer)
    monkeypatch.setenv("CHATORDER_OIDC_CLIENT_ID", client)
    with pytest.raises(SettingsError, match="CHATORDER_OIDC_"):
        read_settings(tmp_path / ".env")
