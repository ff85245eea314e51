from decimal import Decimal
from string import Formatter

import pytest

from orders.advice.domain.answer import Kind, Reason
from orders.advice.wording import languages, load_wording


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("kind", list(Kind))
def test_every_language_has_every_reason_with_the_same_facts(
    kind: Kind, language: str
) -> None:
    sentence = load_wording(language).reasons[kind]
    assert places(sentence) == places(load_wording("en").reasons[kind])


@pytest.mark.parametrize("language", languages())
def test_a_week_has_seven_days_everywhere(language: str) -> None:
    assert len(set(load_wording(language).weekdays)) == 7


def test_a_reason_is_a_sentence_with_its_facts() -> None:
    due = Reason(Kind.DUE, {"days": 13, "usual": 14.0})
    said = load_wording("en").say(due)
    assert said == "Due again: bought 13 days ago, usually every 14 days."


def test_amounts_are_said_without_zeros_that_say_nothing() -> None:
    left = Reason(Kind.LIMITED_BY_BUDGET, {"left": Decimal("20.50")})
    assert "20.5 " in load_wording("en").say(left)
    stock = Reason(Kind.LIMITED_BY_STOCK, {"stock": Decimal(20)})
    assert load_wording("en").say(stock) == "Only 20 in stock."


def test_a_weekday_has_its_name() -> None:
    habit = Reason(Kind.BUYS_ON, {"weekday": 1, "times": 4})
    assert load_wording("tr").say(habit).startswith("Genelde Pazartesi")


def test_a_language_that_we_do_not_speak_is_answered_in_english() -> None:
    assert load_wording("xx").say(Reason(Kind.PREFERRED)) == load_wording("en").say(
        Reason(Kind.PREFERRED)
    )
