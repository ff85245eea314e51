"""What two spans of days left in the tables, for the figures of an overview."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, case, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.commerce import NextAction
from bot.inbox.spans import Spans
from bot.inbox.table import analysis, conversation, message
from orders import OrderState
from orders.correcting import Corrected, count_corrections
from orders.domain.draft import Source
from orders.table import draft, draft_change, order

#: An id is made a little before or after the moment that its row names.
_SLACK: Final = timedelta(days=1)
#: A draft that is changed later than this after it began is not looked for.
_LONGEST_DRAFT: Final = timedelta(days=31)
#: Sold and then taken back is not sold.
_UNSOLD: Final = (OrderState.CANCELLED, OrderState.REFUNDED)
#: With these first, a turn ends in a question that the order waits for.
_ASKS: Final = (
    NextAction.ASK_MISSING_FIELD,
    NextAction.CONFIRM_PRODUCT,
    NextAction.PICK_VARIANT,
    NextAction.OFFER_ALTERNATIVE,
)
#: How people stand in what they changed.
_PERSON: Final = "user:"

#: A message of a person of the shop is one of these: written out, and as the index
#: `ix_message_by_person` has it, or neither database would look there.
_BY_PERSON: Final = or_(
    message.c.actor.is_not(None), message.c.event == literal_column("'echo'")
)
_OF_SHOP: Final = or_(message.c.direction == "out", message.c.event == "echo")

#: A conversation, and the number of a day.
ChatDay = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Sold:
    """One order that was not taken back."""

    draft_id: str
    conversation_id: str | None
    currency: str
    amount: int  #: Minor units.
    placed_at: datetime
    day: int
    by_person: bool  #: A person of the shop confirmed it.


@dataclass(frozen=True, slots=True)
class Read:
    """How a draft was heard."""

    began: datetime  #: When the first message that went into it came.
    questions: int


@dataclass(frozen=True, slots=True)
class Traces:
    """Everything that the figures are made of; days by their number in the spans."""

    wrote: frozenset[ChatDay]  #: A customer wrote.
    helped: frozenset[
        ChatDay
    ]  #: A person of the shop wrote, took over or changed a draft.
    sold: tuple[Sold, ...]
    read: Mapping[str, Read]  #: By draft; of those that were sold.
    corrected_before: Corrected
    corrected: Corrected


async def traces_of(
    connection: AsyncConnection,
    tenant_id: str,
    spans: Spans,
    *,
    first_id: Callable[[str, datetime], str],
) -> Traces:
    """Return what both spans of a tenant left."""
    asking = _Asking(connection, tenant_id, spans, first_id)
    wrote, helped = await asking.talks()
    return Traces(
        wrote=wrote,
        helped=helped | await asking.taken_over() | await asking.changed(),
        sold=await asking.sold(),
        read=await asking.read(),
        corrected_before=await asking.corrected(spans.start, spans.middle),
        corrected=await asking.corrected(spans.middle, spans.end),
    )


@dataclass(frozen=True, slots=True)
class _Asking:
    connection: AsyncConnection
    tenant_id: str
    spans: Spans
    first_id: Callable[[str, datetime], str]

    @property
    def _dialect(self) -> str:
        return self.connection.dialect.name

    async def talks(self) -> tuple[frozenset[ChatDay], frozenset[ChatDay]]:
        """Return where customers wrote, and where people of the shop did.

        Those are apart: an index knows the few messages of people.
        """
        wrote = and_(message.c.direction == "in", message.c.event == "message")
        return await self._said(wrote), await self._said(_BY_PERSON, _OF_SHOP)

    async def _said(self, *which: ColumnElement[bool]) -> frozenset[ChatDay]:
        at = message.c.received_at
        day = self.spans.number(at, self._dialect).label("day")
        rows = await self.connection.execute(
            select(message.c.conversation_id, day)
            .distinct()
            .where(
                message.c.tenant_id == self.tenant_id,
                message.c.id >= self.first_id("msg", self.spans.start - _SLACK),
                message.c.id < self.first_id("msg", self.spans.end + _SLACK),
                self.spans.during(at),
                *which,
            )
        )
        return frozenset((chat, number) for chat, number in rows)

    async def taken_over(self) -> frozenset[ChatDay]:
        """Return the conversations that people have, by when they got them."""
        at = conversation.c.handover_at
        rows = await self.connection.execute(
            select(
                conversation.c.id, self.spans.number(at, self._dialect).label("day")
            ).where(conversation.c.tenant_id == self.tenant_id, self.spans.during(at))
        )
        return frozenset((row.id, row.day) for row in rows)

    async def changed(self) -> frozenset[ChatDay]:
        """Return the conversations whose drafts people changed."""
        at = draft_change.c.at
        first = self.first_id("drf", self.spans.start - _LONGEST_DRAFT)
        rows = await self.connection.execute(
            select(
                draft.c.conversation_id.label("chat"),
                self.spans.number(at, self._dialect).label("day"),
            )
            .distinct()
            .join(draft, draft.c.id == draft_change.c.draft_id)
            .where(
                draft_change.c.tenant_id == self.tenant_id,
                draft_change.c.draft_id >= first,
                draft_change.c.actor.startswith(_PERSON, autoescape=True),
                self.spans.during(at),
            )
        )
        return frozenset((row.chat, row.day) for row in rows)

    async def sold(self) -> tuple[Sold, ...]:
        """Return the orders that were placed and not taken back."""
        confirmed = order.c.body[("confirmed_by", "source")].as_string()
        rows = await self.connection.execute(
            select(
                order.c.draft_id,
                order.c.conversation_id,
                order.c.currency,
                order.c.grand_total,
                order.c.placed_at,
                self.spans.number(order.c.placed_at, self._dialect).label("day"),
                confirmed.label("confirmed"),
            ).where(*self._sold())
        )
        return tuple(
            Sold(
                draft_id=row.draft_id,
                conversation_id=row.conversation_id,
                currency=row.currency,
                amount=row.grand_total,
                placed_at=row.placed_at,
                day=row.day,
                by_person=row.confirmed == Source.AGENT,
            )
            for row in rows
        )

    def _sold(self) -> tuple[ColumnElement[bool], ...]:
        return (
            order.c.tenant_id == self.tenant_id,
            order.c.state.not_in(_UNSOLD),
            self.spans.during(order.c.placed_at),
        )

    async def read(self) -> Mapping[str, Read]:
        """Return how the drafts were heard that became orders."""
        action = analysis.c.commerce[("nextBestActions", 0)].as_string()
        turns = (
            select(
                analysis.c.draft_id,
                analysis.c.conversation_id,
                func.min(analysis.c.from_seq).label("first"),
                func.count(case((action.in_(_ASKS), 1))).label("questions"),
            )
            .join(order, order.c.draft_id == analysis.c.draft_id)
            .where(analysis.c.tenant_id == self.tenant_id, *self._sold())
            .group_by(analysis.c.draft_id, analysis.c.conversation_id)
            .subquery()
        )
        rows = await self.connection.execute(
            select(turns.c.draft_id, turns.c.questions, message.c.received_at).join(
                message,
                and_(
                    message.c.conversation_id == turns.c.conversation_id,
                    message.c.seq == turns.c.first,
                ),
            )
        )
        return {row.draft_id: Read(row.received_at, row.questions) for row in rows}

    async def corrected(self, start: datetime, end: datetime) -> Corrected:
        """Return what was put right in the drafts that began in a time."""
        return await count_corrections(
            self.connection,
            self.tenant_id,
            start,
            end,
            first_id=self.first_id("drf", start - _SLACK),
            last_id=self.first_id("drf", end + _SLACK),
        )
