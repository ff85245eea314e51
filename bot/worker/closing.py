"""Ending turns: what their conversations are afterwards, and who said STOP or START."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, case, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.handed import PLAIN
from bot.domain.snapshot import Owner
from bot.inbox.audit import audited
from bot.inbox.ownership import hush, take_up
from bot.inbox.table import contact, conversation
from bot.worker.judging import Outcome, Verdict, id_of
from catalog.column import Timestamp


async def lock_contacts(connection: AsyncConnection, batch: Sequence[Outcome]) -> None:
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


async def close(
    connection: AsyncConnection,
    outcomes: Sequence[Outcome],
    last: Mapping[str, int],
    now: datetime,
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
    for outcome in outcomes:
        await _hand(connection, outcome, now)


async def _hand(connection: AsyncConnection, outcome: Outcome, now: datetime) -> None:
    """Write down that a person gets the conversation, or the bot has it again."""
    loaded, decision = outcome.loaded, outcome.decision
    if decision.hushed:
        await hush(connection, id_of(outcome), now=now)
        # Whoever wrote past us has seen what there was to look at.
        await connection.execute(
            update(conversation)
            .where(conversation.c.id == id_of(outcome))
            .values(attention=None, attention_at=None)
        )
    if decision.owner == loaded.owner:
        return
    to_agent = decision.owner is Owner.AGENT
    await audited(
        connection,
        id="aud_" + str(outcome.analysis["id"]).removeprefix("anl_"),
        tenant_id=loaded.claim.tenant_id,
        actor="bot",
        action=f"{'hand_over' if to_agent else 'take_up'}_conversation",
        target=id_of(outcome),
        details={"why": decision.handed if to_agent else decision.takes_up},
        now=now,
    )
    await connection.execute(
        update(conversation)
        .where(conversation.c.id == id_of(outcome))
        .values(
            owner_id=None,
            handover_reason=decision.handed if to_agent else None,
            handover_at=now if to_agent else None,
            answered_at=None,
        )
    )
    if not to_agent:
        await take_up(
            connection,
            loaded.claim.tenant_id,
            id_of(outcome),
            since=loaded.handover.at if loaded.handover else None,
            about=decision.takes_up or PLAIN,
            now=now,
        )


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
            .values(
                opted_out=bindparam("out"),
                # What they agreed to beside their orders, they take back with it.
                opted_in_at=None,
                opted_in_how=None,
            ),
            turned,
        )


async def release(
    connection: AsyncConnection,
    batch: Sequence[Outcome],
    verdicts: Mapping[str, Verdict],
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


async def hush_opted_out(
    connection: AsyncConnection, outcomes: Sequence[Outcome], now: datetime
) -> None:
    """Take back what was still to be said to those who say STOP."""
    for outcome in sorted(outcomes, key=id_of):
        if outcome.decision.opted_out and _turns(outcome):
            await hush(connection, id_of(outcome), keep=("despite_stop",), now=now)
