"""Every action that Meta's table of errors asks for takes its path: one code of each.

Which code asks for which action is told by the tests of the channel. One shop, and a
customer for each case: what happens to the message, to those behind it, and to the
number. Other customers, and another channel, go on whatever happens.
"""

import shutil
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bot.inbox.accounts import ChannelState
from bot.inbox.pausing import activate_channel
from bot.inbox.table import channel, conversation
from bot.simulator.faults import Fault, malformed, refused, server_error
from bot.simulator.gateways import Person
from bot.simulator.phone import Phone
from bot.worker.turn import handle
from orders.outbox.store import State
from orders.table import outbox
from tests.bot.worker.by_hand import ByHand, by_hand
from tests.bot.worker.test_delivering import attempts_of, put_reply
from tests.gateways import Line, connected

WORDS = ("first", "second", "third")


@dataclass(frozen=True)
class Way:
    """What one answer leads to, once everything that comes by itself has come."""

    fault: Fault
    attempts: Sequence[str]  #: Of the message that is hit.
    heard: Sequence[str] = WORDS
    state: State = State.DONE
    pauses: bool = False  #: The number, and nothing behind it goes.
    waits: str = ""  #: What the message waits for.


WAITS = ("second", "third")
NOBODY: Sequence[str] = ()
WAYS: dict[str, Way] = {
    "131056 a pair rate": Way(refused(131056), ["retry", "done"]),
    "131047 the window is closed": Way(
        refused(131047), ["waited"], NOBODY, State.DUE, waits="window:"
    ),
    "190 the token": Way(
        refused(190), ["waited"], NOBODY, State.DUE, pauses=True, waits="channel:"
    ),
    "131026 undeliverable": Way(refused(131026), ["parked"], WAITS, State.PARKED),
    "131053 media": Way(refused(131053), ["retry", "done"]),
    "500": Way(server_error(), ["retry", "done"]),
    "200 that is no JSON, taken": Way(malformed(), ["unknown"]),
    "200 that is no JSON, not taken": Way(
        malformed(accepted=False), ["unknown", "done"]
    ),
}


@pytest.fixture(scope="module")
def folder(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a database of its own."""
    made = tmp_path_factory.mktemp("errors")
    shutil.copyfile(migrated_file, made / "shop.db")
    return made


@pytest.fixture(scope="module")
async def shop(folder: Path) -> AsyncIterator[ByHand]:
    """Open one shop for all cases: each has a customer of its own."""
    async with by_hand(f"sqlite:///{folder / 'shop.db'}", folder) as opened:
        yield opened


@pytest.fixture(scope="module")
async def other(shop: ByHand) -> AsyncIterator[Line]:
    """Connect another channel of the shop."""
    house = shop.house
    async with connected(
        house.runtime, house.tenant_id, "waha", server=house.shop.url
    ) as line:
        yield line


def a_customer(shop: ByHand, number: int) -> Phone:
    return shop.house.phone(f"9055500010{number:02}", f"Customer {number}")


async def items_of(shop: ByHand, phone: Phone) -> list[Any]:
    chat = await shop.house.chat(phone)
    rows = await shop.house.rows(outbox, lane=f"conversation:{chat.id}")
    return sorted(rows, key=lambda row: int(row.id))


async def put(shop: ByHand, phone: Phone, words: str) -> None:
    """Say something, and let what the customer writes next come after it."""
    await put_reply(shop, phone, words)
    chat = await shop.house.chat(phone)
    async with shop.house.runtime.database.transaction() as connection:
        await connection.execute(
            update(conversation)
            .where(conversation.c.id == chat.id)
            .values(seq=conversation.c.seq + 1)
        )


async def turns(shop: ByHand) -> None:
    """Take every turn that is due, those of the clock among them."""
    runtime, now = shop.house.runtime, shop.clock() + timedelta(seconds=1)
    while claims := await runtime.database.retried(
        lambda connection: runtime.claims.claim(connection, room=10, busy={}, now=now)
    ):
        for claim in claims:
            await handle(claim, runtime, shop)


async def let_pass(shop: ByHand, *, minutes: int) -> None:
    """Let time pass, and everything happen that is due meanwhile."""
    for _ in range(minutes * 2):
        await shop.deliver_all()
        shop.house.clock.ahead += timedelta(seconds=31)


@pytest.mark.parametrize("name", WAYS)
async def test_each_answer_takes_its_path_and_keeps_the_order(
    shop: ByHand, other: Line, name: str
) -> None:
    way = WAYS[name]
    numbered = list(WAYS).index(name)
    ana, ben = a_customer(shop, numbered), a_customer(shop, 50 + numbered)
    for each in (ana, ben):
        await each.say("hello")
    await turns(shop)
    await shop.deliver_all()
    seen, bens = len(ana.inbox), len(ben.inbox)
    for words in WORDS:
        await put(shop, ana, f"{name} {words}")
    shop.house.simulator.faults.add(way.fault, to=ana.wa_id)
    await let_pass(shop, minutes=2)
    hit, *behind = (await items_of(shop, ana))[seen:]
    heard = [b.text.removeprefix(f"{name} ") for b in ana.inbox[seen:]]
    assert heard == list(way.heard)
    assert hit.state == way.state
    assert (hit.waits_for or "").startswith(way.waits)
    tried = await attempts_of(shop, hit.id)
    assert list(dict.fromkeys(tried)) == list(way.attempts)
    done = State.DONE if way.heard else State.DUE
    assert {each.state for each in behind} == {done}
    (place,) = await shop.house.rows(channel, kind="whatsapp")
    assert (place.state == ChannelState.PAUSED) == way.pauses
    await put(shop, ben, f"to Ben after {name}")
    if way.pauses:
        await still_answers(shop, other, numbered)
        await activated(shop, place.id)
    if way.waits == "window:":
        await ana.say("hello again")
        await turns(shop)
    await let_pass(shop, minutes=1)
    assert len(ben.inbox) == bens + 1, "the trouble of one is not that of another"
    if not way.heard:
        assert [b.text for b in ana.inbox[seen:]][:3] == [
            f"{name} {words}" for words in WORDS
        ], "what was held goes in its order"


async def still_answers(shop: ByHand, line: Line, numbered: int) -> None:
    """Let somebody write to another channel, and be answered."""
    seen = len(line.gateway.sent)
    await line.gateway.says(Person(f"90555000200{numbered}"), "hello")
    await turns(shop)
    await shop.deliver_all()
    assert len(line.gateway.sent) == seen + 1


async def activated(shop: ByHand, channel_id: str) -> None:
    async with shop.house.runtime.database.transaction() as connection:
        await activate_channel(connection, channel_id, now=shop.clock())
    await shop.set(channel, state_at=None)
    shop.house.runtime.directories.forget()
