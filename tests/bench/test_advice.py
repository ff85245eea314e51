"""The bench of advice is fair: it knows what was known, and writes what is asked."""

import csv
import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.advice import fitted, hits, main
from bench.history import Expected, read_customers
from orders.advice.domain.signals import SIGNALS

FIRST = datetime(2010, 12, 1, 9, tzinfo=UTC)
CUTOFF = datetime(2011, 10, 1, 9, tzinfo=UTC)
Row = tuple[str, str, str, str]


def at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def purchases() -> list[Row]:
    """Return invoice, date, customer and SKU: six people, each with habits."""
    return [
        (f"{customer}-{week}", at(FIRST + timedelta(weeks=week)), str(customer), sku)
        for customer in range(6)
        for week in range(0, 50, 2)
        for sku in ("BEANS", f"OWN{customer}", f"WEEK{week % 8}")
    ]


def a_folder(path: Path, rows: list[Row], target: str = "OWN1") -> Path:
    path.mkdir(exist_ok=True)
    with gzip.open(path / "retail_transactions.csv.gz", "wt", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(
            ("invoice", "date", "customer", "country", "sku", "qty", "price")
        )
        for invoice, date, customer, sku in rows:
            writer.writerow((invoice, date, customer, "UK", sku, "2", "1.5"))
    case = {"customer": 1, "cutoff": at(CUTOFF), "target": [target]}
    write(path / "next_basket.dev.jsonl", case)
    demand = {"id": "A", "freq": "W", "y": [3] * 20, "h": 4}
    write(path / "demand_shop_weekly.dev.jsonl", demand)
    return path


def write(path: Path, line: dict[str, Any]) -> None:
    path.write_text(json.dumps(line) + "\n", encoding="utf-8")


def answered(path: Path, rows: list[Row], target: str = "OWN1") -> list[str]:
    folder = a_folder(path, rows, target)
    assert main([str(folder), "--out", str(path / "out")]) == 0
    line = (path / "out" / "next_basket.jsonl").read_text(encoding="utf-8")
    skus = json.loads(line)["skus"]
    assert isinstance(skus, list)
    return skus


def test_it_writes_answers_and_prints_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answered(tmp_path, purchases())[:2] == ["BEANS", "OWN1"]
    line = (tmp_path / "out" / "next_basket.jsonl").read_text(encoding="utf-8")
    assert list(json.loads(line)) == ["customer", "cutoff", "skus"]
    demand = (tmp_path / "out" / "demand_shop_weekly.jsonl").read_text(encoding="utf-8")
    assert json.loads(demand) == {"id": "A", "forecast": [3, 3, 3, 3]}
    told = capsys.readouterr().out.splitlines()
    assert "hit@10 1.0000" in told
    assert "recall@10 1.0000" in told
    assert "demand_shop_weekly WAPE 0.0000" in told
    assert any(line.startswith("| own frequency |") for line in told)


@pytest.mark.parametrize("target", ["OWN1", "NEVER-SEEN"])
def test_the_target_is_not_known(tmp_path: Path, target: str) -> None:
    usual = answered(tmp_path, purchases())
    assert answered(tmp_path, purchases(), target) == usual


def test_what_comes_after_the_cut_offs_is_not_known(tmp_path: Path) -> None:
    usual = answered(tmp_path, purchases())
    later: list[Row] = [
        ("x", "2011-09-02 09:00", "3", "SECRET"),
        ("x", "2011-09-02 09:00", "3", "BEANS"),
        ("y", at(CUTOFF), "1", "SECRET"),
    ]
    assert answered(tmp_path, [*purchases(), *later]) == usual


def test_the_own_baskets_until_the_cut_off_are_known(tmp_path: Path) -> None:
    own: list[Row] = [
        (f"z{day}", f"2011-09-{day} 09:00", "1", "LATELY") for day in range(20, 30)
    ]
    assert "LATELY" in answered(tmp_path, [*purchases(), *own])


def test_a_folder_without_purchases_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 1
    assert "has no retail_transactions.csv.gz" in capsys.readouterr().err


def test_weights_can_be_fitted_from_baskets_alone(tmp_path: Path) -> None:
    found = fitted(read_customers(a_folder(tmp_path, purchases())))
    values = dict(zip(SIGNALS, found.values, strict=True))
    assert values["own_small"] + values["own_lately"] > 0


def test_hits_are_counted_by_customer() -> None:
    cases = [
        Expected("1", "", CUTOFF, frozenset({"A", "B", "C", "D"})),
        Expected("2", "", CUTOFF, frozenset({"A"})),
    ]
    found = hits([("A", "B"), ("X",)], cases)
    assert (found.hit, found.precision, found.recall) == (0.5, 0.1, 0.25)
