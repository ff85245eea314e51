"""What happened to a conversation beside its words: who had it, whose work it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.api_table import audit


class StepKind(StrEnum):
    """What happened."""

    HANDED_OVER = "handed_over"  #: The bot left it to a person.
    TAKEN_OVER = "taken_over"  #: A person took it.
    HANDED_BACK = "handed_back"  #: A person gave it back to the bot.
    TAKEN_UP = "taken_up"  #: The bot has it again by itself.
    ASSIGNED = "assigned"
    RELEASED = "released"  #: It is nobody's work.
    ORDERED = "ordered"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened."""

    at: datetime
    kind: StepKind
    actor: str  #: `user:ID`, `key:ID` or `bot`.
    why: str | None = None  #: Of a handover.
    user_id: str | None = None  #: To whom it was assigned.
    team: str | None = None  #: To which team, where it was to nobody in it.


#: The operations of the audit that are steps.
_KINDS: Final[Mapping[str, StepKind]] = {
    "hand_over_conversation": StepKind.HANDED_OVER,
    "take_over_conversation": StepKind.TAKEN_OVER,
    "hand_back_conversation": StepKind.HANDED_BACK,
    "take_up_conversation": StepKind.TAKEN_UP,
    "assign_conversation": StepKind.ASSIGNED,
    "assign_conversation_to_next": StepKind.ASSIGNED,
}


async def steps_of(
    connection: AsyncConnection,
    tenant_id: str,
    conversation_id: str,
    *,
    since: datetime | None = None,
    limit: int,
) -> Sequence[Step]:
    """Return the newest steps of a conversation, newest first."""
    mine = [
        audit.c.tenant_id == tenant_id,
        audit.c.target == conversation_id,
        audit.c.action.in_(list(_KINDS)),
    ]
    if since is not None:
        mine.append(audit.c.at >= since)
    rows = await connection.execute(
        select(audit.c.at, audit.c.action, audit.c.actor, audit.c.details)
        .where(*mine)
        .order_by(audit.c.at.desc(), audit.c.id.desc())
        .limit(limit)
    )
    return [_step(row) for row in rows]


def _step(row: Row[*tuple[Any, ...]]) -> Step:
    kind, user_id = _KINDS[row.action], row.details.get("user_id")
    team = row.details.get("team") if user_id is None else None
    if kind is StepKind.ASSIGNED and user_id is None and team is None:
        kind = StepKind.RELEASED
    return Step(row.at, kind, row.actor, row.details.get("why"), user_id, team)
