"""Drafts through the API: read, change, take back, confirm, reject."""

import asyncio
import shutil
from dataclasses import replace
from decimal import Decimal
from typing import Any, get_args

import pytest
from sqlalchemy import insert

from bot.inbox.ownership import attend
from bot.web.api.draft_changes import ChangeGiven
from catalog.table import product
from orders import Confirms, DraftState, Shop
from orders.codec import TAGS
from orders.table import customer, order_move
from orders.table import draft as draft_table
from tests.api import Answer, Caller, Office, open_office


async def a_draft(office: Office, *texts: str) -> Any:
    """Let Ana order two lattes by chat; return the draft."""
    words = texts or ("2 latte", "pick up")
    return await office.draft(await office.write(office.house.phone(), *words))


async def changed(
    caller: Caller, draft: Any, *changes: Any, version: int | None = None
) -> Answer:
    return await caller.post(
        f"/v1/drafts/{draft['id']}/changes",
        {
            "version": draft["version"] if version is None else version,
            "changes": changes,
        },
    )


async def act(caller: Caller, draft: Any, what: str, **more: Any) -> Answer:
    body = {"version": draft["version"], **more}
    return await caller.post(f"/v1/drafts/{draft['id']}/{what}", body)


async def product_id(office: Office, sku: str) -> str:
    (row,) = await office.house.rows(product, sku=sku)
    return str(row.id)


# -- reading --------------------------------------------------------------------------


async def test_a_draft_of_a_chat_says_why_each_line_is_there(office: Office) -> None:
    draft = await a_draft(office)
    (line,) = draft["lines"]
    assert (line["sku"], line["quantity"], line["unit"]) == ("LATTE", "2", "piece")
    assert line["unit_price"] == {"amount": "85.50", "currency": "TRY"}
    assert line["total"] == {"amount": "171.00", "currency": "TRY"}
    (evidence,) = line["evidence"]
    assert (evidence["source"], evidence["quote"]) == ("message", "2 latte")
    assert draft["totals"]["grand_total"] == {"amount": "171.00", "currency": "TRY"}
    assert (draft["state"], draft["missing"]) == ("proposed", [])
    assert draft["field_evidence"]["fulfilment"]["quote"] == "pick up"


async def test_how_far_it_is_stands_with_the_turn_and_follows_the_order(
    quick_office: Office,
) -> None:
    draft = await a_draft(quick_office)
    chat, agent = draft["conversation_id"], quick_office.agent
    shown = {
        "stage": "awaiting_confirmation",
        "order_readiness": "ready",
        "missing_fields": [],
        "next_best_actions": ["create_customer", "create_order"],
    }
    assert draft["commerce"] == shown
    messages = (await agent.read(f"/v1/conversations/{chat}/messages"))["data"]
    theirs = [each for each in messages if each["direction"] == "in"]
    assert theirs[0]["commerce"] == shown
    assert theirs[-1]["commerce"]["stage"] in {"drafting", "awaiting_confirmation"}
    (*_, analysis) = await quick_office.house.analyses()
    assert analysis.commerce["orderReadiness"] == "ready"
    assert (await act(agent, draft, "confirm")).status == 201
    after = await agent.read(f"/v1/drafts/{draft['id']}")
    assert after["commerce"]["order_readiness"] == "already_ordered"
    assert after["commerce"]["stage"] in {"ordered", "post_order"}
    (again,) = (await agent.read(f"/v1/messages/{theirs[0]['id']}"),)
    assert again["commerce"] == shown, "what was true after the turn stays"


async def test_what_the_shop_corrected_of_a_customer_is_used_and_not_asked(
    quick_office: Office,
) -> None:
    agent, admin, ana = (
        quick_office.agent,
        quick_office.admin,
        quick_office.house.phone(),
    )
    first = await a_draft(quick_office)
    assert (await act(agent, first, "confirm")).status == 201
    (row,) = (await agent.read("/v1/customers"))["data"]
    known = {"email": "ada@example.com", "name": "Ada Lovelace"}
    assert (await agent("PATCH", f"/v1/customers/{row['id']}", known)).status == 200
    rules = await admin.read("/v1/shop-rules")
    rules["rules"]["required"] = [*rules["rules"]["required"], "email"]
    put = await admin("PUT", "/v1/shop-rules", rules)
    assert put.status == 200, put.raw
    again = await quick_office.draft(await quick_office.write(ana, "1 latte, pick up"))
    assert (again["email"], again["missing"]) == ("ada@example.com", [])
    assert again["field_evidence"]["email"]["source"] == "profile"


async def test_drafts_can_be_found_by_state_and_conversation(office: Office) -> None:
    draft = await a_draft(office)
    for query in (
        {"state": "proposed"},
        {"conversation_id": draft["conversation_id"]},
        {},
    ):
        found = await office.integration.read("/v1/drafts", **query)
        assert [each["id"] for each in found["data"]] == [draft["id"]]
        assert found["total"] == 1
    none = await office.agent.read("/v1/drafts", state="rejected")
    assert none == {"data": [], "total": 0}


# -- changing -------------------------------------------------------------------------


def test_every_change_that_there_is_can_be_asked_for() -> None:
    union, _ = get_args(ChangeGiven)
    types = [each.model_fields["type"].annotation for each in get_args(union)]
    asked = {get_args(each)[0] for each in types}
    # What a message caused goes with an edit of that message, never by a call; a fact
    # is taken back by the change that sets it, with null.
    assert asked == {*TAGS, "reconcile"} - {"take_back", "unset"}


async def test_an_agent_puts_a_line_and_the_catalog_sets_its_price(
    office: Office,
) -> None:
    draft = await a_draft(office)
    answer = await changed(
        office.agent,
        draft,
        {
            "type": "put_line",
            "sku": "LATTE",
            "quantity": "1",
            "options": [{"group_id": "milk", "value_id": "oat"}],
            "note": "very hot",
        },
    )
    assert answer.status == 200, answer.raw
    after = answer.body
    assert after["version"] == draft["version"] + 1
    assert after["state"] == "open"
    line = after["lines"][1]
    assert line["unit_price"] == {"amount": "105.50", "currency": "TRY"}
    assert line["options"][0]["name"] == "Oat milk"
    assert line["evidence"] == [
        {
            "source": "agent",
            "ref": "key:key_agent",
            "quote": None,
            "actor": "key:key_agent",
        }
    ]
    assert after == await office.agent.read(f"/v1/drafts/{draft['id']}")


async def test_a_systems_key_is_named_as_what_it_is(quick_office: Office) -> None:
    draft = await a_draft(quick_office)
    answer = await changed(
        quick_office.integration, draft, {"type": "set_name", "name": "Grace"}
    )
    evidence = answer.body["field_evidence"]["name"]
    assert (evidence["source"], evidence["actor"]) == ("key", "key:key_integration")


#: Changes, and what of the draft they make: a path and its value.
CHANGES: dict[str, tuple[list[Any], str, Any]] = {
    "more of the same item": (
        [{"type": "put_line", "sku": "LATTE", "quantity": 3}],
        "lines.0.quantity",
        "5",
    ),
    "a pack": (
        [{"type": "put_line", "sku": "WATER", "quantity": 2, "unit": "koli"}],
        "lines.1.quantity",
        "48",
    ),
    "the words of a pack": (
        [{"type": "put_line", "sku": "WATER", "quantity": 2, "unit": "koli"}],
        "lines.1.pack",
        "2 koli",
    ),
    "grams of a kilo product": (
        [{"type": "put_line", "sku": "FETA", "quantity": "500", "unit": "g"}],
        "lines.1.quantity",
        "0.5",
    ),
    "a variant by its own SKU": (
        [{"type": "put_line", "sku": "SHIRT-BM"}],
        "lines.1.variant_name",
        "blue, M",
    ),
    "another quantity": (
        [{"type": "set_quantity", "line_id": "L1", "quantity": "4"}],
        "lines.0.total.amount",
        "342.00",
    ),
    "other options": (
        [
            {
                "type": "set_options",
                "line_id": "L1",
                "options": [
                    {"group_id": "milk", "value_id": "oat", "qualifier": "extra"}
                ],
            }
        ],
        "lines.0.unit_price.amount",
        "105.50",
    ),
    "another product in its place": (
        [{"type": "replace_line", "line_id": "L1", "sku": "TEA", "quantity": 1}],
        "lines.0.sku",
        "TEA",
    ),
    "a line less": ([{"type": "drop_line", "line_id": "L1"}], "lines", []),
    "nothing left": ([{"type": "clear"}], "lines", []),
    "today's price": ([{"type": "reprice", "line_id": "L1"}], "version", 3),
    "asked again": ([{"type": "reopen"}], "state", "open"),
    "open words": (
        [{"type": "put_unresolved", "text": "the thing from last week", "quantity": 2}],
        "unresolved.0.text",
        "the thing from last week",
    ),
    "open words, settled": (
        [
            {"type": "put_unresolved", "text": "the thing"},
            {"type": "drop_unresolved", "unresolved_id": "U2"},
        ],
        "unresolved",
        [],
    ),
    "a name": ([{"type": "set_name", "name": "Grace"}], "name", "Grace"),
    "a phone": (
        [{"type": "set_phone", "phone": "+905321234567"}],
        "phone",
        "+905321234567",
    ),
    "an e-mail": (
        [{"type": "set_email", "email": "ada@example.com"}],
        "email",
        "ada@example.com",
    ),
    "a tax number": (
        [{"type": "set_tax_id", "tax_id": "123 456 789 50"}],
        "tax_id",
        "12345678950",
    ),
    "a company": ([{"type": "set_company", "company": "Lale"}], "company", "Lale"),
    "that a company buys": (
        [{"type": "set_company", "company": "Lale"}],
        "business",
        True,
    ),
    "that a person buys": (
        [{"type": "set_business", "business": False}],
        "business",
        False,
    ),
    "a tax office": (
        [{"type": "set_tax_office", "tax_office": "Moda"}],
        "tax_office",
        "Moda",
    ),
    "who receives it": (
        [{"type": "set_recipient", "recipient": "Grace"}],
        "recipient",
        "Grace",
    ),
    "their number": (
        [{"type": "set_recipient_phone", "recipient_phone": "+905331234567"}],
        "recipient_phone",
        "+905331234567",
    ),
    "how a customer would be asked": (
        [{"type": "set_fulfilment", "fulfilment": "delivery"}],
        "missing.0.question",
        "Where shall we deliver it? Please write the full address.",
    ),
    "what an answer looks like": (
        [{"type": "set_fulfilment", "fulfilment": "delivery"}],
        "missing.0.example",
        "12 Rose Street, Springfield 12345",
    ),
    "what brings it on": (
        [{"type": "set_fulfilment", "fulfilment": "delivery"}],
        "commerce",
        {
            "stage": "drafting",
            "order_readiness": "missing_info",
            "missing_fields": ["shipping_address"],
            "next_best_actions": ["ask_missing_field"],
        },
    ),
    "delivery": (
        [{"type": "set_fulfilment", "fulfilment": "delivery"}],
        "missing.0.field",
        "address",
    ),
    "an address": (
        [{"type": "set_address", "address": {"text": "Lale Sokak 5", "city": "Izmir"}}],
        "address.city",
        "Izmir",
    ),
    "what an address says besides": (
        [{"type": "set_address", "address": {"text": "Lale Sokak 5"}}],
        "fulfilment",
        "delivery",
    ),
    "a moment": (
        [{"type": "set_due", "due_at": "2026-12-24T18:30:00+03:00"}],
        "due_at",
        "2026-12-24T15:30:00Z",
    ),
    "a day without an hour": (
        [{"type": "set_due", "due_day": "2026-12-24"}],
        "due_day",
        "2026-12-24",
    ),
    "where such a day begins": (
        [{"type": "set_due", "due_day": "2026-12-24"}],
        "due_at",
        "2026-12-23T21:00:00Z",
    ),
    "a payment": ([{"type": "set_payment", "payment": "card"}], "payment", "card"),
    "a coupon": ([{"type": "set_coupon", "coupon": "X1"}], "coupon", "X1"),
    "a gift note": (
        [{"type": "set_gift_note", "gift_note": "Happy day"}],
        "gift_note",
        "Happy day",
    ),
    "a note": ([{"type": "set_note", "note": "ring twice"}], "note", "ring twice"),
    "a discount in money": (
        [
            {
                "type": "set_discount",
                "amount": {"amount": "11.00", "currency": "TRY"},
                "reason": "late",
            }
        ],
        "totals.grand_total.amount",
        "160.00",
    ),
    "a discount in percent": (
        [{"type": "set_discount", "percent": "10"}],
        "totals.discount.amount",
        "17.10",
    ),
    "no discount after all": (
        [{"type": "set_discount", "percent": 10}, {"type": "set_discount"}],
        "totals.discount.amount",
        "0.00",
    ),
    "a fee": (
        [
            {"type": "set_address", "address": {"text": "Lale Sokak 5"}},
            {"type": "set_shipping", "shipping": {"amount": "25", "currency": "TRY"}},
        ],
        "totals.shipping.amount",
        "25.00",
    ),
}


def at(value: Any, path: str) -> Any:
    for part in path.split("."):
        value = value[int(part)] if part.isdigit() else value[part]
    return value


@pytest.fixture(scope="module")
async def shared(migrated_file: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return one shop for many changes; each has a customer of its own."""
    folder = tmp_path_factory.mktemp("shared")
    url = f"sqlite:///{shutil.copy(migrated_file, folder / 'shop.db')}"
    async with open_office(url, folder) as office:
        yield office


@pytest.mark.parametrize("case", CHANGES)
async def test_each_change_does_what_it_says(shared: Office, case: str) -> None:
    changes, path, value = CHANGES[case]
    phone = shared.house.phone(f"90555{list(CHANGES).index(case):07}")
    draft = await shared.draft(await shared.write(phone, "2 latte", "pick up"))
    answer = await changed(shared.agent, draft, *changes)
    assert answer.status == 200, answer.raw
    after = answer.body
    expected = draft["version"] + 1 if path == "version" else value
    assert at(after, path) == expected
    assert after["version"] == draft["version"] + 1


#: Changes that set one fact each, and the fact as a draft shows it.
FACTS: dict[str, dict[str, Any]] = {
    "name": {"type": "set_name", "name": "Grace"},
    "email": {"type": "set_email", "email": "grace@example.com"},
    "tax_office": {"type": "set_tax_office", "tax_office": "Kadikoy"},
    "recipient": {"type": "set_recipient", "recipient": "Ana"},
    "business": {"type": "set_business", "business": False},
    "address": {"type": "set_address", "address": {"text": "Lale Sokak 5"}},
    "due_at": {"type": "set_due", "due_at": "2026-12-24T12:00:00Z"},
    "payment": {"type": "set_payment", "payment": "cash"},
    "coupon": {"type": "set_coupon", "coupon": "TEN"},
    "gift_note": {"type": "set_gift_note", "gift_note": "For you"},
    "note": {"type": "set_note", "note": "Ring twice"},
    "fulfilment": {"type": "set_fulfilment", "fulfilment": "delivery"},
}


async def test_null_takes_a_fact_back_and_undo_brings_it_again(shared: Office) -> None:
    conversation = await shared.write(shared.house.phone("905330000001"), "2 latte")
    full = await changed(
        shared.agent, await shared.draft(conversation), *FACTS.values()
    )
    assert full.status == 200, full.raw
    nulls = [{**each, list(each)[-1]: None} for each in FACTS.values()]
    bare = await changed(shared.agent, full.body, *nulls)
    assert bare.status == 200, bare.raw
    assert {name: bare.body[name] for name in FACTS} == dict.fromkeys(FACTS)
    assert "fulfilment" in [each["field"] for each in bare.body["missing"]]
    assert bare.body["field_evidence"]["name"]["actor"] == "key:key_agent"
    again = await act(shared.agent, bare.body, "undo")
    assert {name: again.body[name] for name in FACTS} == {
        name: full.body[name] for name in FACTS
    }


async def test_a_time_has_to_be_given_or_taken_back(shared: Office) -> None:
    conversation = await shared.write(shared.house.phone("905330000002"), "2 latte")
    draft = await shared.draft(conversation)
    refused = await changed(shared.agent, draft, {"type": "set_due"})
    assert (refused.status, refused.kind) == (422, "invalid-request")


async def test_a_variant_can_be_chosen_later(quick_office: Office) -> None:
    draft = await a_draft(quick_office)
    shirt = await product_id(quick_office, "SHIRT")
    put = await changed(
        quick_office.agent,
        draft,
        {"type": "put_line", "product_id": shirt, "quantity": 1},
    )
    assert [(each["field"], each["about"]) for each in put.body["missing"]] == [
        ("variant", "L2")
    ]
    refused = await changed(
        quick_office.agent,
        put.body,
        {"type": "choose_variant", "line_id": "L2", "variant_id": "green"},
    )
    assert (refused.status, refused.kind) == (422, "change-refused")
    assert "red, M" in refused.body["detail"]
    (red, *_) = [
        each.split(" ")[0]
        for each in refused.body["detail"].partition("it has: ")[2].split("), ")
    ]
    chosen = await changed(
        quick_office.agent,
        put.body,
        {"type": "choose_variant", "line_id": "L2", "variant_id": red},
    )
    assert chosen.body["lines"][1]["variant_name"] == "red, M"
    assert chosen.body["missing"] == []


async def test_a_customer_of_the_shop_can_be_named(quick_office: Office) -> None:
    draft = await a_draft(quick_office)
    runtime = quick_office.house.runtime
    async with runtime.database.transaction() as connection:
        await connection.execute(
            insert(customer).values(
                id="customer_1",
                tenant_id=quick_office.house.tenant_id,
                created_at=runtime.clock(),
            )
        )
    answer = await changed(
        quick_office.agent,
        draft,
        {"type": "set_customer", "customer_id": "customer_1"},
    )
    assert answer.body["customer_id"] == "customer_1"


#: Changes that do not fit, the field that is named, and a word of the reason.
REFUSED: dict[str, tuple[Any, str, str]] = {
    "unknown product": (
        {"type": "put_line", "sku": "NOPE"},
        "changes.1.sku",
        "sells no product",
    ),
    "unknown product by id": (
        {"type": "put_line", "product_id": "nope"},
        "changes.1.product_id",
        "sells no product",
    ),
    "unknown variant": (
        {"type": "put_line", "sku": "SHIRT", "variant_id": "green"},
        "changes.1.variant_id",
        "red, M",
    ),
    "unknown option": (
        {
            "type": "put_line",
            "sku": "LATTE",
            "options": [{"group_id": "milk", "value_id": "soy"}],
        },
        "changes.1.options.0",
        "milk/oat",
    ),
    "too many options": (
        {
            "type": "set_options",
            "line_id": "L1",
            "options": [
                {"group_id": "milk", "value_id": "oat"},
                {"group_id": "milk", "value_id": "whole"},
            ],
        },
        "changes.1.options",
        "at most 1",
    ),
    "unknown unit": (
        {"type": "put_line", "sku": "LATTE", "quantity": 1, "unit": "barrel"},
        "changes.1.unit",
        "piece",
    ),
    "unknown line": (
        {"type": "set_quantity", "line_id": "L9", "quantity": 1},
        "changes.1.line_id",
        "L1",
    ),
    "unknown line to drop": (
        {"type": "drop_line", "line_id": "L9"},
        "changes.1",
        "no line 'L9'",
    ),
    "unknown customer": (
        {"type": "set_customer", "customer_id": "nobody"},
        "changes.1.customer_id",
        "no such customer",
    ),
    "digits that do not fit": (
        {"type": "set_tax_id", "tax_id": "12345678951"},
        "changes.1.tax_id",
        "TCKN such as 12345678950",
    ),
    "a field that the shop has not": (
        {"type": "set_extra", "field_id": "table", "value": "4"},
        "changes.1.field_id",
        "the shop has no such field",
    ),
    "another currency": (
        {"type": "set_shipping", "shipping": {"amount": "1", "currency": "EUR"}},
        "changes.1.shipping",
        "must be TRY",
    ),
    "half a kurus": (
        {
            "type": "set_discount",
            "amount": {"amount": "1.005", "currency": "TRY"},
        },
        "changes.1.amount",
        "decimals",
    ),
    "a negative fee": (
        {"type": "set_shipping", "shipping": {"amount": "-1", "currency": "TRY"}},
        "changes.1",
        "shipping",
    ),
    "a million and one": (
        {"type": "set_quantity", "line_id": "L1", "quantity": 1000001},
        "changes.1",
        "above",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_change_that_does_not_fit_stops_all_of_them(
    shared: Office, case: str
) -> None:
    change, field, words = REFUSED[case]
    phone = shared.house.phone(f"90544{list(REFUSED).index(case):07}")
    draft = await shared.draft(await shared.write(phone, "2 latte", "pick up"))
    answer = await changed(
        shared.agent, draft, {"type": "set_name", "name": "Grace"}, change
    )
    assert (answer.status, answer.kind) == (422, "change-refused"), answer.raw
    (error,) = answer.body["errors"]
    assert error["field"] == field
    assert words in error["message"]
    assert await shared.agent.read(f"/v1/drafts/{draft['id']}") == draft


async def test_of_two_who_change_the_same_version_the_later_hears_of_the_newest(
    office: Office,
) -> None:
    draft = await a_draft(office)
    answers = await asyncio.gather(
        *(
            changed(office.agent, draft, {"type": "set_name", "name": f"Name {n}"})
            for n in range(4)
        )
    )
    lost = [each for each in answers if each.status == 409]
    assert sorted(each.status for each in answers) == [200, 409, 409, 409]
    for each in lost:
        assert each.kind == "version-conflict"
        assert each.body["version"] == draft["version"] + 1


async def test_an_agent_and_a_turn_never_overwrite_each_other(office: Office) -> None:
    ana = office.house.phone()
    draft = await a_draft(office)
    await ana.say("3 tea")
    await changed(office.agent, draft, {"type": "set_note", "note": "ring twice"})
    await office.house.rest()
    after = await office.draft(draft["conversation_id"])
    skus = {line["sku"] for line in after["lines"]}
    assert skus == {"LATTE", "TEA"}
    if after["note"] is None:  # The turn was faster, and the agent was told so.
        assert after["version"] == draft["version"] + 1


async def test_a_change_voids_the_button_that_the_customer_saw(office: Office) -> None:
    ana = office.house.phone()
    draft = await a_draft(office)
    seen = len(ana.inbox)
    await changed(office.agent, draft, {"type": "put_line", "sku": "TEA"})
    await ana.tap(0)
    answers = await office.house.hears(ana, seen)
    assert await office.house.orders() == []
    assert answers
    after = await office.draft(draft["conversation_id"])
    assert after["state"] == "proposed"


# -- taking back ----------------------------------------------------------------------


async def test_the_last_change_can_be_taken_back_step_by_step(office: Office) -> None:
    draft = await a_draft(office)
    put = await changed(office.agent, draft, {"type": "put_line", "sku": "TEA"})
    named = await changed(
        office.manager, put.body, {"type": "set_name", "name": "Grace"}
    )
    once = await act(office.agent, named.body, "undo")
    assert (once.status, once.body["name"]) == (200, put.body["name"])
    assert len(once.body["lines"]) == 2
    assert once.body["version"] == named.body["version"] + 1
    twice = await act(office.agent, once.body, "undo")
    assert [line["sku"] for line in twice.body["lines"]] == ["LATTE"]
    again = await changed(office.agent, twice.body, {"type": "put_line", "sku": "CHOC"})
    assert [line["id"] for line in again.body["lines"]] == ["L1", "L3"]
    back = await act(office.agent, again.body, "undo")
    assert back.body["lines"] == twice.body["lines"]


async def test_a_change_of_the_bot_can_be_taken_back_too(office: Office) -> None:
    draft = await a_draft(office, "2 latte", "3 tea")
    back = await act(office.agent, draft, "undo")
    assert [line["sku"] for line in back.body["lines"]] == ["LATTE"]
    empty = await act(office.agent, back.body, "undo")
    assert (empty.status, empty.body["lines"]) == (200, [])


async def test_when_nothing_is_left_to_take_back_that_is_said(
    quick_office: Office,
) -> None:
    draft = await a_draft(quick_office, "2 latte")
    answer = await act(quick_office.agent, draft, "undo")
    for _ in range(5):
        if answer.status != 200:
            break
        answer = await act(quick_office.agent, answer.body, "undo")
    assert (answer.status, answer.kind) == (409, "conflict")
    assert "nothing to take back" in answer.body["detail"]


async def test_the_history_tells_who_made_which_version(office: Office) -> None:
    draft = await a_draft(office)
    put = await changed(office.agent, draft, {"type": "put_line", "sku": "TEA"})
    await act(office.manager, put.body, "undo")
    history = await office.agent.read(f"/v1/drafts/{draft['id']}/history")
    newest, before, *older = history["data"]
    assert (newest["actor"], newest["restored"]) == (
        "key:key_manager",
        draft["version"],
    )
    assert (before["actor"], before["changes"][0]["type"]) == (
        "key:key_agent",
        "put_line",
    )
    assert all(each["actor"].startswith("contact:") for each in older)
    assert [each["version"] for each in history["data"]] == list(
        range(newest["version"], newest["version"] - history["total"], -1)
    )


# -- confirming -----------------------------------------------------------------------


async def test_a_confirmed_draft_is_an_order_like_one_of_a_chat(office: Office) -> None:
    draft = await a_draft(office)
    house, ana = office.house, office.house.phone()
    seen = len(ana.inbox)
    async with house.runtime.database.transaction() as connection:
        chat = (await house.chat(ana)).id
        await attend(connection, {chat: "image"}, now=house.runtime.clock())
    answer = await act(office.agent, draft, "confirm")
    assert answer.status == 201, answer.raw
    assert (await house.chat(ana)).attention is None, "who confirms has looked"
    order = answer.body
    assert (order["number"], order["state"]) == (1, "confirmed")
    assert (order["draft_id"], order["draft_version"]) == (
        draft["id"],
        draft["version"],
    )
    assert order["totals"]["grand_total"] == {"amount": "171.00", "currency": "TRY"}
    assert order["confirmed_by"]["actor"] == "key:key_agent"
    heard = await house.hears(ana, seen)
    assert "order 1 is placed" in heard[0].text
    # The demo ERP was told, and answered.
    stored = await office.agent.read(f"/v1/orders/{order['id']}")
    assert stored["state"] == "provisioned"
    (row, *_) = await house.rows(order_move, order_id=order["id"])
    assert (row.state, row.actor) == ("confirmed", "key:key_agent")
    ended = await office.agent.read(f"/v1/drafts/{draft['id']}")
    assert (ended["state"], ended["missing"]) == ("ordered", [])


async def test_the_stock_of_a_confirmed_order_is_held(office: Office) -> None:
    draft = await a_draft(office, "2 carrot cake", "pick up")
    assert (await act(office.agent, draft, "confirm")).status == 201
    (row,) = await office.house.rows(product, sku="CAKE")
    assert row.reserved == Decimal(2)


async def test_one_draft_never_becomes_two_orders(office: Office) -> None:
    draft = await a_draft(office)
    answers = await asyncio.gather(
        *(act(office.agent, draft, "confirm") for _ in range(4))
    )
    assert sorted(each.status for each in answers) == [201, 409, 409, 409]
    assert {each.kind for each in answers if each.status == 409} == {"conflict"}
    assert len(await office.house.orders()) == 1


async def test_the_customer_and_the_agent_confirm_at_once_and_one_order_comes(
    office: Office,
) -> None:
    ana = office.house.phone()
    draft = await a_draft(office)
    await asyncio.gather(ana.say("yes"), act(office.agent, draft, "confirm"))
    await office.house.settle()
    assert len(await office.house.orders()) == 1


async def test_a_draft_that_is_not_ready_says_what_is_missing(office: Office) -> None:
    draft = await a_draft(office, "2 latte and 1 t-shirt")
    answer = await act(office.agent, draft, "confirm")
    assert (answer.status, answer.kind) == (422, "not-ready")
    assert set(answer.body["missingFields"]) >= {"variant", "fulfilment"}
    about = {each["field"]: each["about"] for each in answer.body["missing"]}
    assert about["fulfilment"] is None
    assert await office.house.orders() == []


async def test_a_price_that_moved_is_shown_and_taken_over_when_accepted(
    office: Office,
) -> None:
    draft = await a_draft(office)
    await office.house.change("LATTE", price=Decimal(90))
    answer = await act(office.agent, draft, "confirm")
    assert (answer.status, answer.kind) == (422, "not-ready")
    (moved, *_) = answer.body["differences"]
    assert moved["type"] == "price_moved"
    assert Decimal(moved["before"]) == Decimal("85.5")
    assert Decimal(moved["after"]) == Decimal(90)
    taken = await changed(office.agent, draft, {"type": "reconcile"})
    assert taken.body["lines"][0]["unit_price"]["amount"] == "90.00"
    assert (await act(office.agent, taken.body, "confirm")).status == 201


async def test_goods_that_are_gone_place_no_order(office: Office) -> None:
    draft = await a_draft(office, "2 carrot cake", "pick up")
    await office.house.change("CAKE", stock=Decimal(1))
    answer = await act(office.agent, draft, "confirm")
    assert (answer.status, answer.kind) == (422, "not-ready")
    assert "stock" in answer.body["missingFields"]
    taken = await changed(office.agent, draft, {"type": "reconcile"})
    assert taken.body["lines"][0]["quantity"] == "1"


async def test_an_old_version_is_not_confirmed(quick_office: Office) -> None:
    draft = await a_draft(quick_office)
    await changed(quick_office.agent, draft, {"type": "set_name", "name": "Grace"})
    answer = await act(quick_office.agent, draft, "confirm")
    assert (answer.status, answer.kind) == (409, "version-conflict")
    assert answer.body["version"] == draft["version"] + 1
    assert await quick_office.house.orders() == []


async def test_an_agent_approves_what_the_customer_confirmed(
    sqlite_url: str, tmp_path: Any
) -> None:
    rules = replace(Shop(), confirms=Confirms.AGENT)
    async with open_office(sqlite_url, tmp_path, rules=rules) as office:
        draft = await a_draft(office, "2 latte", "pick up", "yes")
        assert draft["state"] == DraftState.AWAITING
        by_program = await act(office.integration, draft, "confirm")
        assert (by_program.status, by_program.kind) == (403, "forbidden")
        assert "an agent has to approve" in by_program.body["detail"]
        assert await office.house.orders() == []
        answer = await act(office.agent, draft, "confirm")
    assert answer.status == 201, answer.raw
    assert answer.body["confirmed_by"]["source"] == "message"
    assert answer.body["approved_by"]["actor"] == "key:key_agent"


# -- rejecting ------------------------------------------------------------------------


async def test_a_rejected_draft_is_over_and_its_customer_hears_why(
    office: Office,
) -> None:
    draft = await a_draft(office)
    ana = office.house.phone()
    seen = len(ana.inbox)
    answer = await act(office.agent, draft, "reject", reason="We are out of milk.")
    assert (answer.status, answer.body["state"]) == (200, "rejected")
    assert answer.body["end_reason"] == "We are out of milk."
    (heard,) = await office.house.hears(ana, seen)
    assert "We are out of milk." in heard.text
    for what, body in (
        ("confirm", {}),
        ("undo", {}),
        ("reject", {"reason": "again"}),
    ):
        again = await act(office.agent, answer.body, what, **body)
        assert (again.status, again.kind) == (409, "conflict")
    # The next thing they want is a new draft.
    later = await office.draft(await office.write(ana, "1 tea"))
    assert later["id"] != draft["id"]


async def test_a_rejection_during_a_turn_is_not_overwritten_by_it(
    office: Office,
) -> None:
    ana = office.house.phone()
    draft = await a_draft(office)
    await asyncio.gather(
        ana.say("3 tea"), act(office.agent, draft, "reject", reason="No.")
    )
    await office.house.rest()
    (row,) = await office.house.rows(draft_table, id=draft["id"])
    newest = await office.draft(draft["conversation_id"])
    assert row.state == "rejected" or newest["version"] > draft["version"]
