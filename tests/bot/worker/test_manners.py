"""What nobody asked for, what came late or too fast, and what a STOP takes back."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bot.db.claims import Claim
from bot.domain.message import Alias, OutboundMessage, OutText
from bot.inbox.chats import lock_chat, say
from bot.inbox.consent import record_opt_in
from bot.inbox.shop_rules import load_shop_rules, store_shop_rules
from bot.inbox.speaking import Said, speak
from bot.inbox.table import contact, conversation
from bot.simulator.phone import Phone
from bot.worker.judging import Verdict
from bot.worker.loading import Loaded
from bot.worker.pace import PutOff, in_time, put_off
from bot.worker.turn import handle
from orders import OrderState
from orders.domain.manners import CancelUntil, Manners
from orders.outbox.store import State
from tests.bot.worker.by_hand import ByHand, by_hand
from tests.progress import advance


@pytest.fixture
async def shop(sqlite_url: str, tmp_path: Path) -> AsyncIterator[ByHand]:
    """Open a shop in which only the test works."""
    async with by_hand(sqlite_url, tmp_path) as opened:
        yield opened


async def greeted(shop: ByHand) -> Phone:
    ana = shop.house.phone()
    await shop.hear(ana, "hello")
    await shop.deliver_all()
    return ana


async def with_manners(shop: ByHand, **manners: Any) -> None:
    house = shop.house
    async with house.runtime.database.transaction() as connection:
        rules, version = await load_shop_rules(connection, house.tenant_id)
        rules = replace(rules, manners=Manners(**manners))
        await store_shop_rules(
            connection, house.tenant_id, rules, version, shop.clock()
        )


async def put(shop: ByHand, ana: Phone, words: str, **marks: Any) -> None:
    """Let the shop say something."""
    chat = await shop.house.chat(ana)
    last = (await shop.house.messages(ana))[-1].seq
    content = OutText(body=words)
    said = Said(
        tenant_id=chat.tenant_id,
        shard=chat.shard,
        channel_id=chat.channel_id,
        conversation_id=chat.id,
        seq=last,
        key=words,
        messages=(
            OutboundMessage(to=Alias.model_validate(chat.address), content=content),
        ),
        **marks,
    )
    runtime = shop.house.runtime
    async with runtime.database.transaction() as connection:
        await speak(connection, [said], new_id=runtime.new_id, now=shop.clock())
        await connection.execute(update(conversation).values(seq=last + 1))


async def newest(shop: ByHand) -> Any:
    return (await shop.items())[-1]


async def test_a_stop_takes_back_what_was_still_to_be_said(shop: ByHand) -> None:
    ana = await greeted(shop)
    seen = len(ana.inbox)
    await shop.hear(ana, "2 latte")
    await put(shop, ana, "order 1 is on its way", notice=True, despite_stop=True)
    await shop.hear(ana, "STOP")
    await shop.deliver_all()
    said = [bubble.text for bubble in ana.inbox[seen:]]
    assert said[0] == "order 1 is on its way"
    assert [text[:26] for text in said[1:]] == ["You will not get any more "]
    states = [each.state for each in await shop.sent_messages()]
    assert states.count("cancelled") == 1


async def test_nothing_promotional_goes_without_a_recorded_opt_in(shop: ByHand) -> None:
    ana = await greeted(shop)
    seen = len(ana.inbox)
    await put(shop, ana, "20 % off", promotional=True)
    await shop.deliver_all()
    assert (await newest(shop)).state == State.CANCELLED
    (person,) = await shop.house.rows(contact)
    async with shop.house.runtime.database.transaction() as connection:
        assert await record_opt_in(
            connection,
            shop.house.tenant_id,
            person.id,
            how="form",
            now=shop.clock(),
        )
    await put(shop, ana, "30 % off", promotional=True)
    await shop.deliver_all()
    assert [b.text for b in ana.inbox[seen:]] == ["30 % off"]
    await shop.hear(ana, "stop")
    (person,) = await shop.house.rows(contact)
    assert (person.opted_in_at, person.opted_in_how) == (None, None)


async def test_what_nobody_asked_for_is_dropped_when_the_day_is_over(
    shop: ByHand,
) -> None:
    ana = await greeted(shop)
    seen = len(ana.inbox)
    await shop.set(
        conversation, last_inbound_at=shop.house.runtime.clock() - timedelta(days=2)
    )
    await put(shop, ana, "you were about to order", unasked=True)
    await shop.deliver_all()
    assert (await newest(shop)).state == State.CANCELLED
    assert ana.inbox[seen:] == ()


async def test_news_wait_for_the_end_of_quiet_hours_or_for_who_is_awake(
    shop: ByHand,
) -> None:
    ana = await greeted(shop)
    seen, now = len(ana.inbox), shop.house.runtime.clock()
    await put(shop, ana, "at once", not_before=now + timedelta(hours=8))
    await shop.deliver_all()
    assert [b.text for b in ana.inbox[seen:]] == ["at once"]
    await shop.set(conversation, last_inbound_at=now - timedelta(hours=3))
    await put(shop, ana, "in the morning", not_before=now + timedelta(hours=8))
    await shop.deliver_all()
    held = await newest(shop)
    assert (held.state, len(ana.inbox)) == (State.DUE, seen + 1)
    assert "quiet hours" in held.error
    await shop.hear(ana, "hello")
    await shop.deliver_all()
    # Who writes is awake: what was held goes first.
    assert ana.inbox[seen + 1].text == "in the morning"


async def test_what_a_person_writes_at_night_does_not_wait_behind_news(
    shop: ByHand,
) -> None:
    ana = await greeted(shop)
    seen, runtime = len(ana.inbox), shop.house.runtime
    now = runtime.clock()
    await shop.set(conversation, last_inbound_at=now - timedelta(hours=3))
    await put(shop, ana, "shipped", notice=True, not_before=now + timedelta(hours=8))
    await shop.deliver_all()
    assert len(ana.inbox) == seen
    shop_chat = await shop.house.chat(ana)
    async with runtime.database.transaction() as connection:
        chat = await lock_chat(connection, shop.house.tenant_id, shop_chat.id)
        assert chat is not None
        words = OutboundMessage(to=chat.contact.address, content=OutText(body="hi"))
        await say(
            connection,
            chat,
            [words],
            key="by hand",
            agent="user:ben",
            new_id=runtime.new_id,
            now=shop.clock(),
        )
    await shop.deliver_all()
    assert [b.text for b in ana.inbox[seen:]] == ["shipped", "hi"]


async def test_an_order_that_moved_on_is_not_cancelled_behind_its_back(
    shop: ByHand,
) -> None:
    await with_manners(shop, cancel_until=CancelUntil.PREPARING)
    ana = shop.house.phone()
    for words in ("1 latte", "pick up", "yes", "cancel my order"):
        await shop.hear(ana, words)
    (placed,) = await shop.house.orders()
    await ana.say("yes")
    runtime, now = shop.house.runtime, shop.clock() + timedelta(seconds=1)
    (claim,) = await runtime.database.retried(
        lambda connection: runtime.claims.claim(connection, room=1, busy={}, now=now)
    )
    load = shop.load

    async def load_and_ship(claim: Claim) -> Loaded:
        loaded = await load(claim)
        await advance(
            runtime,
            tenant_id=shop.house.tenant_id,
            order_id=placed.id,
            target=OrderState.SHIPPED,
            actor="callback",
        )
        return loaded

    shop.load = load_and_ship  # type: ignore[method-assign]  # the race itself
    saved = await handle(claim, runtime, shop)
    shop.load = load  # type: ignore[method-assign]  # it is over
    assert saved is not None
    assert saved.verdict is Verdict.STALE
    await shop.turn()
    (placed,) = await shop.house.orders()
    assert placed.state == OrderState.SHIPPED
    chat = await shop.house.chat(ana)
    assert chat.owner == "agent"


async def test_a_backlog_is_answered_once_with_an_apology(shop: ByHand) -> None:
    ana = await greeted(shop)
    seen = len(ana.inbox)
    for words in ("2 latte", "and a tea", "hello?"):
        await ana.say(words)
    shop.house.clock.ahead += timedelta(hours=5)
    await shop.turn()
    await shop.deliver_all()
    (answer,) = ana.inbox[seen:]
    assert answer.text.startswith("Sorry for the late answer.")
    lines = (await shop.house.draft(ana)).lines
    assert [(line.sku, int(line.quantity)) for line in lines] == [
        ("LATTE", 2),
        ("TEA", 1),
    ]


async def test_what_is_days_old_is_read_shown_to_a_person_and_not_answered(
    shop: ByHand,
) -> None:
    ana = shop.house.phone()
    await ana.say("2 latte, pick up")
    shop.house.clock.ahead += timedelta(days=3)
    await shop.turn()
    await shop.deliver_all()
    assert len(ana.inbox) == 0
    assert await shop.items() == []
    assert [line.sku for line in (await shop.house.draft(ana)).lines] == ["LATTE"]
    chat = await shop.house.chat(ana)
    assert chat.attention == "outdated"
    await shop.hear(ana, "hello")
    await shop.deliver_all()
    heard = "".join(said.words for said in shop.house.phone().inbox)
    assert "Sorry for the late answer." in heard


async def test_a_turn_that_is_put_off_begins_later_with_all_that_came(
    shop: ByHand,
) -> None:
    ana = await greeted(shop)
    runtime = shop.house.runtime
    fast = runtime.clock() + timedelta(seconds=90)
    memory = (await shop.house.chat(ana)).memory | {"paced_until": fast.isoformat()}
    await shop.set(conversation, memory=memory)
    await ana.say("2 latte")
    now = shop.clock() + timedelta(seconds=1)
    (claim,) = await runtime.database.retried(
        lambda connection: runtime.claims.claim(connection, room=1, busy={}, now=now)
    )
    with pytest.raises(PutOff) as later:
        in_time(await shop.load(claim), runtime)
    assert timedelta(0) < later.value.until - runtime.clock() < timedelta(seconds=33)
    await put_off(claim, later.value, runtime)
    chat = await shop.house.chat(ana)
    assert (chat.ready_at, chat.attempts, chat.lease_until) == (
        later.value.until,
        0,
        None,
    )
    await ana.say("and a tea")
    shop.wait(minutes=1)
    await shop.turn()
    lines = (await shop.house.draft(ana)).lines
    assert [line.sku for line in lines] == ["LATTE", "TEA"]
