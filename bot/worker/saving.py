"""Saving what turns decided: one transaction for many turns, each valid or thrown away.

A turn is written only if its fence, the draft version and the conversation's owner are
still those it was decided on, and if no newer content overtook it. What is thrown away
leaves no trace but a conversation that is due again.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.lessons import learnt_by_order
from bot.domain.snapshot import Owner
from bot.domain.ticking import ticked
from bot.inbox.announcing import provisioning_items
from bot.inbox.handing_out import hand_out
from bot.inbox.ownership import attend
from bot.inbox.pausing import awaits_window
from bot.inbox.selling import note_sellers, teams_of
from bot.inbox.speaking import Said, speak
from bot.inbox.table import analysis, media, message
from bot.worker.asking import needs_person, people_asked
from bot.worker.cancelling import cancel_orders, moved_on
from bot.worker.closing import close, hush_opted_out, lock_contacts, release
from bot.worker.judging import Outcome, Verdict, id_of, judge, lock
from bot.worker.marking import mark
from bot.worker.sensing import reading_of
from catalog.domain.learnt import Heard
from catalog.teaching import teach
from orders import Order
from orders.domain.routing import facts_of
from orders.outbox.store import Item, Topic, append, cancel, put, wake
from orders.store import (
    DraftWrite,
    PlacedOrder,
    SoldOut,
    place_orders,
    write_drafts,
)


@dataclass(frozen=True, slots=True)
class Saved:
    """How saving went. `again`: the conversation still has work."""

    verdict: Verdict
    again: bool = False
    order: Order | None = None


async def save(
    connection: AsyncConnection,
    batch: Sequence[Outcome],
    *,
    new_id: Callable[[str], str],
    now: datetime,
    overdue_after: timedelta = timedelta(minutes=15),
) -> tuple[Saved, ...]:
    """Save a batch of turns in the caller's transaction.

    An order that no sink answers for `overdue_after` is noticed by a timer.
    """
    await lock_contacts(connection, batch)
    held = await lock(connection, batch)
    verdicts = await judge(connection, batch, held, now)
    good = [o for o in batch if verdicts[id_of(o)] is Verdict.COMMITTED]
    for overtaken in await moved_on(connection, good):
        verdicts[overtaken] = Verdict.STALE
    good = [o for o in good if verdicts[id_of(o)] is Verdict.COMMITTED]
    placed = await _place(connection, good, new_id, now)
    for outcome in good:
        order = outcome.decision.order
        if order is not None and isinstance(placed[order.id], SoldOut):
            verdicts[id_of(outcome)] = Verdict.STALE
    good = [o for o in good if verdicts[id_of(o)] is Verdict.COMMITTED]
    if good:
        await cancel_orders(connection, good, now)
        await _write(connection, good, placed, now=now)
        await hush_opted_out(connection, good, now)
        spoken = await _speak(connection, good, held, placed, new_id=new_id, now=now)
        await _learn(connection, good, placed, now)
        await _announce(connection, good, placed, now, overdue_at=now + overdue_after)
        await _set_timers(connection, good, now)
        await close(connection, good, spoken, now)
        await _attend(connection, good, placed, now)
        # The customer wrote: what was held until then goes first.
        await wake(connection, [awaits_window(id_of(o)) for o in good], now=now)
    await release(connection, batch, verdicts)
    await _hand_out(connection, good, new_id, now)
    return tuple(
        Saved(
            verdicts[id_of(o)],
            again=verdicts[id_of(o)] in (Verdict.STALE, Verdict.SUPERSEDED)
            or (id_of(o) in held and held[id_of(o)].rev != o.loaded.claim.rev)
            or o.loaded.more,
            order=_order(o, placed),
        )
        for o in batch
    )


def _order(outcome: Outcome, placed: dict[str, Order | SoldOut]) -> Order | None:
    order = outcome.decision.order
    done = placed.get(order.id) if order else None
    return done if isinstance(done, Order) else None


async def _place(
    connection: AsyncConnection,
    outcomes: Sequence[Outcome],
    new_id: Callable[[str], str],
    now: datetime,
) -> dict[str, Order | SoldOut]:
    wanted = [
        PlacedOrder(
            tenant_id=o.loaded.claim.tenant_id,
            conversation_id=id_of(o),
            contact_id=o.loaded.contact.id,
            order=o.decision.order,
        )
        for o in outcomes
        if o.decision.order
    ]
    if not wanted:
        return {}
    placed = await place_orders(connection, wanted, new_id=new_id, now=now)
    done = [each.id for each in placed.values() if isinstance(each, Order)]
    await note_sellers(connection, done)
    return placed


async def _write(
    connection: AsyncConnection,
    outcomes: Sequence[Outcome],
    placed: dict[str, Order | SoldOut],
    *,
    now: datetime,
) -> None:
    rows = []
    for o in outcomes:
        order = _order(o, placed)
        rows.append({**o.analysis, "order_id": order.id if order else None})
    await connection.execute(insert(analysis), rows)
    await write_drafts(connection, _draft_writes(outcomes), now=now)
    handled = [
        {
            "row_id": m.id,
            "analysis": o.analysis["id"],
            "why": m.aside or o.decision.silent_because,
        }
        for o in outcomes
        for m in o.loaded.messages
    ]
    if handled:
        await connection.execute(
            update(message)
            .where(message.c.id == bindparam("row_id"))
            .values(
                state="done",
                analysis_id=bindparam("analysis"),
                why_silent=bindparam("why"),
            ),
            handled,
        )
    await mark(connection, [each for o in outcomes for each in o.loaded.marks])
    await _keep_media(connection, outcomes, now)


async def _keep_media(
    connection: AsyncConnection, outcomes: Sequence[Outcome], now: datetime
) -> None:
    """Write down what became of the files."""
    found = [
        {
            "message_id": f.message_id,
            "tenant_id": o.loaded.claim.tenant_id,
            "outcome": f.outcome,
            "mime": f.mime,
            "sha256": f.sha256,
            "size": f.size,
            "error": f.error,
            "reading": reading_of(f),
            "fetched_at": now,
        }
        for o in outcomes
        for f in o.media
    ]
    if found:
        await connection.execute(insert(media), found)


def _draft_writes(outcomes: Sequence[Outcome]) -> list[DraftWrite]:
    writes = []
    for o in outcomes:
        claim, decision = o.loaded.claim, o.decision
        before = o.loaded.draft
        by_clock = all(ticked(m.content) for m in o.loaded.messages)
        if before is None or before != decision.draft:
            writes.append(
                DraftWrite(
                    tenant_id=claim.tenant_id,
                    conversation_id=claim.conversation_id,
                    draft=decision.draft,
                    changes=decision.changes,
                    actor="timer" if by_clock else "contact:" + o.loaded.contact.id,
                    created=o.draft_created,
                    restored=decision.restored,
                )
            )
        if decision.next_draft is not None:
            writes.append(
                DraftWrite(
                    tenant_id=claim.tenant_id,
                    conversation_id=claim.conversation_id,
                    draft=decision.next_draft,
                    changes=(),
                    actor="system",
                    created=True,
                )
            )
    return writes


async def _speak(
    connection: AsyncConnection,
    outcomes: Sequence[Outcome],
    held: dict[str, Any],
    placed: dict[str, Order | SoldOut],
    *,
    new_id: Callable[[str], str],
    now: datetime,
) -> dict[str, int]:
    """Write what is to be said; return each conversation's last number after it."""
    said = [
        Said(
            tenant_id=o.loaded.claim.tenant_id,
            shard=o.loaded.shard,
            channel_id=o.loaded.channel_id,
            conversation_id=id_of(o),
            seq=held[id_of(o)].seq,
            key=o.analysis["id"],
            messages=o.say(_order(o, placed)),
            about=o.about,
            analysis_id=o.analysis["id"],
            # The line with which the bot falls silent is still its own, and what it
            # says while a person has the chat is meant.
            last_word=o.decision.owner is Owner.AGENT
            or o.decision.opted_out != o.loaded.contact.opted_out,
            **_unasked(o, now),
        )
        for o in outcomes
    ]
    await speak(connection, said, new_id=new_id, now=now)
    return {each.conversation_id: each.seq + len(each.messages) for each in said}


def _unasked(outcome: Outcome, now: datetime) -> dict[str, Any]:
    """Return how a turn speaks in which nobody wrote: not in the quiet hours."""
    loaded = outcome.loaded
    if not all(ticked(m.content) for m in loaded.messages):
        return {}
    shop = loaded.shop
    return {
        "unasked": True,
        "not_before": shop.manners.not_before(now, shop.timezone),
    }


async def _announce(
    connection: AsyncConnection,
    outcomes: Sequence[Outcome],
    placed: dict[str, Order | SoldOut],
    now: datetime,
    *,
    overdue_at: datetime,
) -> None:
    """Write what other systems must hear of orders."""
    items = []
    for o in outcomes:
        claim = o.loaded.claim
        order = _order(o, placed)
        if order is not None:
            items += provisioning_items(
                order.id,
                tenant_id=claim.tenant_id,
                shard=o.loaded.shard,
                sinks=o.loaded.sinks,
                now=now,
                overdue_at=overdue_at,
                facts=facts_of(
                    o.loaded.channel_id,
                    order,
                    await teams_of(connection, claim.tenant_id, order),
                ),
            )
        items += people_asked(o, now)
    await append(connection, items, now=now)


async def _set_timers(
    connection: AsyncConnection, outcomes: Sequence[Outcome], now: datetime
) -> None:
    """Write, move and cancel the timers that follow from the turns."""
    cancelled: defaultdict[str, list[str]] = defaultdict(list)
    for o in outcomes:
        gone = [t.key for t in o.decision.timers if t.due_at is None]
        cancelled[o.loaded.claim.tenant_id] += gone
    for tenant_id, keys in sorted(cancelled.items()):
        if keys:
            await cancel(connection, tenant_id=tenant_id, unique_keys=keys, now=now)
    due = [
        Item(
            tenant_id=o.loaded.claim.tenant_id,
            shard=o.loaded.shard,
            topic=Topic.TIMER,
            unique_key=timer.key,
            payload=dict(timer.payload),
            due_at=timer.due_at,
        )
        for o in outcomes
        for timer in o.decision.timers
        if timer.due_at is not None
    ]
    await put(connection, due, now=now)


async def _learn(
    connection: AsyncConnection,
    outcomes: Sequence[Outcome],
    placed: dict[str, Order | SoldOut],
    now: datetime,
) -> None:
    """Remember what customers called the things that they have ordered."""
    lessons: defaultdict[str, list[Heard]] = defaultdict(list)
    for o in outcomes:
        if _order(o, placed) is not None:
            heard = learnt_by_order(o.decision.draft, o.loaded.contact.id)
            lessons[o.loaded.claim.tenant_id] += heard
    for tenant_id in sorted(lessons):
        await teach(connection, tenant_id, lessons[tenant_id], now=now)


async def _attend(
    connection: AsyncConnection,
    outcomes: Sequence[Outcome],
    placed: dict[str, Order | SoldOut],
    now: datetime,
) -> None:
    raised = {id_of(o): o.decision.attention for o in outcomes}
    ordered = [id_of(o) for o in outcomes if _order(o, placed) is not None]
    await attend(connection, raised, ordered=ordered, now=now)


async def _hand_out(
    connection: AsyncConnection,
    outcomes: Sequence[Outcome],
    new_id: Callable[[str], str],
    now: datetime,
) -> None:
    """Give what needs a person now to somebody, where the shop's rules say so."""
    needing = [o for o in outcomes if needs_person(o)]
    rules = {o.loaded.claim.tenant_id: o.loaded.shop.humans for o in needing}
    # In one order: two batches that wait for each other's people would never end.
    for tenant_id in sorted(rules):
        ids = [id_of(o) for o in needing if o.loaded.claim.tenant_id == tenant_id]
        await hand_out(
            connection, tenant_id, ids, rules[tenant_id], new_id=new_id, now=now
        )
