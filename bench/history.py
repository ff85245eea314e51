"""Real purchases to measure with: baskets, what came after, and demand by period."""

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np

from orders.advice.domain.basket import Basket, Bought
from orders.advice.domain.market import Numbers

TRANSACTIONS = "retail_transactions.csv.gz"
#: How many periods a year has, by what the files call them.
SEASONS = {"W": 52, "M": 12, "Q": 4, "D": 364}

Customers = Mapping[str, Sequence[Basket]]


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody's next basket, which nobody knew at the cut-off."""

    customer: str
    cutoff: str
    at: datetime
    target: frozenset[str]


@dataclass(frozen=True, slots=True)
class Demand:
    """Series of one length, frequency and horizon."""

    name: str
    ids: tuple[str, ...]
    season: int
    horizon: int
    known: Numbers
    came: Numbers


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def read_customers(folder: Path) -> Customers:
    """Return everybody's baskets, oldest first."""
    moments: dict[tuple[str, str], str] = {}
    items: dict[tuple[str, str], list[Bought]] = defaultdict(list)
    with gzip.open(folder / TRANSACTIONS, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            key = (row["customer"], row["invoice"])
            moments[key] = min(moments.get(key, row["date"]), row["date"])
            bought = Bought(row["sku"], Decimal(row["qty"]), Decimal(row["price"]))
            items[key].append(bought)
    customers: dict[str, list[Basket]] = defaultdict(list)
    for key in sorted(moments, key=lambda each: (moments[each], each)):
        customer, invoice = key
        basket = Basket(invoice, customer, moment(moments[key]), tuple(items[key]))
        customers[customer].append(basket)
    return customers


def read_expected(path: Path) -> Iterator[Expected]:
    for line in path.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        yield Expected(
            str(case["customer"]),
            case["cutoff"],
            moment(case["cutoff"]),
            frozenset(case["target"]),
        )


def read_demand(path: Path) -> Iterator[Demand]:
    """Yield the series of a file; the last h values of each are what came."""
    alike: dict[tuple[str, int, int], list[tuple[str, list[float]]]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        key = (row["freq"], row["h"], len(row["y"]))
        alike[key].append((row["id"], row["y"]))
    for (frequency, horizon, _), rows in alike.items():
        values = np.array([series for _, series in rows], dtype=np.float64)
        yield Demand(
            name=path.name.split(".")[0],
            ids=tuple(name for name, _ in rows),
            season=SEASONS.get(frequency, 0),
            horizon=horizon,
            known=values[:, :-horizon],
            came=values[:, -horizon:],
        )
