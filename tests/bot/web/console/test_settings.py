"""The settings: each role its pages; secrets only from the API's answers."""

import re
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.alarming import AlarmKind
from bot.inbox.accounts import Role
from bot.inbox.labels import Colour
from bot.inbox.shop_wire import ShopRules
from bot.inbox.users import add_user
from bot.texts import languages
from bot.web.api.registry import ENDPOINTS
from bot.web.choices import countries
from bot.web.console.saying import speaking
from bot.web.console.settings.room import PAGES
from bot.web.console.settings.rule_form import Control, Kind, form_of
from tests.console import Person, signed_in
from tests.databases import add_test_tenant
from tests.house import House, open_house

NAMES = [each.name for each in PAGES]


@pytest.fixture(scope="module")
async def house(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("settings")
    file = shutil.copy(migrated_file, folder / "test.db")
    async with open_house(f"sqlite:///{file}", folder) as house:
        ana = house.phone()
        await ana.say("2 latte")
        await house.settle()
        yield house


@pytest.fixture(scope="module")
async def admin(house: House) -> Person:
    return await signed_in(house, "Ada Ak", Role.ADMIN)


@pytest.mark.parametrize("name", NAMES)
async def test_an_admin_sees_every_page(admin: Person, name: str) -> None:
    html = await admin.page(f"/console/settings/{name}")
    assert html.count("<h1") == 1
    assert f'href="/console/settings/{name}" aria-current="page"' in html
    assert " style=" not in html
    # Each button of an action says something; each field has a label around it.
    assert not re.search(r"<button[^>]*>\s*</button>", html)


async def test_everybody_sees_what_their_role_may_see(house: House) -> None:
    allowed: list[str] = []
    people = [
        await signed_in(house, "Mona", Role.MANAGER),
        await signed_in(house, "Ege", Role.AGENT),
    ]
    for person in people:
        role = person.user.role
        allowed = [each.name for each in PAGES if role in each.roles]
        html = await person.page(f"/console/settings/{allowed[0]}")
        assert re.findall(r'<li><a href="/console/settings/(\w+)"', html) == allowed
        async with person.session() as session:
            for page in PAGES:
                async with session.get(f"/console/settings/{page.name}") as answer:
                    assert answer.status == (200 if page.name in allowed else 403)
            async with session.get("/console/settings") as answer:
                assert answer.url.path == f"/console/settings/{allowed[0]}"
    assert allowed == ["account"]


async def test_a_manager_sees_and_an_admin_changes(house: House, admin: Person) -> None:
    manager = await signed_in(house, "Milo", Role.MANAGER)
    for name in ("channels", "sinks", "users", f"users/{manager.user.id}"):
        path = f"/console/settings/{name}"
        assert 'data-call="' not in await manager.page(path)
        assert 'data-call="' in await admin.page(path)


async def test_no_page_has_a_secret(house: House, admin: Person) -> None:
    key = await admin.call("POST", "/v1/keys", {"role": "agent", "name": "Till"})
    app = await admin.call("POST", "/v1/apps", {"app_secret": "s3cret-of-the-app"})
    sink = {"kind": "webhook", "url": "https://93.184.216.34/orders"}
    added = await admin.call("POST", "/v1/sinks", sink)
    mail = {"email": "new@shop.example", "name": "Neu", "role": "agent"}
    user = await admin.call("POST", "/v1/users", mail)
    stored = [house.shop.erp_secret, house.shop.erp_key, house.shop.verify_token]
    secrets = [key["key"], app["verify_token"], added["secret"], user["password"]]
    paths = [*NAMES, f"sinks/{added['id']}", f"users/{user['id']}"]
    for path in paths:
        html = await admin.page(f"/console/settings/{path}")
        for secret in (*secrets, "s3cret-of-the-app", *stored):
            assert secret not in html, path
    keys = await admin.page("/console/settings/keys")
    assert "Till" in keys
    assert f"POST /v1/keys/{key['id']}/revoke" in keys


async def test_another_shop_s_sinks_and_people_are_no_pages(house: House) -> None:
    other = await add_test_tenant(house.runtime.database)
    stranger = await signed_in(house, role=Role.ADMIN, tenant_id=other)
    mine = await signed_in(house, "Own", Role.ADMIN)
    (sink, *_) = (await mine.call("GET", "/v1/sinks"))["data"]
    async with stranger.session() as session:
        for path in (f"sinks/{sink['id']}", f"users/{mine.user.id}"):
            async with session.get(f"/console/settings/{path}") as answer:
                assert answer.status == 404
    html = await stranger.page("/console/settings/privacy?search=Ana")
    assert "/export" not in html


def test_a_country_whose_name_has_an_accent_stands_where_people_look_for_it() -> None:
    names = [name for _, name in countries("pt")]
    assert names.index("Austrália") < names.index("Áustria") < names.index("Bélgica")


async def test_what_the_shop_is_called_and_where_it_is_shows_at_once(
    house: House, admin: Person
) -> None:
    before = await admin.call("GET", "/v1/tenant")
    html = await admin.page("/console/settings/shop")
    assert f'value="{before["timezone"]}" selected' in html
    assert 'name="currency"' not in html, "its products have prices"
    moved = {"name": "Mavi Kahve", "timezone": "Asia/Tokyo"}
    await admin.call("PATCH", "/v1/tenant", moved)
    html = await admin.page("/console/orders")
    assert 'data-zone="Asia/Tokyo"' in html
    assert "· Mavi Kahve</title>" in html
    wrong = await admin.call("PATCH", "/v1/tenant", {"timezone": "Moon"}, status=422)
    assert wrong["errors"][0]["field"] == "timezone"
    await admin.call("PATCH", "/v1/tenant", {name: before[name] for name in moved})


async def test_who_came_with_a_password_may_change_it(admin: Person) -> None:
    html = await admin.page("/console/settings/account")
    assert 'data-call="PUT /v1/me/password"' in html
    assert 'name="current" type="password"' in html


async def test_people_are_found_for_privacy_only_when_looked_for(
    admin: Person,
) -> None:
    assert "/export" not in await admin.page("/console/settings/privacy")
    found = await admin.page("/console/settings/privacy?search=Ana")
    assert re.search(r'data-download="/v1/contacts/con_\w+/export"', found)
    assert "/erase" in found


async def test_the_audit_is_looked_through_in_words(admin: Person) -> None:
    await admin.call("POST", "/v1/labels", {"name": "Wholesale"})
    path = f"/console/settings/audit?actor=user:{admin.user.id}&action=create_label"
    html = await admin.page(path + "&target=")
    assert "<td>Ada Ak" in re.sub(r"<td><a [^>]*>", "<td>", html)
    assert html.count("added a label") == 2  # The entry, and the filter.


@pytest.mark.parametrize("actor", ["key_named", "user", "user:", ":", "con_", "?"])
async def test_the_audit_is_looked_through_for_any_actor_at_all(
    admin: Person, actor: str
) -> None:
    assert "card" in await admin.page(f"/console/settings/audit?actor={actor}")


async def test_the_audit_names_whoever_did_something_however_many_there_are(
    house: House, admin: Person
) -> None:
    async with house.runtime.database.transaction() as connection:
        for n in range(101):
            await add_user(
                connection,
                id=f"user_many_{n}",
                tenant_id=house.tenant_id,
                email=f"many{n}@shop.example",
                name="One of many",
                role=Role.AGENT,
                password_hash="-",
                now=house.runtime.clock(),
            )
    late = await signed_in(house, "Late Lale", Role.MANAGER)
    await late.call("POST", "/v1/labels", {"name": "Late"})
    html = await admin.page("/console/settings/audit")
    assert "Late Lale" in html
    assert "One of many" not in html


async def test_texts_are_those_of_a_language_and_the_shop_s_own(
    admin: Person,
) -> None:
    html = await admin.page("/console/settings/texts?language=tr")
    assert 'name="rules.style.own_words.welcome.tr"' in html
    assert "say.order_placed.numbered" in html


# -- the form of the rules ------------------------------------------------------------


def controls(form: tuple[Control, ...]) -> list[Control]:
    inside = [each for control in form for each in controls(control.inside)]
    return [*form, *inside]


def test_the_form_has_a_control_for_each_rule() -> None:
    form = tuple(form_of(ShopRules()))
    assert [each.path[0] for each in form] == list(ShopRules.model_fields)
    found = {each.key: each.kind for each in controls(form)}
    assert found["delivery_fee"] is Kind.AMOUNT
    assert found["delivery_areas"] is Kind.ROWS
    assert found["payments_names"] is Kind.SPOKEN
    assert found["hours_mon"] is Kind.LIST
    assert found["style_own_words"] is Kind.HIDDEN
    assert [key for key, kind in found.items() if kind is Kind.JSON] == ["fields_own"]


def test_the_form_holds_what_the_rules_are() -> None:
    rules = ShopRules.model_validate(
        {
            "delivery": {"areas": [{"name": "Moda", "cities": ["Moda"], "fee": "9"}]},
            "wrong_product": 8,
        }
    )
    found = {each.key: each for each in controls(tuple(form_of(rules)))}
    (row,) = found["delivery_areas"].rows
    named = {each.name: each.value for each in row}
    assert named["rules.delivery.areas.0.name"] == "Moda"
    assert named["rules.delivery.areas.0.fee"] == "9"
    assert found["wrong_product"].options[-1] == found["wrong_product"].json == "8"


@pytest.mark.parametrize("language", languages())
def test_every_rule_has_a_label(language: str) -> None:
    say = speaking(
        language, "Europe/Istanbul", "TR", datetime(2026, 11, 22, tzinfo=UTC)
    )
    for each in controls(tuple(form_of(ShopRules()))):
        names = (each.key, each.path[-1])
        known = any(say.knows(f"settings.rule.{name}") for name in names)
        assert known or each.kind is Kind.HIDDEN, each.key


def test_every_label_and_hint_is_of_a_rule() -> None:
    say = speaking("en", "Europe/Istanbul", "TR", datetime(2026, 11, 22, tzinfo=UTC))
    form = controls(tuple(form_of(ShopRules())))
    keys = {each.key for each in form}
    last = {each.path[-1] for each in form}
    known = {"rule": keys | last, "hint": keys, "add_one": keys}
    for kind, names in known.items():
        begin = f"settings.{kind}."
        told = {key.removeprefix(begin) for key in say.wording.texts if begin in key}
        assert told
        assert told <= names


def test_whatever_can_be_wrong_has_a_name() -> None:
    say = speaking("en", "Europe/Istanbul", "TR", datetime(2026, 11, 22, tzinfo=UTC))
    for kind in AlarmKind:
        assert say.knows(f"settings.alarm_{kind}")
    for colour in Colour:
        assert say.knows(f"settings.colour_{colour}")


def test_whatever_people_do_is_named_in_the_audit_in_their_language() -> None:
    say = speaking("tr", "Europe/Istanbul", "TR", datetime(2026, 11, 22, tzinfo=UTC))
    begin = "settings.did."
    told = {key.removeprefix(begin) for key in say.wording.texts if begin in key}
    done = {each.name for each in ENDPOINTS if each.writes}
    beside = {"sign_in", "sign_out", "hand_over_conversation"}
    assert told - {each.name for each in ENDPOINTS} == beside
    assert done <= told
