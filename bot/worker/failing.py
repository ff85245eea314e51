"""When a turn fails: later again, and after the last attempt the dead letter.

A dead letter is an analysis with the status `failed`; its messages are `dead`. Both are
there to be seen, and `retry` makes them wait for a turn again.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Update, case, insert, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.claims import Claim
from bot.inbox.analyses import retry as retry  # noqa: PLC0414  # of a failed turn
from bot.inbox.handing_out import hand_out
from bot.inbox.shop_rules import load_shop_rules
from bot.inbox.table import analysis, conversation, message
from bot.reading.reader import Call
from bot.worker.spending import Spent, spent_on, usage_of
from orders.domain.humans import Humans
from orders.domain.retry import RetryPolicy, next_attempt
from orders.store import load_drafts

#: Failures of our own making: five attempts within about a minute.
POLICY = RetryPolicy(
    attempts=5, base=timedelta(seconds=2), ceiling=timedelta(minutes=1)
)

#: A turn that was begun so often and never ended takes its process with it.
MOST_CLAIMS = 12


class NeverEnded(Exception):
    """A turn was begun again and again, and nobody lived to say how it ended."""


def check_ended(claim: Claim) -> None:
    """Raise NeverEnded for a turn that must not be begun once more."""
    if claim.attempts > MOST_CLAIMS:
        raise NeverEnded(f"begun {MOST_CLAIMS} times, and every time its process ended")


async def fail(
    connection: AsyncConnection,
    claim: Claim,
    error: str,
    *,
    new_id: Callable[[str], str],
    now: datetime,
    jitter: float,
    policy: RetryPolicy = POLICY,
    calls: Sequence[Call] = (),
) -> datetime | None:
    """Give a failed turn back; return when it is tried again, None when it is dead.

    What its `calls` of models took is kept, for the analysis that ends the turn.
    """
    held = await connection.execute(
        select(conversation.c.fence, conversation.c.spent)
        .where(conversation.c.id == claim.conversation_id)
        .with_for_update()
    )
    row = held.one_or_none()
    if row is None or row.fence != claim.fence:
        return None
    spent = (*(row.spent or ()), *spent_on(calls))
    again = next_attempt(policy, claim.attempts, now, jitter)
    if again is not None:
        await connection.execute(
            update(conversation)
            .where(conversation.c.id == claim.conversation_id)
            .values(
                lease_until=None,
                error=error,
                ready_at=again,
                spent=list(spent) or null(),
            )
        )
        return again
    await _bury(connection, claim, error, new_id=new_id, now=now, spent=spent)
    humans = await _left_to_people(connection, claim.tenant_id)
    place = (connection, claim.tenant_id, [claim.conversation_id])
    await hand_out(*place, humans, new_id=new_id, now=now)
    return None


async def _left_to_people(connection: AsyncConnection, tenant_id: str) -> Humans:
    """Return what a shop leaves to people; the defaults if its rules are unreadable."""
    try:
        shop, _ = await load_shop_rules(connection, tenant_id)
    except (ValueError, TypeError):
        # They may be why the turn failed, and that is told all the same.
        return Humans()
    return shop.humans


async def _bury(
    connection: AsyncConnection,
    claim: Claim,
    error: str,
    *,
    new_id: Callable[[str], str],
    now: datetime,
    spent: Sequence[Spent],
) -> None:
    analysis_id = new_id("anl")
    drafts = await load_drafts(connection, [claim.conversation_id])
    draft = drafts.get(claim.conversation_id)
    laid_aside = await connection.execute(
        update(message)
        .where(
            message.c.conversation_id == claim.conversation_id,
            message.c.state == "pending",
            message.c.seq <= claim.seq,
        )
        .values(state="dead", analysis_id=analysis_id)
        .returning(message.c.seq)
    )
    await connection.execute(
        insert(analysis).values(
            id=analysis_id,
            tenant_id=claim.tenant_id,
            conversation_id=claim.conversation_id,
            from_seq=min(laid_aside.scalars(), default=claim.seq),
            to_seq=claim.seq,
            status="failed",
            trigger="auto",
            source_type="text",
            result={},
            usage=usage_of(spent),
            draft_id=draft.id if draft else None,
            trace=[],
            attempts=claim.attempts,
            max_attempts=POLICY.attempts,
            error=error,
            started_at=claim.ready_at,
            ended_at=now,
        )
    )
    await connection.execute(
        _rest(claim).values(lease_until=None, attempts=0, error=error, spent=null())
    )


def _rest(claim: Claim) -> Update:
    """Return an update that ends the work, unless something came meanwhile."""
    still_due = case(
        (conversation.c.rev == claim.rev, None), else_=conversation.c.ready_at
    )
    return (
        update(conversation)
        .where(
            conversation.c.id == claim.conversation_id,
            conversation.c.fence == claim.fence,
        )
        .values(ready_at=still_due)
    )


async def give_back(connection: AsyncConnection, claim: Claim) -> None:
    """End a lease early: the turn was not at fault, and its attempt does not count."""
    await connection.execute(
        update(conversation)
        .where(
            conversation.c.id == claim.conversation_id,
            conversation.c.fence == claim.fence,
        )
        .values(lease_until=None, attempts=conversation.c.attempts - 1)
    )


async def dismiss(connection: AsyncConnection, claim: Claim) -> None:
    """End a turn that has nothing to do: what woke it was known already."""
    await connection.execute(_rest(claim).values(lease_until=None, attempts=0))
