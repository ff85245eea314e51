"""From WhatsApp's own messages to our contents: one table, one function per type.

Each function gets the part of its name and raises ValueError for what it cannot read.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import islice

from bot.channels import strict_json
from bot.channels.cleaning import clean
from bot.channels.evolution import wire
from bot.channels.vcard import card
from bot.domain.message import (
    Cart,
    ChoiceSource,
    Contacts,
    Content,
    Form,
    Location,
    Media,
    MediaKind,
    Reaction,
    Tap,
    Text,
    Unsupported,
)

Part = Mapping[str, object]

#: Names of types end up in metrics and in what a conversation remembers.
_TYPE_LIMIT = 60
_DEEPEST = 8
#: What holds another message in its `message`.
_WRAPPERS = (
    "ephemeralMessage",
    "viewOnceMessage",
    "viewOnceMessageV2",
    "viewOnceMessageV2Extension",
    "documentWithCaptionMessage",
    "editedMessage",
    "deviceSentMessage",
    "groupMentionedMessage",
    "lottieStickerMessage",
    "associatedChildMessage",
    "botInvokeMessage",
    "groupStatusMessage",
    "groupStatusMessageV2",
)
#: Kinds by which phones tell each other things: nobody said anything.
SILENT = frozenset(
    {
        *("albumMessage", "callLogMesssage", "encCommentMessage"),
        *("encEventResponseMessage", "encReactionMessage", "keepInChatMessage"),
        *("messageHistoryBundle", "messageHistoryNotice", "pinInChatMessage"),
        *("pollUpdateMessage", "scheduledCallEditMessage", "stickerSyncRmrMessage"),
    }
)
#: Kinds that stand for a message that this phone could not open.
UNREAD = frozenset({"placeholderMessage", "secretEncryptedMessage"})
#: What a form's answers are called that are no JSON: a person may look at them.
_UNREADABLE = "unreadable"
_ANSWERS, _ANSWER_LIMIT = 100, 4_000
#: What stands beside a message's own part and says nothing.
_BESIDE = frozenset(
    {
        *("messageContextInfo", "senderKeyDistributionMessage", "base64", "mediaUrl"),
        *("speechToText", "messageSecret", "contextInfo"),
    }
)


def unwrapped(message: Part) -> Part:
    """Return the innermost message. What stood beside the wrapper stays beside it."""
    for _ in range(_DEEPEST):
        held = _held(message)
        if held is None:
            break
        beside = {name: message[name] for name in _BESIDE & message.keys()}
        message = {**beside, **held}
    return message


def _held(message: Part) -> Part | None:
    """Return the message that a wrapper holds; also that of wrappers of the future."""
    known = [name for name in _WRAPPERS if name in message]
    kind = kind_of(message)
    if not known and kind is not None and kind not in _CONTENTS | _MEDIA:
        known = [kind]
    inner = message.get(known[0]) if known else None
    held = inner.get("message") if isinstance(inner, dict) else None
    return held if isinstance(held, dict) else None


def kind_of(message: Part) -> str | None:
    """Return the name of a message's own part; None of one that says nothing."""
    return next((name for name in message if name not in _BESIDE), None)


def part_of(message: Part, kind: str) -> Part:
    """Return the part of a message that is named so; empty if it is none."""
    part = message.get(kind)
    return part if isinstance(part, dict) else {}


def content(message: Part, kind: str, media_id: str) -> Content:
    """Return what an unwrapped message says.

    A type that we do not know is `Unsupported`: stored, and answered politely.
    """
    if kind == "conversation":
        return Text(text=wire.Text.model_validate({"text": message[kind]}).text)
    read = _CONTENTS.get(kind)
    if read is not None:
        return read(part_of(message, kind))
    if kind in _MEDIA:
        return _media(part_of(message, kind), _MEDIA[kind], media_id)
    return Unsupported(original_type=clean(kind, _TYPE_LIMIT))


def words_of(message: Part) -> str | None:
    """Return the words of an edited message: a text, or what stands below a picture."""
    message = unwrapped(message)
    kind = kind_of(message)
    if kind is None:
        return None
    try:
        said = content(message, kind, "")
    except ValueError:
        return None
    match said:
        case Text(text=text):
            return text
        case Media(caption=caption):
            return caption or ""
    return None


def _text(part: Part) -> Text:
    return Text(text=wire.Text.model_validate(part).text)


def _media(part: Part, kind: MediaKind, media_id: str) -> Media:
    media = wire.Media.model_validate(part)
    return Media(
        kind=MediaKind.VOICE if kind is MediaKind.AUDIO and media.is_voice else kind,
        provider_media_id=media_id,
        mime=media.mime,
        sha256=media.sha256,
        size=media.size,
        filename=media.filename,
        caption=media.caption or None,
    )


def _location(part: Part) -> Location:
    place = wire.Location.model_validate(part)
    return Location(
        latitude=place.latitude,
        longitude=place.longitude,
        name=place.name or None,
        address=place.address or None,
    )


def _contact(part: Part) -> Contacts:
    shared = wire.Card.model_validate(part)
    return Contacts(cards=(card(shared.vcard or "", shared.name),))


def _contacts(part: Part) -> Contacts:
    shared = wire.Cards.model_validate(part)
    cards = tuple(card(each.vcard or "", each.name) for each in shared.contacts)
    return Contacts(cards=cards)


def _reaction(part: Part) -> Reaction:
    """Read a reaction: an empty text takes it back."""
    reaction = wire.Reaction.model_validate(part)
    return Reaction(target=reaction.key.id, emoji=reaction.text or None)


def _row(part: Part) -> Tap:
    pick = wire.ListPick.model_validate(part)
    return Tap(id=pick.picked.id, title=pick.title or "", source=ChoiceSource.LIST)


def _button(part: Part) -> Tap:
    pick = wire.ButtonPick.model_validate(part)
    return Tap(id=pick.id, title=pick.title or "", source=ChoiceSource.BUTTON)


def _template(part: Part) -> Tap:
    pick = wire.TemplatePick.model_validate(part)
    return Tap(id=pick.id, title=pick.title or "", source=ChoiceSource.TEMPLATE)


def _form(part: Part) -> Content:
    """Return a native flow's answer, which is JSON in a string: a choice or a form."""
    flow = wire.FormReply.model_validate(part).flow
    try:
        answers = strict_json.parse(flow.params or "")
    except strict_json.UnreadableJson:
        answers = None
    if not isinstance(answers, dict):
        answers = {_UNREADABLE: flow.params}
    chosen = answers.get("id")
    if isinstance(chosen, str) and chosen:
        title = answers.get("title") or answers.get("display_text")
        words = clean(title) if isinstance(title, str) else ""
        return Tap(id=clean(chosen), title=words, source=ChoiceSource.BUTTON)
    return Form(
        name=flow.name,
        fields={
            clean(name, _TYPE_LIMIT): _answer(value)
            for name, value in islice(answers.items(), _ANSWERS)
        },
    )


def _answer(value: object) -> str:
    if isinstance(value, str | Decimal):
        return clean(str(value), _ANSWER_LIMIT)
    return "" if value is None else clean(strict_json.show(value), _ANSWER_LIMIT)


def _order(part: Part) -> Cart:
    """Read a cart that came without what is in it: the customer is asked."""
    return Cart(note=wire.OrderSent.model_validate(part).message or None)


def _product(part: Part) -> Text:
    """Read a product that was asked about: its name, or what was written to it."""
    shown = wire.ProductShown.model_validate(part)
    words = shown.body or shown.product.title
    if not words:
        raise ValueError("a product without a name")
    return Text(text=words)


_MEDIA: dict[str, MediaKind] = {
    "imageMessage": MediaKind.IMAGE,
    "videoMessage": MediaKind.VIDEO,
    "ptvMessage": MediaKind.VIDEO,
    "audioMessage": MediaKind.AUDIO,
    "documentMessage": MediaKind.DOCUMENT,
    "stickerMessage": MediaKind.STICKER,
}

_CONTENTS: dict[str, Callable[[Part], Content]] = {
    "extendedTextMessage": _text,
    "locationMessage": _location,
    "liveLocationMessage": _location,
    "contactMessage": _contact,
    "contactsArrayMessage": _contacts,
    "reactionMessage": _reaction,
    "listResponseMessage": _row,
    "buttonsResponseMessage": _button,
    "templateButtonReplyMessage": _template,
    "interactiveResponseMessage": _form,
    "productMessage": _product,
    "orderMessage": _order,
}
