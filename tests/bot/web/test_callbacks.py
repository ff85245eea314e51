"""Callbacks of the merchant's system: who may call, what they may say, what follows."""

import asyncio
import io
import json
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from yarl import URL

from bot.db import Database
from bot.inbox.accounts import Role, add_key, key_for
from bot.inbox.api_table import audit
from bot.simulator.phone import Phone
from orders import OrderState
from orders.history import MoveKind
from orders.store import history, load_order
from orders.table import order_line
from tests.databases import add_test_tenant
from tests.house import House, open_house

PROVISIONED = {
    "responsible": "ERP",
    "status": "ORDER_GATEWAY_PROVISIONED",
    "message": "Order created",
    "orderGwId": "ERP-1",
}
FAILED = {"responsible": "ERP", "code": 400, "message": "SKU 77 is not in stock"}


@dataclass(frozen=True)
class Answer:
    status: int
    kind: str
    json: Any
    retry_after: str | None


@dataclass(frozen=True)
class Office:
    """A shop with one placed order, and the merchant's system that calls back."""

    house: House
    ana: Phone
    order_id: str
    keys: Mapping[str, str]

    async def call(
        self,
        kind: str,
        body: Any,
        *,
        key: str | None = "integration",
        order_id: str | None = None,
        **headers: str,
    ) -> Answer:
        """Call back; `key` is the name of one of our keys, or None for no header."""
        if key is not None:
            headers["Authorization"] = f"Bearer {self.keys.get(key, key)}"
        given: Any = {"data": body} if isinstance(body, bytes) else {"json": body}
        url = f"{self.house.shop.url}/v2/orders/{order_id or self.order_id}/{kind}"
        session = self.house.simulator.network.session
        async with session.post(url, headers=headers, **given) as answer:
            is_json = answer.content_type.endswith("json")
            return Answer(
                answer.status,
                answer.content_type,
                await answer.json(content_type=None) if is_json else None,
                answer.headers.get("Retry-After"),
            )

    async def state(self) -> str:
        (only,) = await self.house.orders()
        return str(only.state)

    async def moves(self) -> list[tuple[str, str, str | None]]:
        async with self.house.runtime.database.reading() as connection:
            steps = await history(connection, self.order_id)
        return [(step.state, step.actor, step.message) for step in steps]

    async def told(self) -> list[str]:
        """Return what the customer was told about the order since it was placed."""
        await self.house.rest()
        texts = [bubble.words for bubble in self.ana.inbox]
        placed = next(i for i, text in enumerate(texts) if "is placed" in text)
        return texts[placed + 1 :]


@pytest.fixture
async def office(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    """Open a shop, on each engine, whose ERP took an order and says nothing yet."""
    async with open_office(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def desk(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    """Open the same where the engine does not matter."""
    async with open_office(sqlite_url, tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
async def still(
    tmp_path_factory: pytest.TempPathFactory, migrated_file: Path
) -> AsyncIterator[Office]:
    """Open one for all tests that change nothing."""
    folder = tmp_path_factory.mktemp("still")
    path = await asyncio.to_thread(shutil.copy, migrated_file, folder / "still.db")
    async with open_office(f"sqlite:///{path}", folder) as opened:
        yield opened


@asynccontextmanager
async def open_office(database_url: str, folder: Path) -> AsyncIterator[Office]:
    async with open_house(database_url, folder) as house:
        house.erp.provisioning_seconds = 3600
        ana = house.phone()
        for words in ("1 latte", "pick up", "yes"):
            await ana.say(words)
            await house.rest()
        (placed,) = await house.orders()
        assert placed.state == OrderState.PROVISIONING
        yield Office(house, ana, placed.id, await add_keys(house))


async def add_keys(house: House) -> dict[str, str]:
    runtime = house.runtime
    stranger = await add_test_tenant(runtime.database)
    keys = {role.value: key_for(role, role.value * 5) for role in Role}
    async with runtime.database.transaction() as connection:
        for role in Role:
            await add_key(
                connection,
                id=f"key_{role}",
                tenant_id=house.tenant_id,
                role=role,
                key=keys[role],
                now=runtime.clock(),
            )
        keys["stranger"] = key_for(Role.INTEGRATION, "stranger" * 5)
        await add_key(
            connection,
            id="key_stranger",
            tenant_id=stranger,
            role=Role.INTEGRATION,
            key=keys["stranger"],
            now=runtime.clock(),
        )
    return keys


# -- who may call ---------------------------------------------------------------------

STRANGERS = {
    "nobody": (None, 401),
    "an empty key": ("", 401),
    "a key that was never made": ("co_i_unknown", 401),
    "an agent": ("agent", 403),
    "a manager": ("manager", 403),
    "another merchant's system": ("stranger", 404),
}
KINDS = {"statusChange": PROVISIONED, "provisions": FAILED}


async def test_nobody_else_moves_orders(still: Office) -> None:
    for name, (key, code) in STRANGERS.items():
        for kind, body in KINDS.items():
            answer = await still.call(kind, body, key=key)
            assert answer.status == code, name
            assert answer.kind == "application/problem+json"
            assert answer.json["status"] == code
            assert answer.json["detail"]
    assert await still.state() == OrderState.PROVISIONING


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("caller", ["admin", "integration"])
async def test_the_merchants_own_systems_move_orders(
    desk: Office, kind: str, caller: str
) -> None:
    answer = await desk.call(kind, KINDS[kind], key=caller)
    assert answer.status == 200
    assert await desk.state() != OrderState.PROVISIONING


async def test_a_key_in_another_scheme_is_no_key(desk: Office) -> None:
    key = desk.keys["integration"]
    for header in (key, f"Basic {key}", f"Token {key}"):
        answer = await desk.call(
            "statusChange", PROVISIONED, key=None, Authorization=header
        )
        assert answer.status == 401


STRANGE_ORDERS = ["ord_unknown", "ord_%00", "%F0%9F%8D%95", "x" * 300, "..%2F..%2Fetc"]


async def test_an_order_that_is_not_there_is_not_found(office: Office) -> None:
    headers = {"Authorization": f"Bearer {office.keys['integration']}"}
    session = office.house.simulator.network.session
    for order_id in STRANGE_ORDERS:
        path = f"{office.house.shop.url}/v2/orders/{order_id}/provisions"
        url = URL(path, encoded=True)
        async with session.post(url, json=FAILED, headers=headers) as answer:
            assert answer.status == 404, order_id


# -- what they may say ----------------------------------------------------------------

BAD = [
    pytest.param("statusChange", b"", "body", id="empty"),
    pytest.param("statusChange", b"{", "body", id="truncated"),
    pytest.param("statusChange", b"\xff", "body", id="not UTF-8"),
    pytest.param("statusChange", b"[" * 10_000, "body", id="10,000 deep"),
    pytest.param("statusChange", [], "body", id="a list"),
    pytest.param("statusChange", {"responsible": "E"}, "status", id="no status"),
    pytest.param(
        "statusChange", PROVISIONED | {"status": "LOST"}, "status", id="new status"
    ),
    pytest.param(
        "statusChange", {"status": "SHIPPED"}, "responsible", id="nobody responsible"
    ),
    pytest.param(
        "statusChange", PROVISIONED | {"message": 5}, "message", id="a number for words"
    ),
    pytest.param(
        "statusChange", PROVISIONED | {"message": "a\0b"}, "message", id="NUL in words"
    ),
    pytest.param("provisions", FAILED | {"code": "400"}, "code", id="a text as code"),
    pytest.param("provisions", FAILED | {"code": 500}, "code", id="another code"),
    pytest.param("provisions", FAILED | {"message": ""}, "message", id="no reason"),
    pytest.param(
        "provisions", FAILED | {"checkoutUrl": "javascript:x"}, "checkoutUrl", id="url"
    ),
]


@pytest.mark.parametrize(("kind", "body", "field"), BAD)
async def test_a_bad_body_is_answered_with_the_field_at_fault(
    still: Office, kind: str, body: Any, field: str
) -> None:
    answer = await still.call(kind, body)
    assert (answer.status, answer.kind) == (400, "application/problem+json")
    assert answer.json["field"] == field
    assert answer.json["detail"]
    assert await still.state() == OrderState.PROVISIONING


async def test_a_body_over_the_limit_is_refused(still: Office) -> None:
    large = PROVISIONED | {"message": "x" * 5_000_000}
    url = f"{still.house.shop.url}/v2/orders/{still.order_id}/statusChange"
    headers = {"Authorization": f"Bearer {still.keys['integration']}"}
    body = io.BytesIO(json.dumps(large).encode())
    session = still.house.simulator.network.session
    async with session.post(url, data=body, headers=headers) as answer:
        assert answer.status == 413


# -- what follows ---------------------------------------------------------------------


async def test_a_provisioned_order_is_told_once_in_our_words(office: Office) -> None:
    for _ in range(3):
        answer = await office.call("statusChange", PROVISIONED)
        assert answer.status == 200
        assert answer.json["status"] == "provisioned"
    (told,) = await office.told()
    assert "accepted" in told
    assert "Order created" not in told
    (placed,) = await office.house.orders()
    assert placed.external_id == "ERP-1"
    assert (await office.moves())[-1] == ("provisioned", "callback", "Order created")
    assert len(await office.moves()) == 3


async def test_a_payment_link_is_told_once_and_again_when_asked(desk: Office) -> None:
    paid = {"responsible": "ERP", "code": 200, "message": "created"}
    link = "https://pay.example/4711"
    for _ in range(2):
        answer = await desk.call("provisions", paid | {"checkoutUrl": link})
        assert answer.status == 200
    told = await desk.told()
    assert len(told) == 1
    assert "is accepted" in told[0]
    assert link in told[0]
    other = "https://pay.example/4712"
    await desk.call("provisions", paid | {"checkoutUrl": other})
    told = await desk.told()
    assert len(told) == 2
    assert other in told[1]
    await desk.ana.say("where is my order?")
    assert other in (await desk.told())[-1]


async def test_what_cannot_be_delivered_is_told_with_what_can_be_done(
    desk: Office,
) -> None:
    (line,) = await desk.house.rows(order_line, order_id=desk.order_id)
    short = {"unavailableItems": [{"objectId": line.line_id, "available": 0}]}
    for _ in range(2):
        assert (await desk.call("provisions", FAILED | short)).status == 200
    (told,) = await desk.told()
    assert "nothing is left" in told
    assert "delay" not in told
    assert "SKU 77" not in told
    chat = await desk.house.chat(desk.ana)
    assert (chat.attention, chat.owner) == ("short", "bot")
    unknown = {"unavailableItems": [{"objectId": "l99"}]}
    answer = await desk.call("provisions", FAILED | unknown)
    assert (answer.status, answer.json["field"]) == (400, "unavailableItems")


async def test_callbacks_at_the_same_moment_are_one(office: Office) -> None:
    answers = await asyncio.gather(
        *(office.call("statusChange", PROVISIONED) for _ in range(10))
    )
    assert {answer.status for answer in answers} == {200}
    assert len(await office.told()) == 1
    assert len(await office.moves()) == 3


async def test_a_failure_keeps_its_reason_for_people_and_spares_the_customer(
    office: Office,
) -> None:
    for _ in range(2):
        answer = await office.call("provisions", FAILED)
        assert answer.json["status"] == "provisioning_failed"
    assert (await office.moves())[-1] == (
        "provisioning_failed",
        "callback",
        "SKU 77 is not in stock",
    )
    assert not any("SKU 77" in text for text in await office.told())


async def test_a_failed_order_may_be_provisioned_after_all(office: Office) -> None:
    assert (await office.call("provisions", FAILED)).status == 200
    assert (await office.call("provisions", FAILED | {"code": 200})).status == 200
    assert await office.state() == OrderState.PROVISIONED
    delayed, accepted = await office.told()
    assert "delay" in delayed
    assert "accepted" in accepted


async def test_the_whole_way_is_told_step_by_step(office: Office) -> None:
    for status in (
        "ORDER_GATEWAY_PROVISIONED",
        "PACKAGED",
        "PARTIALLY_SHIPPED",
        "SHIPPED",
        "DELIVERED",
    ):
        said = {"responsible": "ERP", "status": status}
        assert (await office.call("statusChange", said)).status == 200
    told = await office.told()
    assert [word in text for word, text in zip(_STEPS, told, strict=True)] == [True] * 5


_STEPS = ("accepted", "prepared", "A part", "on its way", "delivered")


async def test_an_order_never_goes_back(office: Office) -> None:
    for status in ("SHIPPED", "SHIPPED"):
        await office.call("statusChange", {"responsible": "E", "status": status})
    answer = await office.call(
        "statusChange", {"responsible": "E", "status": "CANCELLED"}
    )
    assert (answer.status, answer.kind) == (409, "application/problem+json")
    assert "shipped" in answer.json["detail"]
    # Calls overtake each other: what came before is no news, and no mistake either.
    for status in ("PACKAGED", "ORDER_GATEWAY_PROVISIONED"):
        answer = await office.call(
            "statusChange", {"responsible": "E", "status": status}
        )
        assert (answer.status, answer.json["status"]) == (200, "shipped")
    assert await office.state() == OrderState.SHIPPED
    assert len(await office.told()) == 1


async def test_goods_that_others_bought_meanwhile_are_a_conflict(
    office: Office,
) -> None:
    await office.call("provisions", FAILED)
    # Given up for good, its goods were let go, and somebody else has them now.
    await office.house.change("LATTE", stock=Decimal(0))
    async with office.house.runtime.database.transaction() as connection:
        await connection.execute(update(order_line).values(reserved=Decimal(0)))
    answer = await office.call("provisions", FAILED | {"code": 200})
    assert answer.status == 409
    assert await office.state() == OrderState.PROVISIONING_FAILED


async def test_a_database_that_cannot_commit_is_unavailable(
    sqlite_url: str, tmp_path: Path
) -> None:
    short = {"database_wait_seconds": 0.05}
    async with open_house(sqlite_url, tmp_path, settings=short) as house:
        keys = await add_keys(house)
        office = Office(house, house.phone(), "ord_any", keys)
        blocker = Database.open(sqlite_url)
        async with blocker.transaction():
            answer = await office.call("statusChange", PROVISIONED)
        await blocker.close()
    assert (answer.status, answer.kind) == (503, "application/problem+json")
    assert answer.retry_after is not None
    assert "again" in answer.json["detail"]


# -- the checkout ---------------------------------------------------------------------

CHECKOUT = {
    "responsible": "checkout",
    "selectedFreight": {"freightCost": 5, "deliveryTime": "1bd"},
    "discount": {"value": 10, "mode": "PERCENTAGE"},
}


async def test_a_checkout_changes_what_an_order_costs_once_and_until_it_is_paid(
    desk: Office,
) -> None:
    for _ in range(2):
        answer = await desk.call("updateCheckoutData", CHECKOUT)
        assert answer.status == 200, answer.json
    runtime, tenant_id = desk.house.runtime, desk.house.tenant_id
    async with runtime.database.reading() as connection:
        stored = await load_order(connection, tenant_id, desk.order_id)
        steps = await history(connection, desk.order_id)
    assert stored is not None
    order = stored.order
    assert (order.shipping_total, order.delivery_time) == (500, "1bd")
    assert order.discount_total * 10 == order.subtotal
    assert order.grand_total == order.subtotal - order.discount_total + 500
    (line,) = await desk.house.rows(order_line, order_id=desk.order_id)
    assert line.total == order.grand_total - 500
    (changed,) = [step for step in steps if step.kind is MoveKind.CONTENTS]
    assert (changed.actor, changed.responsible) == ("callback", "checkout")
    (row,) = await desk.house.rows(audit, action="update_checkout_data")
    assert (row.actor, row.target) == ("key:key_integration", desk.order_id)

    answer = await desk.call("updateCheckoutData", CHECKOUT | {"discount": 5})
    assert (answer.status, answer.json["field"]) == (400, "discount")
    for key, status in ((None, 401), ("agent", 403), ("stranger", 404)):
        answer = await desk.call("updateCheckoutData", CHECKOUT, key=key)
        assert (answer.status, answer.kind) == (status, "application/problem+json")
    await desk.call("statusChange", {"responsible": "E", "status": "PACKAGED"})
    assert (await desk.call("updateCheckoutData", CHECKOUT)).status == 200, "a repeat"
    other = CHECKOUT | {"selectedFreight": {"freightCost": 6}}
    answer = await desk.call("updateCheckoutData", other)
    assert (answer.status, answer.kind) == (409, "application/problem+json")
    assert "its checkout is over" in answer.json["detail"]
