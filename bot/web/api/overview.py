"""The overview: how the shop did in a span of days, beside the span before."""

import csv
import io
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from pydantic import Field

from bot.ident import first_id
from bot.inbox.accounts import load_tenants
from bot.inbox.figures import Day, Figures, Overview, overview_of
from bot.inbox.spans import Spans, spans_of
from bot.reading.budget import MICROS, spent_between
from bot.web.api.call import Call, Download
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Exact, Given, Money, Shown
from bot.web.api.problems import invalid
from bot.web.api.roles import USAGE

endpoints = Endpoints("overview", "How the shop did, in figures.")

_EARLIEST, _LATEST = date(2000, 1, 1), date(2999, 12, 31)
MOST_DAYS = 366
DEFAULT_DAYS = 30
_PLACES = Decimal("0.0001")


class OverviewGiven(Given):
    """Which days, where the shop is."""

    first: date | None = Field(
        None,
        ge=_EARLIEST,
        le=_LATEST,
        description=f"From this day on; without: {DEFAULT_DAYS} days that end with"
        " the last.",
        examples=["2026-11-01"],
    )
    last: date | None = Field(
        None,
        ge=_EARLIEST,
        le=_LATEST,
        description=f"To this day; without: today. At most {MOST_DAYS} days.",
        examples=["2026-11-22"],
    )


class FiguresView(Shown):
    """What a span had. A share is of 1; null where there is nothing to divide by."""

    conversations: int = Field(description="In which a customer wrote.")
    orders: int = Field(description="Without those cancelled or refunded since.")
    value: list[Money] = Field(description="What these orders amount to, by currency.")
    conversion: Exact | None = Field(
        description="Share of the conversations in which an order was placed.",
        examples=["0.42"],
    )
    confirm_seconds: int | None = Field(
        description="From the first message of an order to its confirmation, seconds:"
        " half of the orders took no longer.",
        examples=[184],
    )
    unaided: Exact | None = Field(
        description="Share of the conversations without a person of the shop: nobody"
        " wrote, took over, changed a draft or confirmed.",
        examples=["0.91"],
    )
    questions_per_order: Exact | None = Field(
        description="Turns that ended with a question that the order waited for, by"
        " orders from conversations.",
        examples=["1.3"],
    )
    accuracy: Exact | None = Field(
        description="Share of the lines matched from customers' words, in drafts begun"
        " in the span, that nobody put right: that got no other product, and that no"
        " agent took out or gave another variant.",
        examples=["0.97"],
    )
    model_usd: Exact = Field(
        description="What models cost, in US dollars, whatever became of it.",
        examples=["1.2034"],
    )
    model_usd_per_order: Exact | None = Field(
        description="The same by orders from conversations.", examples=["0.0042"]
    )


class DayView(Shown):
    """One day."""

    day: date
    conversations: int
    orders: int
    value: list[Money]


class OverviewView(Shown):
    """A span, and as many days before it."""

    timezone: str = Field(examples=["Europe/Istanbul"])
    first: date
    last: date
    now: FiguresView = Field(description="Of these days.")
    before: FiguresView = Field(description="Of as many days before them.")
    days: list[DayView]


@endpoints.get("/v1/overview", roles=USAGE)
async def read_overview(call: Call, query: OverviewGiven) -> OverviewView:
    """Read how the shop did, beside as many days before.

    It is counted from what is stored: what retention removed is not counted any more;
    orders stay.
    """
    return await overview_view(call, query)


@endpoints.get("/v1/overview.csv", roles=USAGE, downloads=("text/csv",))
async def download_overview(call: Call, query: OverviewGiven) -> Download:
    """Download the days of the overview as a table, for a spreadsheet."""
    view = await overview_view(call, query)
    name = f"overview-{view.first}-{view.last}.csv"
    return Download("text/csv; charset=utf-8", _table(view).encode("utf-8-sig"), name)


async def overview_view(call: Call, query: OverviewGiven) -> OverviewView:
    """Return the overview that is asked for. Raises Problem for days that cannot be."""
    entries = await load_tenants(call.connection, [call.tenant_id])
    timezone = entries[call.tenant_id].tenant.timezone
    zone = ZoneInfo(timezone)
    last = query.last or call.now.astimezone(zone).date()
    first = query.first or last - timedelta(days=DEFAULT_DAYS - 1)
    if first > last:
        raise invalid("first", f"lies after {last.isoformat()}")
    number = (last - first).days + 1
    if number > MOST_DAYS:
        raise invalid(
            "first", f"{number} days, at most {MOST_DAYS}: ask for a part of it"
        )
    spans = spans_of(zone, first, last)
    found = await overview_of(call.connection, call.tenant_id, spans, first_id=first_id)
    now, before = await _spent(call, spans)
    return _overview(timezone, found, now=now, before=before)


async def _spent(call: Call, spans: Spans) -> tuple[int, int]:
    """Return what models cost in the span and in the one before."""
    begins = [each.begins.isoformat() for each in spans.both]
    mine = (call.connection, call.tenant_id)
    middle = spans.length
    return (
        await spent_between(*mine, begins[middle], begins[-1]),
        await spent_between(*mine, begins[0], begins[middle - 1]),
    )


def _overview(timezone: str, found: Overview, *, now: int, before: int) -> OverviewView:
    return OverviewView(
        timezone=timezone,
        first=found.days[0].day,
        last=found.days[-1].day,
        now=_figures(found.now, now),
        before=_figures(found.before, before),
        days=[_day(each) for each in found.days],
    )


def _figures(figures: Figures, micros: int) -> FiguresView:
    seconds = figures.confirm_seconds
    orders = figures.chat_orders
    return FiguresView(
        conversations=figures.conversations,
        orders=figures.orders,
        value=_money(figures.value),
        conversion=_rounded(figures.conversion),
        confirm_seconds=None if seconds is None else round(seconds),
        unaided=_rounded(figures.unaided_share),
        questions_per_order=_rounded(figures.questions_per_order),
        accuracy=_rounded(figures.accuracy),
        model_usd=Decimal(micros) / MICROS,
        model_usd_per_order=_rounded(micros / MICROS / orders) if orders else None,
    )


def _day(day: Day) -> DayView:
    return DayView(
        day=day.day,
        conversations=day.conversations,
        orders=day.orders,
        value=_money(day.value),
    )


def _money(value: Mapping[str, int]) -> list[Money]:
    return [Money.of_minor(amount, currency) for currency, amount in value.items()]


def _rounded(share: float | None) -> Decimal | None:
    return None if share is None else Decimal(share).quantize(_PLACES)


def _table(view: OverviewView) -> str:
    """Return the days as CSV; each currency has a column of its own."""
    currencies = sorted({each.currency for day in view.days for each in day.value})
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["day", "conversations", "orders", *currencies])
    for day in view.days:
        amounts = {each.currency: each.amount for each in day.value}
        row = [day.day, day.conversations, day.orders]
        writer.writerow([*row, *(amounts.get(each, "0") for each in currencies)])
    return file.getvalue()
