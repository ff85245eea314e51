"""Orders through the API: find, read, follow, cancel."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from catalog.table import product
from orders import OrderState
from orders.moving import move_order
from orders.store import load_order
from tests.api import Office


async def an_order(office: Office, *texts: str, wa_id: str = "905551112233") -> Any:
    """Let a customer order by chat; return the order as the API shows it."""
    phone = office.house.phone(wa_id)
    words = texts or ("2 latte", "pick up", "yes")
    chat = await office.write(phone, *words)
    await office.house.settle()
    found = await office.agent.read("/v1/orders", conversation_id=chat)
    return found["data"][0]


async def test_an_order_of_a_chat_can_be_read_with_its_reasons(office: Office) -> None:
    order = await an_order(office)
    assert (order["number"], order["state"]) == (1, "provisioned")
    (line,) = order["lines"]
    assert (line["sku"], line["quantity"]) == ("LATTE", "2")
    assert line["total"] == {"amount": "171.00", "currency": "TRY"}
    assert line["evidence"][0]["quote"] == "2 latte"
    assert order["confirmed_by"]["source"] == "message"
    assert order["placed_at"].endswith("Z")
    assert await office.agent.read(f"/v1/orders/{order['id']}") == order


async def test_orders_can_be_filtered_and_paged(office: Office) -> None:
    first = await an_order(office, wa_id="905550000001")
    second = await an_order(office, wa_id="905550000002")
    placed = second["placed_at"]
    tomorrow = (office.house.runtime.clock() + timedelta(days=1)).isoformat()
    for query, expected in (
        ({}, [second, first]),
        ({"state": "provisioned"}, [second, first]),
        ({"state": "cancelled"}, []),
        ({"number": 1}, [first]),
        ({"customer_id": second["customer_id"]}, [second]),
        ({"external_id": first["external_id"]}, [first]),
        ({"search": "%232"}, [second]),
        ({"search": "5550000001"}, [first]),
        ({"search": "an%25"}, []),
        ({"placed_from": placed}, [second]),
        ({"placed_before": placed}, [first]),
        ({"placed_from": tomorrow.replace("+", "%2B")}, []),
        ({"limit": 1}, [second]),
        ({"limit": 1, "offset": 1}, [first]),
    ):
        found = await office.integration.read("/v1/orders", **query)
        assert [each["id"] for each in found["data"]] == [
            each["id"] for each in expected
        ], query


async def test_a_moment_without_its_zone_is_refused(quick_office: Office) -> None:
    answer = await quick_office.agent.get(
        "/v1/orders", placed_from="2026-11-22T12:00:00"
    )
    assert (answer.status, answer.kind) == (422, "invalid-request")
    assert answer.body["errors"][0]["field"] == "placed_from"


async def test_the_history_tells_every_step(office: Office) -> None:
    order = await an_order(office)
    history = await office.agent.read(f"/v1/orders/{order['id']}/history")
    states = [each["state"] for each in history["data"]]
    # A quick system may answer before we have written that it took the order.
    assert (states[0], states[-1]) == ("confirmed", "provisioned")
    assert history["total"] == len(states)
    confirmed, provisioned = history["data"][0], history["data"][-1]
    assert confirmed["actor"] == order["confirmed_by"]["actor"]
    assert provisioned["at"] >= confirmed["at"] >= order["placed_at"]


async def test_cancelling_tells_the_customer_and_lets_the_goods_go(
    office: Office,
) -> None:
    order = await an_order(office, "2 carrot cake", "pick up", "yes")
    ana = office.house.phone()
    seen = len(ana.inbox)
    answer = await office.agent.post(
        f"/v1/orders/{order['id']}/cancel", {"reason": "The oven is broken."}
    )
    assert (answer.status, answer.body["state"]) == (200, "cancelled")
    (heard,) = await office.house.hears(ana, seen)
    assert "cancelled" in heard.text
    (row,) = await office.house.rows(product, sku="CAKE")
    assert row.reserved == Decimal(0)
    history = await office.agent.read(f"/v1/orders/{order['id']}/history")
    last = history["data"][-1]
    assert (last["actor"], last["message"]) == ("key:key_agent", "The oven is broken.")


async def test_cancelling_twice_is_cancelling_once(office: Office) -> None:
    order = await an_order(office)
    ana = office.house.phone()
    body = {"reason": "By mistake."}
    address = f"/v1/orders/{order['id']}/cancel"
    first = await office.agent.post(address, body)
    await office.house.settle()
    seen = len(ana.inbox)
    again = await office.agent.post(address, body)
    assert again.body == first.body
    assert await office.house.hears(ana, seen) == ()
    history = await office.agent.read(f"/v1/orders/{order['id']}/history")
    assert [each["state"] for each in history["data"]].count("cancelled") == 1


async def test_an_order_that_was_changed_since_it_was_read_is_not_cancelled(
    quick_office: Office,
) -> None:
    order = await an_order(quick_office)
    address = f"/v1/orders/{order['id']}"
    read = order["entity_version"]
    body = {"reason": "Too many.", "entity_version": read}
    changed = await quick_office.agent.post(f"{address}/payment", {"status": "paid"})
    assert changed.status == 200
    refused = await quick_office.agent.post(f"{address}/cancel", body)
    assert (refused.status, refused.kind) == (409, "conflict")
    assert f"not {read}" in refused.body["detail"]
    now = await quick_office.agent.read(address)
    assert now["state"] != "cancelled"
    body["entity_version"] = now["entity_version"]
    answer = await quick_office.agent.post(f"{address}/cancel", body)
    assert (answer.status, answer.body["state"]) == (200, "cancelled")


async def test_what_was_shipped_cannot_be_cancelled(quick_office: Office) -> None:
    order = await an_order(quick_office)
    runtime = quick_office.house.runtime
    async with runtime.database.transaction() as connection:
        stored = await load_order(connection, quick_office.house.tenant_id, order["id"])
        assert stored is not None
        await move_order(
            connection, stored, OrderState.SHIPPED, actor="test", now=runtime.clock()
        )
    answer = await quick_office.agent.post(
        f"/v1/orders/{order['id']}/cancel", {"reason": "Too late."}
    )
    assert (answer.status, answer.kind) == (409, "conflict")
    assert "shipped" in answer.body["detail"]
