"""A send to a gateway that nobody answered: an echo settles it, or it is repeated."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.inbox.table import conversation, message
from bot.simulator.evolution import EvolutionApi
from bot.simulator.gateways import Fault, Person, Sent
from orders.outbox.store import State
from orders.table import outbox
from tests.bot.worker.by_hand import ByHand, by_hand
from tests.gateways import ANA, KINDS, Line, connected

LOST = Fault(accepted=True, silent=True)
NEVER = Fault(accepted=False, silent=True)


@dataclass(frozen=True)
class Office:
    """A worker by hand, with a line of every kind of gateway."""

    shop: ByHand
    lines: dict[str, Line]

    def later(self, *, seconds: float) -> None:
        """Let time pass, at the gateways, too."""
        self.shop.house.clock.ahead += timedelta(seconds=seconds)

    async def greeted(self, line: Line) -> None:
        """Let Ana say hello and hear the answer."""
        await line.gateway.says(ANA, "hello")
        await self.shop.turn()
        await self.shop.deliver_all()

    async def asked(self, line: Line, fault: Fault) -> Any:
        """Let Ana order something and the answer go wrong; return how it stands."""
        line.gateway.faults.append(fault)
        await line.gateway.says(ANA, "2 latte please")
        await self.shop.turn()
        await self.shop.deliver()
        return await self.item(line)

    async def item(self, line: Line) -> Any:
        """Return the last thing that was to be said on a line."""
        rows = await self.shop.house.rows(outbox)
        mine = [r for r in rows if r.payload.get("channel_id") == line.channel_id]
        return max(mine, key=lambda row: int(row.id))

    async def message(self, line: Line) -> Any:
        """Return our last message of a line."""
        rows = await self.shop.house.rows(
            message, channel_id=line.channel_id, direction="out"
        )
        return max(rows, key=lambda row: int(row.seq))


@pytest.fixture
async def office(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(sqlite_url, tmp_path) as there:
        yield there


@pytest.fixture
async def either(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    """Open an office on each engine."""
    async with opened(database_url, tmp_path) as there:
        yield there


@asynccontextmanager
async def opened(database_url: str, folder: Path) -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        shop = await stack.enter_async_context(
            by_hand(database_url, folder, outgoing_timeout_seconds=2)
        )
        house = shop.house
        lines = {
            kind: await stack.enter_async_context(
                connected(house.runtime, house.tenant_id, kind, server=house.shop.url)
            )
            for kind in KINDS
        }
        yield Office(shop, lines)


async def test_an_echo_settles_a_send_that_nobody_answered(either: Office) -> None:
    office = either
    for line in office.lines.values():
        item = await office.asked(line, LOST)
        assert (item.state, item.unknown_since is None) == (State.DUE, False)
        (sent,) = line.gateway.sent
        await line.gateway.echoes(sent)
        office.later(seconds=6)
        await office.shop.deliver_all()
        assert (await office.item(line)).state == State.DONE
        said = await office.message(line)
        assert (said.state, said.provider_id) == ("sent", sent.id)
        office.later(seconds=120)
        await office.shop.deliver_all()
        assert len(line.gateway.sent) == 1, "nothing is sent twice"


async def test_what_never_arrived_is_sent_once_more_and_old_echoes_prove_nothing(
    office: Office,
) -> None:
    for line in office.lines.values():
        await office.greeted(line)
        (greeting,) = line.gateway.sent
        await office.asked(line, NEVER)
        # The echo of an earlier message, and what another program sent by the API.
        await line.gateway.echoes(greeting)
        await by_api(line, ANA, "Your parcel is on its way")
        for _ in range(13):
            office.later(seconds=6)
            await office.shop.deliver_all()
        assert (await office.item(line)).state == State.DONE
        assert len(line.gateway.sent) == 2
        said = await office.message(line)
        assert said.provider_id == line.gateway.sent[1].id


async def test_what_another_program_sends_by_the_api_is_nobodys_word(
    office: Office,
) -> None:
    for line in office.lines.values():
        await office.greeted(line)
        await by_api(line, ANA, "Your parcel is on its way")
        await by_api(line, Person("905550000009"), "hello")
        chats = await office.shop.house.rows(conversation, channel_id=line.channel_id)
        assert [chat.owner for chat in chats] == ["bot"]


async def by_api(line: Line, to: Person, text: str) -> None:
    """Tell the product of what another program sent through the gateway's API."""
    gateway = line.gateway
    if isinstance(gateway, EvolutionApi):
        said = gateway.upsert(to, {"conversation": text}, "3EB0OTHER", from_me=True)
        assert await gateway.tell("send.message", said) == 200
    else:
        sent = Sent("3EB0OTHER", f"{to.number}@c.us", text)
        assert await gateway.echoes(sent) == 200
