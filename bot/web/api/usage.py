"""Usage: messages, turns, readings, orders and revenue, by day or month."""

from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import Field

from bot.ident import first_id
from bot.inbox.accounts import load_tenants
from bot.inbox.usage import Period, count_usage, days, months
from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Given, Money, Shown
from bot.web.api.problems import invalid
from bot.web.api.roles import USAGE

endpoints = Endpoints("usage", "What the shop used and sold, by day or month.")

_EARLIEST, _LATEST = date(2000, 1, 1), date(2999, 12, 31)
_MOST_DAYS, _MOST_MONTHS = 31, 12
_DEFAULT_DAYS = 7


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
        f" {_MOST_MONTHS} months.",
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
    orders: int = Field(description="Without those cancelled or refunded since.")
    revenue: list[Money] = Field(description="What these orders amount to.")


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
    far = _MOST_DAYS if query.by is Step.DAY else 31 * _MOST_MONTHS
    if (last - first).days >= far:
        raise invalid("first", f"at most {far} days: ask for a part of it")
    periods = (days if query.by is Step.DAY else months)(zone, first, last)
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
        orders=period.orders,
        revenue=[
            Money.of_minor(amount, currency)
            for currency, amount in sorted(period.revenue.items())
        ],
    )
