"""What every page of the console is: for its shop only, in five languages, safe."""

import re
import shutil
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from bot.inbox.accounts import Role
from bot.inbox.table import conversation, message
from bot.texts import languages
from bot.web.api.problems import KINDS
from bot.web.console import files
from bot.web.console.amounts import amount_pattern
from bot.web.console.registry import CONSOLE_ROOMS
from bot.web.console.saying import chosen_language, rooms, speaking
from catalog.table import product
from orders.table import order, sink
from tests.console import Person, signed_in
from tests.databases import add_test_tenant
from tests.house import House, open_house

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
async def house(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("console")
    file = shutil.copy(migrated_file, folder / "test.db")
    async with open_house(f"sqlite:///{file}", folder) as house:
        ana = house.phone()
        for words in ("2 latte, pick up", "yes"):
            await ana.say(words)
            await house.settle()
        yield house


@pytest.fixture(scope="module")
async def agent(house: House) -> Person:
    return await signed_in(house)


@pytest.mark.parametrize("language", languages())
def test_every_language_says_everything(language: str) -> None:
    say = speaking(language, "Europe/Istanbul", "TR", NOW)
    assert say.language == language
    assert say.direction == "ltr"
    assert {each.name for each in CONSOLE_ROOMS} <= set(rooms())


def test_units_are_called_what_customers_read() -> None:
    english, russian = (
        speaking(language, "Europe/Istanbul", "TR", NOW) for language in ("en", "ru")
    )
    assert [english.unit("piece", each) for each in ("1", "2")] == ["piece", "pieces"]
    assert russian.unit("piece", "2") == "шт."
    assert english.unit("bundle", "2") == "bundle"


def test_a_name_turns_no_sentence_around() -> None:
    say = speaking("en", "Europe/Istanbul", "TR", NOW)
    assert say("inbox.assigned_to", name="Ana") == "Assigned to Ana"
    turned = say("inbox.assigned_to", name="\u202egnirts")
    assert turned == "Assigned to \u2068gnirts\u2069"
    arabic = "\u0645\u0646\u0649"
    assert say("inbox.step.released", name=arabic).startswith(f"\u2068{arabic}\u2069 ")
    # The second of a voice note is apart already, and stays as it is.
    assert "\u2068" not in say("draft.listen_from", time="\u20660:04\u2069")


def test_every_problem_of_a_page_s_actions_has_words_in_every_language() -> None:
    kinds = {each.name for each in KINDS}
    known = {
        key.removeprefix("frame.script.problem.")
        for key in speaking("en", "Europe/Istanbul", "TR", NOW).wording.texts
        if key.startswith("frame.script.problem.")
    }
    # The others are mistakes of a program, and a page makes none of them.
    assert kinds - known == {
        "malformed-request",
        "unauthorized",
        "method-not-allowed",
        "idempotency-key-reused",
    }
    assert known <= kinds


@pytest.mark.parametrize(
    ("typed", "is_taken"),
    {
        "135,50": True,
        "135.5": True,
        "1350": True,
        "0.125": True,
        "1.350": False,
        "1,350": False,
        "1.350,00": False,
        "12.0125": True,
    }.items(),
)
def test_an_amount_is_typed_with_a_comma_too_and_never_with_thousands(
    typed: str, *, is_taken: bool
) -> None:
    assert bool(re.fullmatch(amount_pattern("99.90", "TRY"), typed)) is is_taken
    assert re.fullmatch(amount_pattern("0.125"), "1.350"), "as what is there already"
    assert re.fullmatch(amount_pattern(None, "KWD"), "1.350"), "its smallest coin"


def test_a_browser_s_languages_are_looked_through() -> None:
    assert chosen_language(None, "xx, tr-TR;q=0.8, en;q=0.5") == "tr"
    assert chosen_language("pt-BR", "tr") == "pt"
    assert chosen_language(None, "xx") == "en"


async def test_nobody_sees_a_page_without_signing_in(house: House) -> None:
    async with aiohttp.ClientSession(house.shop.url) as session:
        async with session.get(
            "/console/inbox?queue=open", allow_redirects=False
        ) as answer:
            assert answer.status == 303
            assert answer.headers["Location"] == (
                "/console/sign-in?next=%2Fconsole%2Finbox%3Fqueue%3Dopen"
            )
        async with session.get("/console/inbox", headers={"X-Part": "queue"}) as answer:
            assert answer.status == 401


async def test_a_page_lets_nothing_foreign_run(agent: Person) -> None:
    async with agent.session() as session, session.get("/console/inbox") as answer:
        policy = answer.headers["Content-Security-Policy"]
        text = await answer.text()
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert " style=" not in text
    assert " onclick=" not in text


async def test_a_part_is_the_part_of_the_page(agent: Person) -> None:
    async with agent.session() as session:
        asked = {"X-Part": "queue, nothing,../x"}
        async with session.get("/console/inbox", headers=asked) as answer:
            text, tag = await answer.text(), answer.headers["ETag"]
        assert text.startswith("<section")
        assert 'data-part="queue"' in text
        assert "<html" not in text
        again = {**asked, "If-None-Match": tag}
        async with session.get("/console/inbox", headers=again) as answer:
            assert answer.status == 304


async def test_what_is_not_there_says_so(agent: Person) -> None:
    async with agent.session() as session:
        for path in (
            "/console/conversations/conv_1",
            "/console/conversations/a%20b",
            "/console/nothing/at/all",
            "/console/orders/",
        ):
            async with session.get(path) as answer:
                assert answer.status == 404
                assert "There is no such page" in await answer.text()


async def test_no_address_shows_another_shop_s_things(house: House) -> None:
    owner = await signed_in(house, "Ada Kaya", Role.ADMIN)
    tenant_id = await add_test_tenant(house.runtime.database)
    stranger = await signed_in(house, "Eve Low", Role.ADMIN, tenant_id=tenant_id)
    ids = await ids_of(house, owner)
    routes = (route.path for room in CONSOLE_ROOMS for route in room.routes)
    paths = [path for path in routes if "{" in path]
    assert len(paths) >= 9
    async with owner.session() as ours, stranger.session() as theirs:
        for path in paths:
            address = path.format_map(ids)
            async with ours.get(address) as answer:
                assert answer.status == 200, address
            async with theirs.get(address) as answer:
                assert answer.status == 404, address


async def ids_of(house: House, owner: Person) -> Mapping[str, str]:
    """Return an id of each kind of thing that has a page."""
    (chat,) = await house.rows(conversation)
    (wrote, *_) = await house.rows(message, direction="in")
    csv = {"Content-Type": "text/csv"}
    body = b"sku,name,price\nTEA,Tea,30\n"
    async with (
        owner.session() as session,
        session.post("/v1/products/imports", data=body, headers=csv) as answer,
    ):
        assert answer.status == 202, await answer.text()
        imported = (await answer.json())["id"]
    return {
        "conversation_id": chat.id,
        "message_id": wrote.id,
        "order_id": (await house.rows(order))[0].id,
        "product_id": (await house.rows(product))[0].id,
        "sink_id": (await house.rows(sink))[0].id,
        "import_id": imported,
        "user_id": owner.user.id,
    }


async def test_scripts_and_sheets_are_kept_until_the_next_release(
    house: House,
) -> None:
    async with aiohttp.ClientSession(house.shop.url) as session:
        async with session.get(files.address("console.css")) as answer:
            assert answer.status == 200
            assert "immutable" in answer.headers["Cache-Control"]
            assert ".desk" in await answer.text()
        async with session.get("/console/static/old/act.js") as answer:
            assert answer.content_type == "text/javascript"
            assert answer.headers["Cache-Control"] == "no-store"
        for name in ("frame.py", "..%2fframe.py", "none.js"):
            async with session.get(f"/console/static/x/{name}") as answer:
                assert answer.status == 404
