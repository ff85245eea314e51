"""The phrase tables: how a customer of a language says what they want."""

import random
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.evaluation.cases import BadSet

_FILES = resources.files("bot.evaluation.simulating.speech")
_SUFFIX = ".toml"

Phrases = tuple[str, ...]


class _Say(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    greet: Phrases
    order: Phrases  #: {items}
    one: Phrases  #: {item}, as one message of several
    more: Phrases  #: {item}
    amount: Phrases  #: {number}, {name}
    drop: Phrases  #: {name}
    delivery: Phrases
    pickup: Phrases
    cash: Phrases
    transfer: Phrases
    yes: Phrases
    nothing_else: Phrases
    aside: Phrases  #: {name}: what leads away from the question
    photo: Phrases
    back: Phrases
    wrong: Phrases
    none: Phrases


class _Glue(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    comma: str
    and_: str = Field(alias="and")


class Speech(BaseModel):
    """What customers of one language say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: Phrases
    addresses: Phrases
    say: _Say
    amounts: Mapping[Decimal, Phrases]  #: Kilograms: {name}
    numbers: Mapping[int, Phrases]
    glue: _Glue
    short: Mapping[str, str]  #: How words are abbreviated.
    goods: Mapping[str, Phrases]  #: By SKU: for one of it, and for several.

    def name(self, sku: str, quantity: Decimal = Decimal(1)) -> str:
        """Return what so many of a product are called."""
        forms = self.goods[sku]
        return forms[0] if quantity == 1 else forms[-1]

    def item(
        self, sku: str, quantity: Decimal, *, weighed: bool, rng: random.Random
    ) -> str:
        """Return a product with its amount: "two lattes", "half a kilo of cheese"."""
        if weighed:
            phrase = rng.choice(self.amounts[quantity])
            return phrase.format(name=self.goods[sku][-1])
        number = rng.choice(self.numbers[int(quantity)])
        return f"{number} {self.name(sku, quantity)}"

    def listed(self, items: Sequence[str]) -> str:
        """Return several things as one says them."""
        *first, last = items
        return self.glue.and_.join(filter(None, (self.glue.comma.join(first), last)))


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that simulated customers speak."""
    names = (path.name for path in _FILES.iterdir())
    return tuple(sorted(n.removesuffix(_SUFFIX) for n in names if n.endswith(_SUFFIX)))


@cache
def speech_of(language: str) -> Speech:
    """Return what customers of a language say. Raises BadSet."""
    name = f"{language}{_SUFFIX}"
    try:
        text = (_FILES / name).read_text(encoding="utf-8")
        return Speech.model_validate(tomllib.loads(text))
    except FileNotFoundError:
        known = ", ".join(languages())
        raise BadSet(f"no customer speaks {language!r}; they speak {known}") from None
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise BadSet(f"simulating/speech/{name}: {error}") from error
