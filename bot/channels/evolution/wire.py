"""Evolution API's webhook bodies as private models, strict only about what we use.

Contents are WhatsApp's own messages as Baileys decodes them. Source: Evolution API 2.3
(its `webhook.controller` and `whatsapp.baileys.service`).
"""

from typing import Annotated

from pydantic import BeforeValidator, Field

from bot.channels.jids import KEY
from bot.channels.wire_types import (
    AccountId,
    Code,
    Id,
    Lenient,
    Moment,
    Short,
    Told,
    Url,
    Wire,
    Words,
)


def _key(value: object) -> object:
    if isinstance(value, str) and KEY.fullmatch(value):
        return value
    raise ValueError("no key of a message")


def _long(value: object) -> object:
    """Return a 64-bit number that was written as an object, as some versions do."""
    if not isinstance(value, dict):
        return value
    low, high = value.get("low"), value.get("high", 0)
    if type(low) is not int or type(high) is not int:
        raise ValueError("no 64-bit number")
    return (high << 32) + (low & 0xFFFFFFFF)


def _milliseconds(value: object) -> object:
    value = _long(value)
    text = str(value) if isinstance(value, str | int) else ""
    if text.isascii() and text.isdigit() and len(text) > 3:  # noqa: PLR2004  # seconds
        return text[:-3]
    return value


MessageKey = Annotated[str, BeforeValidator(_key)]
Seconds = Annotated[Moment, BeforeValidator(_long)]
Milliseconds = Annotated[Moment, BeforeValidator(_milliseconds)]


class Envelope(Wire):
    """What is around every event. `sender` is the instance's own address."""

    event: Annotated[str, Field(min_length=1, max_length=60)]
    instance: AccountId
    sender: Lenient[Id] = None
    data: object = None


class Key(Wire):
    """What names a message; who wrote it may stand in any of the addresses."""

    id: MessageKey
    remote_jid: Lenient[Id] = Field(default=None, alias="remoteJid")
    remote_jid_alt: Lenient[Id] = Field(default=None, alias="remoteJidAlt")
    previous_remote_jid: Lenient[Id] = Field(default=None, alias="previousRemoteJid")
    sender_pn: Lenient[Id] = Field(default=None, alias="senderPn")
    sender_lid: Lenient[Id] = Field(default=None, alias="senderLid")
    from_me: bool = Field(default=False, alias="fromMe")


class Advert(Wire):
    source_id: Lenient[Id] = Field(default=None, alias="sourceId")
    source_type: Lenient[Short] = Field(default=None, alias="sourceType")
    source_url: Lenient[Url] = Field(default=None, alias="sourceUrl")
    title: Lenient[Told] = None
    body: Lenient[Told] = None
    click_id: Lenient[Url] = Field(default=None, alias="ctwaClid")


class ContextInfo(Wire):
    stanza_id: Lenient[MessageKey] = Field(default=None, alias="stanzaId")
    is_forwarded: Lenient[bool] = Field(default=None, alias="isForwarded")
    forwarding_score: Lenient[Code] = Field(default=None, alias="forwardingScore")
    advert: Lenient[Advert] = Field(default=None, alias="externalAdReply")


class Message(Wire):
    """One message; what it says is read from `message`, a mapping of its own."""

    key: Key
    push_name: Lenient[Words] = Field(default=None, alias="pushName")
    timestamp: Seconds = Field(alias="messageTimestamp")
    message: Lenient[dict[str, object]] = None
    stub: object = Field(default=None, alias="messageStubType")
    context: Lenient[ContextInfo] = Field(default=None, alias="contextInfo")


class Update(Wire):
    """News about a message. Older versions name the key only."""

    key_id: Lenient[MessageKey] = Field(default=None, alias="keyId")
    key: Lenient[Key] = None
    remote_jid: Lenient[Id] = Field(default=None, alias="remoteJid")
    from_me: Lenient[bool] = Field(default=None, alias="fromMe")
    status: Words | int


class Correction(Wire):
    """An edit or a delete, as WhatsApp's protocol message says it."""

    key: Key
    edited: Lenient[dict[str, object]] = Field(default=None, alias="editedMessage")
    timestamp: Lenient[Milliseconds] = Field(default=None, alias="timestampMs")


class Link(Wire):
    state: Words
    reason: Lenient[Code] = Field(default=None, alias="statusReason")


# -- contents -------------------------------------------------------------------------


class Text(Wire):
    text: Words


class Media(Wire):
    mime: Lenient[Id] = Field(default=None, alias="mimetype")
    caption: Lenient[Words] = None
    filename: Lenient[Words] = Field(default=None, alias="fileName")
    size: Lenient[Annotated[Code, BeforeValidator(_long)]] = Field(
        default=None, alias="fileLength"
    )
    is_voice: Lenient[bool] = Field(default=None, alias="ptt")
    sha256: Lenient[Id] = Field(default=None, alias="fileSha256")


class Location(Wire):
    latitude: float = Field(alias="degreesLatitude", ge=-90, le=90)
    longitude: float = Field(alias="degreesLongitude", ge=-180, le=180)
    name: Lenient[Words] = None
    address: Lenient[Words] = None


class Card(Wire):
    name: Lenient[Words] = Field(default=None, alias="displayName")
    vcard: Lenient[Words] = None


class Cards(Wire):
    contacts: tuple[Card, ...]


class Reaction(Wire):
    key: Key
    text: Lenient[Words] = None


class RowPicked(Wire):
    id: Words = Field(alias="selectedRowId", min_length=1)


class ListPick(Wire):
    title: Lenient[Words] = None
    picked: RowPicked = Field(alias="singleSelectReply")


class ButtonPick(Wire):
    id: Words = Field(alias="selectedButtonId", min_length=1)
    title: Lenient[Words] = Field(default=None, alias="selectedDisplayText")


class TemplatePick(Wire):
    id: Words = Field(alias="selectedId", min_length=1)
    title: Lenient[Words] = Field(default=None, alias="selectedDisplayText")


class FlowReply(Wire):
    name: Lenient[Words] = None
    params: Lenient[str] = Field(default=None, alias="paramsJson")


class FormReply(Wire):
    flow: FlowReply = Field(alias="nativeFlowResponseMessage")


class Product(Wire):
    title: Lenient[Words] = None
    retailer_id: Lenient[Words] = Field(default=None, alias="retailerId")


class OrderSent(Wire):
    """A cart; what is in it would have to be asked of the phone."""

    message: Lenient[Words] = None


class ProductShown(Wire):
    product: Product
    body: Lenient[Words] = None
