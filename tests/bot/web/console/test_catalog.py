"""The catalog in the console: found as customers find it, edited, uploaded."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.inbox.accounts import Role
from tests.console import Person, signed_in
from tests.house import House, open_house

SHIRT = {
    "sku": "TEE",
    "name": "T-Shirt",
    "price": {"amount": "400", "currency": "TRY"},
    "aliases": ["tişört", 'say "shirt"'],
    "variants": [
        {"sku": "TEE-RM", "attributes": {"colour": "red", "size": "M"}, "stock": "4"},
        {"sku": "TEE-BM", "attributes": {"colour": "blue", "size": "M"}},
    ],
}
RIGHT = b"sku,name,price\nLAT,Latte,95\n"
WRONG = RIGHT + b"TEA,Tea,cheap\n"

#: No import of a test takes longer, seconds.
PATIENCE = 30


@pytest.fixture(scope="module")
async def house(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("catalog")
    file = shutil.copy(migrated_file, folder / "test.db")
    async with open_house(f"sqlite:///{file}", folder) as house:
        yield house


@pytest.fixture(scope="module")
async def agent(house: House) -> Person:
    return await signed_in(house)


@pytest.fixture(scope="module")
async def manager(house: House) -> Person:
    return await signed_in(house, "Can Er", Role.MANAGER)


@pytest.fixture(scope="module")
async def shirt(manager: Person) -> Any:
    return await manager.call("POST", "/v1/products", SHIRT)


async def upload(person: Person, content: bytes, query: str = "") -> str:
    """Upload a file as the page does; return the path of its page once it is done."""
    path = "/v1/products/imports"
    async with person.session() as session:
        sent = {"Content-Type": "text/csv"}
        async with session.post(path + query, data=content, headers=sent) as answer:
            assert answer.status == 202
            import_id = (await answer.json())["id"]
    async with asyncio.timeout(PATIENCE):
        while True:
            found = await person.call("GET", f"{path}/{import_id}")
            if found["state"] not in {"queued", "running"}:
                break
            await asyncio.sleep(0.05)
    return f"/console/catalog/imports/{import_id}"


async def test_products_are_listed_with_price_and_stock(
    agent: Person, shirt: Any
) -> None:
    page = await agent.page("/console/catalog")
    assert f'href="/console/catalog/{shirt["id"]}"' in page
    assert "2 variants" in page
    assert "₺400.00" in page
    assert "not counted" in page


async def test_the_list_is_filtered(agent: Person) -> None:
    page = await agent.page("/console/catalog?category=Coffee&active=true&q=")
    assert "LATTE" in page
    assert "CHOC" not in page
    assert "Nothing fits" in await agent.page("/console/catalog?active=false")


@pytest.mark.parametrize(
    ("words", "outcome", "why"),
    [
        ("2 choc croissants", "takes the first one", "choc ~ chocolate"),
        ("croissant", "asks which one", "name"),
        ("TEA", "takes the first one", "99 %"),
        ("bicycle", "finds nothing", "Nothing fits"),
    ],
)
async def test_words_find_products_and_it_is_said_why(
    agent: Person, words: str, outcome: str, why: str
) -> None:
    page = await agent.page(f"/console/catalog?q={words.replace(' ', '+')}")
    assert outcome in page
    assert why in page


async def test_an_agent_sees_a_product_and_changes_none(
    agent: Person, shirt: Any
) -> None:
    page = await agent.page(f"/console/catalog/{shirt['id']}")
    assert "TEE-RM" in page
    assert "PATCH" not in page
    assert "imports" not in await agent.page("/console/catalog")
    path = "/console/catalog/imports"
    async with agent.session() as session, session.get(path) as answer:
        assert answer.status == 403


async def test_a_manager_s_form_sends_the_variants_as_they_are(
    manager: Person, shirt: Any
) -> None:
    page = await manager.page(f"/console/catalog/{shirt['id']}")
    assert f'data-call="PATCH /v1/products/{shirt["id"]}"' in page
    assert 'name="variants.0.sku" value="TEE-RM"' in page
    assert "{&#34;colour&#34;: &#34;red&#34;, &#34;size&#34;: &#34;M&#34;}" in page
    assert 'name="variants.0.stock"' in page
    # Without an alias: the others stay.
    assert 'data-as="json" value="[&#34;tişört&#34;]"' in page or (
        'data-as="json" value="[&#34;ti\\u015f\\u00f6rt&#34;]"' in page
    )


async def test_the_product_page_says_what_words_find(agent: Person, shirt: Any) -> None:
    path = f"/console/catalog/{shirt['id']}"
    assert "do not find this product" in await agent.page(f"{path}?words=latte")
    assert "do not find" not in await agent.page(f"{path}?words=red+tişört")


async def test_learnt_words_are_shown_and_told_to_everybody(
    house: House, agent: Person, shirt: Any
) -> None:
    await house.phone().say("hello")
    await house.settle()
    (contact,) = (await agent.call("GET", "/v1/contacts"))["data"]
    body = {"words": "the thing", "product_id": shirt["id"]}
    await agent.call("POST", "/v1/aliases", {**body, "contact_id": contact["id"]})
    page = await agent.page(f"/console/catalog/{shirt['id']}")
    assert "<q>the thing</q>" in page
    assert "Ana" in page
    assert "For everybody" in page
    await agent.call("POST", "/v1/aliases", body)
    assert "everybody&#39;s" in await agent.page(f"/console/catalog/{shirt['id']}")


async def test_a_bad_row_is_reported_with_what_to_do(manager: Person) -> None:
    page = await manager.page(await upload(manager, WRONG))
    assert ">3</td>" in page
    assert "is not a number" in page
    assert "Nothing was changed" in page
    listed = await manager.page("/console/catalog/imports")
    assert "1 mistake" in listed
    assert "Can Er" in listed


async def test_a_file_can_be_looked_at_first(manager: Person) -> None:
    page = await manager.page(await upload(manager, RIGHT, "?dry_run=true"))
    assert "this is what the file would do" in page


@pytest.mark.parametrize("language", ["tr", "es", "pt", "ru"])
async def test_the_catalog_is_told_in_every_language(
    manager: Person, shirt: Any, language: str
) -> None:
    paths = ("", "/imports", f"/{shirt['id']}?words=shirt")
    async with manager.session() as session:
        session.cookie_jar.update_cookies({"chatorder_language": language})
        for path in paths:
            async with session.get(f"/console/catalog{path}") as answer:
                assert answer.status == 200
                assert f'<html lang="{language}"' in await answer.text()
