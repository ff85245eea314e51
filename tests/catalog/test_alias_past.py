"""What words meant at a moment of the past."""

from datetime import UTC, datetime, timedelta

from bot.db import Database
from catalog.alias_past import load_aliases_at
from catalog.aliases import id_of, load_aliases
from catalog.domain.learnt import SHOP, Heard, Lesson, Meaning
from catalog.store import upsert_products
from catalog.teaching import forget, teach
from tests.databases import add_test_tenant
from tests.factories import a_product

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ANA = "con_ana"


def says(words: str, owner: str = ANA) -> Heard:
    return Heard(owner, words, Meaning("latte"), Lesson.ORDER)


async def test_words_mean_what_was_learnt_of_them_before(
    sqlite_database: Database,
) -> None:
    tenant = await add_test_tenant(sqlite_database)
    async with sqlite_database.transaction() as connection:
        latte = a_product(id="latte", sku="latte", name="latte")
        await upsert_products(
            connection, tenant, [latte], new_id=lambda kind: kind, now=NOON
        )

        async def known(moment: datetime) -> dict[str, int]:
            found = await load_aliases_at(connection, tenant, ANA, moment)
            return {each.words: each.times for each in found}

        everyone = [says("usual"), says("ours", SHOP), says("theirs", "con_ben")]
        await teach(connection, tenant, everyone, now=NOON)
        assert await known(NOON) == {}, "learnt by the turn itself"
        assert await known(NOON + DAY) == {"usual": 1, "ours": 1}

        await teach(connection, tenant, [says("usual")], now=NOON + 2 * DAY)
        assert (await known(NOON + DAY))["usual"] == 1, "one lesson back is kept"
        assert (await known(NOON + 3 * DAY))["usual"] == 2

        both = await load_aliases(connection, {(tenant, ANA)})
        (usual,) = [each for each in both[tenant, ANA] if each.words == "usual"]
        await forget(
            connection, tenant, id_of(tenant, usual), actor="usr_a", now=NOON + 4 * DAY
        )
        assert "usual" not in await known(NOON + 5 * DAY)
        assert (await known(NOON + 3 * DAY))["usual"] == 2, "not yet forgotten"
