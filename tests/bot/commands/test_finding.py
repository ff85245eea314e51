"""`chatorder catalog search` says what the bot would do with some words, and why."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.opening import configured, opened
from bot.ident import utc_now
from catalog.domain.learnt import SHOP, Heard, Lesson, Meaning
from catalog.lookup import find_products
from catalog.teaching import teach
from tests.bot.commands.conftest import Run
from tests.databases import apart

FEED = """sku,name,price,stock,category
CHO,Chocolate croissant,60,,Bakery
BUT,Butter croissant,50,,Bakery
LEM,Lemon cake,90,0,Cakes
CAR,Carrot cake,90,3,Cakes
"""


@pytest.fixture
def shop(run: Run, on_sqlite: None, tenant: str) -> str:
    Path("feed.csv").write_text(FEED)
    assert run("catalog", "import", "feed.csv", "--tenant", tenant).code == 0
    return tenant


def told(tenant: str, words: str, sku: str) -> None:
    """Let an agent tell the shop what words mean."""

    async def work(connection: AsyncConnection) -> None:
        (product,) = await find_products(connection, tenant, skus=[sku])
        said = Heard(SHOP, words, Meaning(product.id), Lesson.TOLD, "user:1")
        await teach(connection, tenant, [said], now=utc_now())

    async def run() -> None:
        async with opened(configured()) as database:
            await database.retried(work)

    apart(run())


def searched(run: Run, tenant: str, words: str, *more: str) -> Any:
    return run("catalog", "search", words, "--tenant", tenant, *more)


def test_it_says_what_the_bot_does_and_what_was_second(run: Run, shop: str) -> None:
    shown = searched(run, shop, "choclate croisant").out.splitlines()
    assert shown[0] == "'choclate croisant': certain: the bot takes it"
    assert shown[1] == "taken without a question from 80% on"
    assert "name: choclate ~ chocolate" in shown[3]
    shown = searched(run, shop, "croissant").out.splitlines()
    assert shown[0] == "'croissant': ambiguous: the bot asks which one"
    assert shown[-1].startswith("the first leads the second by 0.")
    found = searched(run, shop, "croissant", "--json").json
    assert (found["outcome"], found["match_status"]) == ("ambiguous", "ambiguous")
    assert [each["sku"] for each in found["candidates"]] == ["BUT", "CHO"]
    assert found["lead"] == pytest.approx(0.1, abs=0.1)


def test_what_was_learnt_is_told_with_what_the_catalog_says_alone(
    run: Run, shop: str
) -> None:
    told(shop, "croissant", "CHO")
    lines = searched(run, shop, "croissant").out
    assert "'croissant': certain" in lines
    assert "learnt: told by an agent for the shop (1)" in lines
    assert "without what was learnt: ambiguous" in lines
    found = searched(run, shop, "croissant", "--json").json
    assert found["outcome_without_learnt"] == "ambiguous"
    (learnt,) = found["learnt"]
    assert (learnt["words"], learnt["strength"]) == ("croissant", 8)
    exact = searched(run, shop, "butter croissant", "--json").json
    assert exact["candidates"][0]["sku"] == "BUT"


def test_something_sold_out_comes_with_what_is_offered_instead(
    run: Run, shop: str
) -> None:
    lines = searched(run, shop, "lemon cake").out
    assert "it is sold out; instead of it the customer is offered:" in lines
    found = searched(run, shop, "lemon cake", "--json").json
    assert found["candidates"][0]["stock_status"] == "out_of_stock"
    assert [each["sku"] for each in found["alternatives"]] == ["CAR"]


def test_a_customer_that_nobody_knows_is_one_line(run: Run, shop: str) -> None:
    ended = searched(run, shop, "latte", "--contact", "+905550000000")
    assert ended.code == 1
    assert "nobody is known as '+905550000000': name one contact by its id" in ended.err
