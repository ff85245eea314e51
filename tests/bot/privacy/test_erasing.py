"""Forgetting a person: nothing that tells of them stays, and nothing comes back."""

import asyncio
from datetime import timedelta

from sqlalchemy import select, update

from bot.db.flow import Flow
from bot.db.intake import Delivery, Intake, NewMessage, Pace, Stored
from bot.inbox.api_table import audit
from bot.inbox.table import (
    contact,
    contact_alias,
    conversation,
    forgotten_message,
    message,
    message_status,
)
from bot.privacy.erasing import Erased, erase_contact
from bot.privacy.media import GRACE
from bot.simulator.actions import sample
from bot.simulator.webhooks import Json
from bot.worker.judging import Verdict
from bot.worker.turn import handle
from orders import OrderState
from orders.outbox.attempts import Start
from orders.outbox.store import State, Topic
from orders.table import customer, draft, order, outbox, outbox_attempt
from tests.bot.privacy.person import (
    TRACES,
    age_files,
    erase,
    erase_id,
    everything,
    files,
    tells_all,
    traces,
)
from tests.bot.worker.by_hand import ByHand
from tests.progress import advance


async def test_nothing_in_the_database_tells_of_the_person_any_more(
    shop: ByHand,
) -> None:
    ana = await tells_all(shop)
    before = await traces(shop)
    assert set(TRACES) <= {word for words in before.values() for word in words}
    (placed,) = await shop.house.orders()
    said = len(await shop.house.messages(ana))
    report = await erase(shop, ana)
    assert await traces(shop) == {}
    after = await everything(shop)
    for emptied in ("message", "analysis", "draft", "draft_change", "draft_version"):
        assert after[emptied] == [], emptied
    assert report.removed["messages"] == said
    assert report.removed["drafts"] == 2
    (kept,) = await shop.house.orders()
    assert (kept.number, kept.grand_total, kept.id) == (
        1,
        placed.grand_total,
        placed.id,
    )
    assert kept.body["name"] == report.pseudonym
    assert kept.body["lines"][0]["sku"] == placed.body["lines"][0]["sku"]
    (buyer,) = await shop.house.rows(customer)
    assert buyer.name == report.pseudonym
    assert report.orders == 1


async def test_the_report_names_the_systems_that_were_told(shop: ByHand) -> None:
    ana = await tells_all(shop)
    (placed,) = await shop.house.orders()
    (event,) = await shop.items(Topic.EVENT)
    report = await erase(shop, ana)
    (told,) = report.told
    assert told.order_id == placed.id
    assert told.event_id == event.unique_key
    assert told.sink_id == event.payload["sink_id"]
    assert told.at == event.done_at


async def test_an_unfinished_order_is_named(shop: ByHand) -> None:
    ana = await tells_all(shop)
    (placed,) = await shop.house.orders()
    assert (await erase(shop, ana)).open_orders == (placed.id,)
    async with shop.house.runtime.database.transaction() as connection:
        await connection.execute(update(order).values(state=OrderState.DELIVERED))
    assert (await erase_again(shop)).open_orders == ()


async def erase_again(shop: ByHand) -> Erased:
    (shell,) = await shop.house.rows(contact)
    report = await erase_id(shop, shell.id)
    assert report is not None
    return report


async def test_erasing_twice_is_as_once(shop: ByHand) -> None:
    ana = await tells_all(shop)
    first = await erase(shop, ana)
    (shell,) = await shop.house.rows(contact)
    second = await erase_id(shop, shell.id)
    assert second is not None
    assert second.removed == {}
    assert second.files == 0
    assert second.erased_at == first.erased_at
    assert second.told == first.told
    assert second.pseudonym == first.pseudonym


async def test_it_is_written_down_without_the_person(shop: ByHand) -> None:
    report = await erase(shop, await tells_all(shop))
    entries = await shop.house.rows(audit)
    (entry,) = (each for each in entries if each.action == "erase_contact")
    assert entry.actor == "command"
    assert entry.target == report.contact_id
    assert entry.details == {"orders": 1, "files": 1}


async def test_another_tenants_contact_is_nobody(shop: ByHand) -> None:
    ana = await tells_all(shop)
    chat = await shop.house.chat(ana)
    assert await erase_id(shop, chat.contact_id, "tenant_other") is None
    assert len(await shop.house.messages(ana)) > 0


async def test_a_message_that_comes_again_is_known_and_stays_forgotten(
    shop: ByHand,
) -> None:
    ana = shop.house.phone()
    bubble = await ana.say("1 latte")
    await shop.turn()
    await erase(shop, ana)
    await ana.say("1 latte", wamid=bubble.id)
    assert await shop.house.rows(message) == []
    assert len(await shop.house.rows(contact)) == 1
    assert await shop.house.rows(contact_alias) == []
    assert await traces(shop) == {}


async def test_news_of_a_forgotten_message_is_not_kept(shop: ByHand) -> None:
    ana = shop.house.phone()
    ana.reads = False
    await shop.hear(ana, "1 latte")
    await shop.deliver_all()
    (sent, *_) = await shop.sent_messages()
    await erase(shop, ana)
    assert await shop.house.rows(message_status) == []
    ana.reads = True
    await shop.house.simulator.post(read(shop, ana.wa_id, sent.provider_id))
    assert await shop.house.rows(message_status) == []


async def test_news_of_a_reply_that_was_under_way_is_not_kept(shop: ByHand) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "1 latte")
    (item, *_) = await shop.relay.claim(10)
    await erase(shop, ana)
    report = read(shop, ana.wa_id, "wamid.new", callback=item.unique_key)
    await shop.house.simulator.post(report)
    assert await shop.house.rows(message_status) == []


def read(shop: ByHand, wa_id: str, wamid: str, callback: str | None = None) -> Json:
    status: dict[str, object] = {
        "id": wamid,
        "status": "read",
        "timestamp": "1795348801",
        "recipient_id": wa_id,
    }
    if callback is not None:
        status["biz_opaque_callback_data"] = callback
    number = shop.house.shop.number
    value = {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": number.business_number,
            "phone_number_id": number.phone_number_id,
        },
        "statuses": [status],
    }
    change = {"field": "messages", "value": value}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [change]}],
    }


async def test_who_writes_again_is_somebody_new(shop: ByHand) -> None:
    ana = await tells_all(shop)
    (before,) = await shop.house.rows(contact)
    await erase(shop, ana)
    await shop.hear(ana, "1 latte")
    people = await shop.house.rows(contact)
    assert len(people) == 2
    (new,) = [person for person in people if person.id != before.id]
    assert (new.name, new.opted_out, new.erased_at) == ("Ana Lovelace", False, None)
    chat = await shop.house.chat(ana)
    assert chat.contact_id == new.id
    await shop.deliver_all()
    assert ana.inbox[-1].text


async def test_a_turn_that_runs_is_thrown_away(shop: ByHand) -> None:
    ana = shop.house.phone()
    await ana.say("1 latte")
    runtime = shop.house.runtime
    (claim,) = await runtime.database.retried(
        lambda connection: runtime.claims.claim(
            connection, room=1, busy={}, now=runtime.clock() + timedelta(seconds=1)
        )
    )
    loaded = await shop.load(claim)

    class Overtaken:
        async def load(self, _: object) -> object:
            await erase(shop, ana)
            return loaded

        def __getattr__(self, name: str) -> object:
            return getattr(shop, name)

    saved = await handle(claim, runtime, Overtaken())  # type: ignore[arg-type]  # it is ByHand but for one step
    assert saved is not None
    assert saved.verdict is Verdict.LOST
    assert await shop.house.rows(message) == []
    assert await shop.house.rows(draft) == []
    (shell,) = await shop.house.rows(conversation)
    assert (shell.ready_at, shell.lease_until) == (None, None)


async def test_nothing_tells_of_who_answered_in_a_shell(shop: ByHand) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "1 latte")
    await shop.house.shop_writes(ana, "Hi, Ben here.")
    await erase(shop, ana)
    (shell,) = await shop.house.rows(conversation)
    assert (shell.handover_reason, shell.handover_at) == (None, None)
    assert (shell.owner, shell.answered_at) == ("bot", None)


async def test_a_reply_that_is_due_is_not_sent(shop: ByHand) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "1 latte")
    seen = len(ana.inbox)
    claimed = await shop.relay.claim(10)
    await erase(shop, ana)
    for item in claimed:
        await shop.relay.deliver(item)
    await shop.deliver_all()
    assert len(ana.inbox) == seen
    assert await shop.items() == []


async def test_a_reply_that_is_just_begun_makes_the_erasure_wait(shop: ByHand) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "1 latte")
    (item,) = await shop.relay.claim(9)
    async with shop.house.runtime.database.transaction() as connection:
        await shop.relay.begin(connection, [Start(item)])
        erasing = asyncio.create_task(erase(shop, ana))
        # Nothing is to happen in this time: the erasure waits for our transaction.
        await asyncio.sleep(0.3)
        assert not erasing.done()
    await erasing
    assert await shop.items() == []
    assert await shop.house.rows(outbox_attempt) == []


async def test_what_a_sink_answered_about_the_order_is_forgotten(shop: ByHand) -> None:
    ana = await tells_all(shop)
    ben = shop.house.phone("905559998877", "Ben")
    await shop.hear(ben, "1 latte")
    await shop.deliver_all()
    words = "HTTP 422: 905551112233 of Ana Lovelace is no phone number"
    async with shop.house.runtime.database.transaction() as connection:
        told = select(outbox.c.id).where(outbox.c.topic == Topic.EVENT)
        await connection.execute(
            update(outbox).where(outbox.c.id.in_(told)).values(error=words)
        )
        attempts = outbox_attempt.c.outbox_id.in_(told)
        await connection.execute(
            update(outbox_attempt).where(attempts).values(error=words)
        )
        theirs = outbox_attempt.c.outbox_id.not_in(told)
        await connection.execute(
            update(outbox_attempt).where(theirs).values(error="of somebody else")
        )
    await erase(shop, ana)
    (event,) = await shop.items(Topic.EVENT)
    assert event.error is None
    left = await shop.house.rows(outbox_attempt)
    assert [each.error for each in left if each.outbox_id == event.id] == [None]
    others = {each.error for each in left if each.outbox_id != event.id}
    assert others == {"of somebody else"}


async def test_what_becomes_of_the_order_later_is_told_to_nobody(shop: ByHand) -> None:
    ana = await tells_all(shop)
    (placed,) = await shop.house.orders()
    await erase(shop, ana)
    seen = len(ana.inbox)
    await advance(
        shop.house.runtime,
        tenant_id=shop.house.tenant_id,
        order_id=placed.id,
        target=OrderState.SHIPPED,
        actor="sink",
    )
    await shop.deliver_all()
    assert len(ana.inbox) == seen
    assert await shop.house.rows(message) == []


async def test_files_go_when_nobody_else_sent_the_same(shop: ByHand) -> None:
    ana = await tells_all(shop)
    ben = shop.house.phone("905559998877", "Ben")

    await ben.send_image(sample("note.jpg"))
    await shop.turn()
    assert len(await files(shop)) == 1
    await erase(shop, ana)
    await age_files(shop)
    shop.wait(seconds=GRACE.total_seconds() + 1)
    await shop.deliver_all()
    assert len(await files(shop)) == 1
    await erase(shop, ben)
    shop.wait(seconds=GRACE.total_seconds() + 1)
    await shop.deliver_all()
    assert await files(shop) == []
    assert State.DUE not in await shop.states(Topic.TIMER)


async def test_a_file_that_was_fetched_a_moment_ago_waits(shop: ByHand) -> None:
    await erase(shop, await tells_all(shop))
    shop.wait(seconds=GRACE.total_seconds() + 1)
    await shop.deliver_all()
    assert len(await files(shop)) == 1
    await age_files(shop)
    shop.wait(seconds=2 * GRACE.total_seconds())
    await shop.deliver_all()
    assert await files(shop) == []


async def test_a_message_that_races_with_the_erasure_is_of_somebody_new(
    shop: ByHand,
) -> None:
    """Intake has looked up who writes, and then that person is erased."""
    runtime = shop.house.runtime
    ana = shop.house.phone()
    await shop.hear(ana, "1 latte")
    chat = await shop.house.chat(ana)
    arrived = NewMessage(
        id="msg_racing",
        tenant_id=shop.house.tenant_id,
        shard=chat.shard,
        channel_id=chat.channel_id,
        event="message",
        kind="text",
        provider_id="wamid.racing",
        aliases=((chat.address["kind"], chat.address["value"]),),
        name="Another Name",
        content='{"type": "text", "text": "hello"}',
        reply_to=None,
        sent_at=runtime.clock(),
        contact_id="con_new",
    )
    intake = Intake(
        runtime.database.dialect, Pace(timedelta(seconds=1), timedelta(seconds=8))
    )

    def storing() -> Flow[Stored]:
        return intake.storing([Delivery(messages=(arrived,))], runtime.clock())

    if runtime.database.dialect == "postgresql":
        # The erasure holds the row that intake waits for.
        async with runtime.database.transaction() as connection:
            await erase_contact(
                connection,
                shop.house.tenant_id,
                chat.contact_id,
                actor="command",
                new_id=runtime.new_id,
                now=runtime.clock(),
            )
            waiting = asyncio.create_task(runtime.database.run(storing))
            await asyncio.sleep(0.2)
            assert not waiting.done()
        await waiting
    else:
        await erase(shop, ana)
        await runtime.database.run(storing)
    people = {row.id: row for row in await shop.house.rows(contact)}
    assert people["con_new"].name == "Another Name"
    assert people[chat.contact_id].name is None
    (stored,) = await shop.house.rows(message)
    assert stored.conversation_id == "cnv_new"
    aliases = await shop.house.rows(contact_alias)
    assert {row.contact_id for row in aliases} == {"con_new"}


async def test_of_a_forgotten_message_only_a_hash_is_left(shop: ByHand) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "1 latte")
    sent = len(await shop.house.rows(message))
    await erase(shop, ana)
    left = await shop.house.rows(forgotten_message)
    assert len(left) >= sent
    assert all(len(row.hash) == 64 for row in left)
