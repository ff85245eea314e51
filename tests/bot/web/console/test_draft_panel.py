"""The draft beside the chat: what an agent reads there, and what its evidence says."""

import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.inbox.accounts import Role
from bot.texts import languages
from bot.web.console.draft_past import differences
from bot.web.console.saying import speaking
from orders import Draft, Shop
from orders.codec import load_draft
from orders.table import draft_version
from tests.console import Person, signed_in
from tests.databases import add_test_tenant
from tests.house import House, open_house


def plainly(text: str) -> str:
    """Return a text in one line, with signs that a keyboard has."""
    for sign, letter in {
        "\N{MULTIPLICATION SIGN}": "x",
        "\N{EN DASH}": "-",
        "\N{RIGHTWARDS ARROW}": ">",
    }.items():
        text = text.replace(sign, letter)
    return " ".join(text.split())


@dataclass(frozen=True)
class Beside:
    """A conversation with a draft: two lattes, and a croissant that is not clear."""

    house: House
    agent: Person
    chat_id: str

    @property
    def path(self) -> str:
        return f"/console/conversations/{self.chat_id}"

    async def panel(self, agent: Person | None = None, query: str = "") -> str:
        asked = {"X-Part": "draft"}
        async with (agent or self.agent).session() as session:
            page = self.path + query
            async with session.get(page, headers=asked) as answer:
                assert answer.status == 200
                return plainly(await answer.text())

    async def draft(self) -> Any:
        chat = await self.agent.call("GET", f"/v1/conversations/{self.chat_id}")
        return await self.agent.call("GET", f"/v1/drafts/{chat['draft']['id']}")

    async def change(self, *changes: Any, who: Person | None = None) -> Any:
        draft = await self.draft()
        return await (who or self.agent).call(
            "POST",
            f"/v1/drafts/{draft['id']}/changes",
            {"version": draft["version"], "changes": changes},
        )


@pytest.fixture(scope="module")
async def house(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("draft")
    file = shutil.copy(migrated_file, folder / "test.db")
    async with open_house(f"sqlite:///{file}", folder) as house:
        yield house


@pytest.fixture(scope="module")
async def beside(house: House) -> Beside:
    ana = house.phone()
    await ana.say("2 latte with oat milk and 1 croissant")
    await house.rest()
    return Beside(house, await signed_in(house), (await house.chat(ana)).id)


async def test_a_line_shows_what_it_is_and_the_words_it_came_from(
    beside: Beside,
) -> None:
    panel = await beside.panel()
    assert "<q>2 latte with oat milk</q>" in panel
    assert 'id="line-L1"' in panel
    assert "Oat milk" in panel
    assert "₺211.00" in panel
    assert "data-marks=" in panel
    assert '<span class="quiet small">the customer' in panel


async def test_open_words_offer_what_they_may_mean_with_their_chances(
    beside: Beside,
) -> None:
    panel = await beside.panel()
    assert "Which product is “croissant”?" in panel
    assert len(re.findall("<meter", panel)) >= 3
    assert "Almond Croissant" in panel


async def test_what_lacks_stands_beside_the_button_that_waits_for_it(
    beside: Beside,
) -> None:
    panel = await beside.panel()
    assert re.search(r'data-key="c" disabled aria-describedby="draft-lacks"', panel)
    assert "Before that: a product to choose, Delivery." in panel
    assert 'title="Shall we deliver it, or do you pick it up?"' in panel
    assert 'name="field" value="fulfilment"' in panel


async def test_the_evidence_of_a_draft_names_messages_and_candidates(
    beside: Beside,
) -> None:
    draft = await beside.draft()
    path = f"/v1/drafts/{draft['id']}/evidence"
    found = await beside.agent.call("GET", path)
    basis = {each["about"]: each for each in found["data"]}
    latte = basis["L1"]
    assert latte["words"] == "latte"
    assert latte["candidates"][0]["name"] == "Latte"
    (proof,) = latte["proofs"]
    assert (proof["source"], proof["kind"]) == ("message", "text")
    message = await beside.agent.call("GET", f"/v1/messages/{proof['message_id']}")
    assert proof["quote"] in message["text"]
    assert len(basis["U2"]["candidates"]) >= 3
    other = await add_test_tenant(beside.house.runtime.database)
    stranger = await signed_in(beside.house, tenant_id=other, role=Role.ADMIN)
    await stranger.call("GET", path, status=404)


async def test_versions_say_who_did_what_by_which_words(beside: Beside) -> None:
    seen = (await beside.draft())["version"]
    boss = await signed_in(beside.house, "Mete Kurt", Role.MANAGER)
    await beside.change(
        {"type": "set_quantity", "line_id": "L1", "quantity": "3"},
        {"type": "set_note", "note": "ring twice"},
        who=boss,
    )
    panel = await beside.panel(query=f"?since={seen}")
    assert "Mete Kurt was faster: your change was not made." in panel
    assert "2 x Latte, Oat milk > 3 x Latte, Oat milk" in panel
    assert "Note: - > ring twice" in panel
    assert "<q>1 croissant</q>" in panel
    assert "draft-since" not in await beside.panel()


async def test_a_page_speaks_every_language_of_the_console(beside: Beside) -> None:
    for language in languages():
        async with beside.agent.session() as session:
            asked = {"X-Part": "draft"}
            session.cookie_jar.update_cookies({"chatorder_language": language})
            async with session.get(beside.path, headers=asked) as answer:
                assert answer.status == 200, language
                assert "Latte" in await answer.text()


async def test_agents_give_discounts_up_to_the_limit_of_the_shop(
    beside: Beside,
) -> None:
    draft = await beside.draft()
    path = f"/v1/drafts/{draft['id']}/changes"
    for percent, status in (("10.5", 403), ("10", 200)):
        body = {
            "version": draft["version"],
            "changes": [{"type": "set_discount", "percent": percent}],
        }
        await beside.agent.call("POST", path, body, status=status)
    assert "You may give up to 10 %." in await beside.panel()
    boss = await signed_in(beside.house, role=Role.MANAGER)
    await beside.change({"type": "set_discount", "percent": "25"}, who=boss)
    # What a manager gave stays when an agent works on; it only does not grow.
    after = await beside.change({"type": "set_note", "note": "no bell"})
    assert after["totals"]["discount"]["amount"] != "0.00"
    draft = await beside.draft()
    grown = {"type": "set_discount", "amount": {"amount": "200", "currency": "TRY"}}
    body = {"version": draft["version"], "changes": [grown]}
    await beside.agent.call("POST", path, body, status=403)


async def test_without_a_draft_the_usual_is_one_press_away(house: House) -> None:
    ben = house.phone("905554440000", "Ben")
    for _ in range(2):
        await ben.say("2 tea, pick up")
        await house.rest()
        await ben.say("yes")
        await house.rest()
    agent = await signed_in(house)
    beside = Beside(house, agent, (await house.chat(ben)).id)
    panel = await beside.panel()
    assert "in 2 of the last 2 orders" in panel
    assert re.search(r'href="/console/orders/ord_\w+">Order \d', panel)
    put = re.search(r'name="changes" value="([^"]+)"', panel)
    assert put is not None
    assert "&#34;" in put[1]
    draft = await agent.call(
        "POST",
        f"/v1/conversations/{beside.chat_id}/draft",
        {"changes": [{"type": "put_line", "sku": "TEA", "quantity": "2"}]},
        status=201,
    )
    assert [each["sku"] for each in draft["lines"]] == ["TEA"]
    assert "2 x Tea" in await beside.panel()


async def test_what_differs_between_two_versions_is_told_line_by_line(
    beside: Beside,
) -> None:
    rows = await beside.house.rows(draft_version)
    kept = load_draft(rows[0].body)
    say = speaking("en", "Europe/Istanbul", "TR", beside.house.runtime.clock())
    empty = Draft(kept.id, kept.currency)
    told = [plainly(each) for each in differences(empty, kept, Shop(), say)]
    assert told[0] == "2 x Latte, Oat milk added"
    assert list(differences(kept, kept, Shop(), say)) == []
    gone = [plainly(each) for each in differences(kept, empty, Shop(), say)]
    assert "2 x Latte, Oat milk taken out" in gone


async def test_an_order_is_created_of_a_message_once(house: House) -> None:
    eda = house.phone("905554440001", "Eda")
    await eda.say("2 tea, pick up")
    await house.rest()
    agent = await signed_in(house)
    first = (await house.messages(eda))[0]
    path = f"/v1/messages/{first.id}/order"
    stale = await agent.call("POST", path, {"draft_version": 99}, status=409)
    assert stale["type"].endswith("version-conflict")
    order = await agent.call("POST", path, status=201)
    assert [each["sku"] for each in order["lines"]] == ["TEA"]
    twice = await agent.call("POST", path, status=409)
    assert "allow_duplicate" in twice["detail"]
    items = [{"product_id": order["lines"][0]["product_id"], "quantity": "1"}]
    again = {"allow_duplicate": True, "items": items}
    more = await agent.call("POST", path, again, status=201)
    assert more["number"] == order["number"] + 1
    bad = [{"product_id": "prd_none", "quantity": "1"}]
    body = {"allow_duplicate": True, "items": bad}
    refused = await agent.call("POST", path, body, status=422)
    assert refused["type"].endswith("change-refused")
    await agent.call("POST", "/v1/messages/msg_none/order", status=404)


async def test_what_the_last_words_named_can_be_put_into_a_draft_again(
    house: House,
) -> None:
    ali = house.phone("905554440002", "Ali")
    await ali.say("3 tea")
    await house.rest()
    beside = Beside(house, await signed_in(house), (await house.chat(ali)).id)
    draft = await beside.draft()
    body = {"version": draft["version"], "reason": "We are closed."}
    await beside.agent.call("POST", f"/v1/drafts/{draft['id']}/reject", body)
    panel = await beside.panel()
    assert "No draft is open." in panel
    assert "In the last message" in panel
    assert "3 x Tea" in panel


async def test_a_shop_s_own_fields_and_all_that_lacks_have_their_place(
    house: House,
) -> None:
    boss = await signed_in(house, role=Role.MANAGER)
    kept = await boss.call("GET", "/v1/shop-rules")
    own = [
        {"id": "table", "names": {"en": "Table"}, "kind": "number"},
        {"id": "slot", "names": {"en": "Slot"}, "kind": "date"},
        {
            "id": "wrap",
            "names": {"en": "Wrapping"},
            "kind": "choice",
            "options": [
                {"id": "paper", "names": {"en": "In paper"}},
                {"id": "box", "names": {"en": "In a box"}},
            ],
        },
    ]
    rules = kept["rules"] | {
        "required": [
            "name",
            "fulfilment",
            "address",
            "postal_code",
            "email",
            "company",
        ],
        "minimum_order": "500.00",
        "payments": [
            {"id": "cash", "names": {"en": "Cash"}},
            {"id": "card", "names": {"en": "Card"}},
        ],
        "fields": {"own": own},
    }
    given = {"version": kept["version"], "rules": rules}
    changed = await boss.call("PUT", "/v1/shop-rules", given)
    cem = house.phone("905554440003", "Cem")
    await cem.say("1 latte, 3 carrot cake and deliver to Lale Sokak 5")
    await house.rest()
    await house.change("LATTE", price=Decimal(90))
    beside = Beside(house, boss, (await house.chat(cem)).id)
    panel = await beside.panel()
    for words in (
        "Slot",
        "In paper",
        'id="fill-part-postal_code"',
        ">Cash<",
        "The price is now ₺90.00, it was ₺85.50.",
        "to come before the minimum",
    ):
        assert words in panel, words
    fields = [
        {"type": "set_extra", "field_id": "wrap", "value": "paper"},
        {"type": "set_payment", "payment": "card"},
        {"type": "set_due", "due_at": "2030-05-06T10:00:00Z"},
        {"type": "set_company", "company": "Kaya Ltd"},
        {"type": "reconcile"},
    ]
    await beside.change(*fields)
    panel = await beside.panel()
    for words in (">In paper<", ">Card<", "May 6, 2030, 1:00", "Kaya Ltd", "Company"):
        assert words in panel, words
    assert "The price is now" not in panel
    again = {"version": changed["version"], "rules": kept["rules"]}
    await boss.call("PUT", "/v1/shop-rules", again)


async def test_how_it_is_paid_stays_chosen_in_the_form_where_words_say_it(
    house: House,
) -> None:
    boss = await signed_in(house, role=Role.MANAGER)
    kept = await boss.call("GET", "/v1/shop-rules")
    payments = [{"id": each, "names": {"en": each}} for each in ("cash", "card")]
    given = {
        "version": kept["version"],
        "rules": kept["rules"] | {"payments": payments},
    }
    changed = await boss.call("PUT", "/v1/shop-rules", given)
    dan = house.phone("905554440011", "Dan")
    await dan.say("1 latte")
    await house.rest()
    beside = Beside(house, boss, (await house.chat(dan)).id)
    await beside.change({"type": "set_payment", "payment": "Cash!"})
    panel = await beside.panel()
    again = {"version": changed["version"], "rules": kept["rules"]}
    await boss.call("PUT", "/v1/shop-rules", again)
    # A form in which nothing is chosen would take it back with any other change.
    assert '<option value="Cash!" selected>Cash!</option></select>' in panel
