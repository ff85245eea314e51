"""Puts reasons into words. The sentences are in `texts/`, a file for each language."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources

from orders.advice.domain.answer import Fact, Kind, Reason

_FALLBACK = "en"
_SUFFIX = ".toml"
_FOLDER = "orders.advice.texts"


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences of one language."""

    reasons: dict[Kind, str]
    weekdays: tuple[str, ...]

    def say(self, reason: Reason) -> str:
        """Return a reason as a sentence."""
        facts = {name: self._said(name, fact) for name, fact in reason.facts.items()}
        return self.reasons[reason.kind].format_map(facts)

    def say_all(self, reasons: Iterable[Reason]) -> str:
        """Return several reasons as one text, the main one first."""
        return " ".join(self.say(reason) for reason in reasons)

    def _said(self, name: str, fact: Fact) -> str:
        if name == "weekday" and isinstance(fact, int):
            return self.weekdays[fact - 1]
        # 3.0 is said as 3, and 2E+1 as 20.
        if isinstance(fact, float):
            return f"{fact:.10g}"
        return f"{fact.normalize():f}" if isinstance(fact, Decimal) else str(fact)


def languages() -> tuple[str, ...]:
    """Return the languages in which reasons can be given."""
    files = (each.name for each in resources.files(_FOLDER).iterdir())
    return tuple(
        sorted(name.removesuffix(_SUFFIX) for name in files if name.endswith(_SUFFIX))
    )


@cache
def load_wording(language: str) -> Wording:
    """Return the sentences of a language; of one that we do not speak, English.

    Raises ValueError when a file leaves a reason without a sentence.
    """
    spoken = language if language in languages() else _FALLBACK
    path = resources.files(_FOLDER) / f"{spoken}{_SUFFIX}"
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    given = content["reasons"]
    if set(given) != {kind.value for kind in Kind}:
        different = ", ".join(sorted(set(given) ^ {kind.value for kind in Kind}))
        raise ValueError(
            f"{spoken}{_SUFFIX}: reasons and sentences differ in {different}"
        )
    return Wording({kind: given[kind] for kind in Kind}, tuple(content["weekdays"]))
