"""Usage: messages, turns, readings, orders and revenue, by day or month."""

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import Field

from bot.ident import first_id
from bot.inbox.accounts import load_tenants
from bot.inbox.overview import find_chat
from bot.inbox.usage import (
    Period,
    Took,
    count_usage,
    days,
    days_between,
    months,
    months_between,
    took,
)
from bot.reading.budget import MICROS
from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Exact, Given, Id, Money, Shown
from bot.web.api.problems import invalid, not_found
from bot.web.api.roles import USAGE
from orders.store import load_order

endpoints = Endpoints("usage", "What the shop used and sold, by day or month.")

_EARLIEST, _LATEST = date(2000, 1, 1), date(2999, 12, 31)
_MOST_DAYS, _MOST_MONTHS = 31, 12
_DEFAULT_DAYS = 7
#: What sums of models' calls leave out: only an attempt that is saved, or that failed,
#: leaves a trace of them.
_UNCOUNTED = (
    "Without calls whose result was thrown away because the customer wrote on, somebody"
    " changed the draft, or the process was killed meanwhile."
)


class Step(StrEnum):
    DAY = "day"
    MONTH = "month"


class UsageGiven(Given):
    """Which time, where the shop is."""

    by: Step = Field(Step.DAY, description="One entry for each day, or month.")
    first: date | None = Field(
        None,
        ge=_EARLIEST,
        le=_LATEST,
        description="From this day on; without: a week ago.",
        examples=["2026-11-01"],
    )
    last: date | None = Field(
        None,
        ge=_EARLIEST,
        le=_LATEST,
        description=f"To this day; without: today. At most {_MOST_DAYS} days, or"
        f" {_MOST_MONTHS} months, counting those in which both days lie.",
        examples=["2026-11-22"],
    )


class PeriodView(Shown):
    """One day or month."""

    begins: date = Field(description="In the shop's time zone.")
    messages_in: int
    messages_out: int
    turns: int = Field(description="Messages handled together count once.")
    readings: dict[str, int] = Field(
        description="Turns by reader.", examples=[{"rules": 12}]
    )
    tokens: dict[str, int] = Field(
        description="Of readers that pay by the token.",
        examples=[{"input_tokens": 5120, "output_tokens": 640}],
    )
    model_usd: Exact = Field(
        description=f"What these readings cost, in US dollars. {_UNCOUNTED}",
        examples=["0.0042"],
    )
    orders: int = Field(description="Without those cancelled or refunded since.")
    revenue: list[Money] = Field(description="What these orders amount to.")


class ReadingUsageView(Shown):
    """What reading took, summed over turns."""

    turns: int = Field(description="Messages handled together count once.")
    readings: dict[str, int] = Field(
        description="Turns by reader.", examples=[{"openai": 3, "rules": 2}]
    )
    input_tokens: int
    cached_tokens: int = Field(description="Of the input, cheaper.")
    output_tokens: int
    model_usd: Exact = Field(
        description=f"In US dollars. {_UNCOUNTED}", examples=["0.0042"]
    )


class UsageView(Shown):
    """What was used."""

    timezone: str = Field(examples=["Europe/Istanbul"])
    data: list[PeriodView]


@endpoints.get("/v1/usage", roles=USAGE)
async def read_usage(call: Call, query: UsageGiven) -> UsageView:
    """Read what the shop used and sold.

    It is counted from what is stored: what retention removed is not counted any more.
    """
    entries = await load_tenants(call.connection, [call.tenant_id])
    timezone = entries[call.tenant_id].tenant.timezone
    zone = ZoneInfo(timezone)
    last = query.last or call.now.astimezone(zone).date()
    first = query.first or last - timedelta(days=_DEFAULT_DAYS - 1)
    if first > last:
        raise invalid("first", f"lies after {last.isoformat()}")
    by_day = query.by is Step.DAY
    most, name = (_MOST_DAYS, "days") if by_day else (_MOST_MONTHS, "months")
    number = (days_between if by_day else months_between)(first, last)
    if number > most:
        raise invalid("first", f"{number} {name}, at most {most}: ask for a part of it")
    periods = (days if by_day else months)(zone, first, last)
    await count_usage(call.connection, call.tenant_id, periods, first_id=first_id)
    return UsageView(timezone=timezone, data=[_view(each) for each in periods])


def _view(period: Period) -> PeriodView:
    return PeriodView(
        begins=period.begins,
        messages_in=period.messages_in,
        messages_out=period.messages_out,
        turns=period.turns,
        readings=period.readings,
        tokens=period.tokens,
        model_usd=_usd(period.cost),
        orders=period.orders,
        revenue=[
            Money.of_minor(amount, currency)
            for currency, amount in sorted(period.revenue.items())
        ],
    )


@endpoints.get("/v1/orders/{order_id}/usage", roles=USAGE)
async def read_order_usage(call: Call, order_id: Id) -> ReadingUsageView:
    """Read what reading took for an order: every turn that went into its draft.

    It is nothing for an order that was not made in a conversation.
    """
    stored = await load_order(call.connection, call.tenant_id, order_id)
    if stored is None:
        raise not_found("order", order_id)
    if stored.conversation_id is None:
        return _reading_usage(Took())
    draft_id = stored.order.draft_id
    chat = stored.conversation_id
    return _reading_usage(await took(call.connection, call.tenant_id, chat, draft_id))


@endpoints.get("/v1/conversations/{conversation_id}/usage", roles=USAGE)
async def read_conversation_usage(call: Call, conversation_id: Id) -> ReadingUsageView:
    """Read what reading took for a conversation, from its beginning."""
    chat = await find_chat(call.connection, call.tenant_id, conversation_id)
    if chat is None:
        raise not_found("conversation", conversation_id)
    found = await took(call.connection, call.tenant_id, conversation_id)
    return _reading_usage(found)


def _reading_usage(sums: Took) -> ReadingUsageView:
    return ReadingUsageView(
        turns=sums.turns,
        readings=dict(sums.readings),
        input_tokens=sums.input_tokens,
        cached_tokens=sums.cached_tokens,
        output_tokens=sums.output_tokens,
        model_usd=_usd(sums.cost_micros),
    )


def _usd(micros: int) -> Decimal:
    return Decimal(micros) / MICROS
