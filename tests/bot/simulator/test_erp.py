"""The demo ERP takes signed orders once and reports what becomes of them."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest

from bot.simulator.erp import Failure, Step
from tests.simulation import ERP_SECRET, Stage

ORDER = {
    "objectId": "ord_1",
    "eventType": "ORDER_UPDATE",
    "retailerOrderId": "1001",
    "customer": {"name": "Ana", "lastName": "Yilmaz"},
    "items": [
        {"objectId": "l1", "quantity": 2, "price": 95.5, "productReference": "LATTE"},
        {"objectId": "l2", "quantity": 0.5, "price": 80, "externalId": "77"},
    ],
}


async def deliver(
    stage: Stage,
    order: dict[str, Any] | bytes = ORDER,
    *,
    event: str = "evt_1",
    secret: str = ERP_SECRET,
    age: timedelta = timedelta(),
) -> int:
    """Send an order as a sink does; return the HTTP status."""
    body = order if isinstance(order, bytes) else json.dumps(order).encode()
    sent_at = str(int((stage.clock.now - age).timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{event}.{sent_at}.".encode() + body
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    headers = {
        "webhook-id": event,
        "webhook-timestamp": sent_at,
        "webhook-signature": f"v1,AAAA v1,{digest}",
    }
    where = f"{stage.url}/erp/orders"
    async with stage.session.post(where, data=body, headers=headers) as response:
        return response.status


async def test_an_order_is_taken_and_reported_as_provisioned(stage: Stage) -> None:
    assert await deliver(stage) == 200
    await stage.erp.settled()
    assert stage.product.callbacks == [
        (
            "ord_1",
            "statusChange",
            {
                "responsible": "Demo ERP",
                "status": "ORDER_GATEWAY_PROVISIONED",
                "message": "Order created",
                "orderGwId": "ERP-00001",
            },
        )
    ]
    order = stage.erp.orders["ord_1"]
    assert order.step is Step.PROVISIONED
    assert order.customer == "Ana Yilmaz"
    assert [(str(i.quantity), i.reference) for i in order.items] == [
        ("2", "LATTE"),
        ("0.5", "77"),
    ]


async def test_a_repetition_changes_nothing(stage: Stage) -> None:
    assert await deliver(stage) == 200
    assert await deliver(stage) == 200
    assert await deliver(stage, event="evt_2") == 200
    await stage.erp.settled()
    assert len(stage.product.callbacks) == 1
    assert stage.erp.orders["ord_1"].deliveries == 3


async def test_who_does_not_hold_the_secret_is_refused(stage: Stage) -> None:
    wrong = "whsec_d3Jvbmc="
    assert await deliver(stage, secret=wrong) == 401
    assert await deliver(stage, age=timedelta(minutes=6)) == 401
    async with stage.session.post(f"{stage.url}/erp/orders", json=ORDER) as response:
        assert response.status == 401
    assert not stage.erp.orders


BAD = [
    b"{",
    b"[]",
    b"{}",
    b'{"objectId": "1"}',
    b'{"objectId": "1", "items": [7]}',
    b'{"objectId": "1", "items": [{"quantity": "many", "price": 1}]}',
]


@pytest.mark.parametrize("body", BAD)
async def test_what_is_no_order_is_refused(stage: Stage, body: bytes) -> None:
    assert await deliver(stage, body) == 400
    assert not stage.erp.orders


async def test_it_may_be_down_and_takes_the_retry(stage: Stage) -> None:
    stage.erp.fail_next(Failure.DOWN, times=2)
    assert [await deliver(stage) for _ in range(3)] == [500, 500, 200]
    await stage.erp.settled()
    assert len(stage.product.callbacks) == 1


async def test_it_may_refuse(stage: Stage) -> None:
    stage.erp.fail_next(Failure.REFUSE)
    assert await deliver(stage) == 400
    assert not stage.erp.orders


async def test_it_may_take_an_order_and_reject_it_later(stage: Stage) -> None:
    stage.erp.fail_next(Failure.REJECT)
    assert await deliver(stage) == 200
    await stage.erp.settled()
    assert stage.product.callbacks == [
        (
            "ord_1",
            "provisions",
            {
                "responsible": "Demo ERP",
                "code": 400,
                "message": "SKU is not available in the warehouse",
            },
        )
    ]
    assert stage.erp.orders["ord_1"].step is Step.REJECTED


async def test_the_page_moves_an_order_on(stage: Stage) -> None:
    await deliver(stage)
    await stage.erp.settled()
    where = f"{stage.url}/erp/orders/ord_1/step"
    for step in ("PACKAGED", "SHIPPED", "DELIVERED"):
        async with stage.session.post(where, json={"step": step}) as response:
            assert (await response.json())["step"] == step
    told = [body["status"] for _, _, body in stage.product.callbacks]
    assert told[1:] == ["PACKAGED", "SHIPPED", "DELIVERED"]
    async with stage.session.get(f"{stage.url}/erp/orders") as response:
        shown = await response.json()
    assert shown["orders"][0]["number"] == "ERP-00001"
    assert shown["failNext"] is None


async def test_bad_requests_are_told_apart(stage: Stage) -> None:
    where = f"{stage.url}/erp/orders/none/step"
    async with stage.session.post(where, json={"step": "SHIPPED"}) as response:
        assert response.status == 404
    await deliver(stage)
    where = f"{stage.url}/erp/orders/ord_1/step"
    async with stage.session.post(where, json={"step": "EATEN"}) as response:
        assert response.status == 400
    async with stage.session.post(where, data={"step": "SHIPPED"}) as response:
        assert response.status == 415


async def test_fail_next_is_asked_for_and_taken_back(stage: Stage) -> None:
    where = f"{stage.url}/erp/fail-next"
    async with stage.session.post(where, json={"failure": "down"}) as response:
        assert (await response.json())["failNext"] == "down"
    async with stage.session.post(where, json={"failure": None}) as response:
        assert (await response.json())["failNext"] is None
    assert await deliver(stage) == 200


async def test_a_callback_is_tried_again(stage: Stage) -> None:
    stage.product.next_statuses.append(503)
    await deliver(stage)
    await stage.erp.settled()
    assert [each.status for each in stage.erp.callbacks] == [503, 200]
    assert stage.erp.orders["ord_1"].problem is None


async def test_a_refused_callback_is_shown_and_not_repeated(stage: Stage) -> None:
    stage.product.next_statuses.append(409)
    await deliver(stage)
    await stage.erp.settled()
    assert [each.status for each in stage.erp.callbacks] == [409]
    assert "409" in (stage.erp.orders["ord_1"].problem or "")
