"""What must be true when all is over, whoever was killed on the way."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from bot.inbox.table import analysis, conversation, message
from bot.simulator.bubble import Tick
from catalog.table import product
from orders.outbox.store import Outcome, State, Topic
from orders.table import order, order_line, outbox, outbox_attempt
from tests.chaos.customers import Customer
from tests.chaos.plant import WAITING, Plant


async def judge(plant: Plant, customers: Sequence[Customer]) -> int:
    """Check every promise; return how many replies arrived twice, as they may."""
    await _no_message_is_lost(plant, customers)
    await _every_turn_was_committed_once_and_in_order(plant)
    repeated = await _every_reply_arrived_once_and_in_order(plant)
    await _every_confirmation_made_one_order(plant, customers)
    await _the_erp_knows_each_order_once(plant)
    await _stock_is_held_for_what_was_ordered(plant)
    return repeated


async def _no_message_is_lost(plant: Plant, customers: Sequence[Customer]) -> None:
    said = [b for c in customers for b in c.phone.bubbles if b.mine]
    assert all(b.state is not Tick.FAILED for b in said), "a webhook was given up"
    stored = await plant.rows(
        select(message.c.provider_id, message.c.state, message.c.analysis_id).where(
            message.c.direction == "in"
        )
    )
    assert Counter(row.provider_id for row in stored) == Counter(b.id for b in said)
    assert {row.state for row in stored} == {"done"}
    assert all(row.analysis_id for row in stored)
    busy = await plant.count(
        conversation,
        conversation.c.ready_at.is_not(None) | conversation.c.lease_until.is_not(None),
    )
    assert busy == 0, "a conversation is still due or leased"


async def _every_turn_was_committed_once_and_in_order(plant: Plant) -> None:
    turns = {row.id: row for row in await plant.rows(select(analysis))}
    assert {row.status for row in turns.values()} == {"completed"}
    by_chat = _grouped(turns.values(), "conversation_id")
    for rows in by_chat.values():
        ordered = sorted(rows, key=lambda row: row.from_seq)
        for before, after in pairwise(ordered):
            assert before.to_seq < after.from_seq, "two turns overlap"
            assert before.ended_at <= after.ended_at, "a later turn came first"
    heard = await plant.rows(select(message).where(message.c.direction == "in"))
    for row in heard:
        turn = turns[row.analysis_id]
        assert turn.conversation_id == row.conversation_id
        assert turn.from_seq <= row.seq <= turn.to_seq
    assert set(turns) == {row.analysis_id for row in heard}, "a turn of nothing"


async def parked(plant: Plant) -> Sequence[Any]:
    """Return what was given to a person: replies of which nobody knows the outcome."""
    return await plant.rows(select(outbox).where(outbox.c.state == State.PARKED))


async def _nothing_is_parked_but_what_was_unknown_twice(plant: Plant) -> None:
    for item in await parked(plant):
        ends = await plant.rows(
            select(outbox_attempt.c.outcome).where(
                outbox_attempt.c.outbox_id == item.id
            )
        )
        unknown = [row.outcome for row in ends].count(Outcome.UNKNOWN)
        assert (item.topic, item.resends, unknown) == (Topic.REPLY, 1, 2), item


async def _every_reply_arrived_once_and_in_order(plant: Plant) -> int:
    items = await plant.rows(
        select(outbox).where(outbox.c.topic == Topic.REPLY).order_by(outbox.c.id)
    )
    assert await plant.count(outbox, *WAITING) == 0
    await _nothing_is_parked_but_what_was_unknown_twice(plant)
    arrived = Counter(key for _, key in plant.witness.replies)
    by_key = {item.unique_key: item for item in items}
    assert set(arrived) <= set(by_key), "a reply was sent that nobody decided"
    for key, item in by_key.items():
        times = arrived[key]
        if item.state == State.DONE:
            assert times >= 1, f"{key} is marked as sent and never arrived"
        # The only repetition that may be: its outcome was unknown, and it says so.
        assert times <= 1 + item.resends, (key, times, item.resends, item.attempts)
    first: dict[str, list[str]] = defaultdict(list)
    for phone, key in plant.witness.replies:
        if key not in first[phone]:
            first[phone].append(key)
    for keys in first.values():
        ids = [by_key[key].id for key in keys]
        assert ids == sorted(ids), "replies overtook each other"
    return sum(times - 1 for times in arrived.values() if times > 1)


async def _every_confirmation_made_one_order(
    plant: Plant, customers: Sequence[Customer]
) -> None:
    orders = await plant.rows(select(order).order_by(order.c.number))
    assert [row.number for row in orders] == list(range(1, len(orders) + 1))
    assert len({row.draft_id for row in orders}) == len(orders)
    bought: dict[str, dict[str, int]] = defaultdict(dict)
    for line in await plant.rows(select(order_line)):
        bought[line.order_id][line.sku] = int(line.quantity)
    address = {
        row.id: row.address["value"] for row in await plant.rows(select(conversation))
    }
    by_person: dict[str, list[dict[str, int]]] = defaultdict(list)
    for row in orders:
        by_person[address[row.conversation_id]].append(bought[row.id])
    for each in customers:
        names = (each.phone.wa_id, each.phone.person.user_id)
        made = [lines for name in names for lines in by_person[name]]
        assert made == each.orders, f"{each.phone.name} did not get what they wanted"
    assert len(orders) == sum(len(each.orders) for each in customers)


async def _the_erp_knows_each_order_once(plant: Plant) -> None:
    ids = {row.id for row in await plant.rows(select(order.c.id))}
    assert set(plant.erp.orders) == ids
    calls = defaultdict(set)
    for event_id, order_id in plant.witness.events:
        calls[order_id].add(event_id)
    assert set(calls) == ids
    assert all(len(event_ids) == 1 for event_ids in calls.values()), "two event ids"
    states = {row.state for row in await plant.rows(select(order.c.state))}
    assert states == {"provisioned"}, "a callback of the ERP was lost"


async def _stock_is_held_for_what_was_ordered(plant: Plant) -> None:
    wanted: Counter[str] = Counter()
    for line in await plant.rows(select(order_line)):
        wanted[line.product_id] += int(line.quantity)
    held: Mapping[str, Decimal] = {
        row.id: row.reserved for row in await plant.rows(select(product))
    }
    assert {key: much for key, much in held.items() if much} == wanted


def _grouped(rows: Iterable[Any], name: str) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, name)].append(row)
    return groups
