"""Saving turns: valid or thrown away, and nothing that came meanwhile is forgotten."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.db import Database
from bot.db.claims import Claim, Claims
from bot.domain.decision import Decision
from bot.domain.message import OutboundMessage, OutText
from bot.domain.snapshot import Memory, Owner
from bot.inbox.ownership import hand_back, lane_of, take_over
from bot.inbox.table import analysis, conversation, message
from bot.worker.failing import (
    MOST_CLAIMS,
    POLICY,
    NeverEnded,
    check_ended,
    dismiss,
    fail,
    give_back,
    retry,
)
from bot.worker.judging import Outcome, Verdict
from bot.worker.loading import TURN, Loaded, load
from bot.worker.saving import Saved, save
from orders import (
    Draft,
    DraftState,
    Evidence,
    Line,
    PutLine,
    SetName,
    Source,
    changed,
    ended,
)
from orders.outbox.store import State
from orders.store import DraftWrite, write_drafts
from orders.table import draft as draft_table
from orders.table import outbox
from tests.factories import a_product
from tests.messages import NOON, a_message, add_channel, numbered, store

LEASE = timedelta(seconds=10)
LATER = NOON + timedelta(seconds=2)


class Engine:
    """Claims, loads and saves turns as a worker does, one step at a time."""

    def __init__(self, database: Database, tenant_id: str, channel_id: str) -> None:
        self.database = database
        self.tenant_id = tenant_id
        self.channel_id = channel_id
        self.claims = Claims(database.dialect, lease=LEASE, tenant_cap=100)

    async def write(self, now: datetime = NOON, **changes: Any) -> None:
        await store(
            self.database,
            a_message(self.tenant_id, self.channel_id, **changes),
            now=now,
        )

    async def claim(self, now: datetime = LATER) -> Claim:
        (claim,) = await self.database.retried(
            lambda connection: self.claims.claim(connection, room=10, busy={}, now=now)
        )
        return claim

    async def turn(self, now: datetime = LATER) -> Outcome:
        """Claim the conversation and decide something about it."""
        claim = await self.claim(now)
        async with self.database.reading() as connection:
            (loaded,) = await load(connection, [claim])
        return an_outcome(loaded)

    async def save(self, *outcomes: Outcome, now: datetime = LATER) -> Sequence[Saved]:
        return await self.database.retried(
            lambda connection: save(connection, outcomes, new_id=numbered, now=now)
        )

    async def rows(self, table: Any) -> Sequence[Any]:
        async with self.database.reading() as connection:
            return (await connection.execute(select(table))).all()

    async def chat(self) -> Any:
        (chat,) = await self.rows(conversation)
        return chat


@pytest.fixture
async def engine(database: Database, tenant_id: str) -> Engine:
    return Engine(database, tenant_id, await add_channel(database, tenant_id))


def an_outcome(loaded: Loaded, **changes: Any) -> Outcome:
    """Return a turn that put a latte into the draft and says so."""
    before = loaded.draft or Draft(numbered("drf"), "TRY")
    latte = a_product()
    line = Line(
        id="",
        product_id=latte.id,
        sku=latte.sku,
        name=latte.name,
        quantity=latte.default_quantity,
        unit=latte.unit,
        evidence=(Evidence(Source.MESSAGE, loaded.messages[-1].id, "latte"),),
    )
    put = (PutLine(line),)
    decision = Decision(
        draft=changed(before, put),
        changes=put,
        replies=(),
        memory=Memory(welcomed=True),
        owner=loaded.owner,
        language="en",
    )
    content = OutText(body="1 latte, noted")
    outcome = Outcome(
        loaded=loaded,
        decision=decision,
        say=lambda _: (OutboundMessage(to=loaded.contact.address, content=content),),
        analysis={
            "id": numbered("anl"),
            "tenant_id": loaded.claim.tenant_id,
            "conversation_id": loaded.claim.conversation_id,
            "from_seq": loaded.messages[0].seq,
            "to_seq": loaded.claim.seq,
            "status": "completed",
            "trigger": "auto",
            "provider": "rules",
            "model": "rules",
            "source_type": "text",
            "intent": "order",
            "confidence": 1.0,
            "result": {},
            "usage": {},
            "trace": [],
            "draft_id": decision.draft.id,
            "draft_version": decision.draft.version,
            "attempts": 1,
            "max_attempts": POLICY.attempts,
            "error": None,
            "started_at": LATER,
            "ended_at": LATER,
        },
        draft_created=loaded.draft is None,
    )
    return replace(outcome, **changes)


async def test_a_committed_turn_leaves_everything_and_nothing_to_do(
    engine: Engine,
) -> None:
    await engine.write()
    (saved,) = await engine.save(await engine.turn())
    assert saved == Saved(Verdict.COMMITTED)
    chat = await engine.chat()
    assert (chat.ready_at, chat.lease_until, chat.memory["welcomed"]) == (
        None,
        None,
        True,
    )
    heard, said = sorted(await engine.rows(message), key=lambda row: row.seq)
    (record,) = await engine.rows(analysis)
    assert (heard.state, heard.analysis_id) == ("done", record.id)
    assert (said.direction, said.state, said.seq) == ("out", "queued", 2)
    (due,) = await engine.rows(outbox)
    assert due.lane == lane_of(chat.id)
    assert due.payload["message_id"] == said.id
    (kept,) = await engine.rows(draft_table)
    assert kept.version == 1


async def test_what_commits_while_a_turn_is_saved_is_never_forgotten(
    engine: Engine, database_url: str
) -> None:
    """The measured lost wake-up: a message commits between the look and the end."""
    await engine.write()
    outcome = await engine.turn()
    # A reaction does not supersede, so the turn commits with work left.
    await engine.write(now=LATER, kind="reaction")
    (saved,) = await engine.save(outcome)
    assert saved == Saved(Verdict.COMMITTED, again=True)
    assert (await engine.chat()).ready_at is not None
    again = await engine.claim(LATER + timedelta(seconds=5))
    assert again.seq > outcome.loaded.claim.seq


async def test_messages_that_race_with_the_end_of_a_turn_get_a_turn(
    engine: Engine, database_url: str
) -> None:
    other = Database.open(database_url)
    twin = Engine(other, engine.tenant_id, engine.channel_id)
    moment = LATER
    try:
        for _ in range(25):
            await engine.write(now=moment)
            moment += timedelta(seconds=20)
            outcome = await engine.turn(moment)
            await asyncio.gather(
                engine.save(outcome, now=moment), twin.write(now=moment)
            )
            moment += timedelta(seconds=20)
            pending = [r for r in await engine.rows(message) if r.state == "pending"]
            if pending:
                assert (await engine.chat()).ready_at is not None
                moment += timedelta(seconds=20)
                await engine.save(await engine.turn(moment), now=moment)
    finally:
        await other.close()
    assert not [r for r in await engine.rows(message) if r.state == "pending"]


async def test_newer_content_throws_the_result_away_at_most_twice(
    engine: Engine,
) -> None:
    await engine.write()
    moment = LATER
    verdicts, outcome = [], None
    for _ in range(3):
        outcome = await engine.turn(moment)
        await engine.write(now=moment)
        moment += timedelta(seconds=2)
        verdicts += [s.verdict for s in await engine.save(outcome, now=moment)]
    assert verdicts == [Verdict.SUPERSEDED, Verdict.SUPERSEDED, Verdict.COMMITTED]
    assert outcome is not None
    assert len(outcome.loaded.messages) == 3
    assert len(await engine.rows(outbox)) == 1
    assert (await engine.chat()).ready_at is not None


async def test_nobody_waits_longer_than_twenty_seconds_for_a_pause(
    engine: Engine,
) -> None:
    await engine.write()
    outcome = await engine.turn(NOON + timedelta(seconds=19))
    await engine.write(now=NOON + timedelta(seconds=20))
    (saved,) = await engine.save(outcome, now=NOON + timedelta(seconds=21))
    assert saved == Saved(Verdict.COMMITTED, again=True)


async def test_a_tap_is_never_dropped(engine: Engine) -> None:
    tap = '{"type": "tap", "id": "ok", "title": "Confirm"}'
    await engine.write(kind="tap", content=tap, flush=True)
    outcome = await engine.turn()
    await engine.write(now=LATER)
    (saved,) = await engine.save(outcome)
    assert saved == Saved(Verdict.COMMITTED, again=True)


async def test_a_worker_that_lost_its_lease_writes_nothing(engine: Engine) -> None:
    await engine.write()
    slept = await engine.turn()
    awake = await engine.turn(LATER + LEASE)
    assert (await engine.save(awake))[0].verdict is Verdict.COMMITTED
    before = await engine.chat()
    assert (await engine.save(slept))[0].verdict is Verdict.LOST
    assert await engine.chat() == before
    assert len(await engine.rows(analysis)) == 1
    assert len(await engine.rows(outbox)) == 1


async def test_an_agent_who_edits_the_draft_meanwhile_wins(engine: Engine) -> None:
    await engine.write()
    await engine.save(await engine.turn())
    await engine.write(now=LATER)
    moment = LATER + timedelta(seconds=5)
    outcome = await engine.turn(moment)
    draft = outcome.loaded.draft
    assert draft is not None
    edit = (SetName("Ana María"),)
    async with engine.database.transaction() as connection:
        write = DraftWrite(
            tenant_id=engine.tenant_id,
            conversation_id=outcome.loaded.claim.conversation_id,
            draft=changed(draft, edit),
            changes=edit,
            actor="user:1",
            created=False,
        )
        await write_drafts(connection, [write], now=moment)
    (saved,) = await engine.save(outcome, now=moment)
    assert saved == Saved(Verdict.STALE, again=True)
    second = await engine.turn(moment)
    assert second.loaded.draft is not None
    assert second.loaded.draft.name == "Ana María"
    assert (await engine.save(second, now=moment))[0].verdict is Verdict.COMMITTED
    (kept,) = await engine.rows(draft_table)
    assert (kept.version, kept.body["name"]) == (3, "Ana María")


async def test_a_draft_that_an_agent_ended_meanwhile_is_not_brought_back(
    engine: Engine,
) -> None:
    """An agent ends a draft at its version: the version alone says nothing."""
    await engine.write()
    await engine.save(await engine.turn())
    await engine.write(now=LATER)
    moment = LATER + timedelta(seconds=5)
    outcome = await engine.turn(moment)
    draft = outcome.loaded.draft
    assert draft is not None
    async with engine.database.transaction() as connection:
        write = DraftWrite(
            tenant_id=engine.tenant_id,
            conversation_id=outcome.loaded.claim.conversation_id,
            draft=ended(draft, DraftState.REJECTED),
            changes=(),
            actor="user:1",
            created=False,
        )
        await write_drafts(connection, [write], now=moment)
    (saved,) = await engine.save(outcome, now=moment)
    assert saved == Saved(Verdict.STALE, again=True)
    (kept,) = await engine.rows(draft_table)
    assert kept.state == DraftState.REJECTED


async def test_a_take_over_meanwhile_throws_the_answer_away(engine: Engine) -> None:
    await engine.write()
    outcome = await engine.turn()
    chat = await engine.chat()
    async with engine.database.transaction() as connection:
        assert await take_over(
            connection, engine.tenant_id, chat.id, user_id="usr_1", now=LATER
        )
    assert (await engine.save(outcome))[0].verdict is Verdict.STALE
    assert await engine.rows(outbox) == []
    assert (await engine.chat()).owner == Owner.AGENT


async def test_a_take_over_cancels_what_the_bot_has_not_sent_yet(
    engine: Engine,
) -> None:
    await engine.write()
    await engine.save(await engine.turn())
    chat = await engine.chat()
    async with engine.database.transaction() as connection:
        await take_over(
            connection, engine.tenant_id, chat.id, user_id="usr_1", now=LATER
        )
    (due,) = await engine.rows(outbox)
    assert due.state == State.CANCELLED
    states = {row.direction: row.state for row in await engine.rows(message)}
    assert states == {"in": "done", "out": "cancelled"}
    async with engine.database.transaction() as connection:
        assert await hand_back(connection, engine.tenant_id, chat.id, now=LATER)
        stranger = await hand_back(connection, "tenant_other", chat.id, now=LATER)
    assert not stranger
    assert (await engine.chat()).owner == Owner.BOT


async def test_one_bad_turn_does_not_spoil_the_batch(engine: Engine) -> None:
    await engine.write(aliases=(("wa_id", "1"),))
    await engine.write(aliases=(("wa_id", "2"),))
    claims = await engine.database.retried(
        lambda connection: engine.claims.claim(connection, room=10, busy={}, now=LATER)
    )
    async with engine.database.reading() as connection:
        first, second = [an_outcome(each) for each in await load(connection, claims)]
    async with engine.database.transaction() as connection:
        await connection.execute(
            update(conversation)
            .where(conversation.c.id == first.loaded.claim.conversation_id)
            .values(fence=99)
        )
    verdicts = [saved.verdict for saved in await engine.save(first, second)]
    assert verdicts == [Verdict.LOST, Verdict.COMMITTED]


async def test_a_failing_turn_is_tried_later_and_then_laid_aside(
    engine: Engine,
) -> None:
    await engine.write()
    moment = LATER
    for attempt in range(1, POLICY.attempts):
        claim = await engine.claim(moment)
        assert claim.attempts == attempt
        async with engine.database.transaction() as connection:
            again = await fail(
                connection, claim, "it broke", new_id=numbered, now=moment, jitter=1.0
            )
        assert again is not None
        moment = again
    claim = await engine.claim(moment)
    async with engine.database.transaction() as connection:
        again = await fail(
            connection, claim, "it broke", new_id=numbered, now=moment, jitter=1.0
        )
    assert again is None
    (record,) = await engine.rows(analysis)
    (dead,) = await engine.rows(message)
    chat = await engine.chat()
    assert (record.status, record.error, record.attempts) == ("failed", "it broke", 5)
    assert (dead.state, dead.analysis_id) == ("dead", record.id)
    assert (chat.ready_at, chat.attempts) == (None, 0)

    async with engine.database.transaction() as connection:
        assert await retry(connection, engine.tenant_id, record.id, moment)
        assert not await retry(connection, engine.tenant_id, record.id, moment)
    outcome = await engine.turn(moment)
    assert (await engine.save(outcome, now=moment))[0].verdict is Verdict.COMMITTED


async def test_a_turn_without_messages_is_dismissed(engine: Engine) -> None:
    await engine.write()
    await engine.save(await engine.turn())
    async with engine.database.transaction() as connection:
        await connection.execute(update(conversation).values(ready_at=LATER))
    claim = await engine.claim()
    async with engine.database.reading() as connection:
        (loaded,) = await load(connection, [claim])
    assert loaded.messages == ()
    async with engine.database.transaction() as connection:
        await dismiss(connection, claim)
    assert (await engine.chat()).ready_at is None


async def test_a_message_sent_before_a_handled_one_is_late(engine: Engine) -> None:
    await engine.write()
    await engine.save(await engine.turn())
    early = NOON - timedelta(minutes=1)
    await engine.write(now=LATER, sent_at=early)
    await engine.write(now=LATER, sent_at=LATER)
    outcome = await engine.turn(LATER + timedelta(seconds=9))
    assert [m.late for m in outcome.loaded.messages] == [True, False]
    assert [m.from_customer for m in outcome.loaded.history] == [True, False]


async def test_a_turn_whose_process_dies_every_time_is_laid_aside(
    engine: Engine,
) -> None:
    """Nobody lives to count such a failure, so it is counted when it begins."""
    await engine.write()
    moment = LATER
    for _ in range(MOST_CLAIMS):
        check_ended(await engine.claim(moment))
        moment += LEASE
    last = await engine.claim(moment)
    with pytest.raises(NeverEnded, match="begun 12 times"):
        check_ended(last)
    async with engine.database.transaction() as connection:
        again = await fail(
            connection, last, "ended", new_id=numbered, now=moment, jitter=1.0
        )
    assert again is None
    assert [row.state for row in await engine.rows(message)] == ["dead"]


async def test_what_is_thrown_away_or_given_back_is_no_failed_attempt(
    engine: Engine,
) -> None:
    await engine.write()
    superseded = await engine.turn()
    await engine.write(now=LATER)
    await engine.save(superseded)
    claim = await engine.claim(LATER + timedelta(seconds=5))
    async with engine.database.transaction() as connection:
        await give_back(connection, claim)
    again = await engine.claim(LATER + timedelta(seconds=5))
    assert again.attempts == 1


async def test_a_long_backlog_is_handled_in_several_turns(engine: Engine) -> None:
    for _ in range(TURN + 10):
        await engine.write()
    outcome = await engine.turn()
    assert len(outcome.loaded.messages) == TURN
    (saved,) = await engine.save(outcome)
    assert saved == Saved(Verdict.COMMITTED, again=True)
    rest = await engine.turn()
    assert [m.seq for m in rest.loaded.messages] == list(range(TURN + 1, TURN + 11))
    assert await engine.save(rest) == (Saved(Verdict.COMMITTED),)
    assert (await engine.chat()).ready_at is None
