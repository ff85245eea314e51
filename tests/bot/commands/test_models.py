"""`chatorder model budget`: seen, changed, and followed again."""

import pytest

from tests.bot.commands.conftest import Run


@pytest.fixture
def shop(run: Run, on_both: None) -> str:
    added = run("tenant", "add", "Kahve Evi", "--timezone", "Asia/Tokyo", "--json")
    return str(added.json["id"])


def test_a_budget_is_the_deployments_until_a_merchant_has_one(
    run: Run, shop: str
) -> None:
    def shown(*more: str) -> tuple[str, str]:
        told = run("model", "budget", "--tenant", shop, *more, "--json").json
        assert told["tenant"] == shop
        return told["usd_spent"], told["usd_per_day"]

    assert shown() == ("0.000000", "5.000000")
    assert shown("--usd-per-day", "2.50") == ("0.000000", "2.500000")
    assert shown() == ("0.000000", "2.500000")
    assert shown("--usd-per-day", "0") == ("0.000000", "0.000000")
    assert shown("--as-deployed") == ("0.000000", "5.000000")


def test_it_is_told_to_people_in_one_line(run: Run, shop: str) -> None:
    done = run("model", "budget", "--tenant", "Kahve Evi")
    assert "0.000000 of 5.000000 US dollars spent" in done.out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--usd-per-day", "lots"], "give US dollars from 0 to 100000"),
        (["--usd-per-day", "-1"], "give US dollars from 0 to 100000"),
        (["--usd-per-day", "NaN"], "give US dollars from 0 to 100000"),
        (["--usd-per-day", "1", "--as-deployed"], "not both"),
    ],
)
def test_a_budget_that_is_none_is_refused(
    run: Run, on_sqlite: None, words: list[str], says: str
) -> None:
    run("tenant", "add", "Kahve Evi")
    done = run("model", "budget", "--tenant", "Kahve Evi", *words)
    assert done.code != 0
    assert says in done.err
