"""What OpenAI's servers send, as far as we use it. Anything may be missing."""

from pydantic import BaseModel, Field


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


class TranscriptionUsage(BaseModel):
    seconds: float | None = Field(None, ge=0)


class Transcription(BaseModel):
    """Of the transcription API."""

    text: str
    usage: TranscriptionUsage | None = None
