"""Nothing is kept for longer than wanted, and nothing unhandled goes."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, update

from bot.inbox.agents_table import note
from bot.inbox.api_table import audit
from bot.inbox.audit import audited
from bot.inbox.notes import add_note
from bot.inbox.table import (
    analysis,
    app,
    forgotten_message,
    media,
    message,
    message_status,
    quarantine,
)
from bot.privacy.kinds import QUARANTINED
from bot.privacy.retention import (
    load_retention,
    next_run,
    run_retention,
    schedule,
    store_retention,
)
from catalog.table import tenant
from orders.outbox.store import State, Topic
from orders.table import draft, draft_change, draft_version, order, outbox
from tests.bot.privacy.person import age_files, files, tells_all, traces
from tests.bot.worker.by_hand import ByHand
from tests.databases import add_test_tenant
from tests.house import PATIENCE, House, open_house

START = datetime(2026, 1, 1, tzinfo=UTC)


async def run(shop: ByHand, *, size: int = 500, **ahead: float) -> dict[str, int]:
    """Run it as if so much time had passed."""
    runtime = shop.house.runtime
    return await run_retention(
        runtime.database,
        runtime.media,
        shop.house.tenant_id,
        new_id=runtime.new_id,
        now=runtime.clock() + timedelta(**ahead),
        size=size,
    )


def gone(removed: Mapping[str, int]) -> set[str]:
    return {kind for kind, count in removed.items() if count}


async def keep(shop: ByHand, **days: int | None) -> None:
    async with shop.house.runtime.database.transaction() as connection:
        await store_retention(connection, shop.house.tenant_id, days)


async def count(shop: ByHand, table: object) -> int:
    async with shop.house.runtime.database.reading() as connection:
        rows = await connection.execute(select(func.count()).select_from(table))  # type: ignore[arg-type]  # a table
        return rows.scalar_one()


async def settled(shop: ByHand) -> None:
    """Let Ana tell everything, and the shop be done with it."""
    await tells_all(shop)
    await shop.deliver_all()


async def test_today_everything_stays(shop: ByHand) -> None:
    await settled(shop)
    assert gone(await run(shop, days=29)) == set()


@pytest.mark.parametrize("size", [2, 500])
async def test_in_the_end_only_orders_and_names_are_left(
    shop: ByHand, size: int
) -> None:
    await settled(shop)
    removed = await run(shop, size=size, days=4000)
    assert removed["messages"] > 10
    for emptied in (
        *(message, message_status, media, analysis, draft, draft_change),
        draft_version,
    ):
        assert await count(shop, emptied) == 0, emptied
    assert await count(shop, order) == 1
    # Who she is stays until she asks; what she said is gone.
    assert not {"message", "analysis", "outbox"} & set(await traces(shop))
    assert gone(await run(shop, size=size, days=4000)) <= {"orphans"}


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (31, {"outbox"}),
        (91, {"outbox", "statuses"}),
        (181, {"outbox", "statuses", "media"}),
        (366, {"outbox", "statuses", "media", "analyses", "drafts"}),
        (
            731,
            {
                *("outbox", "statuses", "media", "analyses", "drafts", "learnt"),
                *("messages", "activities"),
            },
        ),
    ],
)
async def test_each_kind_has_its_own_time(
    shop: ByHand, days: int, expected: set[str]
) -> None:
    await settled(shop)
    assert gone(await run(shop, days=days)) - {"orphans"} == expected


async def test_a_tenant_decides_and_its_words_go_with_its_messages(
    shop: ByHand,
) -> None:
    await settled(shop)
    await keep(shop, messages=10)
    assert gone(await run(shop, days=9)) == set()
    removed = await run(shop, days=11)
    assert gone(removed) - {"orphans"} == {
        *("outbox", "media", "analyses", "drafts", "learnt", "messages"),
    }


async def test_notes_go_with_the_messages_that_they_speak_of(shop: ByHand) -> None:
    runtime, ana = shop.house.runtime, shop.house.phone()
    await shop.hear(ana, "1 latte")
    chat = (await shop.house.chat(ana)).id
    async with runtime.database.transaction() as connection:
        for n in range(3):
            await add_note(
                connection,
                shop.house.tenant_id,
                chat,
                id=runtime.new_id("note"),
                author="user:user_ana",
                text=f"Likes it hot, {n}",
                now=runtime.clock() + timedelta(days=n * 0.4),
            )
    await keep(shop, messages=10)
    left = []
    for days in (9.0, 10.1, 12.0):
        await run(shop, size=1, days=days)
        left.append(await count(shop, note))
    assert left == [3, 2, 0]


async def test_another_tenants_things_stay(shop: ByHand) -> None:
    await settled(shop)
    runtime = shop.house.runtime
    other = await add_test_tenant(runtime.database, "tenant_other", name="Other")
    removed = await run_retention(
        runtime.database,
        runtime.media,
        other,
        new_id=runtime.new_id,
        now=runtime.clock() + timedelta(days=4000),
    )
    assert gone(removed) == set()
    assert await count(shop, message) > 10


async def test_what_waits_for_a_turn_or_to_be_sent_stays(shop: ByHand) -> None:
    ana = shop.house.phone()
    await shop.hear(ana, "1 latte")
    await ana.say("and 2 croissant")
    queued = len(await shop.items())
    await run(shop, days=4000)
    states = {(row.direction, row.state) for row in await shop.house.rows(message)}
    assert states == {("in", "pending"), ("out", "queued")}
    assert len(await shop.items()) == queued
    assert len(await shop.house.rows(draft)) == 1, "its conversation is about to move"
    await shop.turn()
    await shop.deliver_all()
    assert len(ana.inbox) > queued


async def test_what_is_parked_waits_for_a_person_as_long_as_messages_do(
    shop: ByHand,
) -> None:
    await settled(shop)
    async with shop.house.runtime.database.transaction() as connection:
        reply = select(func.min(outbox.c.id)).where(outbox.c.topic == Topic.REPLY)
        await connection.execute(
            update(outbox)
            .where(outbox.c.id == reply.scalar_subquery())
            .values(state=State.PARKED)
        )
    await run(shop, days=700)
    (parked,) = await shop.items()
    assert parked.state == State.PARKED
    await run(shop, days=731)
    assert await shop.items() == []


async def test_a_failed_turn_stays_as_long_as_readings_do(shop: ByHand) -> None:
    await settled(shop)
    async with shop.house.runtime.database.transaction() as connection:
        await connection.execute(update(analysis).values(status="failed"))
    failed = await count(shop, analysis)
    await run(shop, days=364)
    assert await count(shop, analysis) == failed
    await run(shop, days=366)
    assert await count(shop, analysis) == 0


async def test_a_removed_message_that_comes_again_is_known(shop: ByHand) -> None:
    ana = shop.house.phone()
    bubble = await ana.say("1 latte")
    await shop.turn()
    await shop.deliver_all()
    await run(shop, days=731)
    assert await shop.house.rows(message) == []
    assert await count(shop, forgotten_message) > 0
    await ana.say("1 latte", wamid=bubble.id)
    assert await shop.house.rows(message) == []


async def test_files_go_and_that_there_was_one_is_seen(shop: ByHand) -> None:
    await settled(shop)
    await age_files(shop)
    assert (await run(shop, days=181))["media"] == 1
    (row,) = await shop.house.rows(media)
    assert (row.outcome, row.sha256, row.size) == ("expired", None, None)
    shop.wait(days=182)
    await shop.deliver_all()
    assert await files(shop) == []


async def test_files_that_no_row_ever_named_go_after_a_day(shop: ByHand) -> None:
    await settled(shop)
    store = shop.house.runtime.media
    orphan = "a591a6d40bf420404a011733cfb7b190d62c65bf0bcda32b57b277d9ad9f146e"
    await store.put(orphan, b"Hello World")
    half = shop.house.runtime.settings.media_dir / orphan[:2] / "tmp1.tmp"
    half.write_bytes(b"Hello")
    assert (await run(shop))["orphans"] == 0
    assert half.exists()
    assert (await run(shop, days=2))["orphans"] == 1
    assert not half.exists()
    assert len(await files(shop)) == 1


async def test_unreadable_bodies_are_old_or_too_many(shop: ByHand) -> None:
    (mine,) = await shop.house.rows(app)
    now = shop.house.runtime.clock()
    rows = [
        {
            "id": f"qrn_{number:06}",
            "app_id": mine.id,
            "account": None,
            "reason": "odd",
            "raw": "{}",
            "received_at": now,
        }
        for number in range(QUARANTINED + 7)
    ]
    async with shop.house.runtime.database.transaction() as connection:
        await connection.execute(insert(quarantine), rows)
    assert (await run(shop, size=5))["quarantine"] == 7
    left = [row.id for row in await shop.house.rows(quarantine)]
    assert min(left) == "qrn_000007"
    assert (await run(shop, days=31))["quarantine"] == QUARANTINED


async def test_the_audit_goes_after_three_years(shop: ByHand) -> None:
    runtime = shop.house.runtime
    async with runtime.database.transaction() as connection:
        for number in range(3):
            await audited(
                connection,
                id=f"audit_{number}",
                tenant_id=shop.house.tenant_id,
                actor="command",
                action="test",
                now=runtime.clock() - timedelta(days=number * 1000),
            )
    assert (await run(shop, size=1))["audit"] == 1
    assert len(await shop.house.rows(audit)) == 2


async def test_what_a_newer_program_wants_kept_is_not_lost(shop: ByHand) -> None:
    async with shop.house.runtime.database.transaction() as connection:
        await connection.execute(update(tenant).values(retention={"dreams": 3}))
    await keep(shop, media=7)
    await keep(shop, media=None, audit=10)
    (row,) = await shop.house.rows(tenant)
    assert row.retention == {"dreams": 3, "audit": 10}
    async with shop.house.runtime.database.reading() as connection:
        found = await load_retention(connection, shop.house.tenant_id)
    assert found.wanted == {"audit": 10}


# -- when -----------------------------------------------------------------------------


async def test_the_timer_runs_it_and_sets_the_next_night(shop: ByHand) -> None:
    await settled(shop)
    runtime = shop.house.runtime
    for _ in range(2):
        async with runtime.database.transaction() as connection:
            await schedule(connection, now=runtime.clock())
    nightly = [item for item in await shop.items(Topic.TIMER) if is_nightly(item)]
    (first,) = nightly
    assert first.due_at > runtime.clock()
    async with runtime.database.transaction() as connection:
        mine = outbox.c.id == first.id
        yesterday = {"due_at": runtime.clock(), "unique_key": "retention:yesterday"}
        await connection.execute(update(outbox).where(mine).values(**yesterday))
        old = runtime.clock() - timedelta(days=100)
        await connection.execute(update(message_status).values(received_at=old))
    await shop.deliver()
    assert await shop.house.rows(message_status) == []
    nightly = [item for item in await shop.items(Topic.TIMER) if is_nightly(item)]
    assert [item.state for item in nightly] == [State.DONE, State.DUE]
    assert nightly[1].unique_key == first.unique_key


def is_nightly(item: object) -> bool:
    return str(getattr(item, "unique_key", "")).startswith("retention:")


async def nightly(house: House) -> list[Any]:
    return [item for item in await house.rows(outbox) if is_nightly(item)]


async def test_a_running_worker_sets_the_timer_of_every_tenant(
    database_url: str, tmp_path: Path
) -> None:
    async with open_house(database_url, tmp_path) as house:
        async with asyncio.timeout(PATIENCE):
            while not (timers := await nightly(house)):  # noqa: ASYNC110  # a database cannot ring
                await asyncio.sleep(0.02)
        (timer,) = timers
        assert timer.tenant_id == house.tenant_id


@given(
    st.integers(0, 2 * 366 * 24 * 60).map(lambda m: START + timedelta(minutes=m)),
    st.sampled_from(["Europe/Istanbul", "Europe/Berlin", "America/New_York", "UTC"]),
    st.integers(0, 255),
)
def test_the_next_night_is_ahead_and_within_a_day(
    now: datetime, timezone: str, shard: int
) -> None:
    day, at = next_run(now, timezone, shard)
    assert now < at <= now + timedelta(hours=25)
    local = at.astimezone(ZoneInfo(timezone))
    assert local.hour in {3, 4}  # 4: the night in which there is no 3
    assert local.date().isoformat() == day
    # One key is one night, whoever asks until then.
    assert next_run(at - timedelta(seconds=1), timezone, shard) == (day, at)
