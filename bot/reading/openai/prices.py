"""What a call costs: the provider's prices as data, the sum in millionths of a dollar.

A dollar for a million tokens is a millionth of a dollar for one.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from functools import cache
from importlib import resources

_OTHER = "other"
_MICROS = Decimal(1_000_000)
_MINUTE = Decimal(60)


@dataclass(frozen=True, slots=True)
class TokenPrice:
    """US dollars for a million tokens."""

    input: Decimal
    cached: Decimal
    output: Decimal


@dataclass(frozen=True, slots=True)
class Prices:
    """By the names of models, and `other`."""

    tokens: Mapping[str, TokenPrice]
    minutes: Mapping[str, Decimal]

    def of_tokens(self, model: str, *, fresh: int, cached: int, output: int) -> int:
        """Return what tokens cost, rounded up. `fresh` input was not cached."""
        price = self.tokens[_listed(model, self.tokens)]
        cost = fresh * price.input + cached * price.cached + output * price.output
        return int(cost.to_integral_value(ROUND_UP))

    def of_sound(self, model: str, seconds: float) -> int:
        """Return what listening costs, rounded up."""
        price = self.minutes[_listed(model, self.minutes)]
        cost = price * Decimal(str(seconds)) / _MINUTE * _MICROS
        return int(cost.to_integral_value(ROUND_UP))


@cache
def load_prices() -> Prices:
    """Return the prices that this version knows."""
    file = resources.files("bot.reading.openai") / "prices.toml"
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    return Prices(
        tokens={
            model: TokenPrice(**{kind: Decimal(usd) for kind, usd in row.items()})
            for model, row in data["tokens"].items()
        },
        minutes={model: Decimal(usd) for model, usd in data["minutes"].items()},
    )


def _listed(model: str, table: Mapping[str, object]) -> str:
    """Return the longest name in a table that a model's name is, or begins with.

    "gpt-5.4-mini-2026-03-17" is a "gpt-5.4-mini".
    """
    fits = [name for name in table if model == name or model.startswith(f"{name}-")]
    return max(fits, key=len, default=_OTHER)
