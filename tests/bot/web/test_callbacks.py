"""Callbacks of the merchant's system: who may call, what they may say, what follows."""

import asyncio
import io
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bot.db import Database
from bot.inbox.accounts import Role, add_key, key_for
from bot.simulator.phone import Phone
from orders import OrderState
from orders.store import history
from orders.table import order
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

    async def news(self) -> list[str]:
        """Return what the customer was told since the order was placed."""
        await self.house.settle()
        texts = [bubble.text for bubble in self.ana.inbox]
        placed = max(i for i, text in enumerate(texts) if "#1" in text and i <= len(texts))
        del placed
        return texts


@pytest.fixture
async def office(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    """Open a shop, on each engine, whose ERP took an order and says nothing yet."""
    async with open_house(database_url, tmp_path) as house:
        house.erp.provisioning_seconds = 3600
        ana = house.phone()
        for words in ("1 latte", "pick up", "yes"):
            await ana.say(words)
            await quiet(house)
        (placed,) = await house.orders()
        assert placed.state == OrderState.PROVISIONING
        yield Office(house, ana, placed.id, await add_keys(house))


async def quiet(house: House) -> None:
    """Wait until the product rests; the ERP's own work may take an hour."""
    async with asyncio.timeout(20):
        while await house.unsettled():
            await asyncio.sleep(0.01)
    await house.simulator.settled()


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
