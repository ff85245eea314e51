"""What one customer will need of what they buy, week by week, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from orders.advice.domain.basket import Basket, day_of
from orders.advice.domain.forecasting import forecast_mean
from orders.advice.domain.market import Numbers

_WEEK = 7.0
_YEAR = 52
#: Two years and a half show a season twice; what is older is another customer.
_LONGEST = 130
#: The past is forecast again from so many moments, if it is long enough.
_REPEATED = 3


@dataclass(frozen=True, slots=True)
class Need:
    """What a customer will take of a product in the weeks to come, on the whole."""

    product: str
    quantity: float
    #: How near such forecasts for it came until now, 0 to 1.
    accuracy: float


@dataclass(frozen=True, slots=True)
class Needs:
    needs: tuple[Need, ...]
    #: Of all products together, weighed by what was sold; None: too short to tell.
    accuracy: float | None


def foresee(own: Sequence[Basket], at: datetime, weeks: int) -> Needs:
    """Return what the customer will need in `weeks` weeks of each product they had."""
    if not own:
        return Needs((), None)
    products = tuple(sorted({name for basket in own for name in basket.products}))
    series = by_week(own, products, at)
    expected = forecast_mean(series, weeks, _YEAR).sum(axis=1)
    missed, sold = _tested(series, weeks)
    each = np.clip(1 - missed / np.maximum(sold, 1e-9), 0, 1) * (sold > 0)
    whole = float(sold.sum())
    needs = (
        Need(product, float(amount), float(accuracy))
        for product, amount, accuracy in zip(products, expected, each, strict=True)
    )
    accuracy = max(1 - float(missed.sum()) / whole, 0.0) if whole else None
    return Needs(tuple(needs), accuracy)


def by_week(own: Sequence[Basket], products: Sequence[str], at: datetime) -> Numbers:
    """Return what was bought, a row for each product and a column for each week.

    The last week ends at the moment, so that none is cut short.
    """
    now = day_of(at)
    ago = [int((now - day_of(basket.at)) // _WEEK) for basket in own]
    length = min(max(max(ago) + 1, 1), _LONGEST)
    row = {product: index for index, product in enumerate(products)}
    series = np.zeros((len(products), length))
    for basket, weeks in zip(own, ago, strict=True):
        if weeks >= length:
            continue
        for item in basket.items:
            series[row[item.product], length - 1 - weeks] += float(item.quantity)
    return series


def _tested(series: Numbers, weeks: int) -> tuple[Numbers, Numbers]:
    """Return how much forecasts of past weeks missed, and how much was sold then."""
    missed, sold = np.zeros(len(series)), np.zeros(len(series))
    for turn in range(1, _REPEATED + 1):
        start = series.shape[1] - turn * weeks
        if start < weeks:
            break
        came = series[:, start : start + weeks].sum(axis=1)
        foreseen = forecast_mean(series[:, :start], weeks, _YEAR).sum(axis=1)
        missed += np.abs(foreseen - came)
        sold += came
    return missed, sold
