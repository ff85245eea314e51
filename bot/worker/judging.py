"""Whether a decided turn may be saved: judged under its conversation's row lock.

A turn is valid only if its fence, the draft version and the conversation's owner are
still those it was decided on, and if no newer content overtook it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.decision import Decision
from bot.domain.message import CORRECTIONS, SILENT_TYPES, OutboundMessage, Tap
from bot.domain.snapshot import Subject
from bot.domain.speech import Timeline
from bot.domain.understanding import Visual
from bot.inbox.table import conversation, message
from bot.reading.reader import Call, Picture
from bot.reading.sighting import Sighting
from bot.worker.loading import Loaded
from orders import Order
from orders.table import draft as draft_table

#: A result is dropped for newer messages at most this often ...
MAX_SUPERSEDES = 2
#: ... and never once the oldest message waits longer than this.
MAX_WAIT = timedelta(seconds=20)


class Verdict(StrEnum):
    COMMITTED = "committed"
    LOST = "lost"  #: Another worker has the conversation: nothing is ours to write.
    STALE = "stale"  #: Somebody changed the draft, the owner or the stock: run again.
    SUPERSEDED = "superseded"  #: Newer content came: read again with everything.


@dataclass(frozen=True, slots=True)
class MediaFound:
    """What became of a media message."""

    message_id: str
    outcome: str  #: stored, gone, unavailable
    mime: str | None = None
    sha256: str | None = None
    size: int | None = None
    error: str | None = None
    transcript: str | None = None  #: What was said in it.
    timeline: Timeline | None = None  #: When, as far as that is known.
    picture: Picture | None = None  #: It, for a model to look at.
    seen: Visual | None = None  #: What was seen in it, now or earlier.
    blind: str | None = None  #: Why nothing can be seen in it.
    worded: bool = False  #: It was seen together with words.
    sighting: Sighting | None = None  #: What it shows of what we sell, without a model.
    calls: tuple[Call, ...] = ()  #: What listening took.


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decided turn, ready to be saved. `analysis` is a row of that table."""

    loaded: Loaded
    decision: Decision
    #: What is said, given the order as it was stored: only then it has its number.
    say: Callable[[Order | None], tuple[OutboundMessage, ...]]
    analysis: dict[str, Any]
    draft_created: bool
    about: tuple[Subject, ...] = ()  #: Products and lines that what is said is about.
    media: tuple[MediaFound, ...] = ()


async def lock(connection: AsyncConnection, batch: Sequence[Outcome]) -> dict[str, Any]:
    """Lock the conversations, in the order that everybody locks them in."""
    result = await connection.execute(
        select(
            conversation.c.id,
            conversation.c.fence,
            conversation.c.owner,
            conversation.c.rev,
            conversation.c.seq,
        )
        .where(conversation.c.id.in_([id_of(o) for o in batch]))
        .order_by(conversation.c.id)
        .with_for_update()
    )
    return {row.id: row for row in result}


async def judge(
    connection: AsyncConnection,
    batch: Sequence[Outcome],
    held: dict[str, Any],
    now: datetime,
) -> dict[str, Verdict]:
    """Return a verdict for each conversation of the batch, given its locked row."""
    drafts = [o.loaded.draft.id for o in batch if o.loaded.draft]
    columns = (draft_table.c.id, draft_table.c.version, draft_table.c.state)
    # The state, too: an agent's approval or refusal ends a draft at its version.
    versions = {
        row.id: (row.version, row.state)
        for row in await connection.execute(
            select(*columns).where(draft_table.c.id.in_(drafts))
        )
    }
    moved = [o for o in batch if _may_be_superseded(o, held, now)]
    newer = await _newer_content(connection, moved)
    return {id_of(o): _verdict(o, held.get(id_of(o)), versions, newer) for o in batch}


def _verdict(
    outcome: Outcome,
    row: Row[Any] | None,
    versions: dict[str, tuple[int, str]],
    newer: frozenset[str],
) -> Verdict:
    loaded = outcome.loaded
    if row is None or row.fence != loaded.claim.fence:
        return Verdict.LOST
    if row.owner != loaded.owner:
        return Verdict.STALE
    draft = loaded.draft
    if draft and versions.get(draft.id) != (draft.version, draft.state):
        return Verdict.STALE
    return Verdict.SUPERSEDED if id_of(outcome) in newer else Verdict.COMMITTED


def _may_be_superseded(outcome: Outcome, held: dict[str, Any], now: datetime) -> bool:
    loaded, row = outcome.loaded, held.get(id_of(outcome))
    if row is None or row.rev == loaded.claim.rev:
        return False
    if any(isinstance(m.content, Tap) for m in loaded.messages) or loaded.more:
        return False  # A tap on a button is never dropped; a backlog goes on anyway.
    oldest = min((m.received_at for m in loaded.messages), default=now)
    return loaded.claim.supersedes < MAX_SUPERSEDES and now - oldest <= MAX_WAIT


async def _newer_content(
    connection: AsyncConnection, outcomes: Sequence[Outcome]
) -> frozenset[str]:
    """Return the conversations in which customers wrote since the claim."""
    if not outcomes:
        return frozenset()
    claimed = {id_of(o): o.loaded.claim.seq for o in outcomes}
    result = await connection.execute(
        select(message.c.conversation_id, func.max(message.c.seq))
        .where(
            message.c.conversation_id.in_(claimed),
            message.c.state == "pending",
            or_(
                message.c.kind.not_in(SILENT_TYPES),
                message.c.event.in_(CORRECTIONS),
            ),
        )
        .group_by(message.c.conversation_id)
    )
    return frozenset(cid for cid, seq in result if seq > claimed[cid])


def id_of(outcome: Outcome) -> str:
    """Return the conversation that the turn belongs to."""
    return outcome.loaded.claim.conversation_id
