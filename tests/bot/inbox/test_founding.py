"""A shop's facts: what is not given follows from the country, where it can."""

from datetime import UTC, datetime

import pytest

from bot.inbox.checking import (
    InvalidAccount,
    check_spoken,
    usual_currency,
    usual_timezone,
)
from bot.inbox.founding import ShopFacts

NOW = datetime(2026, 11, 22, tzinfo=UTC)
COUNTRIES = {
    "TR": ("Europe/Istanbul", "TRY"),
    "DE": ("Europe/Berlin", "EUR"),
    "ES": ("Europe/Madrid", "EUR"),
    "GB": ("Europe/London", "GBP"),
    "KW": ("Asia/Kuwait", "KWD"),
    "JP": ("Asia/Tokyo", "JPY"),
    "US": (None, "USD"),
    "BR": (None, "BRL"),
}


@pytest.mark.parametrize(("country", "usual"), COUNTRIES.items(), ids=COUNTRIES)
def test_a_country_has_its_clock_and_its_money(
    country: str, usual: tuple[str | None, str]
) -> None:
    found = usual_timezone(country), usual_currency(country, NOW.date())
    assert found == usual


def facts(**changes: str | None) -> ShopFacts:
    given: dict[str, str | None] = {
        "name": " Kahve  Evi ",
        "language": "TR",
        "country": "tr",
        "timezone": None,
        "currency": None,
        **changes,
    }
    return ShopFacts.checked(now=NOW, **given)  # type: ignore[arg-type]  # a table


def test_what_is_not_given_follows_from_the_country() -> None:
    assert facts() == ShopFacts("Kahve Evi", "tr", "TR", "Europe/Istanbul", "TRY")
    chosen = facts(timezone="Europe/London", currency="eur")
    assert (chosen.timezone, chosen.currency) == ("Europe/London", "EUR")


def test_where_a_country_has_many_clocks_one_must_be_chosen() -> None:
    with pytest.raises(InvalidAccount, match="timezone: US has more than one"):
        facts(country="US")


def test_a_language_that_we_have_no_words_of_is_refused() -> None:
    with pytest.raises(InvalidAccount, match="do not speak 'fr' yet; use en, es"):
        check_spoken("fr")
