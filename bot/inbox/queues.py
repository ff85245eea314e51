"""The queues of an inbox: which conversations need a person, why, and since when."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.snapshot import Owner
from bot.inbox.table import conversation
from catalog.column import unindexed
from orders import DraftState
from orders.table import draft


class Queue(StrEnum):
    """What conversations wait for."""

    #: A draft waits for an agent's yes: the customer confirmed it and the shop's rules
    #: want an approval, or its summary was shown and a person has the conversation.
    CONFIRM = "confirm"
    #: A person has the conversation and the customer wrote last, or something is to be
    #: looked at that the bot could not deal with.
    HUMAN = "human"
    FAILED = "failed"  #: The last turn failed for good.
    #: There is a draft with something in it that has not ended: who only says hello
    #: has a draft, too.
    OPEN = "open"
    ALL = "all"


#: In these a customer waits for a person.
WAITING: Final = (Queue.CONFIRM, Queue.HUMAN, Queue.FAILED)
#: In these there is work for somebody.
_BUSY: Final = (*WAITING, Queue.OPEN)
_SHOWN = (DraftState.PROPOSED, DraftState.AWAITING)
_LIVE = (DraftState.OPEN, *_SHOWN)
#: Written out, and as the index `ix_draft_live` has it: see `_NEEDS`.
_HAS_SOMETHING: Final = and_(
    draft.c.state.in_([literal_column(f"'{each}'") for each in _LIVE]),
    func.coalesce(draft.c.entries, literal_column("1")) > literal_column("0"),
)

IS_FAILED: Final = and_(
    conversation.c.error.is_not(None), conversation.c.ready_at.is_(None)
)
IS_WORKING: Final = or_(
    conversation.c.ready_at.is_not(None), conversation.c.lease_until.is_not(None)
)
#: Written out, and as the index `ix_conversation_needs` has it: so few are found among
#: many, and with a parameter neither database would look there.
_NEEDS: Final = or_(
    conversation.c.owner == literal_column(f"'{Owner.AGENT}'"),
    conversation.c.attention.is_not(None),
    conversation.c.error.is_not(None),
)
_IS_AGENTS = conversation.c.owner == Owner.AGENT
_WROTE_LAST = or_(
    conversation.c.answered_at.is_(None),
    conversation.c.last_inbound_at > conversation.c.answered_at,
)
#: Of what no draft says: the conditions of two queues.
_ASKS_HUMAN: Final = and_(
    _NEEDS,
    or_(conversation.c.attention.is_not(None), and_(_IS_AGENTS, _WROTE_LAST)),
)
_HAS_FAILED: Final = and_(_NEEDS, IS_FAILED, ~IS_WORKING)
_HUMAN_SINCE = case(
    (conversation.c.attention_at.is_not(None), conversation.c.attention_at),
    (conversation.c.answered_at.is_not(None), conversation.c.last_inbound_at),
    else_=func.coalesce(conversation.c.handover_at, conversation.c.last_inbound_at),
)


#: What a row says of the drafts: 1 or 0.
_MARKS = ("awaits", "proposed", "has_something")


class LiveDrafts:
    """A tenant's drafts that have not ended, one row for each conversation."""

    def __init__(
        self,
        tenant_id: str,
        conversation_ids: Sequence[str] | None = None,
        *,
        queue: Queue | None = None,
    ) -> None:
        """Look at those of some conversations, of one queue, or at all of a tenant."""
        states = _SHOWN if queue is Queue.CONFIRM else _LIVE
        are = _HAS_SOMETHING if queue is Queue.OPEN else draft.c.state.in_(states)
        self._are = [draft.c.tenant_id == tenant_id, are]
        if conversation_ids is not None:
            self._are.append(draft.c.conversation_id.in_(conversation_ids))
        rows = select(
            draft.c.conversation_id,
            _any(draft.c.state == DraftState.AWAITING).label("awaits"),
            _any(draft.c.state == DraftState.PROPOSED).label("proposed"),
            _any(func.coalesce(draft.c.entries, 1) > 0).label("has_something"),
        ).where(*self._are)
        if conversation_ids is not None or queue is Queue.CONFIRM:
            # All else stands in an index: of many drafts that is all that is read.
            rows = rows.add_columns(func.min(draft.c.updated_at).label("since"))
        self.rows: Subquery = rows.group_by(draft.c.conversation_id).subquery("live")

    @classmethod
    def waiting(cls, tenant_id: str) -> Self:
        """Return the rows of all conversations that may stand in a waiting queue.

        They are found by what makes them so, in one pass: the other thousands are not
        looked at.
        """
        found = cls(tenant_id, queue=Queue.CONFIRM)
        nothing = (literal(0).label(name) for name in _MARKS)
        needs = select(conversation.c.id, *nothing).where(
            conversation.c.tenant_id == tenant_id, _NEEDS
        )
        drafted = select(found.rows.c.conversation_id, *_marks_of(found.rows))
        every = union_all(drafted, needs).subquery("every")
        found.rows = (
            select(
                every.c.conversation_id,
                *(func.max(mark).label(mark.name) for mark in _marks_of(every)),
            )
            .group_by(every.c.conversation_id)
            .subquery("live")
        )
        return found

    def joined(self) -> FromClause:
        """Return the conversations that have a row."""
        return conversation.join(self.rows, self._is_of_chat)

    def beside(self, chats: FromClause) -> FromClause:
        """Return conversations with their drafts, where they have one."""
        return chats.outerjoin(self.rows, self._is_of_chat)

    def found_in(self, queue: Queue) -> tuple[FromClause, ColumnElement[bool]]:
        """Return among which conversations those of a queue are, and which are."""
        match queue:
            case Queue.CONFIRM:
                return self.joined(), self.is_in(queue)
            case Queue.OPEN:
                # Not joined: who was written to last is looked at first, and no more
                # than a page takes.
                chats = select(draft.c.conversation_id).where(*self._are)
                return conversation, conversation.c.id.in_(chats)
        return conversation, self.is_in(queue)

    def none_of(self, chats: FromClause) -> ColumnElement[bool]:
        """Return the condition that a conversation among others has no row."""
        found = select(draft.c.id).where(
            *self._are, draft.c.conversation_id == chats.c.id
        )
        return ~found.correlate(chats).exists()

    @property
    def _is_of_chat(self) -> ColumnElement[bool]:
        return self.rows.c.conversation_id == conversation.c.id

    def is_in(self, queue: Queue) -> ColumnElement[bool]:
        """Return the condition of a queue."""
        match queue:
            case Queue.CONFIRM:
                asked = and_(self.rows.c.proposed == 1, _IS_AGENTS)
                return or_(self.rows.c.awaits == 1, asked)
            case Queue.HUMAN:
                return _ASKS_HUMAN
            case Queue.FAILED:
                return _HAS_FAILED
            case Queue.OPEN:
                return self.rows.c.has_something == 1
            case Queue.ALL:
                return true()

    def since(self, queue: Queue) -> ColumnElement[Any]:
        """Return since when a customer waits in a waiting queue."""
        wrote = conversation.c.last_inbound_at
        match queue:
            case Queue.CONFIRM:
                # An agent's correction and another word of the customer's put nobody
                # back: the earlier of the two counts.
                earlier = case((wrote < self.rows.c.since, wrote), else_=None)
                return func.coalesce(earlier, self.rows.c.since)
            case Queue.HUMAN:
                return _HUMAN_SINCE
        return func.coalesce(conversation.c.waiting_since, wrote)


def _marks_of(rows: Subquery) -> list[ColumnElement[int]]:
    return [rows.c[name] for name in _MARKS]


def _any(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.max(case((condition, 1), else_=0), type_=Integer)


# -- whose ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Assigned:
    """Whose conversations: those of a person, of a team, or of nobody (neither)."""

    user_id: str | None = None
    team: str | None = None

    def condition(self) -> ColumnElement[bool]:
        """Return the condition of these conversations."""
        if self.user_id is not None:
            return conversation.c.assigned_to == self.user_id
        if self.team is not None:
            return conversation.c.team == self.team
        return conversation.c.assigned_to.is_(None)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many conversations stand in each queue, and whose they are."""

    queues: dict[Queue, int]
    mine: int
    team: int
    nobody: int
    waiting: int  #: In any waiting queue, each once.


async def count_queues(
    connection: AsyncConnection,
    tenant_id: str,
    *,
    user_id: str | None,
    team: str | None,
    assigned: Assigned | None = None,
) -> Counts:
    """Return how many there are: of each queue only those that `assigned` names.

    `user_id` and `team` are the caller's own. Of mine, the team's and nobody's those
    count that wait for a person, or have an open draft: work.
    """
    mine = (
        conversation.c.tenant_id == tenant_id,
        conversation.c.merged_into.is_(None),
    )
    chosen = true() if assigned is None else assigned.condition()
    whose = _whose(user_id, team)
    live = LiveDrafts(tenant_id, queue=Queue.OPEN)
    drafted = await _counted(
        connection,
        {
            **{each.value: and_(chosen, live.is_in(each)) for each in _BUSY},
            "waiting": and_(chosen, or_(*(live.is_in(each) for each in WAITING))),
            **whose,
        },
        select().select_from(live.joined()).where(*mine),
    )
    # Told so that SQLite does not take the index of all that were not merged.
    few = (mine[0], unindexed(conversation.c.merged_into) == "")
    needs = {Queue.HUMAN: _ASKS_HUMAN, Queue.FAILED: _HAS_FAILED}
    waits = or_(*needs.values())
    others = await _counted(
        connection,
        {
            **{each.value: and_(chosen, needs[each]) for each in needs},
            "waiting": and_(chosen, waits),
            **{name: and_(waits, each) for name, each in whose.items()},
        },
        select().where(*few, _NEEDS, live.none_of(conversation)),
    )
    every = await connection.execute(
        select(func.count()).select_from(conversation).where(*mine, chosen)
    )
    counted = drafted + others + Counter({Queue.ALL.value: every.scalar_one()})
    return Counts(
        queues={each: counted[each.value] for each in Queue},
        mine=counted["mine"],
        team=counted["team"],
        nobody=counted["nobody"],
        waiting=counted["waiting"],
    )


def _whose(user_id: str | None, team: str | None) -> Mapping[str, ColumnElement[bool]]:
    return {
        # Who is nobody, or has no team, has none: empty is no id.
        "mine": conversation.c.assigned_to == (user_id or ""),
        "team": conversation.c.team == (team or ""),
        "nobody": conversation.c.assigned_to.is_(None),
    }


async def _counted(
    connection: AsyncConnection,
    named: Mapping[str, ColumnElement[bool]],
    among: Select[Any],
) -> Counter[str]:
    """Return how many of these rows fit each condition."""
    sums = [func.sum(case((each, 1), else_=0)) for each in named.values()]
    found = await connection.execute(among.add_columns(*sums))
    numbers = (int(number or 0) for number in found.one())
    return Counter(dict(zip(named, numbers, strict=True)))
