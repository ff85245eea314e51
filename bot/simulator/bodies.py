"""Bodies that the Cloud API takes, with its limits: what Meta refuses, we refuse.

Source: Meta's Cloud API reference, "Messages" and "Error codes".
"""

import json
from dataclasses import dataclass
from typing import Annotated, Literal, Self
from unicodedata import category

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
_PRODUCTS_MAX = 30


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


class DocumentPart(ImagePart):
    filename: str | None = None


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


class LinkShown(_Body):
    display_text: Annotated[str, _words(20)]
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]

    @model_validator(mode="after")
    def _without_emoji(self) -> Self:
        if any(category(char) == "So" for char in self.display_text):
            raise ValueError("display_text must have no emoji")
        return self


class LinkAction(_Body):
    name: Literal["cta_url"]
    parameters: LinkShown


class Linking(_Body):
    type: Literal["cta_url"]
    header: TextHeader | None = None
    body: Words1024
    footer: Words60 | None = None
    action: LinkAction


class PlaceAction(_Body):
    name: Literal["send_location"]


class AskingPlace(_Body):
    type: Literal["location_request_message"]
    body: Words1024
    action: PlaceAction


class ProductAction(_Body):
    catalog_id: Annotated[str, _words(100)]
    product_retailer_id: Annotated[str, _words(100)]


class ShowingProduct(_Body):
    type: Literal["product"]
    body: Words1024 | None = None
    footer: Words60 | None = None
    action: ProductAction


class ProductItem(_Body):
    product_retailer_id: Annotated[str, _words(100)]


class ProductSection(_Body):
    title: Annotated[str, _words(24)]
    product_items: Annotated[tuple[ProductItem, ...], Field(min_length=1)]


class ProductsAction(_Body):
    catalog_id: Annotated[str, _words(100)]
    sections: Annotated[tuple[ProductSection, ...], Field(min_length=1, max_length=10)]

    @model_validator(mode="after")
    def _few(self) -> Self:
        items = [item for section in self.sections for item in section.product_items]
        if len(items) > _PRODUCTS_MAX:
            raise ValueError(f"{len(items)} products, at most {_PRODUCTS_MAX}")
        return self


class ShowingProducts(_Body):
    type: Literal["product_list"]
    header: TextHeader
    body: Words1024
    footer: Words60 | None = None
    action: ProductsAction


class Thumbnail(_Body):
    thumbnail_product_retailer_id: Annotated[str, _words(100)]


class CatalogAction(_Body):
    name: Literal["catalog_message"]
    parameters: Thumbnail


class ShowingCatalog(_Body):
    type: Literal["catalog_message"]
    body: Words1024
    footer: Words60 | None = None
    action: CatalogAction


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


class DocumentMessage(_Message):
    type: Literal["document"]
    document: DocumentPart


Interactive = (
    Buttons
    | Listing
    | Linking
    | AskingPlace
    | ShowingProduct
    | ShowingProducts
    | ShowingCatalog
)


class InteractiveMessage(_Message):
    type: Literal["interactive"]
    interactive: Annotated[Interactive, Discriminator("type")]


class TextParameter(_Body):
    type: Literal["text"]
    text: Annotated[str, _words(32768), StringConstraints(pattern=r"^[^\n\t]*$")]


class TemplateComponent(_Body):
    type: Literal["header", "body", "button"]
    sub_type: Literal["url"] | None = None
    index: Annotated[str, StringConstraints(pattern=r"^\d$")] | None = None
    parameters: Annotated[tuple[TextParameter, ...], Field(min_length=1)]


class TemplateLanguage(_Body):
    policy: Literal["deterministic"] = "deterministic"
    code: Annotated[str, _words(15)]


class TemplatePart(_Body):
    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,512}$")]
    language: TemplateLanguage
    components: tuple[TemplateComponent, ...] = ()

    @property
    def words(self) -> str:
        """What the simulator shows of it: its texts are Meta's to know."""
        told = [each.text for part in self.components for each in part.parameters]
        return f"{self.name}: {', '.join(told)}" if told else self.name


class TemplateMessage(_Message):
    type: Literal["template"]
    template: TemplatePart


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


Message = (
    TextMessage
    | ImageMessage
    | DocumentMessage
    | InteractiveMessage
    | TemplateMessage
    | ReactionMessage
)

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
