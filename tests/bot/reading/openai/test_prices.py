"""What calls cost."""

import pytest

from bot.reading.openai.prices import load_prices

MILLION = 1_000_000


@pytest.mark.parametrize(
    ("model", "fresh", "cached", "output", "usd"),
    [
        ("gpt-5.4-mini", MILLION, 0, 0, 0.75),
        ("gpt-5.4-mini", 0, MILLION, 0, 0.075),
        ("gpt-5.4-mini", 0, 0, MILLION, 4.5),
        ("gpt-5.4-mini-2026-03-17", MILLION, 0, 0, 0.75),
        ("gpt-5.4", MILLION, 0, 0, 2.5),
        ("gpt-5.4-nano", MILLION, 0, 0, 0.2),
        # A price that nobody knows is the one that is feared.
        ("a-model-of-tomorrow", MILLION, 0, MILLION, 35),
        ("gpt-5.40", 0, 0, MILLION, 30),
    ],
)
def test_tokens_cost_what_the_provider_charges(
    model: str, fresh: int, cached: int, output: int, usd: float
) -> None:
    cost = load_prices().of_tokens(model, fresh=fresh, cached=cached, output=output)
    assert cost == round(usd * MILLION)


def test_a_part_of_a_millionth_is_a_whole_one() -> None:
    assert load_prices().of_tokens("gpt-5.4-mini", fresh=1, cached=1, output=0) == 1


@pytest.mark.parametrize(
    ("model", "seconds", "micros"),
    [("gpt-transcribe", 60, 6000), ("gpt-transcribe", 1, 100), ("another", 60, 6000)],
)
def test_sound_costs_by_the_minute(model: str, seconds: float, micros: int) -> None:
    assert load_prices().of_sound(model, seconds) == micros
