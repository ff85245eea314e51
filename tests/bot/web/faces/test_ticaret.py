"""Ticaret.pro's face: the analysis of a message, and the order made of it."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from bot.creating import MOST_ATTEMPTS
from bot.inbox.table import (
    analysis,
    channel,
    contact,
    contact_alias,
    conversation,
    message,
)
from bot.worker.failing import POLICY
from orders.domain.ids import Face, Kind, Thing
from orders.ids import adopt_id
from orders.people import Person, add_person
from tests.api import Answer, Caller, Office, open_office
from tests.bot.domain.test_analysis_told import ANALYSIS, ORDER
from tests.factories import a_product


@dataclass
class Ticaret:
    """Software that was written for Ticaret.pro, at a whole shop."""

    office: Office
    numbers: Any = field(default_factory=lambda: count(905550000001))
    known: list["Thread"] = field(default_factory=list)

    done: dict[str, Any] = field(default_factory=dict)

    async def made(self) -> tuple["Thread", Any]:
        """Return a chat with its order, for what only looks at it."""
        if not self.done:
            chat = await self.chat()
            self.done.update(chat=chat, made=await chat.created())
        return self.done["chat"], self.done["made"]

    async def first(self) -> "Thread":
        """Return a chat with a draft that is ready, for what leaves it as it is."""
        if not self.known:
            self.known.append(await self.chat())
        return self.known[0]

    async def chat(self, *texts: str) -> "Thread":
        """Let a new customer write; return the chat at their last message."""
        phone = self.office.house.phone(str(next(self.numbers)), "Ada")
        chat_id = await self.office.write(phone, *(texts or ("2 latte, pick up",)))
        return Thread(self, phone, chat_id)


@dataclass
class Thread:
    """A chat, as its last message of the customer's names it."""

    ticaret: Ticaret
    phone: Any
    id: str

    @property
    def caller(self) -> Caller:
        return self.ticaret.office.agent

    async def write(self, *texts: str) -> None:
        await self.ticaret.office.write(self.phone, *texts)

    async def message(self, place: int = -1) -> str:
        found = await self.ticaret.office.agent.read(
            f"/v1/conversations/{self.id}/messages"
        )
        theirs = [each for each in found["data"][::-1] if each["direction"] == "in"]
        return str(theirs[place]["id"])

    async def at(self, place: int = -1, chat: str = "") -> str:
        return f"/wa/chats/{chat or self.id}/messages/{await self.message(place)}"

    async def create(
        self, body: Any = None, *, place: int = -1, caller: Caller | None = None
    ) -> Answer:
        path = await self.at(place) + "/ai-actions/create-order?providerSessionId="
        return await (caller or self.caller)("POST", path, body or {})

    async def created(self, body: Any = None, **more: Any) -> Any:
        answer = await self.create(body, **more)
        assert answer.status == 200, answer.raw
        assert answer.body["status"] is True
        return answer.body["data"]

    async def refused(
        self, code: str, status: int, body: Any = None, **more: Any
    ) -> Any:
        """Try to create; return the details of the error."""
        answer = await self.create(body, **more)
        assert answer.status == status, answer.raw
        assert answer.body["status"] is False
        assert answer.body["error"]["code"] == code, answer.raw
        assert answer.body["error"]["message"]
        return answer.body["error"]["details"]

    async def analysis(self, place: int = -1) -> Any:
        answer = await self.caller("GET", await self.at(place) + "/ai-analysis")
        assert answer.status == 200, answer.raw
        return answer.body["data"]


@pytest.fixture(scope="module")
async def ticaret(
    tmp_path_factory: pytest.TempPathFactory, migrated_file: Path
) -> AsyncIterator[Ticaret]:
    """Return one shop on SQLite that the tests of this module share."""
    folder = tmp_path_factory.mktemp("ticaret")
    path = shutil.copy(migrated_file, folder)
    names = ("api_limit_per_key", "api_limit_per_tenant", "api_refusals_per_address")
    limits = dict.fromkeys(names, 10**6)
    async with open_office(f"sqlite:///{path}", folder, settings=limits) as office:
        old = a_product(id="", sku="OLD", name="Kettle", active=False)
        foreign = a_product(id="", sku="EURO", name="Stein", currency="EUR")
        await office.house.stock([old, foreign])
        yield Ticaret(office)


# -- reading --------------------------------------------------------------------------


async def test_the_analysis_of_a_message_has_every_key(ticaret: Ticaret) -> None:
    chat = await ticaret.chat("2 latte")
    found = await chat.analysis()
    assert set(found) == set(ANALYSIS)
    (match,) = found["productMatches"]
    assert set(match) == set(ANALYSIS["productMatches"][0])
    (item,) = found["commerce"]["orderDraft"]["items"]
    assert set(item) == set(ANALYSIS["commerce"]["orderDraft"]["items"][0])
    assert (found["status"], found["entityVersion"]) == ("completed", "1")
    assert found["entities"]["amount"] == "2"
    assert (item["unitPrice"], item["stockStatus"]) == (85.5, "not_counted")


async def test_t19_a_chat_is_named_by_our_id_a_number_or_a_jid(
    ticaret: Ticaret,
) -> None:
    chat = await ticaret.chat()
    wa_id = chat.phone.wa_id
    message = await chat.message()
    found = await chat.analysis()
    assert found["remoteJid"] == f"{wa_id}@s.whatsapp.net"
    wamid = found["input"]["messages"][-1]["externalMessageId"]
    session = found["providerSessionId"]
    ways = {
        (chat.id, message, ""),
        (wa_id, wamid, "?providerSessionId="),
        (f"%2B{wa_id}", message, f"?providerSessionId={session}"),
        (f"{wa_id}@s.whatsapp.net", wamid, ""),
    }
    for name, said, query in ways:
        path = f"/wa/chats/{name}/messages/{said}/ai-analysis{query}"
        answer = await chat.caller("GET", path)
        assert answer.status == 200, answer.raw
        assert answer.body["data"]["id"] == found["id"]


async def test_a_session_that_has_no_such_chat_is_not_found(ticaret: Ticaret) -> None:
    chat = await ticaret.chat()
    path = await chat.at() + "/ai-analysis?providerSessionId=another"
    answer = await chat.caller("GET", path)
    assert (answer.status, answer.body["error"]["code"]) == (404, "NOT_FOUND")


async def test_several_sessions_with_one_chat_are_listed(ticaret: Ticaret) -> None:
    chat = await ticaret.chat()
    wa_id, house = chat.phone.wa_id, ticaret.office.house
    second = await a_second_session(house, chat)
    path = await chat.at(chat=wa_id) + "/ai-analysis"
    answer = await chat.caller("GET", path)
    assert answer.status == 400, answer.raw
    error = answer.body["error"]
    first = (await chat.analysis())["providerSessionId"]
    assert sorted(error["details"]["sessions"]) == sorted([first, second])
    assert error["details"]["fields"] == ["providerSessionId"]
    named = await chat.caller("GET", f"{path}?providerSessionId={first}")
    assert named.status == 200


async def test_another_shops_message_is_not_found(ticaret: Ticaret) -> None:
    mine, other = await ticaret.chat(), await ticaret.chat()
    path = f"/wa/chats/{mine.id}/messages/{await other.message()}/ai-analysis"
    assert (await mine.caller("GET", path)).status == 404


# -- creating -------------------------------------------------------------------------


async def test_an_operator_makes_the_order_of_a_draft(ticaret: Ticaret) -> None:
    chat = await ticaret.chat()
    seen = len(chat.phone.inbox)
    made = await chat.created(
        {
            "tags": ["vip"],
            "metadata": {"crm": "42"},
            "payment": {"terminal": 5},
            "shipping": {"carrier": "own"},
        }
    )
    order, analysis = made["order"], made["analysis"]
    assert set(order) == set(ORDER)
    assert set(analysis) == set(ANALYSIS)
    # After it was made it is no draft any more.
    assert (order["status"], order["paymentStatus"]) == ("confirmed", "unpaid")
    assert order["fulfillmentStatus"] == "unfulfilled"
    assert (order["tags"], order["metadata"]) == (["vip"], {"crm": "42"})
    assert order["payment"] == {"terminal": 5}
    assert order["shipping"] == {"carrier": "own", "method": "pickup"}
    (item,) = order["items"]
    assert (item["sku"], item["quantity"], item["lineTotal"]) == ("LATTE", 2, 171)
    assert order["customer"]["id"] == order["customerId"]
    assert order["contact"]["displayName"] == "Ada"
    assert order["contact"]["phone"] == f"+{chat.phone.wa_id}"
    # The customer hears of it.
    heard = await ticaret.office.house.hears(chat.phone, seen)
    assert any(order["orderNo"] in (each.text or "") for each in heard)


async def test_t20_the_answer_has_the_analysis_with_what_was_done(
    ticaret: Ticaret,
) -> None:
    chat, made = await ticaret.made()
    (action,) = made["analysis"]["appliedActions"]
    assert action["type"] == "create_order"
    assert action["orderId"] == made["order"]["id"]
    assert action["orderNo"] == made["order"]["orderNo"]
    assert (action["actorType"], action["actorId"]) == ("key", "key_agent")
    assert action["allowDuplicate"] is False
    assert made["analysis"]["entityVersion"] == "2"
    assert made["analysis"]["commerce"]["stage"] == "ordered"
    found = await chat.analysis()
    # The merchant's system may have it by now.
    assert {**found, "commerce": None} == {**made["analysis"], "commerce": None}


async def test_t11_an_order_leads_to_its_message_and_back(ticaret: Ticaret) -> None:
    chat, made = await ticaret.made()
    source = made["order"]["source"]
    assert source["messageId"] == await chat.message()
    assert source["threadId"] == chat.id
    assert source["sourceId"] == made["analysis"]["id"]
    assert source["externalThreadId"] == f"{chat.phone.wa_id}@s.whatsapp.net"
    assert source["externalMessageId"].startswith("wamid.")
    assert source["channel"] == "provider_whatsapp"


async def test_t1_only_a_completed_analysis_makes_an_order(ticaret: Ticaret) -> None:
    chat = await ticaret.chat()
    for status in ("failed", "skipped"):
        await becomes(chat, status)
        details = await chat.refused("ANALYSIS_NOT_COMPLETED", 409)
        assert details == {"analysisStatus": status}
    await becomes(chat, None)
    details = await chat.refused("ANALYSIS_NOT_COMPLETED", 409)
    assert details["analysisStatus"] in {"pending", "processing"}


async def test_t2_a_second_order_of_a_draft_is_refused_with_the_first(
    ticaret: Ticaret,
) -> None:
    chat = await ticaret.chat("2 latte", "pick up")
    order = (await chat.created())["order"]
    for place in (0, 1):  # every message of the draft's turns
        details = await chat.refused("DUPLICATE_ORDER", 409, place=place)
        assert details["order"]["id"] == order["id"]
        assert details["order"]["items"] == order["items"]
    again = await chat.created({"allowDuplicate": True})
    assert again["order"]["id"] != order["id"]
    assert again["order"]["grandTotal"] == order["grandTotal"]
    first, second = again["analysis"]["appliedActions"]
    assert (first["allowDuplicate"], second["allowDuplicate"]) == (False, True)
    details = await chat.refused("DUPLICATE_ORDER", 409)
    assert details["order"]["id"] == order["id"]


async def test_t2_an_order_of_the_chat_itself_is_the_first(ticaret: Ticaret) -> None:
    chat = await ticaret.chat("2 latte, pick up", "yes")
    assert (await ticaret.office.house.order_of(chat.phone)) is not None
    last = await chat.message(1)
    details = await chat.refused("DUPLICATE_ORDER", 409, place=0)
    assert details["order"]["source"]["messageId"] == last
    (action,) = (await chat.analysis())["appliedActions"]
    assert action["actorType"] == "customer"
    assert action["orderId"] == details["order"]["id"]


async def test_t2_an_order_of_the_native_api_is_the_first(ticaret: Ticaret) -> None:
    chat = await ticaret.chat()
    draft = await ticaret.office.draft(chat.id)
    path = f"/v1/drafts/{draft['id']}/confirm"
    made = await chat.caller.post(path, {"version": draft["version"]})
    assert made.status == 201, made.raw
    details = await chat.refused("DUPLICATE_ORDER", 409)
    assert details["order"]["id"] == made.body["id"]


async def test_t2_a_newer_draft_is_not_what_the_analysis_confirms(
    ticaret: Ticaret,
) -> None:
    chat = await ticaret.chat("2 latte, pick up", "1 tea")
    first = (await chat.analysis(0))["commerce"]["orderDraft"]
    assert [each["sku"] for each in first["items"]] == ["LATTE"]
    details = await chat.refused("DRAFT_CHANGED", 409, place=0)
    assert details["analysisVersion"] < details["currentVersion"]
    old = {"metadata": {"draftVersion": details["analysisVersion"]}}
    await chat.refused("DRAFT_CHANGED", 409, old, place=0)
    now = {"metadata": {"draftVersion": details["currentVersion"]}}
    made = await chat.created(now, place=0)
    assert [each["sku"] for each in made["order"]["items"]] == ["LATTE", "TEA"]


async def test_t3_items_stand_in_the_place_of_the_draft_and_it_is_on_record(
    ticaret: Ticaret,
) -> None:
    chat = await ticaret.chat("2 latte, pick up", "1 tea")
    items = [{"productId": "BAGEL", "quantity": 3, "metadata": {"gift": True}}]
    made = await chat.created({"items": items, "notes": "no bag"}, place=0)
    (item,) = made["order"]["items"]
    assert (item["sku"], item["quantity"], item["unitPrice"]) == ("BAGEL", 3, 60)
    assert item["metadata"]["gift"] is True
    assert made["order"]["notes"] == "no bag"
    audit = await ticaret.office.admin.read("/v1/audit", limit=1)
    (entry,) = audit["data"]
    assert entry["action"] == "ticaret_create_order"
    assert entry["target"] == made["order"]["id"]
    before = [each["sku"] for each in entry["details"]["before"]]
    after = [each["sku"] for each in entry["details"]["after"]]
    assert (before, after) == (["LATTE", "TEA"], ["BAGEL"])


async def test_t4_t6_prices_are_the_catalogs_of_now_and_stay(ticaret: Ticaret) -> None:
    chat, house = await ticaret.chat("1 bagel, pick up"), ticaret.office.house
    made = await chat.created({"items": [{"productId": "BAGEL", "quantity": 1}]})
    await house.change("BAGEL", name="Simit", price=Decimal(99))
    try:
        details = await chat.refused("DUPLICATE_ORDER", 409)
    finally:
        await house.change("BAGEL")
    assert details["order"]["items"] == made["order"]["items"]
    assert details["order"]["items"][0]["productSnapshot"]["name"] == "Bagel"


async def test_t2_an_analysis_without_a_draft_makes_one_order_too(
    ticaret: Ticaret,
) -> None:
    chat = await ticaret.chat("hello")
    await has_no_draft(chat)
    items = [{"productId": "TEA", "quantity": 2}]
    body: dict[str, Any] = {"items": items, "shipping": {"method": "pickup"}}
    order = (await chat.created(body))["order"]
    details = await chat.refused("DUPLICATE_ORDER", 409, body)
    assert details["order"]["id"] == order["id"]
    again = await chat.created({**body, "allowDuplicate": True})
    assert again["order"]["id"] != order["id"]


async def test_t2_a_draft_that_no_analysis_saw_is_not_confirmed_by_it(
    ticaret: Ticaret,
) -> None:
    chat = await ticaret.chat("hello", "2 latte, pick up")
    await has_no_draft(chat, 0)
    details = await chat.refused("DRAFT_CHANGED", 409, place=0)
    assert details["analysisVersion"] is None
    seen = {"metadata": {"draftVersion": details["currentVersion"]}}
    assert (await chat.created(seen, place=0))["order"]["grandTotal"] == 171


UNFIT: Mapping[str, tuple[dict[str, Any], str]] = {
    "t5: a product that nobody has": ({"productId": "nothing"}, "items.0.productId"),
    "t5: a product that is not sold": ({"productId": "OLD"}, "items.0.productId"),
    "t5: half a piece": ({"quantity": 1.5}, "items.0.quantity"),
    "t5: less than it is sold in": (
        {"productId": "FETA", "quantity": 0.05},
        "items.0.quantity",
    ),
    "t5: the printed quantity 0": ({"quantity": 0}, "items.0.quantity"),
    "t7: another currency": ({"productId": "EURO"}, "items.0.productId"),
}


@pytest.mark.parametrize("case", UNFIT)
async def test_items_that_cannot_be_are_refused_by_their_field(
    ticaret: Ticaret, case: str
) -> None:
    changes, field_name = UNFIT[case]
    chat = await ticaret.first()
    item = {"productId": "LATTE", "quantity": 1, **changes}
    details = await chat.refused("INVALID_REQUEST", 400, {"items": [item]})
    assert details["fields"] == [field_name]


async def test_t5_items_that_are_too_much_together_are_refused(
    ticaret: Ticaret,
) -> None:
    chat = await ticaret.first()
    items = [{"productId": "LATTE", "quantity": 1_000_000}] * 2
    details = await chat.refused("INVALID_REQUEST", 400, {"items": items})
    assert details["fields"] == ["items"]


async def test_who_buys_has_to_be_known(ticaret: Ticaret) -> None:
    chat = await ticaret.first()
    for name in ("customerId", "contactId"):
        details = await chat.refused("INVALID_REQUEST", 400, {name: "nobody"})
        assert details["fields"] == [name]


async def test_t8_the_operator_names_the_customer_and_its_person(
    ticaret: Ticaret,
) -> None:
    chat, office = await ticaret.chat(), ticaret.office
    given = {"name": "Grace", "company": "Lale Ltd", "external_id": "C-77"}
    answer = await office.agent.post("/v1/customers", given)
    assert answer.status == 201, answer.raw
    customer = answer.body["id"]
    house = office.house
    async with house.runtime.database.transaction() as connection:
        await adopt_id(
            connection,
            house.tenant_id,
            Face.TICARET,
            Thing(Kind.CUSTOMER, customer),
            "CRM-9",
            now=house.runtime.clock(),
        )
        buyer = Person("person_1", customer, name="Bea", email="bea@example.com")
        now = house.runtime.clock()
        await add_person(connection, house.tenant_id, buyer, now=now)
    made = await chat.created({"customerId": "CRM-9", "contactId": "person_1"})
    assert made["order"]["customer"] == {
        "id": "CRM-9",
        "title": "Lale Ltd",
        "shortName": "Grace",
        "status": "active",
    }
    assert made["order"]["contact"]["displayName"] == "Bea"
    assert made["order"]["contact"]["email"] == "bea@example.com"


async def test_t9_a_variant_is_chosen_by_the_note_or_missing(ticaret: Ticaret) -> None:
    chat = await ticaret.chat()
    items = [{"productId": "SHIRT", "quantity": 1}]
    details = await chat.refused("MISSING_FIELDS", 422, {"items": items})
    assert details["missingFields"] == ["variant"]
    items[0]["variantNote"] = "M, blue"
    made = await chat.created({"items": items})
    (item,) = made["order"]["items"]
    assert item["sku"] == "SHIRT-BM"
    assert item["metadata"]["variant"] == "blue, M"


async def test_a_draft_that_is_not_ready_says_what_is_missing(ticaret: Ticaret) -> None:
    chat = await ticaret.chat("2 latte")
    details = await chat.refused("MISSING_FIELDS", 422)
    assert details["missingFields"] == ["shipping_address"]
    body = {"shipping": {"method": "delivery"}}
    details = await chat.refused("MISSING_FIELDS", 422, body)
    assert details["missingFields"] == ["shipping_address"]
    body = {"shipping": {"address": "Lale Sokak 5, Izmir"}}
    made = await chat.created(body)
    assert made["order"]["shipping"]["address"]["text"] == "Lale Sokak 5, Izmir"


async def test_a_chat_without_goods_lacks_them_until_the_body_has_some(
    ticaret: Ticaret,
) -> None:
    chat = await ticaret.chat("hello")
    details = await chat.refused("MISSING_FIELDS", 422)
    assert "product" in details["missingFields"]
    body = {
        "items": [{"productId": "TEA", "quantity": 2}],
        "shipping": {"method": "pickup"},
    }
    assert (await chat.created(body))["order"]["grandTotal"] == 60


async def test_t10_a_price_that_moved_is_told_and_not_taken(ticaret: Ticaret) -> None:
    chat, house = await ticaret.chat("1 almond croissant, pick up"), ticaret.office
    await house.house.change("ALMOND", price=Decimal(120))
    try:
        details = await chat.refused("DRAFT_DIFFERS", 422)
        (differs,) = details["differences"]
        assert (differs["type"], differs["lineId"]) == ("price_changed", "L1")
        assert (differs["before"], differs["after"]) == ("98", "120")
        (item,) = (await chat.analysis())["commerce"]["orderDraft"]["items"]
        assert item["unitPrice"] == 98  # as it was observed
        items = [{"productId": "ALMOND", "quantity": 1}]
        made = await chat.created({"items": items})
    finally:
        await house.house.change("ALMOND")
    assert made["order"]["grandTotal"] == 120


async def test_t17_nothing_is_said_by_an_analysis_alone(ticaret: Ticaret) -> None:
    chat = await ticaret.chat()
    seen = len(chat.phone.inbox)
    await chat.analysis()
    await chat.refused("INVALID_REQUEST", 400, {"customerId": "nobody"})
    assert await ticaret.office.house.hears(chat.phone, seen) == ()


async def test_t18_who_saw_another_version_of_the_analysis_gets_a_conflict(
    ticaret: Ticaret,
) -> None:
    chat = await ticaret.chat()
    await chat.created()
    body = {"allowDuplicate": True, "metadata": {"entityVersion": "1"}}
    details = await chat.refused("ANALYSIS_CHANGED", 409, body)
    assert details == {"entityVersion": "2"}
    body["metadata"] = {"entityVersion": "2"}
    assert (await chat.created(body))["analysis"]["entityVersion"] == "3"


async def test_a_cancelled_draft_makes_no_order(ticaret: Ticaret) -> None:
    chat = await ticaret.chat()
    draft = await ticaret.office.draft(chat.id)
    path = f"/v1/drafts/{draft['id']}/reject"
    body = {"version": draft["version"], "reason": "closed"}
    assert (await chat.caller.post(path, body)).status == 200
    await chat.refused("DRAFT_ENDED", 409)
    items = [{"productId": "TEA", "quantity": 1}]
    await chat.refused("DRAFT_ENDED", 409, {"items": items})


# -- again ----------------------------------------------------------------------------


async def retried(chat: Thread) -> Answer:
    return await chat.caller("POST", await chat.at() + "/ai-analysis/retry")


async def test_t12_a_failed_analysis_runs_again_and_its_tries_count(
    ticaret: Ticaret,
) -> None:
    chat, house = await ticaret.chat("2 latte"), ticaret.office.house
    await becomes(chat, "failed", attempts=5, error="no answer")
    failed = await chat.analysis()
    assert (failed["status"], failed["attemptCount"]) == ("failed", 5)
    assert failed["lastError"] == {"message": "no answer"}
    answer = await retried(chat)
    assert answer.status == 200, answer.raw
    queued = answer.body["data"]
    assert queued["status"] in {"pending", "processing"}
    assert (queued["trigger"], queued["maxAttempts"]) == ("manual", 10)
    assert int(queued["entityVersion"]) > int(failed["entityVersion"])
    await house.rest()
    done = await chat.analysis()
    assert (done["status"], done["attemptCount"]) == ("completed", 6)
    assert (done["trigger"], done["id"] != failed["id"]) == ("manual", True)


async def test_t12_a_skipped_one_may_be_queued_again(ticaret: Ticaret) -> None:
    chat = await ticaret.chat("2 latte")
    await becomes(chat, "skipped")
    assert (await retried(chat)).body["data"]["trigger"] == "manual"
    await ticaret.office.house.rest()
    assert (await chat.analysis())["status"] == "completed"


async def test_a_completed_analysis_is_not_run_again(ticaret: Ticaret) -> None:
    chat = await ticaret.first()
    answer = await retried(chat)
    assert answer.status == 409
    assert answer.body["error"]["code"] == "ANALYSIS_COMPLETED"


async def test_one_that_waits_is_queued_once(ticaret: Ticaret) -> None:
    chat, house = await ticaret.chat("2 latte"), ticaret.office.house
    await becomes(chat, "failed", attempts=5)
    first, second = await asyncio.gather(retried(chat), retried(chat))
    assert {first.status, second.status} <= {200, 409}
    await house.rest()
    done = [each for each in await house.analyses() if each.conversation_id == chat.id]
    assert [each.status for each in done] == ["retried", "completed"]
    (line,) = (await chat.analysis())["commerce"]["orderDraft"]["items"]
    assert line["sku"] == "LATTE"


def test_a_turn_is_tried_as_often_as_is_said() -> None:
    assert POLICY.attempts == MOST_ATTEMPTS


# -- at once --------------------------------------------------------------------------


async def test_t2_two_who_create_at_once_make_one_order(
    postgres_url: str, tmp_path: Path
) -> None:
    async with open_office(postgres_url, tmp_path) as office:
        chat = await Ticaret(office).chat()
        answers = await asyncio.gather(*(chat.create() for _ in range(3)))
        statuses = sorted(each.status for each in answers)
        assert statuses == [200, 409, 409]
        (made,) = (each.body["data"] for each in answers if each.status == 200)
        for each in answers:
            if each.status == 409:
                first = each.body["error"]["details"]["order"]["id"]
                assert first == made["order"]["id"]
        assert len(await office.house.orders()) == 1
        assert len((await chat.analysis())["appliedActions"]) == 1


# -- what happened before -------------------------------------------------------------


async def becomes(
    chat: Thread, status: str | None, attempts: int = 1, error: str | None = None
) -> None:
    """Let the last turn of a chat have ended otherwise; None: it is still to come."""
    house = chat.ticaret.office.house
    message_id = await chat.message()
    mine = message.c.id == message_id
    async with house.runtime.database.transaction() as connection:
        found = await connection.execute(select(message.c.analysis_id).where(mine))
        analysis_id = found.scalar_one()
        if status is None:
            values: dict[str, Any] = {"state": "pending", "analysis_id": None}
            await connection.execute(update(message).where(mine).values(values))
            return
        state = "dead" if status == "failed" else "done"
        await connection.execute(update(message).where(mine).values(state=state))
        await connection.execute(
            update(analysis)
            .where(analysis.c.id == analysis_id)
            .values(status=status, attempts=attempts, error=error)
        )


async def has_no_draft(chat: Thread, place: int = -1) -> None:
    """Let the turn of a message have left no draft."""
    house = chat.ticaret.office.house
    mine = message.c.id == await chat.message(place)
    async with house.runtime.database.transaction() as connection:
        found = await connection.execute(select(message.c.analysis_id).where(mine))
        await connection.execute(
            update(analysis)
            .where(analysis.c.id == found.scalar_one())
            .values(draft_id=None, draft_version=None)
        )


async def a_second_session(house: Any, chat: Thread) -> str:
    """Let the customer have written to another number of the shop, too."""
    async with house.runtime.database.transaction() as connection:
        rows = await connection.execute(
            select(conversation).where(conversation.c.id == chat.id)
        )
        old = rows.mappings().one()
        rows = await connection.execute(
            select(channel).where(channel.c.id == old["channel_id"])
        )
        first = rows.mappings().one()
        number = await connection.execute(
            select(contact_alias).where(contact_alias.c.contact_id == old["contact_id"])
        )
        new = {"id": f"ch2_{chat.id[-8:]}", "external_id": f"2{chat.phone.wa_id}"}
        await connection.execute(insert(channel).values({**first, **new}))
        here = {"channel_id": new["id"]}
        people = await connection.execute(
            select(contact).where(contact.c.id == old["contact_id"])
        )
        person = {**people.mappings().one(), **here, "id": f"con2_{chat.id[-8:]}"}
        await connection.execute(insert(contact).values(person))
        who = {"contact_id": person["id"], **here}
        for row in number.mappings().all():
            await connection.execute(insert(contact_alias).values({**row, **who}))
        talk = {**old, **who, "id": f"cnv2_{chat.id[-8:]}"}
        await connection.execute(insert(conversation).values(talk))
    return str(new["id"])
