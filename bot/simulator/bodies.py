"""Bodies that the Cloud API takes, with its limits: what Meta refuses, we refuse.

Source: Meta's Cloud API reference, "Messages" and "Error codes".
"""

import json
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)

PARAMETER_MISSING = 131008
VALUE_INVALID = 131009
PARAMETER_INVALID = 100

_CALLBACK_MAX = 512
_ROWS_MAX = 10


def _words(longest: int) -> StringConstraints:
    return StringConstraints(min_length=1, max_length=longest, pattern=r"\S")


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class TextPart(_Body):
    body: Annotated[str, _words(4096)]
    preview_url: bool = False


class Words60(_Body):
    text: Annotated[str, _words(60)]


class Words1024(_Body):
    text: Annotated[str, _words(1024)]


class ImagePart(_Body):
    link: Annotated[str, StringConstraints(pattern=r"^https?://")] | None = None
    id: str | None = None
    caption: Annotated[str, StringConstraints(max_length=1024)] | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.link is None) == (self.id is None):
            raise ValueError("give either id or link")
        return self


class TextHeader(_Body):
    type: Literal["text"]
    text: Annotated[str, _words(60)]


class ImageHeader(_Body):
    type: Literal["image"]
    image: ImagePart


class Reply(_Body):
    id: Annotated[str, _words(256)]
    title: Annotated[str, _words(20)]


class ReplyButton(_Body):
    type: Literal["reply"]
    reply: Reply


class ButtonAction(_Body):
    buttons: Annotated[tuple[ReplyButton, ...], Field(min_length=1, max_length=3)]

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        _must_differ("button title", [each.reply.title for each in self.buttons])
        _must_differ("button id", [each.reply.id for each in self.buttons])
        return self


class ListRow(_Body):
    id: Annotated[str, _words(200)]
    title: Annotated[str, _words(24)]
    description: Annotated[str, StringConstraints(max_length=72)] | None = None


class Section(_Body):
    title: Annotated[str, StringConstraints(max_length=24)] | None = None
    rows: Annotated[tuple[ListRow, ...], Field(min_length=1)]


class ListAction(_Body):
    button: Annotated[str, _words(20)]
    sections: Annotated[tuple[Section, ...], Field(min_length=1, max_length=10)]

    @model_validator(mode="after")
    def _rows(self) -> Self:
        rows = [row for section in self.sections for row in section.rows]
        if len(rows) > _ROWS_MAX:
            raise ValueError(f"{len(rows)} rows, at most {_ROWS_MAX} in all sections")
        if len(self.sections) > 1 and not all(each.title for each in self.sections):
            raise ValueError("every section needs a title when there are several")
        _must_differ("row id", [row.id for row in rows])
        return self


class Buttons(_Body):
    type: Literal["button"]
    header: Annotated[TextHeader | ImageHeader, Discriminator("type")] | None = None
    body: Words1024
    footer: Words60 | None = None
    action: ButtonAction


class Listing(_Body):
    type: Literal["list"]
    header: TextHeader | None = None
    body: Words1024
    footer: Words60 | None = None
    action: ListAction


class Context(_Body):
    message_id: str


class _Message(_Body):
    messaging_product: Literal["whatsapp"]
    recipient_type: Literal["individual"] = "individual"
    to: Annotated[str, StringConstraints(pattern=r"^\+?\d{5,20}$")] | None = None
    recipient: str | None = None
    context: Context | None = None
    biz_opaque_callback_data: (
        Annotated[str, StringConstraints(max_length=_CALLBACK_MAX)] | None
    ) = None

    @model_validator(mode="after")
    def _addressed(self) -> Self:
        if self.to is None and self.recipient is None:
            raise ValueError("to or recipient is required")
        return self

    @property
    def address(self) -> str:
        """The phone number, without its plus; else the user id."""
        return (self.to or self.recipient or "").removeprefix("+")


class TextMessage(_Message):
    type: Literal["text"]
    text: TextPart


class ImageMessage(_Message):
    type: Literal["image"]
    image: ImagePart


class InteractiveMessage(_Message):
    type: Literal["interactive"]
    interactive: Annotated[Buttons | Listing, Discriminator("type")]


class ReactionPart(_Body):
    message_id: str
    emoji: str


class ReactionMessage(_Message):
    type: Literal["reaction"]
    reaction: ReactionPart


class TypingIndicator(_Body):
    type: Literal["text"]


class ReadReceipt(_Body):
    messaging_product: Literal["whatsapp"]
    status: Literal["read"]
    message_id: str
    typing_indicator: TypingIndicator | None = None


Message = TextMessage | ImageMessage | InteractiveMessage | ReactionMessage

_MESSAGE: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Discriminator("type")])


@dataclass(frozen=True, slots=True)
class Violation:
    """Why a body is refused, with Meta's error code."""

    code: int
    details: str


def parse(raw: bytes) -> Message | ReadReceipt | Violation:
    """Return what a request body asks for, or why the Cloud API refuses it."""
    try:
        body = json.loads(raw)
    except ValueError as error:
        return Violation(PARAMETER_INVALID, f"the body is not JSON: {error}")
    if not isinstance(body, dict):
        return Violation(PARAMETER_INVALID, "the body is not an object")
    try:
        if "status" in body:
            return ReadReceipt.model_validate_json(raw)
        return _MESSAGE.validate_json(json.dumps({"type": "text"} | body))
    except ValidationError as error:
        return _violation(error)


def _violation(error: ValidationError) -> Violation:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "body"
    match first["type"]:
        case "missing":
            code = PARAMETER_MISSING
        case "extra_forbidden":
            code = PARAMETER_INVALID
        case _:
            code = VALUE_INVALID
    return Violation(code, f"{where}: {first['msg']}")


def _must_differ(what: str, values: list[str]) -> None:
    if len(set(values)) < len(values):
        raise ValueError(f"every {what} must be unique: {values}")
