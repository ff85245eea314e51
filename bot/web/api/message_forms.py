"""What people and programs write to customers: the forms of a message."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from bot.domain.message import OutContent, OutImage, OutText
from bot.domain.outgoing import OutDocument, OutTemplate
from bot.web.api.models import Given, Id

_Link = Annotated[
    str, StringConstraints(pattern=r"^https://[^\s/]+\S*$", max_length=2000)
]
_Parameter = Annotated[
    str, StringConstraints(pattern=r"\S", min_length=1, max_length=1024)
]


class ImageGiven(Given):
    """A picture that lies at a public address, with words below it."""

    link: _Link = Field(examples=["https://example.com/latte.jpg"])
    caption: str | None = Field(None, min_length=1, max_length=1024)


class DocumentGiven(Given):
    """A file that lies at a public address, under a name, with words below it."""

    link: _Link = Field(examples=["https://example.com/invoice-7.pdf"])
    filename: str | None = Field(
        None,
        pattern=r"^[^/\\]*[^/\\\s][^/\\]*$",
        max_length=240,
        examples=["Invoice 7.pdf"],
    )
    caption: str | None = Field(None, min_length=1, max_length=1024)


class TemplateGiven(Given):
    """A text that Meta approved before: the only kind that is taken at any time."""

    name: str = Field(pattern=r"^[a-z0-9_]{1,512}$", examples=["order_shipped"])
    language: str = Field(
        pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$", max_length=15, examples=["tr"]
    )
    parameters: tuple[_Parameter, ...] = Field(
        (), max_length=50, description="Of its body, in order.", examples=[["1042"]]
    )
    header: str | None = Field(
        None,
        pattern=r"\S",
        max_length=60,
        description="The parameter of its header, where it has one.",
    )
    button: str | None = Field(
        None,
        pattern=r"^\S+$",
        max_length=2000,
        description="What is added to the address of its first button.",
    )
    text: str = Field(
        "",
        max_length=4096,
        description="What it says, for people who read the conversation.",
    )


class MessageGiven(Given):
    """What to say: a text, a prepared answer, a picture, a file or a template."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"text": "Your order is on its way."},
                {"canned_reply_id": "reply_1"},
                {"image": {"link": "https://example.com/latte.jpg"}},
                {"document": {"link": "https://example.com/invoice-7.pdf"}},
                {
                    "template": {
                        "name": "order_shipped",
                        "language": "tr",
                        "parameters": ["1042"],
                    }
                },
            ]
        }
    )

    text: str | None = Field(None, min_length=1, max_length=4096, pattern=r"\S")
    canned_reply_id: Id | None = Field(
        None, description="A prepared answer, with its placeholders filled in."
    )
    image: ImageGiven | None = None
    document: DocumentGiven | None = None
    template: TemplateGiven | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        given = (self.text, self.image, self.document, self.template)
        if sum(each is not None for each in (*given, self.canned_reply_id)) != 1:
            raise ValueError(
                "give one of text, canned_reply_id, image, document or template"
            )
        return self

    def content(self) -> OutContent:
        """Return what is said."""
        if self.image is not None:
            return OutImage(link=self.image.link, caption=self.image.caption)
        if self.document is not None:
            return OutDocument(**self.document.model_dump())
        if self.template is not None:
            given = self.template.model_dump(exclude={"text"})
            return OutTemplate(**given, body=self.template.text)
        return OutText(body=self.text or "")
