"""What the model answers. The schema that it is held to is made from these types.

Every field is required and nothing has a default, as strict structured outputs want it;
what each field is for stands in the prompt's notes. The answer is a claim: nothing of
it is used before `bot.reading.openai.grounding` compared it with what was said.
"""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, field_validator

from bot.domain.understanding import Act, Detail, Intent, Priority, Sentiment, Topic


class Claim(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _can_be_stored(cls, value: object) -> object:
        """Leave out NUL: no database takes it."""
        return value.replace("\0", "") if isinstance(value, str) else value


class Where(StrEnum):
    TEXT = "text"
    IMAGE = "image"


class SaidIntent(Claim):
    intent: Intent
    message: int
    quote: str


class SaidOption(Claim):
    text: str
    negated: bool
    qualifier: str | None


class SaidBox(Claim):
    left: float
    top: float
    right: float
    bottom: float


class SaidMention(Claim):
    message: int
    quote: str
    where: Where
    box: SaidBox | None
    act: Act
    text: str
    candidate: str | None
    quantity: float | None
    unit: str | None
    options: tuple[SaidOption, ...]
    line: int | None
    replaces: str | None
    note: str | None
    asks: Topic | None
    facts: tuple[str, ...]
    confidence: float


class SaidDetail(Claim):
    message: int
    quote: str
    detail: Detail
    value: str


class SaidPick(Claim):
    message: int
    quote: str
    number: int | None
    text: str | None
    quantity: float | None


class SeenAttributes(Claim):
    product_type: str | None
    color: str | None
    model: str | None
    pattern: str | None
    material: str | None
    brand: str | None
    visible_text: str | None
    style: str | None
    shape: str | None
    other_features: str | None


class SeenImage(Claim):
    message: int
    readable: bool
    description: str
    query: str
    attributes: SeenAttributes


class Answer(Claim):
    images: tuple[SeenImage, ...]
    mentions: tuple[SaidMention, ...]
    details: tuple[SaidDetail, ...]
    pick: SaidPick | None
    intents: tuple[SaidIntent, ...]
    language: str | None
    color: str | None
    size: str | None
    sentiment: Sentiment
    priority: Priority
    summary: str
    suggested_reply: str | None
    confidence: float
