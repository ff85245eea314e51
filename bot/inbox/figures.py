"""How a shop did in a span of days, and in the span before: for its overview.

Everything is counted from what is stored, by a few statements that each pass once over
the rows of both spans. What retention removed is not counted any more; orders stay.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.spans import Spans
from bot.inbox.traces import Sold, Traces, traces_of
from orders.correcting import Corrected


@dataclass(frozen=True, slots=True)
class Day:
    """What one day had."""

    day: date
    conversations: int
    orders: int
    value: Mapping[str, int]  #: Minor units, by currency.


@dataclass(frozen=True, slots=True)
class Figures:
    """What a span had. Shares are of 1; None where there is nothing to divide by."""

    conversations: int  #: In which a customer wrote.
    ordering: int  #: Of these: an order was placed.
    unaided: int  #: Of these: no person of the shop had a hand in it.
    orders: int  #: Without those cancelled or refunded since.
    chat_orders: int  #: Of these: from a conversation.
    value: Mapping[str, int]  #: Of all orders; minor units, by currency.
    questions: int  #: That we asked for the orders from conversations.
    #: From the first message of an order to its confirmation: half took no longer.
    confirm_seconds: float | None
    corrected: Corrected

    @property
    def conversion(self) -> float | None:
        """Return the share of conversations that led to an order."""
        return _share(self.ordering, self.conversations)

    @property
    def unaided_share(self) -> float | None:
        """Return the share of conversations that no person had a hand in."""
        return _share(self.unaided, self.conversations)

    @property
    def questions_per_order(self) -> float | None:
        return _share(self.questions, self.chat_orders)

    @property
    def accuracy(self) -> float | None:
        """Return the share of matched lines that nobody put right."""
        wrong = _share(self.corrected.wrong, self.corrected.lines)
        return None if wrong is None else 1 - wrong


@dataclass(frozen=True, slots=True)
class Overview:
    """A span, the span of as many days before it, and each day of the span."""

    now: Figures
    before: Figures
    days: Sequence[Day]


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


async def overview_of(
    connection: AsyncConnection,
    tenant_id: str,
    spans: Spans,
    *,
    first_id: Callable[[str, datetime], str],
) -> Overview:
    """Return how a tenant did. `first_id`: the id before which all was made by then."""
    traces = await traces_of(connection, tenant_id, spans, first_id=first_id)
    middle = spans.length
    return Overview(
        now=_figures(traces, range(middle, 2 * middle), traces.corrected),
        before=_figures(traces, range(middle), traces.corrected_before),
        days=_days(traces, spans),
    )


def _figures(traces: Traces, span: range, corrected: Corrected) -> Figures:
    """Return what a span had, of days by their number."""
    sold = [each for each in traces.sold if each.day in span]
    wrote = {chat for chat, day in traces.wrote if day in span}
    helped = {chat for chat, day in traces.helped if day in span}
    chats = {each.conversation_id for each in sold}
    confirmed = {each.conversation_id for each in sold if each.by_person}
    read = [(e, traces.read[e.draft_id]) for e in sold if e.draft_id in traces.read]
    waits = [(each.placed_at - of.began).total_seconds() for each, of in read]
    return Figures(
        conversations=len(wrote),
        ordering=len(wrote & chats),
        unaided=len(wrote - helped - confirmed),
        orders=len(sold),
        chat_orders=sum(each.conversation_id is not None for each in sold),
        value=_value(sold),
        questions=sum(of.questions for _, of in read),
        confirm_seconds=median(waits) if waits else None,
        corrected=corrected,
    )


def _days(traces: Traces, spans: Spans) -> Sequence[Day]:
    talked: defaultdict[int, int] = defaultdict(int)
    for _, number in traces.wrote:
        talked[number] += 1
    sold: defaultdict[int, list[Sold]] = defaultdict(list)
    for each in traces.sold:
        sold[each.day].append(each)
    return [
        Day(
            spans.both[number].begins,
            talked[number],
            len(sold[number]),
            _value(sold[number]),
        )
        for number in range(spans.length, 2 * spans.length)
    ]


def _value(sold: Sequence[Sold]) -> Mapping[str, int]:
    amounts: defaultdict[str, int] = defaultdict(int)
    for each in sold:
        amounts[each.currency] += each.amount
    return dict(sorted(amounts.items()))
