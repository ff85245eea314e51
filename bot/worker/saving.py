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

from sqlalchemy import bindparam, case, insert, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.lessons import learnt_by_order
from bot.inbox.announcing import provisioning_items
from bot.inbox.ownership import attend
from bot.inbox.pausing import awaits_window
from bot.inbox.speaking import Said, speak
from bot.inbox.table import analysis, contact, conversation, media, message
from bot.worker.judging import Outcome, Verdict, id_of, judge, lock
from bot.worker.sensing import reading_of
from catalog.column import Timestamp
from catalog.domain.learnt import Heard
from catalog.teaching import teach
from orders import Order
from orders.outbox.store import Item, Topic, append, cancel, wake
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
    await _lock_contacts(connection, batch)
    held = await lock(connection, batch)
    verdicts = await judge(connection, batch, held, now)
    good = [o for o in batch if verdicts[id_of(o)] is Verdict.COMMITTED]
    placed = await _place(connection, good, new_id, now)
    for outcome in good:
        order = outcome.decision.order
        if order is not None and isinstance(placed[order.id], SoldOut):
            verdicts[id_of(outcome)] = Verdict.STALE
    good = [o for o in good if verdicts[id_of(o)] is Verdict.COMMITTED]
    if good:
        await _write(connection, good, placed, now=now)
        spoken = await _speak(connection, good, held, placed, new_id=new_id, now=now)
        await _learn(connection, good, placed, now)
        await _announce(connection, good, placed, now, overdue_at=now + overdue_after)
        await _close(connection, good, spoken)
        await _attend(connection, good, placed, now)
        # The customer wrote: what was held until then goes first.
        await wake(connection, [awaits_window(id_of(o)) for o in good], now=now)
    await _release(connection, batch, verdicts)
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


async def _lock_contacts(connection: AsyncConnection, batch: Sequence[Outcome]) -> None:
    """Lock whom STOP concerns before their conversations, as intake does."""
    turned = {o.loaded.contact.id for o in batch if _turns(o)}
    if turned:
        await connection.execute(
            select(contact.c.id)
            .where(contact.c.id.in_(sorted(turned)))
            .order_by(contact.c.id)
            .with_for_update()
        )


def _turns(outcome: Outcome) -> bool:
    """Return whether the customer says STOP or START."""
    return outcome.decision.opted_out != outcome.loaded.contact.opted_out


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
    return await place_orders(connection, wanted, new_id=new_id, now=now)


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
        {"row_id": m.id, "analysis": o.analysis["id"], "why": o.decision.silent_because}
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
        if before is None or before != decision.draft:
            writes.append(
                DraftWrite(
                    tenant_id=claim.tenant_id,
                    conversation_id=claim.conversation_id,
                    draft=decision.draft,
                    changes=decision.changes,
                    actor="contact:" + o.loaded.contact.id,
                    created=o.draft_created,
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
            analysis_id=o.analysis["id"],
            # The line with which the bot falls silent is still its own.
            last_word=o.decision.owner != o.loaded.owner
            or o.decision.opted_out != o.loaded.contact.opted_out,
        )
        for o in outcomes
    ]
    await speak(connection, said, new_id=new_id, now=now)
    return {each.conversation_id: each.seq + len(each.messages) for each in said}


async def _announce(
    connection: AsyncConnection,
    outcomes: Sequence[Outcome],
    placed: dict[str, Order | SoldOut],
    now: datetime,
    *,
    overdue_at: datetime,
) -> None:
    """Write what other systems must hear, and the timers."""
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
            )
        items += [
            Item(
                tenant_id=claim.tenant_id,
                shard=o.loaded.shard,
                topic=Topic.TIMER,
                unique_key=timer.key,
                payload=dict(timer.payload),
                due_at=timer.due_at,
            )
            for timer in o.decision.timers
            if timer.due_at is not None
        ]
        cancelled = [t.key for t in o.decision.timers if t.due_at is None]
        if cancelled:
            await cancel(
                connection,
                tenant_id=claim.tenant_id,
                unique_keys=cancelled,
                now=now,
            )
    await append(connection, items, now=now)


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


_REST_UNTIL = bindparam("rest_until", type_=Timestamp)


async def _close(
    connection: AsyncConnection,
    outcomes: Sequence[Outcome],
    last: dict[str, int],
) -> None:
    """End the turns: work that came meanwhile (`rev` moved) stays due."""
    await connection.execute(
        update(conversation)
        .where(conversation.c.id == bindparam("row_id"))
        .values(
            lease_until=None,
            attempts=0,
            supersedes=0,
            error=None,
            spent=null(),
            ready_at=case(
                (
                    conversation.c.rev == bindparam("seen_rev"),
                    bindparam("rest_until", type_=Timestamp),
                ),
                else_=conversation.c.ready_at,
            ),
            seq=bindparam("last_seq"),
            owner=bindparam("new_owner"),
            language=bindparam("new_language"),
            memory=bindparam("new_memory"),
        ),
        [
            {
                "row_id": id_of(o),
                "seen_rev": o.loaded.claim.rev,
                # What is left of a backlog is due as it was.
                "rest_until": o.loaded.claim.ready_at if o.loaded.more else None,
                "last_seq": last[id_of(o)],
                "new_owner": o.decision.owner,
                "new_language": o.decision.language,
                "new_memory": o.decision.memory.model_dump(mode="json"),
            }
            for o in outcomes
        ],
    )
    await _opt(connection, outcomes)


async def _attend(
    connection: AsyncConnection,
    outcomes: Sequence[Outcome],
    placed: dict[str, Order | SoldOut],
    now: datetime,
) -> None:
    raised = {id_of(o): o.decision.attention for o in outcomes}
    ordered = [id_of(o) for o in outcomes if _order(o, placed) is not None]
    await attend(connection, raised, ordered=ordered, now=now)


async def _opt(connection: AsyncConnection, outcomes: Sequence[Outcome]) -> None:
    """Write down who said STOP or START."""
    turned = [
        {"row_id": o.loaded.contact.id, "out": o.decision.opted_out}
        for o in outcomes
        if _turns(o)
    ]
    if turned:
        await connection.execute(
            update(contact)
            .where(contact.c.id == bindparam("row_id"))
            .values(opted_out=bindparam("out")),
            turned,
        )


async def _release(
    connection: AsyncConnection,
    batch: Sequence[Outcome],
    verdicts: dict[str, Verdict],
) -> None:
    """Give back what was thrown away. Superseded: due when the newer burst is over."""
    for verdict, raised in ((Verdict.STALE, 0), (Verdict.SUPERSEDED, 1)):
        ids = [id_of(o) for o in batch if verdicts[id_of(o)] is verdict]
        if ids:
            await connection.execute(
                update(conversation)
                .where(conversation.c.id.in_(ids))
                .values(
                    lease_until=None,
                    attempts=conversation.c.attempts - 1,
                    supersedes=conversation.c.supersedes + raised,
                )
            )
