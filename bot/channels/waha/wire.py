"""WAHA's webhook bodies as private models, strict only about what we use.

`_data` is what WAHA's engine said, of another shape for each engine: only hints are
taken from it. Source: WAHA's documentation, "Events" and "Receive messages".
"""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from bot.channels.jids import KEY
from bot.channels.wire_types import AccountId, Code, Id, Lenient, Moment, Wire, Words

#: `{fromMe}_{chat}_{KEY}`, and in groups `_{participant}`.
_SERIALIZED = re.compile(
    r"(?:true|false)_[^_@\s]{1,80}@[a-z.]{1,30}_([^_]{1,150})(?:_.*)?"
)
#: From here on a number of this century is one of milliseconds.
_MILLISECONDS = 100_000_000_000


def key_of(value: object) -> str:
    """Return the key inside of an id, whatever is around it. Raises ValueError."""
    if isinstance(value, dict):
        value = value.get("_serialized") or value.get("id")
    if isinstance(value, str):
        match = _SERIALIZED.fullmatch(value)
        key = match[1] if match else value
        if KEY.fullmatch(key):
            return key
    raise ValueError("no id of a message")


def _serialized(value: object) -> object:
    return value.get("_serialized") if isinstance(value, dict) else value


def _moment(value: object) -> object:
    text = str(value) if isinstance(value, str | int) else ""
    if text.isascii() and text.isdigit() and int(text[:20]) >= _MILLISECONDS:
        return text[:-3]
    return value


MessageKey = Annotated[str, BeforeValidator(key_of)]
AnyMoment = Annotated[Moment, BeforeValidator(_moment)]


class Me(Wire):
    """The session's own account."""

    id: Lenient[Id] = None
    lid: Lenient[Id] = None


class Envelope(Wire):
    event: Annotated[str, Field(min_length=1, max_length=60)]
    session: AccountId
    timestamp: Lenient[AnyMoment] = None
    me: Lenient[Me] = None
    payload: object = None


class Media(Wire):
    url: Lenient[Annotated[str, Field(max_length=2000)]] = None
    mime: Lenient[Id] = Field(default=None, alias="mimetype")
    filename: Lenient[Words] = None


class Location(Wire):
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    name: Lenient[Words] = None
    address: Lenient[Words] = None
    description: Lenient[Words] = None


class ReplyTo(Wire):
    id: Lenient[MessageKey] = None


class Message(Wire):
    """A message of any type; its type is told by what it has."""

    key: MessageKey = Field(alias="id")
    serialized: Annotated[Lenient[Id], BeforeValidator(_serialized)] = None
    timestamp: Lenient[AnyMoment] = None
    sender: Lenient[Id] = Field(default=None, alias="from")
    to: Lenient[Id] = None
    from_me: bool = Field(default=False, alias="fromMe")
    source: Lenient[Words] = None
    body: Lenient[Words] = None
    has_media: Lenient[bool] = Field(default=None, alias="hasMedia")
    media: Lenient[Media] = None
    cards: Lenient[tuple[Words, ...]] = Field(default=None, alias="vCards")
    location: object = None
    reply_to: Lenient[ReplyTo] = Field(default=None, alias="replyTo")
    data: Lenient[dict[str, object]] = Field(default=None, alias="_data")


class Reaction(Wire):
    text: Lenient[Words] = None
    target: MessageKey = Field(alias="messageId")


class Ack(Wire):
    key: MessageKey = Field(alias="id")
    from_me: bool = Field(default=False, alias="fromMe")
    ack: Lenient[Code] = None
    name: Lenient[Words] = Field(default=None, alias="ackName")


class Edited(Wire):
    target: Lenient[MessageKey] = Field(default=None, alias="editedMessageId")


class Revoked(Wire):
    target: Lenient[MessageKey] = Field(default=None, alias="revokedMessageId")
    before: Lenient[dict[str, object]] = None
    after: Lenient[dict[str, object]] = None


class Session(Wire):
    status: Words
