"""Plots as inline SVG: bars and lines over days. Pure; colours are the stylesheet's.

The drawing stretches to its place, so its words stand beside it as HTML: the numbers of
the axis, and the days below. What it shows can be read as a table, too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

WIDTH: Final = 600
HEIGHT: Final = 160
#: Days that are named below a plot, at most.
_NAMED: Final = 5
#: Of the place of a day, what its bars fill.
_FILLED: Final = 0.72
#: What the top of an axis may be, and half of it is a whole number ...
_SMALL_TOPS: Final = (2, 4, 6, 8, 10)
#: ... and above, times a power of ten.
_TOPS: Final = (2, 3, 4, 5, 6, 8, 10)


@dataclass(frozen=True, slots=True)
class Series:
    """The values of one thing, a value for each day."""

    name: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing, and the words around it."""

    title: str
    svg: Markup
    axis: Sequence[str]  #: From the top to the bottom.
    days: Sequence[str]  #: Some of them, evenly from the first to the last.
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]  #: Of the table: the day, and each value.


Write = Callable[[float], str]


def bars(
    title: str, days: Sequence[str], series: Sequence[Series], write: Write
) -> Plot:
    """Return bars side by side for each day. There is at least one day."""
    top = top_of(max(max(each.values) for each in series))
    place = WIDTH / len(days)
    width = place * _FILLED / len(series)
    shapes = [
        _bar(
            x=number * place + place * (1 - _FILLED) / 2 + order * width,
            width=width,
            height=value / top * HEIGHT,
            look=order,
            said=f"{day} · {each.name}: {write(value)}",
        )
        for order, each in enumerate(series)
        for number, (day, value) in enumerate(zip(days, each.values, strict=True))
        if value
    ]
    return _plot(title, days, series, write, top=top, shapes=shapes)


def line(
    title: str, days: Sequence[str], series: Sequence[Series], write: Write
) -> Plot:
    """Return a line for each series. There is at least one day."""
    top = top_of(max(max(each.values) for each in series))
    step = WIDTH / max(1, len(days) - 1)
    shapes = []
    for order, each in enumerate(series):
        points = [
            f"{number * step:.1f},{HEIGHT - value / top * HEIGHT:.1f}"
            for number, value in enumerate(each.values)
        ]
        if len(points) == 1:
            points.append(f"{WIDTH},{points[0].partition(',')[2]}")
        shapes += [
            Markup('<polygon class="area-{}" points="0,{} {} {},{}"/>').format(
                order, HEIGHT, " ".join(points), WIDTH, HEIGHT
            ),
            Markup('<polyline class="line-{}" points="{}"/>').format(
                order, " ".join(points)
            ),
        ]
    return _plot(title, days, series, write, top=top, shapes=shapes)


def top_of(highest: float) -> float:
    """Return where an axis ends: the next round number that can be halved."""
    power = 1
    tops: Sequence[int] = _SMALL_TOPS
    while highest > power * tops[-1]:
        power, tops = power * 10, _TOPS
    return float(next(each * power for each in tops if highest <= each * power))


def _bar(*, x: float, width: float, height: float, look: int, said: str) -> Markup:
    return Markup(
        '<rect class="bar-{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}">'
        "<title>{}</title></rect>"
    ).format(look, x, HEIGHT - height, width, height, said)


def _plot(
    title: str,
    days: Sequence[str],
    series: Sequence[Series],
    write: Write,
    *,
    top: float,
    shapes: Sequence[Markup],
) -> Plot:
    grid = Markup("").join(
        Markup('<path class="grid" d="M0 {}H{}"/>').format(height, WIDTH)
        for height in (0, HEIGHT // 2, HEIGHT)
    )
    svg = Markup(
        '<svg viewBox="0 0 {} {}" preserveAspectRatio="none" role="img"'
        ' aria-label="{}">{}{}</svg>'
    ).format(WIDTH, HEIGHT, escape(title), grid, Markup("").join(shapes))
    values = zip(*(each.values for each in series), strict=True)
    return Plot(
        title=title,
        svg=svg,
        axis=[write(top), write(top / 2), write(0)],
        days=_named(days),
        heads=[each.name for each in series],
        rows=[[day, *map(write, row)] for day, row in zip(days, values, strict=True)],
    )


def _named(days: Sequence[str]) -> Sequence[str]:
    number = min(_NAMED, len(days))
    if number == 1:
        return list(days)
    last = len(days) - 1
    return [days[round(place * last / (number - 1))] for place in range(number)]
