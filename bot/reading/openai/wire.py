"""What OpenAI's servers send, as far as we use it. Anything may be missing."""

from collections.abc import Callable
from typing import Annotated

from pydantic import (
    BaseModel,
    Field,
    FiniteFloat,
    OnErrorOmit,
    ValidationError,
    WrapValidator,
)

from bot.domain.speech import Piece


class Part(BaseModel):
    type: str = ""
    text: str | None = None
    refusal: str | None = None


class Item(BaseModel):
    type: str = ""
    content: tuple[Part, ...] | None = None


class InputDetails(BaseModel):
    cached_tokens: int = Field(0, ge=0)


class Usage(BaseModel):
    input_tokens: int = Field(0, ge=0)
    input_tokens_details: InputDetails | None = None
    output_tokens: int = Field(0, ge=0)


class Problem(BaseModel):
    code: str | None = None
    message: str | None = None


class Incomplete(BaseModel):
    reason: str | None = None


class Response(BaseModel):
    """Of the Responses API."""

    id: str
    status: str | None = None
    error: Problem | None = None
    incomplete_details: Incomplete | None = None
    output: tuple[Item, ...] = ()
    usage: Usage | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """Return everything that the model said."""
        said = (item.content or () for item in self.output if item.type == "message")
        return tuple(part for content in said for part in content)


#: No sound that is listened to plays as long as a day.
_DAY = 86_400


class TranscriptionUsage(BaseModel):
    seconds: FiniteFloat | None = Field(None, ge=0, le=_DAY)


class Word(BaseModel):
    word: str
    start: FiniteFloat = Field(ge=0)
    end: FiniteFloat = Field(ge=0)


class Segment(BaseModel):
    text: str
    start: FiniteFloat = Field(ge=0)
    end: FiniteFloat = Field(ge=0)


def _if_it_makes_sense(value: object, validate: Callable[[object], object]) -> object:
    try:
        return validate(value)
    except ValidationError:
        return None


#: Of what may be missing, and costs nothing else when it makes no sense.
_LENIENT = WrapValidator(_if_it_makes_sense)


class Transcription(BaseModel):
    """Of the transcription API; times only from models that tell them."""

    text: str
    usage: Annotated[TranscriptionUsage | None, _LENIENT] = None
    duration: Annotated[
        Annotated[FiniteFloat, Field(ge=0, le=_DAY)] | None, _LENIENT
    ] = None
    words: Annotated[tuple[OnErrorOmit[Word], ...] | None, _LENIENT] = None
    segments: Annotated[tuple[OnErrorOmit[Segment], ...] | None, _LENIENT] = None

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Return when each word was said, or else each sentence, as far as told."""
        if self.words:
            return tuple(Piece(each.word, each.start, each.end) for each in self.words)
        told = self.segments or ()
        return tuple(Piece(each.text, each.start, each.end) for each in told)
