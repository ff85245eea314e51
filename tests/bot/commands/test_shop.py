"""`chatorder shop show` and `shop set`."""

import json
from pathlib import Path

import pytest

from tests.bot.commands.conftest import Run

pytestmark = pytest.mark.usefixtures("on_both", "tenant")

TOML = """
minimum_order = "100.00"

[[delivery.areas]]
name = "Kadıköy"
postal_prefixes = ["347"]
fee = "30.00"

[[payments]]
id = "cash"
names = { en = "Cash", tr = "Nakit" }

[hours]
mon = ["09:00-18:00"]
holidays = [{ date = 2027-01-01 }]

[confirmation]
by = "auto"
auto_below = "1000.00"
"""
TENANT = ("--tenant", "Test Shop")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "shop.toml"
    path.write_text(TOML, encoding="utf-8")
    return path


def stored(run: Run) -> dict[str, object]:
    shown: dict[str, object] = run("shop", "show", *TENANT, "--json").json
    return shown


def test_rules_are_set_and_shown(run: Run, rules: Path) -> None:
    done = run("shop", "set", str(rules), *TENANT)
    assert done.code == 0, done.err
    assert done.out.startswith(
        "Changed: minimum_order, delivery, payments, hours, confirmation (version 1)"
    )
    shown = stored(run)
    assert shown["version"] == 1
    written = shown["rules"]
    assert isinstance(written, dict)
    assert written["minimum_order"] == "100.00"
    assert written["delivery"]["areas"][0]["name"] == "Kadıköy"
    assert written["hours"]["holidays"][0]["date"] == "2027-01-01"


def test_what_is_shown_can_be_set(run: Run, rules: Path, tmp_path: Path) -> None:
    run("shop", "set", str(rules), *TENANT)
    again = tmp_path / "again.json"
    again.write_text(run("shop", "show", *TENANT).out, encoding="utf-8")
    done = run("shop", "set", str(again), *TENANT, "--json")
    assert done.json == {"version": 1, "stored": False, "changed": []}


def test_a_dry_run_says_what_would_change_and_stores_nothing(
    run: Run, rules: Path
) -> None:
    done = run("shop", "set", str(rules), *TENANT, "--dry-run")
    assert done.out.startswith("Would change: minimum_order, delivery")
    assert stored(run)["version"] == 0


WRONG = [
    ("shop.toml", "minimum_order = 100", "minimum_order: give an amount"),
    ("shop.toml", "minimum_order = ", "shop.toml"),
    ("shop.json", "[]", "one object"),
    ("shop.json", "{", "shop.json"),
    ("shop.json", json.dumps({"minimum_order": "0.001"}), "more decimals than TRY"),
    ("shop.txt", "", ".toml or .json"),
]


@pytest.mark.parametrize(("name", "text", "says"), WRONG)
def test_wrong_rules_are_refused_in_one_line(
    run: Run, tmp_path: Path, name: str, text: str, says: str
) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    done = run("shop", "set", str(file), *TENANT)
    assert done.code == 1
    assert says in done.err
    assert done.err.count("\n") == 1
    assert stored(run)["version"] == 0


def test_a_file_that_is_not_there_is_named(run: Run) -> None:
    done = run("shop", "set", "nowhere.toml", *TENANT)
    assert done.code == 1
    assert "nowhere.toml" in done.err
