"""What customers call things: learnt in chats and from agents, told, forgotten."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.domain.found import load_found
from bot.domain.product_matches import product_matches
from bot.inbox.table import analysis, contact
from bot.simulator.phone import Phone
from catalog.alias_rows import MOST_OF_SHOP
from catalog.domain.learnt import SHOP, Heard, Lesson, Meaning
from catalog.table import product
from catalog.teaching import teach
from tests.api import Caller, Office
from tests.factories import NOON as NOW

NICKNAME = "40 mm ones"


async def id_of(office: Office, sku: str) -> str:
    (row,) = await office.house.rows(product, sku=sku)
    return str(row.id)


async def lines(office: Office, phone: Phone, *texts: str) -> list[tuple[str, str]]:
    """Let a customer write; return the draft's SKUs and amounts."""
    draft = await office.draft(await office.write(phone, *texts))
    return [(line["sku"], line["quantity"]) for line in draft["lines"]]


async def ordered(office: Office, phone: Phone, *texts: str) -> None:
    """Let a customer order something and confirm it."""
    await office.write(phone, *texts, "pick up", "yes")
    await office.house.settle()


async def contact_of(office: Office, phone: Phone) -> str:
    return str((await office.house.chat(phone)).contact_id)


async def aliases(caller: Caller, **which: Any) -> list[Any]:
    found = await caller.read("/v1/aliases", **which)
    assert found["total"] == len(found["data"])
    return list(found["data"])


async def change(office: Office, draft: Any, *changes: Any) -> Any:
    answer = await office.agent.post(
        f"/v1/drafts/{draft['id']}/changes",
        {"version": draft["version"], "changes": changes},
    )
    assert answer.status == 200, answer.raw
    return answer.body


async def undo(office: Office, draft: Any) -> Any:
    answer = await office.agent.post(
        f"/v1/drafts/{draft['id']}/undo", {"version": draft["version"]}
    )
    assert answer.status == 200, answer.raw
    return answer.body


async def test_a_choice_that_was_confirmed_twice_is_not_asked_for_again(
    quick_office: Office,
) -> None:
    office = quick_office
    ana, ben = office.house.phone(), office.house.phone("905559998877", "Ben")
    for _ in range(2):
        assert await lines(office, ana, "2 croissants") == []
        await ordered(office, ana, "butter croissant")
    assert await lines(office, ana, "3 croissants") == [("BUTTER", "3")]
    assert await lines(office, ben, "3 croissants") == [], "hers alone"
    (alias,) = await aliases(office.agent, scope="customer")
    assert (alias["contact_id"], alias["times"], alias["lesson"]) == (
        *(await contact_of(office, ana), 2, "order"),
    )
    assert await aliases(office.agent, scope="shop") == []


async def test_an_agents_correction_is_what_the_customer_means_next_time(
    office: Office,
) -> None:
    ana = office.house.phone()
    draft = await office.draft(await office.write(ana, "2 carot cake"))
    (line,) = draft["lines"]
    assert (line["sku"], line["words"]) == ("CAKE", "carot cake")
    bagel = await id_of(office, "BAGEL")
    put = {"line_id": line["id"], "product_id": bagel, "quantity": "2"}
    draft = await change(office, draft, {"type": "replace_line", **put})
    assert draft["lines"][0]["words"] == "carot cake"
    (alias,) = await aliases(office.agent)
    assert (alias["words"], alias["product_id"]) == ("carot cake", bagel)
    assert (alias["lesson"], alias["actor"]) == ("correction", office.agent.actor)
    await change(office, draft, {"type": "clear"})
    assert await lines(office, ana, "1 carot cake") == [("BAGEL", "1")]
    assert await lines(office, ana, "1 carrot cake") == [
        *(("BAGEL", "1"), ("CAKE", "1")),
    ], "a name means what it says"


async def test_a_correction_that_is_taken_back_taught_nothing(
    quick_office: Office,
) -> None:
    office = quick_office
    ana = office.house.phone()
    draft = await office.draft(await office.write(ana, "2 carot cake"))
    put = {"line_id": "L1", "sku": "BAGEL", "quantity": "2"}
    draft = await change(office, draft, {"type": "replace_line", **put})
    assert len(await aliases(office.agent)) == 1
    draft = await undo(office, draft)
    assert draft["lines"][0]["sku"] == "CAKE"
    assert await aliases(office.agent) == []
    draft = await change(office, draft, {"type": "clear"})
    assert (await undo(office, draft))["lines"][0]["sku"] == "CAKE"
    assert await aliases(office.agent) == [], "a line that comes back teaches nothing"


async def test_the_shop_can_be_told_what_a_phrase_means(quick_office: Office) -> None:
    office = quick_office
    ana = office.house.phone()
    assert await lines(office, ana, f"2 {NICKNAME}") == []
    water = await id_of(office, "WATER")
    made = await office.agent.post(
        "/v1/aliases", {"words": NICKNAME, "product_id": water}
    )
    assert made.status == 201
    told = made.body
    assert (told["contact_id"], told["lesson"], told["forgotten"]) == (
        *(None, "told", False),
    )
    assert await lines(office, ana, f"2 {NICKNAME} please") == [("WATER", "2")]

    gone = await office.agent("DELETE", f"/v1/aliases/{told['id']}")
    assert gone.status == 204
    ben = office.house.phone("905559998877", "Ben")
    assert await lines(office, ben, f"2 {NICKNAME}") == []
    undo = await office.agent.post(f"/v1/aliases/{told['id']}/undo")
    assert undo.body["alias"] == {
        **told,
        "can_undo": False,
        "strength": undo.body["alias"]["strength"],
    }
    again = await office.agent.post(f"/v1/aliases/{told['id']}/undo")
    assert (again.status, again.kind) == (409, "conflict")
    assert await lines(office, ben, f"2 {NICKNAME}") == [("WATER", "2")]


async def test_a_new_alias_that_is_taken_back_is_gone(quick_office: Office) -> None:
    office = quick_office
    body = {"words": "brew", "product_id": await id_of(office, "TEA")}
    told = (await office.agent.post("/v1/aliases", body)).body
    undone = await office.agent.post(f"/v1/aliases/{told['id']}/undo")
    assert undone.body == {"alias": None}
    assert await aliases(office.agent) == []
    missing = await office.agent.post(f"/v1/aliases/{told['id']}/undo")
    assert (missing.status, missing.kind) == (404, "not-found")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"product_id": "prd_none"}, "product_id"),
        ({"variant_id": "var_none"}, "variant_id"),
        ({"contact_id": "con_none"}, "contact_id"),
        ({"words": "?!"}, "words"),
        ({"words": "evet"}, "words"),
        ({"words": "2 kg"}, "words"),
    ],
)
async def test_an_alias_of_nothing_that_there_is_is_refused(
    quick_office: Office, more: dict[str, str], field: str
) -> None:
    body = {"words": "brew", "product_id": await id_of(quick_office, "TEA"), **more}
    answer = await quick_office.agent.post("/v1/aliases", body)
    assert answer.status == 422, answer.raw
    assert answer.body["errors"][0]["field"] == field


async def test_nothing_is_told_of_who_was_erased_or_what_is_off_the_shelf(
    quick_office: Office,
) -> None:
    office = quick_office
    phone = office.house.phone()
    await office.write(phone, "hi")
    gone = await contact_of(office, phone)
    tea, water = await id_of(office, "TEA"), await id_of(office, "WATER")
    async with office.house.runtime.database.transaction() as connection:
        await connection.execute(
            update(contact).where(contact.c.id == gone).values(erased_at=NOW)
        )
        await connection.execute(
            update(product).where(product.c.id == water).values(active=False)
        )
    for more, field in (
        ({"product_id": tea, "contact_id": gone}, "contact_id"),
        ({"product_id": water}, "product_id"),
    ):
        answer = await office.agent.post("/v1/aliases", {"words": "brew", **more})
        assert (answer.status, answer.body["errors"][0]["field"]) == (422, field)


async def test_a_shop_that_was_told_its_fill_says_so(
    quick_office: Office,
) -> None:
    office = quick_office
    tea = await id_of(office, "TEA")
    said = [
        Heard(SHOP, f"brew{number}", Meaning(tea), Lesson.TOLD)
        for number in range(MOST_OF_SHOP)
    ]
    async with office.house.runtime.database.transaction() as connection:
        tenant_id = (await office.house.rows(product, id=tea))[0].tenant_id
        await teach(connection, tenant_id, said, now=NOW)
    answer = await office.agent.post(
        "/v1/aliases", {"words": "brew", "product_id": tea}
    )
    assert (answer.status, answer.kind) == (409, "conflict")
    assert "forget one" in answer.body["detail"]


async def test_stock_that_orders_hold_is_not_found(quick_office: Office) -> None:
    office = quick_office
    bagel = await id_of(office, "BAGEL")
    async with office.house.runtime.database.transaction() as connection:
        await connection.execute(
            update(product)
            .where(product.c.id == bagel)
            .values(stock=Decimal(5), reserved=Decimal(5))
        )
    found = await office.agent.read("/v1/matches", text="bagel")
    (first, *_) = found["products"]
    assert (first["sku"], first["stock_status"]) == ("BAGEL", "out_of_stock")
    assert "BAGEL" not in {each["sku"] for each in found["alternatives"]}


async def test_words_are_explained_as_the_bot_takes_them(quick_office: Office) -> None:
    office = quick_office
    ana = office.house.phone()
    await ordered(office, ana, "2 croissants", "butter croissant")
    contact = await contact_of(office, ana)
    found = await office.agent.read("/v1/matches", text="croissants")
    hers = await office.agent.read("/v1/matches", text="croissants", contact_id=contact)
    assert (found["outcome"], found["match_status"]) == ("ambiguous", "ambiguous")
    assert (found["learnt"], found["sure_from"]) == ([], 0.8)
    assert hers["products"][0]["sku"] == "BUTTER"
    assert hers["products"][0]["why"][0] == "learnt: this customer's orders (1)"
    assert hers["lead"] > 0
    (learnt,) = hers["learnt"]
    assert learnt["words"] == "croissants"

    packs = await office.agent.read("/v1/matches", text="su", quantity=2, unit="koli")
    assert (packs["outcome"], packs["amount"]["said"]) == ("certain", "2 koli")
    assert (packs["amount"]["quantity"], packs["amount"]["unit"]) == ("48", "piece")
    shirt = await office.agent.read("/v1/matches", text="t-shirt")
    assert shirt["variant_required"]
    red = await office.agent.read("/v1/matches", text="red%20M%20t-shirt")
    assert (red["variant_required"], red["products"][0]["sku"]) == (False, "SHIRT-RM")
    sold = await office.agent.read("/v1/matches", text="cheesecake")
    assert sold["products"][0]["stock_status"] == "out_of_stock"
    listed = await office.agent.read("/v1/products", q="croissants")
    assert listed["outcome"] == "ambiguous"


async def test_a_careful_shop_asks_more(quick_office: Office) -> None:
    office = quick_office
    before = await office.manager.read("/v1/shop-rules")
    rules = {**before["rules"], "wrong_product": 1000}
    answer = await office.manager(
        "PUT", "/v1/shop-rules", {"version": before["version"], "rules": rules}
    )
    assert answer.status == 200, answer.raw
    found = await office.agent.read("/v1/matches", text="carrot")
    assert (found["sure_from"], found["outcome"] == "certain") == (0.999, False)
    assert await lines(office, office.house.phone(), "1 carrot") == []
    assert await lines(office, office.house.phone("905559998877"), "1 latte") == [
        ("LATTE", "1")
    ], "a name is a name"


async def test_an_analysis_keeps_what_was_found(quick_office: Office) -> None:
    office = quick_office
    await office.write(office.house.phone(), "2 latte and a zzzumzum and a croissant")
    async with office.house.runtime.database.reading() as connection:
        stored = (await connection.execute(select(analysis.c.matches))).scalar_one()
    found = {each.text: each for each in load_found(stored)}
    assert found["latte"].outcome == "certain"
    statuses = [each.match_status.value for each in product_matches([*found.values()])]
    assert statuses[0] == "high_confidence"
    assert "ambiguous" in statuses
