"""Edits, deletes, quotes and old buttons in the database, on both engines."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.db.claims import Claim
from bot.inbox.overview import newest_messages
from bot.simulator.phone import Phone
from bot.worker.judging import Verdict
from bot.worker.loading import Loaded, load
from bot.worker.turn import handle
from tests.bot.worker.by_hand import ByHand, by_hand


@pytest.fixture
async def shop(database_url: str, tmp_path: Path) -> AsyncIterator[ByHand]:
    """Open a shop on each engine in which only the test works."""
    async with by_hand(database_url, tmp_path) as opened:
        yield opened


async def lines(shop: ByHand, phone: Phone) -> dict[str, int]:
    draft = await shop.house.draft(phone)
    return {line.sku: int(line.quantity) for line in draft.lines}


async def claimed(shop: ByHand) -> Claim:
    """Claim the one conversation that is due."""
    runtime, now = shop.house.runtime, shop.clock() + timedelta(seconds=1)
    (claim,) = await runtime.database.retried(
        lambda connection: runtime.claims.claim(connection, room=9, busy={}, now=now)
    )
    return claim


async def test_edits_and_deletes_are_stored_once_and_followed(shop: ByHand) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "2 latte")
    await shop.hear(ana, "1 bagel")
    first, second = (bubble for bubble in ana.bubbles if bubble.mine)
    await ana.amend(first, "3 latte")
    await shop.turn()
    assert await lines(shop, ana) == {"LATTE": 3, "BAGEL": 1}
    # Another edit counts, and a delete that comes twice is one.
    await ana.amend(first, "4 latte")
    await ana.amend(second, None)
    await ana.amend(second, None)
    await shop.turn()
    assert await lines(shop, ana) == {"LATTE": 4}
    stored = await shop.house.messages(ana)
    events = [row.event for row in stored if row.direction == "in"]
    assert events == ["message", "message", "edit", "edit", "revoke"]
    # A late repetition of a message that was deleted is no new one.
    await ana.say("1 bagel", wamid=second.id)
    assert len(await shop.house.messages(ana)) == len(stored)
    await _is_shown_and_not_read(shop, ana)


async def _is_shown_and_not_read(shop: ByHand, ana: Phone) -> None:
    chat = await shop.house.chat(ana)
    async with shop.house.runtime.database.reading() as connection:
        shown = await newest_messages(
            connection, shop.house.tenant_id, chat.id, before=None, limit=50
        )
    by_words = {m.content.get("text"): m.correction for m in shown if m.correction}
    assert {words: (c["event"], c["text"]) for words, c in by_words.items()} == {
        "2 latte": ("edit", "4 latte"),
        "1 bagel": ("revoke", None),
    }
    await ana.say("hello")
    claim = await claimed(shop)
    async with shop.house.runtime.database.reading() as connection:
        (loaded,) = await load(connection, [claim])
    said = [m.content for m in loaded.history if m.from_customer]
    assert [getattr(content, "text", "") for content in said] == ["4 latte"]


@dataclass
class Meanwhile:
    """A worker in whose turn something happens between loading and saving."""

    shop: ByHand
    act: Callable[[], Awaitable[object]]

    async def load(self, claim: Claim) -> Loaded:
        loaded = await self.shop.load(claim)
        await self.act()
        return loaded

    def __getattr__(self, name: str) -> Any:
        return getattr(self.shop, name)


@pytest.mark.parametrize(
    ("text", "expected"), [("3 latte", {"LATTE": 3}), (None, {"BAGEL": 1})]
)
async def test_what_is_corrected_while_a_turn_runs_is_read_again(
    shop: ByHand, text: str | None, expected: dict[str, int]
) -> None:
    ana = shop.house.phone()
    bubble = await ana.say("2 latte")
    worker = Meanwhile(shop, lambda: ana.amend(bubble, text))
    saved = await handle(await claimed(shop), shop.house.runtime, worker)
    assert saved is not None
    assert saved.verdict is Verdict.SUPERSEDED
    assert await shop.sent_messages() == []
    if text is None:
        await ana.say("1 bagel")
    await shop.turn()
    assert await lines(shop, ana) == expected
    assert len(await shop.sent_messages()) == 1


async def test_old_buttons_are_told_what_became_of_their_order(shop: ByHand) -> None:
    ana, ben = shop.house.phone(), shop.house.phone("905559998877", "Ben")
    await shop.hear(ana, "2 latte")
    await shop.deliver_all()
    await ana.tap("Pick-up")
    await shop.turn()
    await shop.deliver_all()
    summary = ana.inbox[-1]
    await ben.say("hello")
    await shop.turn()
    await ben.answer("button_reply", summary.buttons[0])
    await shop.turn()
    await shop.deliver_all()
    assert "another chat" in ben.inbox[-1].text
    await ana.tap("Cancel", on=summary)
    await shop.turn()
    await ana.tap("Confirm", on=summary)
    await shop.turn()
    await shop.deliver_all()
    assert "was cancelled" in ana.inbox[-1].text
    assert await shop.house.orders() == []


async def test_a_message_that_is_answered_is_found_however_old_it_is(
    shop: ByHand,
) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "how much is a carrot cake?")
    await shop.deliver_all()
    answer = ana.inbox[-1]
    for n in range(1, 6):  # Now it is far out of the readers' sight.
        await shop.hear(ana, "a latte", f"make it {n}", "and a bagel", f"make it {n}")
    await ana.say("2 of this", reply_to=answer)
    await shop.turn()
    assert (await lines(shop, ana))["CAKE"] == 2


async def test_what_is_answered_is_found_by_an_index(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with by_hand(sqlite_url, tmp_path) as shop:
        ana = shop.house.phone()
        await shop.hear(ana, "2 latte")
        await shop.deliver(times=2)
        asked = ana.inbox[-1]
        await ana.say("3", reply_to=asked)
        await ana.react("👍", to=asked)
        claim = await claimed(shop)
        ways: list[str] = []
        async with shop.house.runtime.database.reading() as connection:

            def explain(conn: Any, cursor: Any, sql: str, given: Any, *_: Any) -> None:
                if sql.startswith("SELECT"):
                    rows = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given)
                    ways.extend(row[3] for row in rows)

            listened = connection.sync_connection
            event.listen(listened, "before_cursor_execute", explain)
            (loaded,) = await load(connection, [claim])
            event.remove(listened, "before_cursor_execute", explain)
    assert loaded.messages[0].quoted is not None
    assert loaded.messages[0].quoted.known
    assert ways
    assert [way for way in ways if way.startswith("SCAN message")] == []
