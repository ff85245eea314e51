"""Systems that have an order hear that its customer, or the shop, cancelled it."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.simulator.erp import Step
from bot.simulator.phone import Phone
from orders import OrderState
from orders.domain.events import ORDER_CANCELLED
from orders.domain.manners import CancelUntil
from orders.outbox.store import State, Topic
from orders.table import order as order_table
from tests.bot.worker.by_hand import ByHand, by_hand
from tests.bot.worker.test_manners import with_manners
from tests.progress import advance


@pytest.fixture(scope="module")
async def shop(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ByHand]:
    """Open one shop: each case has a customer of its own."""
    folder = tmp_path_factory.mktemp("shop")
    path = shutil.copy(migrated_file, folder / "shop.db")
    async with by_hand(f"sqlite:///{path}", folder) as opened:
        yield opened


@dataclass(frozen=True)
class Bought:
    """An order of one customer, and what the system that has orders knows of it."""

    shop: ByHand
    ana: Phone
    id: str

    async def state(self) -> str:
        return str((await self._row()).state)

    def known(self) -> Step | None:
        found = self.shop.house.erp.orders.get(self.id)
        return None if found is None else found.step

    async def events(self) -> list[Any]:
        items = await self.shop.items(Topic.EVENT)
        return [each for each in items if each.payload.get("order_id") == self.id]

    async def cancelled(self, actor: str) -> None:
        house = self.shop.house
        await advance(
            house.runtime,
            tenant_id=house.tenant_id,
            order_id=self.id,
            target=OrderState.CANCELLED,
            actor=actor,
        )
        await self.shop.deliver_all()

    async def _row(self) -> Any:
        (row,) = await self.shop.house.rows(order_table, id=self.id)
        return row


async def ordered(shop: ByHand, number: int) -> Bought:
    """Bring a customer to an order; its event waits."""
    ana = shop.house.phone(f"90555000030{number}", f"Customer {number}")
    before = {row.id for row in await shop.house.orders()}
    for words in ("1 latte", "pick up", "yes"):
        await shop.hear(ana, words)
    (placed,) = [row for row in await shop.house.orders() if row.id not in before]
    return Bought(shop, ana, placed.id)


async def test_a_system_that_has_an_order_hears_once_that_it_is_cancelled(
    shop: ByHand,
) -> None:
    bought = await ordered(shop, 1)
    await shop.deliver_all()
    assert bought.known()
    assert bought.known() != Step.CANCELLED
    for _ in range(2):
        await bought.cancelled("user:usr_1")
    assert bought.known() is Step.CANCELLED
    told, ended = await bought.events()
    assert [told.state, ended.state] == [State.DONE, State.DONE]
    assert ended.payload["type"] == ORDER_CANCELLED
    assert ended.lane == told.lane
    assert await bought.state() == OrderState.CANCELLED


async def test_what_no_system_heard_of_is_withdrawn_and_nobody_is_told_of_its_end(
    shop: ByHand,
) -> None:
    bought = await ordered(shop, 2)
    await bought.cancelled("user:usr_1")
    assert bought.known() is None
    assert {each.state for each in await bought.events()} == {State.CANCELLED}


async def test_a_system_that_cancels_by_itself_is_not_told_so(shop: ByHand) -> None:
    bought = await ordered(shop, 3)
    await shop.deliver_all()
    await bought.cancelled("callback")
    assert len(await bought.events()) == 1


async def test_a_customer_who_cancels_in_the_chat_is_passed_on(shop: ByHand) -> None:
    await with_manners(shop, cancel_until=CancelUntil.PREPARING)
    bought = await ordered(shop, 4)
    await shop.deliver_all()
    for words in ("cancel my order", "yes"):
        await shop.hear(bought.ana, words)
    await shop.deliver_all()
    assert await bought.state() == OrderState.CANCELLED
    assert bought.known() is Step.CANCELLED
