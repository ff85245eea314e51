"""Zegoal's CreateOrder, as its page prints it: labels Z1 to Z17."""

import asyncio
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from bot.inbox.shop_rules import load_shop_rules, store_shop_rules
from catalog.changing import set_product, upsert_products
from orders.customers import add_customer
from orders.domain.calls import Calls
from orders.domain.ids import Face, Kind
from orders.ids import resolve_id
from orders.store import load_order
from orders.table import customer, customer_address, external_id, order, order_call
from tests.api import Answer, Api, open_api
from tests.factories import a_shirt
from tests.zegoal import KNOWN, MINIMAL, NEW, Zegoal, furnish_zegoal

_NOW = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


@dataclass(frozen=True)
class Scenarios:
    """The three printed calls, made one after the other in the printed shop."""

    minimal: Answer
    known: Answer
    new: Answer

    def part(self, name: str, part: str) -> Any:
        answer: Answer = getattr(self, name)
        return answer.body["CreateOrder"][part]

    def order(self, name: str) -> Any:
        return self.part(name, "response")["order"]


@pytest.fixture(scope="module")
async def shop(faces: Api) -> Zegoal:
    return await furnish_zegoal(faces)


@pytest.fixture(scope="module")
async def told(shop: Zegoal) -> Scenarios:
    answers = [await shop.call("CreateOrder", each) for each in (MINIMAL, KNOWN, NEW)]
    assert [each.status for each in answers] == [200] * 3, [e.raw for e in answers]
    return Scenarios(*answers)


# -- the printed contract -------------------------------------------------------------


def test_scenario_1_prints_what_is_answered_for_the_least_call(
    told: Scenarios,
) -> None:
    response = told.part("minimal", "response")
    start = response["order"]["start_date"]
    assert response == {
        "tenant": "orderingtenant885",
        "order": {
            "start_date": start,
            "order_type": "",
            "order_total": 0,
            "order_status": "Draft",
            "order_positions": [],
            "order_num": 3,
            "order_id": 3,
            "order_description": "",
            "end_date": "",
            "customer_name": "NewClient_1",
            "address_text": "",
            "account_id": 1,
            "account_address_id": 1,
        },
        "create_account": True,
        "TZ": "Europe/Minsk",
    }


def test_scenario_1_prints_what_is_answered_for_a_known_client(
    told: Scenarios,
) -> None:
    assert told.part("known", "response") == {
        "tenant": "orderingtenant885",
        "order": {
            "start_date": "2020-07-03 09:19:58",
            "order_type": "OnSite",
            "order_total": 260.5,
            "order_status": "Draft",
            "order_positions": [
                {
                    "unit": "шт",
                    "quantity": 2,
                    "product_name": "position #612",
                    "price": 30,
                    "position_type": "Goods",
                    "position_id": 7,
                    "order_id": 4,
                    "catalog_position_id": 4,
                },
                {
                    "unit": "кг",
                    "quantity": 1,
                    "product_name": "position #2",
                    "product_code": "6205",
                    "price": 200.5,
                    "position_type": "Goods",
                    "position_id": 8,
                    "order_id": 4,
                },
            ],
            "order_num": 4,
            "order_id": 4,
            "order_description": "order Description",
            "end_date": "2020-07-06 09:19:58",
            "customer_name": "NewClient_1",
            "address_text": "a big white building",
            "account_id": 1,
            "account_address_id": 1,
        },
        "create_account": True,
        "TZ": "Europe/Minsk",
    }


def test_scenario_2_prints_what_is_answered_for_a_new_client(told: Scenarios) -> None:
    def position(number: int, name: str, quantity: int, price: float) -> Any:
        return {
            "unit": "шт",
            "quantity": quantity,
            "product_name": name,
            "price": price,
            "position_type": "Goods",
            "position_id": 8 + number,
            "order_id": 5,
            "catalog_position_id": number,
        }

    assert told.order("new") == {
        "start_date": "2020-07-03 09:26:53",
        "order_type": "OnSite",
        "order_total": 238.6,
        "order_status": "Draft",
        "order_positions": [
            position(1, "position #552", 3, 23.1),
            position(2, "position #340", 3, 23.1),
            position(3, "position #296", 2, 50),
        ],
        "order_num": 5,
        "order_id": 5,
        "order_description": "order Description",
        "end_date": "2020-07-06 09:26:53",
        "customer_name": "NewClient_2",
        "address_text": "a big white building",
        "account_id": 2,
        "account_address_id": 2,
    }


# -- label by label -------------------------------------------------------------------


def test_z1_a_catalog_position_brings_name_price_unit_and_its_own_quantity(
    told: Scenarios,
) -> None:
    first = told.order("known")["order_positions"][0]
    assert (first["product_name"], first["price"]) == ("position #612", 30)
    assert (first["unit"], first["quantity"]) == ("шт", 2)
    assert first["position_type"] == "Goods"


async def test_z1_what_is_sent_beside_the_number_goes_before_the_catalog(
    shop: Zegoal, told: Scenarios
) -> None:
    changed = {"catalog_position_id": 4, "quantity": 5, "price": 10.25, "unit": "шт."}
    made = await shop.order(account_id=1, order_positions=[changed])
    (line,) = made["order_positions"]
    assert (line["quantity"], line["price"]) == (5, 10.25)
    assert made["order_total"] == 51.25


async def test_a_position_by_hand_is_one_piece_unless_said(shop: Zegoal) -> None:
    made = await shop.order(
        account_id=1, order_positions=[{"product_name": "a bolt", "price": 0}]
    )
    (line,) = made["order_positions"]
    assert (line["quantity"], line["unit"], line["position_type"]) == (1, "шт", "")
    assert made["order_total"] == 0


def test_z2_totals_are_exact(told: Scenarios) -> None:
    assert b'"order_total":260.5,' in told.known.raw
    assert b'"order_total":238.6,' in told.new.raw


def test_z3_orders_are_counted_for_each_shop_and_positions_across_orders(
    told: Scenarios,
) -> None:
    orders = [told.order(name) for name in ("minimal", "known", "new")]
    assert [each["order_num"] for each in orders] == [3, 4, 5]
    assert [each["order_id"] for each in orders] == [3, 4, 5]
    numbers = [p["position_id"] for each in orders for p in each["order_positions"]]
    assert numbers == [7, 8, 9, 10, 11]


async def test_z3_many_positions_are_counted_in_their_order(shop: Zegoal) -> None:
    lines = [{"product_name": f"p{n}", "price": n} for n in range(12)]
    made = await shop.order(account_id=1, order_positions=lines)
    told = made["order_positions"]
    first = told[0]["position_id"]
    assert [each["position_id"] for each in told] == list(range(first, first + 12))
    assert [each["price"] for each in told] == list(range(12))


def test_z4_the_name_is_the_accounts(told: Scenarios) -> None:
    assert told.order("minimal")["customer_name"] == "NewClient_1"


async def test_z5_a_new_account_has_an_address(
    faces: Api, shop: Zegoal, told: Scenarios
) -> None:
    made = told.order("new")
    assert (made["account_id"], made["account_address_id"]) == (2, 2)
    again = await shop.order(external_customer_id="2")
    assert (again["account_id"], again["account_address_id"]) == (2, 2)


def test_z6_an_order_without_positions_is_one(told: Scenarios) -> None:
    assert told.order("minimal")["order_positions"] == []
    assert told.order("minimal")["order_total"] == 0


def test_z7_moments_are_the_shops_own(faces: Api, told: Scenarios) -> None:
    start = told.order("minimal")["start_date"]
    made = told.minimal.body["processing_date"]
    assert _NOW.fullmatch(start)
    assert _NOW.fullmatch(made)
    zone = ZoneInfo(told.part("minimal", "response")["TZ"])
    there = datetime.fromisoformat(start).replace(tzinfo=zone)
    assert abs(faces.runtime.clock() - there) < timedelta(minutes=5)
    assert start <= made


def test_z8_the_call_is_told_back_as_sent_and_with_its_defaults(
    told: Scenarios,
) -> None:
    for name, sent in (("minimal", MINIMAL), ("known", KNOWN), ("new", NEW)):
        assert told.part(name, "request") == sent
        full = told.part(name, "enriched_request")
        assert full["tenant"].casefold() == sent["tenant"]
        start = told.order(name)["start_date"]
        assert {**full, "tenant": sent["tenant"]} == {
            "order_type": "",
            "order_status": "Draft",
            "order_positions": [],
            "order_description": "",
            "end_date": "",
            "create_account": True,
            "address_text": "",
            "start_date": start,
            **sent,
        }


async def test_z9_phone_and_email_are_the_orders_and_not_the_accounts(
    faces: Api, shop: Zegoal, told: Scenarios
) -> None:
    for name in ("minimal", "known", "new"):
        assert not {"tel_num", "email"} & told.order(name).keys()
    async with faces.runtime.database.reading() as connection:
        ours = await resolve_id(connection, "tnt_minsk", Face.ZEGOAL, Kind.ORDER, "4")
        stored = await load_order(connection, "tnt_minsk", ours or "")
        row = (
            await connection.execute(
                select(customer.c.phone, customer.c.email).where(
                    customer.c.name == "NewClient_1"
                )
            )
        ).one()
    assert stored is not None
    assert stored.order.phone == "0012232211"
    assert stored.order.email == "newCusmoter@email.com"
    assert tuple(row) == (None, None)


async def test_z10_every_answer_says_how_it_went_with_an_id_of_its_own(
    shop: Zegoal, told: Scenarios
) -> None:
    results = [
        each.body["processing_result"] for each in (told.minimal, told.known, told.new)
    ]
    for each in results:
        assert each == {
            "text": "Order is created.",
            "status": "ok",
            "ctx_id": each["ctx_id"],
            "code": 0,
        }
    wrong = await shop.call("CreateOrder", {"tenant": shop.tenant, "account_id": 999})
    assert wrong.status == 404
    assert set(wrong.body) == {"processing_result", "processing_date", "TZ"}
    result = wrong.body["processing_result"]
    assert (result["status"], result["code"]) == ("error", 4)
    assert result["text"].startswith("account_id: there is no account 999")
    ids = {each["ctx_id"] for each in (*results, result)}
    assert len(ids) == 4
    assert all(re.fullmatch(r"\w{8}:0-\w\w", each) for each in ids)


def test_z11_there_is_room_for_extra_logic(told: Scenarios) -> None:
    assert told.part("minimal", "extra_logic") == ""


async def test_z12_the_shop_is_named_in_any_case_by_name_or_id(
    shop: Zegoal, told: Scenarios
) -> None:
    assert told.part("minimal", "enriched_request")["tenant"] == "orderingTenant885"
    for name in ("ORDERINGTENANT885", "TNT_Minsk"):
        made = await shop.ordered(tenant=name, account_id=1)
        assert made["CreateOrder"]["response"]["tenant"] == name
    for other in ("tnt_ana", "", "nobody"):
        status, error, text = await shop.refused(tenant=other, account_id=1)
        expected = (403, "WRONG_TENANT") if other else (400, "INVALID_FIELD")
        assert (status, error) == expected
        assert text.startswith("tenant: ")


def test_z13_what_was_not_said_is_absent(told: Scenarios) -> None:
    of_catalog, by_hand = told.order("known")["order_positions"]
    assert "product_code" not in of_catalog
    assert by_hand["product_code"] == "6205"
    assert "catalog_position_id" not in by_hand
    assert b"null" not in told.minimal.raw + told.known.raw + told.new.raw


async def test_z14_empty_texts_and_nulls_are_what_was_not_said(
    shop: Zegoal, told: Scenarios
) -> None:
    made = told.order("minimal")
    assert [made[name] for name in ("order_type", "end_date")] == ["", ""]
    sent = {
        "account_id": 1,
        "customer_name": "",
        "order_status": "",
        "end_date": None,
        "order_positions": None,
    }
    answer = await shop.ordered(**sent)
    assert answer["CreateOrder"]["request"] == {"tenant": shop.tenant, **sent}
    order = answer["CreateOrder"]["response"]["order"]
    assert (order["order_status"], order["end_date"]) == ("Draft", "")
    assert order["order_positions"] == []


def test_z15_answers_have_the_documented_parts(told: Scenarios) -> None:
    for each in (told.minimal, told.known, told.new):
        body = each.body
        assert set(body) == {"processing_result", "processing_date", "CreateOrder"}
        assert set(body["processing_result"]) == {"text", "status", "ctx_id", "code"}
        parts = {"response", "request", "extra_logic", "enriched_request"}
        assert set(body["CreateOrder"]) == parts
        response = body["CreateOrder"]["response"]
        assert set(response) == {"tenant", "order", "create_account", "TZ"}


async def test_z16_descriptions_and_comments_are_kept_and_told_back(
    faces: Api, shop: Zegoal
) -> None:
    said = {
        "catalog_position_id": 4,
        "description": "red ones",
        "implementation_comments": ["call first", {"floor": 2}],
    }
    made = await shop.order(account_id=1, order_positions=[said])
    (line,) = made["order_positions"]
    assert {name: line[name] for name in said} == said
    async with faces.runtime.database.reading() as connection:
        ours = await resolve_id(
            connection, "tnt_minsk", Face.ZEGOAL, Kind.ORDER, str(made["order_id"])
        )
        stored = await load_order(connection, "tnt_minsk", ours or "")
    assert stored is not None
    (kept,) = stored.order.lines
    assert kept.note == "red ones"
    assert kept.data["implementation_comments"] == ["call first", {"floor": 2}]


async def test_z17_the_address_text_is_the_orders_and_changes_no_address(
    faces: Api, shop: Zegoal
) -> None:
    first = await shop.order(
        external_customer_id="z17", customer_name="Zoe", address_text="a tower"
    )
    second = await shop.order(external_customer_id="z17", address_text="a cellar")
    third = await shop.order(external_customer_id="z17")
    assert [e["address_text"] for e in (first, second, third)] == [
        "a tower",
        "a cellar",
        "",
    ]
    assert len({e["account_address_id"] for e in (first, second, third)}) == 1
    async with faces.runtime.database.reading() as connection:
        texts = []
        for each in (first, second, third):
            ours = await resolve_id(
                connection, "tnt_minsk", Face.ZEGOAL, Kind.ORDER, str(each["order_id"])
            )
            stored = await load_order(connection, "tnt_minsk", ours or "")
            assert stored is not None
            assert stored.order.address is not None
            texts.append(stored.order.address.text)
    # Where nothing is said it goes where the account lives.
    assert texts == ["a tower", "a cellar", "a tower"]


# -- all or nothing -------------------------------------------------------------------


async def counts(api: Api) -> list[int]:
    async with api.runtime.database.reading() as connection:
        return [
            (await connection.scalar(select(func.count()).select_from(table))) or 0
            for table in (customer, customer_address, order, order_call, external_id)
        ]


@dataclass(frozen=True)
class Wrong:
    id: str
    body: dict[str, Any]
    status: int
    error: str
    says: str


def line(**position: Any) -> dict[str, Any]:
    """Return an order for a new account: nothing of it may stay."""
    return {
        "external_customer_id": "gone",
        "customer_name": "Gone",
        "order_positions": [{"product_name": "p", "price": 1}, position],
    }


WRONG = [
    Wrong(
        "no such position",
        line(catalog_position_id=77),
        404,
        "POSITION_NOT_FOUND",
        "order_positions.1.catalog_position_id: the catalog has no position 77",
    ),
    Wrong(
        "no name",
        line(price=2),
        400,
        "INVALID_FIELD",
        "order_positions.1.product_name: is required",
    ),
    Wrong(
        "no price",
        line(product_name="x"),
        400,
        "INVALID_FIELD",
        "order_positions.1.price: is required",
    ),
    Wrong(
        "nothing of it",
        line(catalog_position_id=4, quantity=0),
        400,
        "INVALID_FIELD",
        "order_positions.1.quantity: ",
    ),
    Wrong(
        "a price below nothing",
        line(product_name="x", price=-1),
        400,
        "INVALID_FIELD",
        "order_positions.1.price: ",
    ),
    Wrong(
        "another unit",
        line(catalog_position_id=4, unit="кг"),
        400,
        "INVALID_FIELD",
        "order_positions.1.unit: position 4 is sold by шт",
    ),
    Wrong(
        "a part of a piece",
        line(catalog_position_id=4, quantity=1.5),
        400,
        "INVALID_FIELD",
        "order_positions.1.quantity: ",
    ),
    Wrong(
        "a price that is a text",
        line(product_name="x", price="2"),
        400,
        "INVALID_FIELD",
        "order_positions.1.price: must be a number",
    ),
    Wrong(
        "a field that is none",
        line(catalog_position_id=4, quantiy=2),
        400,
        "INVALID_FIELD",
        "order_positions.1.quantiy: is not a field here",
    ),
    Wrong(
        "a day that is none",
        {"account_id": 1, "start_date": "2020-02-30 00:00:00"},
        400,
        "INVALID_FIELD",
        "start_date: give a day and time",
    ),
    Wrong(
        "another way to write a day",
        {"account_id": 1, "start_date": "2020-02-20T10:00:00Z"},
        400,
        "INVALID_FIELD",
        "start_date: give a day and time",
    ),
    Wrong(
        "an end before the start",
        {
            "account_id": 1,
            "start_date": "2020-02-20 10:00:00",
            "end_date": "2020-02-20 09:00:00",
        },
        400,
        "INVALID_FIELD",
        "end_date: must not lie before start_date",
    ),
    Wrong(
        "a number that no database holds",
        {**line(), "external_customer_id": 10**250},
        400,
        "INVALID_FIELD",
        "external_customer_id: ",
    ),
    Wrong(
        "an id that is a text",
        {"account_id": "1"},
        400,
        "INVALID_FIELD",
        "account_id: ",
    ),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.id)
async def test_what_is_refused_is_named_and_leaves_nothing(
    faces: Api, shop: Zegoal, told: Scenarios, case: Wrong
) -> None:
    before = await counts(faces)
    status, error, text = await shop.refused(**case.body)
    assert (status, error) == (case.status, case.error), text
    assert text.startswith(case.says)
    assert await counts(faces) == before


async def test_what_is_not_sold_or_sold_out_leaves_no_account_behind(
    faces: Api, shop: Zegoal
) -> None:
    gone = await shop.added(name="an old one", code="OLD", is_actual=False)
    few = await shop.added(name="a rare one", code="RARE")
    async with faces.runtime.database.transaction() as connection:
        await set_product(connection, "tnt_minsk", "RARE", stock=Decimal(1))
    before = await counts(faces)
    for position, expected in (
        (gone, (404, "POSITION_NOT_FOUND")),
        (few, (409, "SOLD_OUT")),
    ):
        number = position["catalog_position_id"]
        body = line(catalog_position_id=number, quantity=2)
        status, error, text = await shop.refused(**body)
        assert (status, error) == expected, text
        assert await counts(faces) == before


# -- the precedence table -------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A row of the table: what is sent, and the account that it is, or the error."""

    id: str
    sent: dict[str, Any]
    expected: int | str  #: `account_id`, 0 for a new one, or the name of the error.
    says: str = ""
    warns: bool = False


TABLE = [
    Row("the id is found", {"account_id": 1}, 1),
    Row(
        "the id is found, all else is another one's",
        {"account_id": 1, "external_customer_id": "2", "customer_name": "NewClient_2"},
        1,
        warns=True,
    ),
    Row(
        "the id is found, and nothing shall be made",
        {"account_id": 1, "create_account": False},
        1,
    ),
    Row("the id is not found", {"account_id": 99}, "ACCOUNT_NOT_FOUND", "99"),
    Row(
        "the id is not found, the external id would be",
        {"account_id": 99, "external_customer_id": "2"},
        "ACCOUNT_NOT_FOUND",
        "99",
    ),
    Row(
        "the id is not found, all is there for a new one",
        {"account_id": 99, "external_customer_id": "n", "customer_name": "N"},
        "ACCOUNT_NOT_FOUND",
        "99",
    ),
    Row(
        "the id is not found, and nothing shall be made",
        {"account_id": 99, "customer_name": "NewClient_1", "create_account": False},
        "ACCOUNT_NOT_FOUND",
        "99",
    ),
    Row("the external id is found", {"external_customer_id": "2"}, 2),
    Row("the external id is a number", {"external_customer_id": 2}, 2),
    Row(
        "the external id is found, the name is another one's",
        {"external_customer_id": "2", "customer_name": "NewClient_1"},
        2,
        warns=True,
    ),
    Row(
        "the external id is found, and nothing shall be made",
        {"external_customer_id": "2", "create_account": False},
        2,
    ),
    Row(
        "external id and name are new",
        {"external_customer_id": "fresh", "customer_name": "Fresh"},
        0,
    ),
    Row(
        "the external id is new, the name is taken",
        {"external_customer_id": "7", "customer_name": "NewClient_1"},
        "NAME_TAKEN",
        "NewClient_1",
    ),
    Row(
        "the external id is new, without a name",
        {"external_customer_id": "7"},
        "INVALID_FIELD",
        "customer_name: is required",
    ),
    Row("the name is found", {"customer_name": "NewClient_1"}, 1),
    Row(
        "the name is found, and nothing shall be made",
        {"customer_name": "NewClient_2", "create_account": False},
        2,
    ),
    Row("two have the name", {"customer_name": "Twin"}, "ACCOUNT_AMBIGUOUS", "Twin"),
    Row(
        "the name is new, without an external id",
        {"customer_name": "Nobody"},
        "INVALID_FIELD",
        "external_customer_id: is required",
    ),
    Row(
        "the external id is not found, and nothing shall be made",
        {
            "external_customer_id": "7",
            "customer_name": "NewClient_1",
            "create_account": False,
        },
        "ACCOUNT_NOT_FOUND",
        "7",
    ),
    Row(
        "the name is not found, and nothing shall be made",
        {"customer_name": "Nobody", "create_account": False},
        "ACCOUNT_NOT_FOUND",
        "Nobody",
    ),
    Row("nobody is named", {}, "INVALID_FIELD", "account_id: is required"),
    Row(
        "nobody is named, and nothing shall be made",
        {"customer_name": " ", "create_account": False},
        "INVALID_FIELD",
        "account_id: is required",
    ),
    Row(
        "the address is another account's",
        {"account_id": 1, "account_address_id": 2},
        "ADDRESS_NOT_FOUND",
        "account_address_id",
    ),
    Row(
        "the account has no address",
        {"external_customer_id": "twin 1"},
        "ADDRESS_NOT_FOUND",
        "account_address_id: is required",
    ),
]


@pytest.fixture(scope="module")
async def twins(faces: Api, told: Scenarios) -> None:
    """Two accounts of one name, without addresses."""
    del told
    async with faces.runtime.database.transaction() as connection:
        for n in (1, 2):
            await add_customer(
                connection,
                "tnt_minsk",
                f"customer_twin{n}",
                {"name": "Twin", "external_id": f"twin {n}"},
                now=faces.runtime.clock(),
            )


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.id)
async def test_the_precedence_table(
    faces: Api, shop: Zegoal, twins: None, row: Row
) -> None:
    del twins
    before = await counts(faces)
    if isinstance(row.expected, str):
        _, error, text = await shop.refused(**row.sent)
        assert error == row.expected, text
        assert row.says in text
        assert await counts(faces) == before
        return
    answer = await shop.ordered(**row.sent)
    account = answer["CreateOrder"]["response"]["order"]["account_id"]
    assert ("warnings" in answer) is row.warns
    made = (await counts(faces))[0] - before[0]
    assert made == (1 if row.expected == 0 else 0)
    if row.expected:
        assert account == row.expected


async def test_first_orders_of_one_external_id_at_once_make_one_account(
    postgres_url: str,
) -> None:
    async with open_api(postgres_url) as api:
        shop = await furnish_zegoal(api)
        body = {
            "external_customer_id": "9",
            "customer_name": "NewClient_9",
            "order_positions": [{"catalog_position_id": 4}],
        }
        made = await asyncio.gather(*(shop.order(**body) for _ in range(6)))
    assert {each["account_id"] for each in made} == {2}
    assert {each["account_address_id"] for each in made} == {2}
    assert sorted(each["order_num"] for each in made) == list(range(3, 9))
    positions = [each["order_positions"][0]["position_id"] for each in made]
    assert len(set(positions)) == 6


# -- repeats, statuses, rules ---------------------------------------------------------


async def test_a_repeat_under_one_key_is_one_order_and_another_body_a_conflict(
    shop: Zegoal,
) -> None:
    body = {"tenant": shop.tenant, "account_id": 1}
    first = await shop.call("CreateOrder", body, idempotency_key="once")
    again = await shop.call("CreateOrder", body, idempotency_key="once")
    assert (first.status, again.body) == (200, first.body)
    other = await shop.call(
        "CreateOrder", {**body, "email": "x@y.z"}, idempotency_key="once"
    )
    assert other.status == 409
    assert other.body["processing_result"]["code"] == 9


async def test_without_a_key_each_call_is_an_order_of_its_own(shop: Zegoal) -> None:
    made = [await shop.order(account_id=1) for _ in range(2)]
    assert made[0]["order_id"] != made[1]["order_id"]


async def test_a_status_begins_the_order_there_and_an_unknown_one_is_told_back(
    faces: Api, shop: Zegoal
) -> None:
    for word, state in (("paid", "paid"), ("InReview", "confirmed")):
        made = await shop.order(account_id=1, order_status=word)
        assert made["order_status"] == word
        async with faces.runtime.database.reading() as connection:
            ours = await resolve_id(
                connection, "tnt_minsk", Face.ZEGOAL, Kind.ORDER, str(made["order_id"])
            )
            stored = await load_order(connection, "tnt_minsk", ours or "")
        assert stored is not None
        assert stored.order.state == state
        assert stored.order.origin is not None
        assert stored.order.origin.statuses == {"zegoal.order_status": word}


# -- the catalog ----------------------------------------------------------------------


async def test_a_position_is_added_with_its_defaults_and_listed(
    shop: Zegoal,
) -> None:
    plain = await shop.added(name="a screw")
    assert plain["default_parameters"] == {
        "unit": "шт",
        "default_quantity": 1,
        "price": 0,
    }
    assert (plain["code"], plain["is_actual"]) == (
        f"zegoal-{plain['catalog_position_id']}",
        True,
    )
    assert [plain[name] for name in ("category", "external_code")] == ["", ""]
    flour = await shop.added(
        name="flour",
        type="товар",
        code="FL",
        external_code="erp-7",
        category="food",
        default_parameters={"unit": "кг", "default_quantity": 0.25, "price": 3.2},
    )
    for named in (
        {"catalog_position_id": flour["catalog_position_id"]},
        {"catalog_position_code": "FL"},
        {"catalog_position_ext_code": "erp-7"},
        {"category": "food"},
    ):
        assert await shop.catalog(**named) == [flour]
    made = await shop.order(
        account_id=1,
        order_positions=[{"catalog_position_id": flour["catalog_position_id"]}],
    )
    assert made["order_total"] == 0.8
    assert made["order_positions"][0]["unit"] == "кг"


async def test_the_catalog_lists_what_is_sold_and_the_words_it_uses(
    shop: Zegoal,
) -> None:
    await shop.added(name="a ghost", code="GHOST", is_actual=False, category="ghosts")
    await shop.added(name="delivery", code="DEL", type="услуга")
    codes = {each["code"] for each in await shop.catalog()}
    assert "GHOST" not in codes
    assert "DEL" in codes
    gone = await shop.catalog(is_actual=False)
    assert "GHOST" in {each["code"] for each in gone}
    assert [e["code"] for e in await shop.catalog(type="Service")] == ["DEL"]
    answer = await shop.call("GetOrderingCatalog", {"tenant": shop.tenant, "limit": 2})
    response = answer.body["GetOrderingCatalog"]["response"]
    assert len(response["catalog_positions"]) == 2
    assert response["total"] > 2
    words = response["dictionaries"]
    assert words["OrderingCatalogType"] == ["Goods", "Service"]
    assert "ghosts" in words["OrderingCatalogCategory"]
    assert {"шт", "кг"} <= set(words["Units"])


async def test_each_form_of_a_product_is_a_position(faces: Api, shop: Zegoal) -> None:
    shirt = replace(a_shirt(), id="", currency="BYN")
    async with faces.runtime.database.transaction() as connection:
        await upsert_products(
            connection,
            "tnt_minsk",
            [shirt],
            new_id=faces.runtime.new_id,
            now=faces.runtime.clock(),
        )
    red, blue = await shop.catalog(catalog_position_code="SHIRT")
    assert (red["code"], red["name"]) == ("SHIRT-R", "Shirt, red")
    assert await shop.catalog(catalog_position_code="SHIRT-B") == [blue]
    number = blue["catalog_position_id"]
    made = await shop.order(
        account_id=1, order_positions=[{"catalog_position_id": number}]
    )
    assert made["order_positions"][0]["product_name"] == "Shirt, blue"


async def test_a_position_that_cannot_be_is_refused_and_leaves_nothing(
    faces: Api, shop: Zegoal
) -> None:
    await shop.added(name="taken", code="TAKEN")
    before = await counts(faces)
    for body, status, says in (
        ({"code": "TAKEN"}, 409, "code: 'TAKEN' is the code of another position"),
        ({"type": "Thing"}, 400, "type: is none of Goods, Service"),
        ({"name": " "}, 400, "name: "),
        (
            {"default_parameters": {"default_quantity": 0.5}},
            400,
            "default_parameters.default_quantity: ",
        ),
    ):
        sent = {"tenant": shop.tenant, "name": "x", "type": "Goods", **body}
        answer = await shop.call("AddCatalogPosition", sent)
        assert answer.status == status, answer.raw
        assert answer.body["processing_result"]["text"].startswith(says)
    assert await counts(faces) == before
    answer = await shop.call(
        "GetOrderingCatalog", {"tenant": shop.tenant, "catalog_position_id": 999}
    )
    assert answer.body["processing_result"]["error"] == "POSITION_NOT_FOUND"


async def test_a_shop_may_make_accounts_only_where_a_call_says_so(
    faces: Api, shop: Zegoal
) -> None:
    async def switch(*, makes: bool) -> None:
        async with faces.runtime.database.transaction() as connection:
            rules, version = await load_shop_rules(connection, "tnt_minsk")
            changed = replace(rules, calls=Calls(creates_accounts=makes))
            now = faces.runtime.clock()
            await store_shop_rules(connection, "tnt_minsk", changed, version, now)

    new = {"external_customer_id": "careful", "customer_name": "Careful"}
    await switch(makes=False)
    try:
        assert (await shop.refused(**new))[1] == "ACCOUNT_NOT_FOUND"
        told = await shop.ordered(account_id=1)
        assert told["CreateOrder"]["enriched_request"]["create_account"] is False
        assert await shop.order(**new, create_account=True)
    finally:
        await switch(makes=True)
