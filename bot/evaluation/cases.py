"""What is played and what must come of it: dialogues and extraction cases, as data.

Sets are TOML files in `bot/evaluation/sets`. What a customer does is one of:
  a text                "2 latte please"
  {burst = [..]}        several texts at once
  {tap = 1}             the first button or row of the newest message that has some
  {cart = [["LATTE", 2]]}
  {note = ["2 latte"], caption = ".."}     a photo of a handwritten list
  {shelf = ["latte"], caption = ".."}      a photo of products
  {voice = "name"}      a voice note of the set
"""

import tomllib
from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Annotated, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from bot.domain.understanding import Act, Detail, Intent

_SETS = resources.files("bot.evaluation.sets")
_DIALOGUES, _EXTRACTION = "dialogues.", "extraction."


class BadSet(Exception):
    """A set cannot be read; the message names the file and what is wrong."""


class Sense(StrEnum):
    """What a reader needs for a case, beside reading."""

    EYES = "eyes"
    EARS = "ears"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def sense(self) -> Sense | None:
        """Return what is needed to take this in."""
        return None


class Burst(_Strict):
    burst: tuple[str, ...] = Field(min_length=2)


class Touch(_Strict):
    """A tap on a button or a row, counted from 1."""

    tap: int = Field(ge=1, le=10)


class Basket(_Strict):
    cart: tuple[tuple[str, Decimal], ...] = Field(min_length=1)


class Note(_Strict):
    """A photo of a list on paper."""

    note: tuple[str, ...] = Field(min_length=1)
    caption: str | None = None

    @property
    def sense(self) -> Sense:
        return Sense.EYES


class Shelf(_Strict):
    """A photo of things, by the names of our drawings."""

    shelf: tuple[str, ...] = Field(min_length=1)
    caption: str | None = None

    @property
    def sense(self) -> Sense:
        return Sense.EYES


class Voice(_Strict):
    """A voice note: the name of a file in `sets/voices`."""

    voice: str

    @property
    def sense(self) -> Sense:
        return Sense.EARS


Move = str | Burst | Touch | Basket | Note | Shelf | Voice


def sense_of(moves: Sequence[Move]) -> frozenset[Sense]:
    """Return what is needed to take all of it in."""
    needed = (None if isinstance(move, str) else move.sense for move in moves)
    return frozenset(sense for sense in needed if sense is not None)


#: What a question is about: a field of the order, or that we did not understand.
NOT_UNDERSTOOD = "not_understood"
Topic = str
Language = Annotated[str, AfterValidator(str.lower), Field(pattern="^[a-z]{2}$")]


class Dialogue(_Strict):
    """A conversation: what the customer says, and what they answer when asked.

    First everything in `says` is said, then questions are answered by `answers`, until
    there is none or the customer has no answer. `needs` are the questions that the
    customer left open: every other one is needless.
    """

    kind: Literal["dialogue"] = "dialogue"
    name: str
    language: Language
    says: tuple[Move, ...] = Field(min_length=1)
    answers: dict[Topic, Move] = {}
    needs: tuple[Topic, ...] = ()
    #: What is ordered in the end, by SKU; None: nothing may be.
    order: dict[str, Decimal] | None = None
    orders: int = 1  #: So many are placed; `order` is the last one.
    options: dict[str, tuple[str, ...]] = {}  #: By SKU: names of values, "-" negates.
    fields: dict[str, str] = {}  #: Of the order: fulfilment, name, address, payment.
    draft: dict[str, Decimal] | None = None  #: What is in the draft in the end.
    owner: Literal["bot", "agent"] = "bot"
    opted_out: bool = False

    @property
    def senses(self) -> frozenset[Sense]:
        return sense_of((*self.says, *self.answers.values()))

    @model_validator(mode="after")
    def _says_what_comes_of_it(self) -> "Dialogue":
        if self.order is None and (self.options or self.fields):
            raise ValueError("options and fields are those of an order: name it")
        return self


class Item(_Strict):
    """A product that is spoken of: its SKU, or `ambiguous`, or `unknown`."""

    sku: str
    quantity: Decimal | None = None
    act: Act = Act.ADD
    options: tuple[str, ...] = ()  #: As said; "-" before a negated one.


class Extraction(_Strict):
    """One turn, and what is to be read in it. What is None is not looked at."""

    kind: Literal["extraction"] = "extraction"
    name: str
    language: Language
    before: tuple[Move, ...] = ()  #: Turns that come first.
    says: Move
    intents: tuple[Intent, ...] = ()  #: The leading one is one of these.
    items: tuple[Item, ...] | None = None
    details: dict[Detail, str] | None = None

    @property
    def senses(self) -> frozenset[Sense]:
        return sense_of((*self.before, self.says))


Case = Dialogue | Extraction


class _DialogueFile(_Strict):
    language: Language
    dialogue: tuple[dict[str, object], ...]


class _ExtractionFile(_Strict):
    language: Language
    case: tuple[dict[str, object], ...]


M = TypeVar("M", bound=BaseModel)


@cache
def dialogues() -> tuple[Dialogue, ...]:
    """Return the dialogues that come with the software. Raises BadSet."""
    return tuple(
        _read(Dialogue, name, {"language": file.language, **row})
        for name in _names(_DIALOGUES)
        for file in [_read(_DialogueFile, name, _parsed(name))]
        for row in file.dialogue
    )


@cache
def extractions() -> tuple[Extraction, ...]:
    """Return the extraction cases that come with the software. Raises BadSet."""
    return tuple(
        _read(Extraction, name, {"language": file.language, **row})
        for name in _names(_EXTRACTION)
        for file in [_read(_ExtractionFile, name, _parsed(name))]
        for row in file.case
    )


def voice_named(name: str) -> bytes:
    """Return a voice note of the sets. Raises BadSet."""
    path = _SETS / "voices" / f"{name}.ogg"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BadSet(f"sets/voices/{name}.ogg is missing") from None


def _names(beginning: str) -> list[str]:
    found = (path.name for path in _SETS.iterdir())
    return sorted(n for n in found if n.startswith(beginning) and n.endswith(".toml"))


def _parsed(name: str) -> dict[str, object]:
    try:
        return tomllib.loads((_SETS / name).read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadSet(f"sets/{name}: {error}") from error


def _read(model: type[M], name: str, data: dict[str, object]) -> M:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        what = data.get("name", "the file")
        raise BadSet(f"sets/{name}: {what}: {where}: {first['msg']}") from error
