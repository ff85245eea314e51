"""Akinon's sales channels, as software that was written for Akinon sees them."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.progress import move_on
from orders import OrderState
from orders.calling import raw_of
from orders.domain.ids import Face, Kind
from orders.domain.order import PriceSource
from orders.ids import resolve_id
from orders.order_rows import load_order
from orders.table import order, outbox
from tests.akinon import PRINTED_BESIDE, Channel, open_channel
from tests.api import Api, open_api
from tests.bot.web.entrance import ANA


@pytest.fixture(scope="module")
async def channel(faces: Api) -> Channel:
    await open_channel(faces.runtime, ANA.tenant_id, "chn_10001", 5)
    return await Channel(faces.nobody).furnish()


@pytest.fixture(scope="module")
async def other(faces: Api, channel: Channel) -> Channel:
    """Return the shop's other channel."""
    del channel
    await open_channel(faces.runtime, ANA.tenant_id, "chn_10002", 6)
    return await Channel(faces.nobody, 6).furnish()


async def stored(api: Api, number: int) -> Any:
    """Return an order by our number of it."""
    async with api.runtime.database.reading() as connection:
        order_id = await resolve_id(
            connection, ANA.tenant_id, Face.AKINON, Kind.ORDER, str(number)
        )
        assert order_id is not None
        found = await load_order(connection, ANA.tenant_id, order_id)
        assert found is not None
        return found.order, await raw_of(connection, ANA.tenant_id, order_id)


async def listed(channel: Channel, number: str) -> Any:
    found = await channel.ok("GET", f"orders/?number={number}")
    assert found["count"] == 1
    return found["results"][0]


# -- the printed contract -------------------------------------------------------------


async def test_the_printed_order_with_known_numbers_is_answered_as_printed_a4_a6(
    channel: Channel,
) -> None:
    """An order that waits to be cancelled is taken as it is: it is no new one."""
    body = channel.body()
    told = await channel.ok("POST", "create_orders/", body)
    assert told == {**body["order"], **PRINTED_BESIDE}
    assert "order_item" not in told


async def test_all_fields_are_kept_and_given_back_a9_a10_a12(
    faces: Api, channel: Channel
) -> None:
    body = channel.body(made_up={"by": "the caller"})
    told = await channel.ok("POST", "create_orders/", body)
    assert told["made_up"] == {"by": "the caller"}
    shown = await listed(channel, body["order"]["number"])
    (item,) = shown.pop("order_item")
    number = shown.pop("pk")
    assert shown == told
    assert item == {**body["order_item"][0], "order": number}
    kept, raw = await stored(faces, number)
    assert raw == body
    assert kept.lines[0].data["original_stock"] == 1
    assert kept.lines[0].data["datasource"] == 1
    assert kept.data["delivery_type"] == "same_day"
    assert kept.data["delivery_range"] == body["order"]["delivery_range"]
    assert kept.data["extra_field"] == {"id": 1, "name": "test"}
    assert kept.due_at.isoformat() == "2025-05-22T09:57:02.290000+00:00"
    assert (kept.gift_note, kept.note) == ("text", "text")


async def test_the_order_stands_in_the_core_with_its_amounts(
    faces: Api, channel: Channel
) -> None:
    body = channel.body(status="waiting")
    await channel.ok("POST", "create_orders/", body)
    number = (await listed(channel, body["order"]["number"]))["pk"]
    kept, _ = await stored(faces, number)
    totals = (kept.subtotal, kept.discount_total, kept.shipping_total, kept.grand_total)
    assert totals == (10000, 1000, 1000, 10000)
    assert kept.lines[0].price_source is PriceSource.CALLER
    assert (kept.name, kept.recipient, kept.company) == (
        "Ada Yılmaz",
        "Can",
        "Çay A.Ş.",
    )
    assert (kept.address.city, kept.address.state) == ("Kadıköy", "İstanbul")
    assert (kept.payment, kept.given_number) == ("credit_card", body["order"]["number"])
    assert kept.confirmed_by.actor.startswith("key:")


# -- what is refused ------------------------------------------------------------------


async def test_the_body_names_the_channel_of_the_address_a1(channel: Channel) -> None:
    found = await channel.wrong(channel.body(channel=1))
    assert found == {"order.channel": ["is 1; the address says 5"]}


@pytest.mark.parametrize(
    "name",
    [
        *("customer", "shipping_address", "billing_address", "payment_option"),
        "cargo_company",
    ],
)
async def test_what_an_order_names_must_be_there_a2(
    channel: Channel, name: str
) -> None:
    found = await channel.wrong(channel.body(**{name: 999}))
    assert "there is no" in found[f"order.{name}"][0]
    assert "999" in found[f"order.{name}"][0]


@pytest.mark.parametrize("name", ["product", "price_list", "stock_list"])
async def test_what_an_item_names_must_be_there_a2(channel: Channel, name: str) -> None:
    found = await channel.wrong(channel.body(item={name: 999}))
    assert "there is no" in found[f"order_item.0.{name}"][0]


async def test_what_belongs_to_another_channel_is_not_there_a2(
    channel: Channel, other: Channel
) -> None:
    for name in ("customer", "payment_option", "cargo_company"):
        found = await channel.wrong(channel.body(**{name: other.made[name]}))
        assert f"order.{name}" in found
    found = await channel.wrong(
        channel.body(item={"price_list": other.made["price_list"]})
    )
    assert list(found) == ["order_item.0.price_list"]
    found = await channel.wrong(
        channel.body(shipping_address=other.made["shipping_address"])
    )
    assert "another customer" in found["order.shipping_address"][0]


async def test_all_that_is_missing_is_told_at_once_a2(channel: Channel) -> None:
    found = await channel.wrong(
        channel.body(customer=998, payment_option=999, item={"product": 997})
    )
    assert {"order.customer", "order.payment_option", "order_item.0.product"} <= set(
        found
    )


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"amount": 100.02}, "order.amount", "which is 100"),
        ({"amount": "99.98"}, "order.amount", "which is 100"),
        ({"discount_amount": 101, "amount": 9}, "order.discount_amount", "more than"),
        (
            {"item": {"total_price": 101}, "amount": 101},
            "order_item.0.total_price",
            "which is 100",
        ),
        ({"item": {"price_currency": "usd"}}, "order_item.0.price_currency", "try"),
        ({"amount": -1}, "order.amount", "give 0 to"),
        ({"currency": "TRY"}, "order.currency", "pattern"),
        ({"bin_number": "4111111111111111"}, "order.bin_number", "pattern"),
        ({"remote_addr": "here"}, "order.remote_addr", "IP address"),
        ({"date_placed": "2025-01-01T00:00:00"}, "order.date_placed", "zone"),
        ({"date_placed": "1735689600"}, "order.date_placed", "zone"),
        ({"payment_option_slug": "cash"}, "order.payment_option_slug", "credit_card"),
        (
            {"item": {"quantity": "1.5", "total_price": 150}, "amount": 150},
            "order_item.0.quantity",
            "1",
        ),
        (
            {
                "delivery_range": {
                    "start": "2025-05-22T09:57:02Z",
                    "end": "2025-05-21T00:00:00Z",
                }
            },
            "order.delivery_range",
            "not before start",
        ),
    ],
    ids=str,
)
async def test_a_wrong_value_is_named_with_what_would_do_a6_a7_a8(
    channel: Channel, changes: Any, field: str, says: str
) -> None:
    found = await channel.wrong(channel.body(**changes))
    assert list(found) == [field]
    assert says in found[field][0]


async def test_a_hundredth_is_near_enough_and_amounts_may_be_texts_a6(
    channel: Channel,
) -> None:
    told = await channel.ok("POST", "create_orders/", channel.body(amount="100.01"))
    assert told["amount"] == "100.01"


async def test_a_channel_that_the_shop_has_not_is_not_there_a1(faces: Api) -> None:
    for key in ("co_test_key_integration", "co_ben"):
        nowhere = Channel(faces.nobody, 77, key=key)
        answer = await nowhere.call("GET", "orders/")
        assert answer.status in {401, 404}
        assert answer.body.keys() == {"non_field_errors"}


async def test_another_shops_channel_is_not_there(faces: Api, channel: Channel) -> None:
    del channel
    answer = await faces.ben(
        "GET",
        "/api/v1/channel/5/orders/",
        headers={"Authorization": str(faces.ben.key)},
    )
    assert answer.status == 404


# -- once -----------------------------------------------------------------------------


async def test_the_same_number_and_body_is_the_same_order_a3(
    faces: Api, channel: Channel
) -> None:
    body = channel.body()
    first = await channel.ok("POST", "create_orders/", body)
    assert await channel.ok("POST", "create_orders/", body) == first
    assert (await channel.ok("GET", f"orders/?number={body['order']['number']}"))[
        "count"
    ] == 1
    changed = {**body, "order": {**body["order"], "notes": "another"}}
    found = await channel.wrong(changed, status=409)
    assert "with another body" in found["order.number"][0]


async def test_the_same_number_in_another_channel_is_another_order_a3(
    channel: Channel, other: Channel
) -> None:
    mine, theirs = channel.body(number="SAME"), other.body(number="SAME")
    assert (await channel.ok("POST", "create_orders/", mine))["channel"] == 5
    assert (await other.ok("POST", "create_orders/", theirs))["channel"] == 6


async def test_calls_at_the_same_moment_make_one_order_a3(postgres_url: str) -> None:
    async with open_api(postgres_url) as api:
        await open_channel(api.runtime, ANA.tenant_id, "chn_10001", 5)
        channel = await Channel(api.nobody).furnish()
        body = channel.body()
        answers = await asyncio.gather(
            *(channel.call("POST", "create_orders/", body) for _ in range(6))
        )
        assert {each.status for each in answers} == {200}
        async with api.runtime.database.reading() as connection:
            count = await connection.execute(select(func.count()).select_from(order))
            assert count.scalar_one() == 1


# -- statuses -------------------------------------------------------------------------


async def test_an_order_and_its_items_have_statuses_of_their_own_a5(
    faces: Api, channel: Channel
) -> None:
    body = channel.body(status="approved", item={"status": "canceled"})
    await channel.ok("POST", "create_orders/", body)
    number = body["order"]["number"]
    shown = await listed(channel, number)
    assert (shown["status"], shown["order_item"][0]["status"]) == (
        "approved",
        "canceled",
    )
    kept, _ = await stored(faces, shown["pk"])
    async with faces.runtime.database.transaction() as connection:
        await move_on(
            connection,
            faces.runtime,
            tenant_id=ANA.tenant_id,
            order_id=kept.id,
            target=OrderState.SHIPPED,
            actor="test",
            message=None,
        )
    shown = await listed(channel, number)
    assert (shown["status"], shown["cancel_status"]) == ("shipped", "waiting")
    assert shown["order_item"][0]["status"] == "canceled"


async def test_any_status_may_come_in_and_an_unknown_one_is_flagged_a4(
    faces: Api, channel: Channel
) -> None:
    for status, state in (
        ("refunded", OrderState.REFUNDED),
        ("shipped_and_informed", OrderState.SHIPPED),
        ("on_the_moon", OrderState.CONFIRMED),
    ):
        body = channel.body(status=status)
        told = await channel.ok("POST", "create_orders/", body)
        assert told["status"] == status
        number = (await listed(channel, body["order"]["number"]))["pk"]
        kept, _ = await stored(faces, number)
        assert kept.state is state
        flagged = ["on_the_moon"] if status == "on_the_moon" else None
        assert kept.data.get("unknown_statuses") == flagged


async def test_when_it_was_ordered_is_not_when_it_came_a8(channel: Channel) -> None:
    body = channel.body(date_placed="2026-11-22T12:00:00+03:00")
    del body["order"]["created_date"], body["order"]["modified_date"]
    told = await channel.ok("POST", "create_orders/", body)
    assert told["date_placed"] == "2026-11-22T12:00:00+03:00"
    assert told["created_date"] != told["date_placed"]
    assert told["modified_date"].endswith("Z")


async def test_what_the_merchants_system_has_already_is_not_sent_again_a11(
    faces: Api, channel: Channel
) -> None:
    sink = {"kind": "webhook", "url": "https://erp.example/orders"}
    made = await faces.admin.post("/v1/sinks", sink)
    assert made.status == 201
    waits = channel.body(status="waiting", is_send=False)
    had = channel.body(status="waiting", is_send=True)
    assert (await channel.ok("POST", "create_orders/", waits))["is_send"] is False
    assert (await channel.ok("POST", "create_orders/", had))["is_send"] is True
    ids = {}
    for body in (waits, had):
        shown = await listed(channel, body["order"]["number"])
        ids[body["order"]["number"]] = (await stored(faces, shown["pk"]))[0].id
    pending, sent = ids[waits["order"]["number"]], ids[had["order"]["number"]]
    keys = [f"order:{each}:sink:{made.body['id']}" for each in (pending, sent)]
    async with faces.runtime.database.transaction() as connection:
        rows = await connection.execute(
            select(outbox.c.unique_key).where(outbox.c.unique_key.in_(keys))
        )
        assert rows.scalars().all() == keys[:1]
        await move_on(
            connection,
            faces.runtime,
            tenant_id=ANA.tenant_id,
            order_id=pending,
            target=OrderState.PROVISIONING,
            actor=f"sink:{made.body['id']}",
            message=None,
        )
    assert (await listed(channel, waits["order"]["number"]))["is_send"] is True


# -- what an order refers to ----------------------------------------------------------


async def test_a_code_makes_one_customer_and_one_address_a2(channel: Channel) -> None:
    again = {"channel_code": "C-7", "first_name": "Ada"}
    answer = await channel.call("POST", "customers/", again)
    assert answer.status == 409
    assert "already" in answer.body["channel_code"][0]
    found = await channel.ok("GET", "customers/?channel_code=C-7")
    assert [each["pk"] for each in found["results"]] == [channel.made["customer"]]
    assert found["results"][0]["channel"] == 5
    there = await channel.ok(
        "GET", f"addresses/?customer={channel.made['customer']}&remote_id=A-9"
    )
    (address,) = there["results"]
    assert address["pk"] == channel.made["shipping_address"]
    assert (address["city"], address["township"]) == ("İstanbul", "Kadıköy")
    answer = await channel.call(
        "POST",
        "addresses/",
        {"customer": channel.made["customer"], "remote_id": "A-9", "line": "x"},
    )
    assert answer.status == 409


async def test_a_customer_of_a_chat_may_order_in_every_channel(
    faces: Api, channel: Channel, other: Channel
) -> None:
    made = await faces.integration.post("/v1/customers", {"name": "From a chat"})
    assert made.status == 201, made.raw
    for each in (channel, other):
        found = await each.ok("GET", "customers/?limit=100")
        assert "From" in [person["first_name"] for person in found["results"]]
    mine = [
        p["channel"]
        for p in (await channel.ok("GET", "customers/"))["results"]
        if "channel" in p
    ]
    assert set(mine) == {5}


async def test_variants_are_products_of_their_own(channel: Channel) -> None:
    shirts = await channel.ok("GET", "products/?limit=100")
    told = [each for each in shirts["results"] if each["base_code"] != "LATTE"]
    assert len(told) > 1
    one = told[0]
    found = await channel.ok("GET", f"products/?sku={one['sku']}")
    assert [each["pk"] for each in found["results"]] == [one["pk"]]
    body = channel.body(item={"product": one["pk"]})
    assert (await channel.call("POST", "create_orders/", body)).status == 200


async def test_options_and_lists_are_listed_page_by_page(channel: Channel) -> None:
    for path in ("payment_options", "cargo_companies", "price_lists", "stock_lists"):
        found = await channel.ok("GET", f"{path}/")
        slug = found["results"][0]["slug"]
        answer = await channel.call("POST", f"{path}/", {"slug": slug, "name": "again"})
        assert answer.status == 409
        assert list(answer.body) == ["slug"]
        made = await channel.ok("POST", f"{path}/", {"slug": "two", "name": "Two"})
        pages = [await channel.ok("GET", f"{path}/?limit=1&page={n}") for n in (1, 2)]
        assert [page.get("next") for page in pages] == [2, None]
        assert pages[1]["results"] == [made]


async def test_the_channels_of_the_shop_have_numbers(
    faces: Api, channel: Channel
) -> None:
    headers = {"Authorization": channel.key}
    answer = await faces.nobody("GET", "/api/v1/channels/", headers=headers)
    assert answer.body["count"] == 2
    assert {"pk": 5, "name": "10001", "kind": "whatsapp"} in answer.body["results"]
