"""What was learnt about words, kept in the database."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from bot.db import Database
from catalog.alias_rows import MOST_OF_CUSTOMER, AliasesFull
from catalog.alias_table import learnt_alias
from catalog.aliases import AliasGone, list_aliases, load_aliases
from catalog.domain.learnt import HALF_LIFE, SHOP, Heard, Learnt, Lesson, Meaning
from catalog.store import upsert_products
from catalog.teaching import NothingToTakeBack, forget, take_back, teach, unlearn
from tests.databases import add_test_tenant
from tests.factories import a_product

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
async def shop(database: Database, tenant_id: str) -> Database:
    """Return a database with a shop that sells a latte and a mocha."""
    products = [a_product(id=sku, sku=sku, name=sku) for sku in ("latte", "mocha")]
    async with database.transaction() as connection:
        await upsert_products(
            connection, tenant_id, products, new_id=lambda kind: kind, now=NOW
        )
    return database


def hears(
    owner: str,
    words: str = "the usual",
    product_id: str = "latte",
    lesson: Lesson = Lesson.ORDER,
) -> Heard:
    return Heard(owner, words, Meaning(product_id), lesson, None)


async def learn(
    shop: Database, *lessons: Heard, now: datetime = NOW, tenant_id: str = "tenant_test"
) -> Sequence[str]:
    async with shop.transaction() as connection:
        return await teach(connection, tenant_id, lessons, now=now)


async def known(
    shop: Database, owner: str, tenant_id: str = "tenant_test"
) -> dict[tuple[str, str, str], Learnt]:
    """Return what counts for a customer: by owner, key and product."""
    async with shop.reading() as connection:
        found = await load_aliases(connection, {(tenant_id, owner)})
    return {(a.owner, a.key, a.meaning.product_id): a for a in found[tenant_id, owner]}


async def test_what_is_learnt_of_a_customer_is_that_customers_alone(
    shop: Database,
) -> None:
    await learn(
        shop, hears("ana"), hears("ana", "the usual"), hears("ben", "my tea thing")
    )
    (alias,) = (await known(shop, "ana")).values()
    assert (alias.words, alias.times, alias.weight) == ("the usual", 2, 2)
    assert list(await known(shop, "ben")) == [("ben", "teathing", "latte")]
    assert await known(shop, SHOP) == {}


async def test_one_customer_teaches_the_shop_nothing_and_three_do(
    shop: Database,
) -> None:
    for _ in range(30):
        await learn(shop, hears("ana", product_id="mocha"))
    assert await known(shop, "ben") == {}
    for name in ("ben", "cem", "dia"):
        await learn(shop, hears(name))
    assert (SHOP, "usual", "latte") in await known(shop, "new")
    assert (SHOP, "usual", "mocha") not in await known(shop, "new")
    (mine, *_) = (await known(shop, "ana")).values()
    assert mine.meaning == Meaning("mocha"), "hers stays hers"


async def test_what_customers_no_longer_agree_on_the_shop_unlearns(
    shop: Database,
) -> None:
    for name in ("ana", "ben", "cem"):
        await learn(shop, hears(name))
    later = NOW
    for name in ("dia", "eva"):
        later += timedelta(days=2)
        await learn(shop, hears(name, product_id="mocha"), now=later)
    assert await known(shop, "new") == {}


async def test_what_an_agent_told_the_shop_is_not_voted_down(shop: Database) -> None:
    await learn(shop, hears(SHOP, product_id="mocha", lesson=Lesson.TOLD))
    for name in ("ana", "ben", "cem", "dia"):
        await learn(shop, hears(name))
    assert list(await known(shop, "new")) == [(SHOP, "usual", "mocha")]


async def test_a_correction_outweighs_and_can_be_taken_back(shop: Database) -> None:
    await learn(shop, hears("ana"))
    (corrected,) = await learn(
        shop, hears("ana", product_id="mocha", lesson=Lesson.CORRECTION)
    )
    (mine,) = (await known(shop, "ana")).values()
    assert (mine.meaning, mine.weight) == (Meaning("mocha"), 5)
    async with shop.transaction() as connection:
        assert await take_back(connection, "tenant_test", corrected) is None
    (back,) = (await known(shop, "ana")).values()
    assert (back.meaning, back.weight, back.learnt_at) == (Meaning("latte"), 1, NOW)


async def test_one_step_is_taken_back_and_no_more(shop: Database) -> None:
    await learn(shop, hears("ana"))
    (alias_id,) = await learn(shop, hears("ana", "USUAL"), now=NOW + HALF_LIFE)
    async with shop.transaction() as connection:
        before = await take_back(connection, "tenant_test", alias_id)
        assert before is not None
        assert (before.alias.words, before.alias.times) == ("the usual", 1)
        with pytest.raises(NothingToTakeBack):
            await take_back(connection, "tenant_test", alias_id)


async def test_what_was_forgotten_stays_so_until_that_is_taken_back(
    shop: Database,
) -> None:
    (alias_id,) = await learn(shop, hears("ana"))
    later = NOW + timedelta(hours=1)
    async with shop.transaction() as connection:
        gone = await forget(
            connection, "tenant_test", alias_id, actor="user:1", now=later
        )
    assert (gone.alias.forgotten, gone.actor) == (True, "user:1")
    await learn(shop, hears("ana"), now=later)
    assert await known(shop, "ana") == {}
    async with shop.transaction() as connection:
        await take_back(connection, "tenant_test", alias_id)
    assert len(await known(shop, "ana")) == 1


async def test_another_tenants_words_are_nobodys(shop: Database) -> None:
    (alias_id,) = await learn(shop, hears("ana"))
    await add_test_tenant(shop, "tenant_other")
    assert await known(shop, "ana", "tenant_other") == {}
    async with shop.transaction() as connection:
        for act in (take_back(connection, "tenant_other", alias_id),):
            with pytest.raises(AliasGone):
                await act
        found = await list_aliases(connection, "tenant_other", limit=10)
    assert found == ([], 0)


async def many(shop: Database, lesson: Lesson, count: int = MOST_OF_CUSTOMER) -> None:
    """Teach that many words of a customer."""
    names = [f"word{number}" for number in range(count)]
    await learn(shop, *(hears("ana", name, lesson=lesson) for name in names))


async def test_a_customers_weakest_words_make_room(shop: Database) -> None:
    (told,) = await learn(shop, hears("ana", "old", lesson=Lesson.TOLD))
    (gone,) = await learn(shop, hears("ana", "gone"))
    async with shop.transaction() as connection:
        await forget(connection, "tenant_test", gone, actor="user:1", now=NOW)
    await many(shop, Lesson.CORRECTION, MOST_OF_CUSTOMER - 2)
    later = NOW + timedelta(days=1)
    await learn(shop, hears("ana", "once"))
    await learn(shop, hears("ana", "new"), now=later)
    async with shop.reading() as connection:
        rows = (await connection.execute(select(learnt_alias))).all()
    words = {row.words for row in rows if row.forgotten_at is None}
    assert len(words) == MOST_OF_CUSTOMER
    assert "once" not in words, "the weakest went"
    assert "new" in words, "not what was just learnt, though it is as weak"
    assert {told, gone} <= {row.id for row in rows}


async def test_who_was_told_everything_is_told_no_more_until_something_is_forgotten(
    shop: Database,
) -> None:
    await many(shop, Lesson.TOLD)
    with pytest.raises(AliasesFull):
        await learn(shop, hears("ana", "bubbly", lesson=Lesson.TOLD))
    (again,) = await learn(shop, hears("ana", "word1", lesson=Lesson.TOLD))
    async with shop.transaction() as connection:
        await forget(connection, "tenant_test", again, actor="user:1", now=NOW)
    await learn(shop, hears("ana", "bubbly", lesson=Lesson.TOLD))
    assert ("ana", "bubbly", "latte") in await known(shop, "ana")


async def test_a_long_order_costs_no_more_statements_than_a_short_one(
    shop: Database,
) -> None:
    counts = []
    for owner, count in (("ana", 1), ("ben", 50)):
        said: list[str] = []

        def note(*args: Any, said: list[str] = said) -> None:
            said.append(args[2])

        lessons = [hears(owner, f"word{number}") for number in range(count)]
        async with shop.transaction() as connection:
            listened = connection.sync_connection
            event.listen(listened, "before_cursor_execute", note)
            await teach(connection, "tenant_test", lessons, now=NOW)
            event.remove(listened, "before_cursor_execute", note)
        counts.append(len(said))
    assert counts[0] == counts[1] <= 10


async def test_the_shop_keeps_nobodys_own_spelling(shop: Database) -> None:
    for name in ("ana", "ben", "cem"):
        await learn(shop, hears(name, "my Milky  TEA, please!"))
    shops = (await known(shop, "new"))[SHOP, "milkytea", "latte"]
    assert shops.words == "milky tea"


async def test_what_the_shop_was_made_to_forget_can_be_had_back_after_more_orders(
    shop: Database,
) -> None:
    (told,) = await learn(shop, hears(SHOP, product_id="mocha", lesson=Lesson.TOLD))
    async with shop.transaction() as connection:
        await forget(connection, "tenant_test", told, actor="user:1", now=NOW)
    for name in ("ana", "ben", "cem"):
        await learn(shop, hears(name), now=NOW + timedelta(days=3))
    async with shop.transaction() as connection:
        back = await take_back(connection, "tenant_test", told)
    assert back is not None
    assert (back.alias.weight, back.alias.forgotten) == (8, False)


async def test_what_the_shop_unlearns_says_when(shop: Database) -> None:
    for name in ("ana", "ben", "cem"):
        await learn(shop, hears(name))
    later = NOW
    for name in ("dia", "eva"):
        later += timedelta(days=2)
        await learn(shop, hears(name, product_id="mocha"), now=later)
    async with shop.reading() as connection:
        (alias, *_), _ = await list_aliases(
            connection, "tenant_test", is_shops=True, limit=5
        )
    assert (alias.alias.weight, alias.alias.learnt_at) == (0, later)


async def test_a_lesson_is_unlearnt_unless_more_was_learnt_since(
    shop: Database,
) -> None:
    await learn(shop, hears("ana"))
    wrong = hears("ana", product_id="mocha", lesson=Lesson.CORRECTION)
    later = NOW + timedelta(hours=1)
    await learn(shop, wrong, now=later)
    for moment, meaning in ((NOW, "mocha"), (later, "latte")):
        async with shop.transaction() as connection:
            await unlearn(connection, "tenant_test", [wrong], taught_at=moment)
        (alias,) = (await known(shop, "ana")).values()
        assert alias.meaning == Meaning(meaning)


async def test_words_that_tell_nothing_teach_nothing(shop: Database) -> None:
    nothing = ("?!", "x" * 500, "evet", "thanks", "2 kg")
    assert await learn(shop, *(hears("ana", words) for words in nothing)) == ()
    await learn(shop, hears("ana", "coke 2"))
    assert list(await known(shop, "ana")) == [("ana", "coke", "latte")]
