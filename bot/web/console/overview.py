"""The overview: how the shop did, in figures and plots."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from bot.web.api.models import Money
from bot.web.api.overview import (
    MOST_DAYS,
    FiguresView,
    OverviewGiven,
    OverviewView,
    overview_view,
)
from bot.web.api.roles import USAGE
from bot.web.console.frame import Room, Visit
from bot.web.console.plots import Plot, Series, bars, line
from bot.web.console.saying import Say

room = Room("overview", "/console/overview", USAGE, key="v")

#: Lengths that can be picked with one press, days.
_SPANS = (7, 30, 90)
_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Card:
    """One figure, and how it changed since the span before."""

    name: str
    value: str | None  #: None: there is nothing to divide by.
    change: str | None
    meaning: str  #: `good`, `bad` or `quiet`.


@dataclass(frozen=True, slots=True)
class _Figure:
    """How a figure is read, written and judged."""

    name: str
    read: Callable[[FiguresView], Decimal | int | None]
    write: Callable[[Say, Decimal], str]
    better: int  #: 1: more is better; -1: less is.
    is_share: bool = False


@room.page("/overview", "overview.html")
async def show_overview(visit: Visit) -> Mapping[str, object]:
    """Show the figures of some days beside as many before."""
    given = visit.query(OverviewGiven)
    view = await overview_view(visit.call, given)
    length = (view.last - view.first).days + 1
    today = visit.now.astimezone(visit.say.zone).date()
    figures = (view.now, view.before)
    return {
        "view": view,
        "is_empty": not any(each.conversations or each.orders for each in figures),
        "cards": _cards(visit.say, view),
        "plots": _plots(visit.say, view),
        "spans": [(days, today - timedelta(days=days - 1), today) for days in _SPANS],
        "length": length if view.last == today else None,
        "today": today,
        "most": MOST_DAYS,
    }


def _number(say: Say, value: Decimal) -> str:
    return say.number(round(value, 1))


def _percent(say: Say, value: Decimal) -> str:
    return say("overview.percent", value=round(value * _PERCENT, 1).normalize())


def _length(say: Say, value: Decimal) -> str:
    return say.span(timedelta(seconds=int(value)))


def _dollars(say: Say, value: Decimal) -> str:
    return say("overview.dollars", value=round(value, 4))


_FIGURES = (
    _Figure("conversations", lambda of: of.conversations, _number, 1),
    _Figure("orders", lambda of: of.orders, _number, 1),
    _Figure("conversion", lambda of: of.conversion, _percent, 1, is_share=True),
    _Figure("confirm", lambda of: of.confirm_seconds, _length, -1),
    _Figure("unaided", lambda of: of.unaided, _percent, 1, is_share=True),
    _Figure("questions", lambda of: of.questions_per_order, _number, -1),
    _Figure("accuracy", lambda of: of.accuracy, _percent, 1, is_share=True),
    _Figure("cost", lambda of: of.model_usd_per_order, _dollars, -1),
)


def _cards(say: Say, view: OverviewView) -> Sequence[Card]:
    first, second, *others = [_card(say, each, view) for each in _FIGURES]
    return [first, second, *_values(say, view), *others]


def _card(say: Say, figure: _Figure, view: OverviewView) -> Card:
    now, before = figure.read(view.now), figure.read(view.before)
    name = say(f"overview.{figure.name}")
    if now is None:
        return Card(name, None, None, "quiet")
    value = figure.write(say, Decimal(now))
    return Card(name, value, *_change(say, figure, Decimal(now), before))


def _change(
    say: Say, figure: _Figure, now: Decimal, before: Decimal | int | None
) -> tuple[str | None, str]:
    """Return how a figure changed, and whether that is good."""
    if before is None or (not before and not figure.is_share):
        return None, "quiet"
    by = now - before if figure.is_share else (now - before) / before
    percent = round(by * _PERCENT)
    if not percent:
        return say("overview.same"), "quiet"
    word = ("more" if percent > 0 else "less") + ("_points" if figure.is_share else "")
    meaning = "good" if percent * figure.better > 0 else "bad"
    return say(f"overview.{word}", change=abs(percent)), meaning


def _values(say: Say, view: OverviewView) -> Sequence[Card]:
    """Return a card for each currency."""
    before = {each.currency: Decimal(each.amount) for each in view.before.value}
    return [_value(say, each, before.get(each.currency)) for each in view.now.value]


def _value(say: Say, now: Money, before: Decimal | None) -> Card:
    figure = _Figure("value", lambda _: None, _number, 1)
    amount = Decimal(now.amount)
    change = _change(say, figure, amount, before)
    return Card(say("overview.value"), say.money(amount, now.currency), *change)


def _plots(say: Say, view: OverviewView) -> Sequence[Plot]:
    days = [say.day(each.day) for each in view.days]
    counts = [
        Series(say("overview.conversations"), [d.conversations for d in view.days]),
        Series(say("overview.orders"), [d.orders for d in view.days]),
    ]
    found = [bars(say("overview.by_day"), days, counts, say.number)]
    for money in view.now.value:
        currency = money.currency
        amounts = [_amount(each.value, currency) for each in view.days]
        series = [Series(say("overview.value"), amounts)]
        title = say("overview.value_by_day", currency=currency)
        found.append(
            line(title, days, series, lambda n: say.number(Decimal(f"{n:.2f}")))
        )
    return found


def _amount(value: Sequence[Money], currency: str) -> float:
    return sum(float(each.amount) for each in value if each.currency == currency)
