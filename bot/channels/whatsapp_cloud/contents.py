"""From Meta's message types to our contents: one table, one function per type.

Each function gets the message as parsed and raises ValueError for what it cannot read.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from itertools import islice

from pydantic import ValidationError

from bot.channels import strict_json
from bot.channels.cleaning import clean
from bot.channels.vcard import card as card_of
from bot.channels.whatsapp_cloud import wire
from bot.channels.whatsapp_cloud.senders import alias
from bot.domain.message import (
    EDIT,
    REVOKE,
    Alias,
    AliasKind,
    Cart,
    CartItem,
    ChoiceSource,
    ContactCard,
    Contacts,
    Content,
    Form,
    Location,
    Media,
    MediaKind,
    Reaction,
    System,
    Tap,
    Text,
    Unsupported,
)

Item = Mapping[str, object]

#: Names of types end up in metrics and in what a conversation remembers.
_TYPE_LIMIT = 60
#: Somebody opened the chat for the first time, and wrote nothing.
_WELCOME = "request_welcome"
#: What a form's answers are called that are no JSON: a person may look at them.
_UNREADABLE = "unreadable"
_ANSWERS = 100
_ANSWER_LIMIT = 4_000


def content(item: Item, kind: str, code: int | None) -> Content:
    """Return what a message says; `code` is the error that came with it, if any.

    A type that we do not know is `Unsupported`: stored, and answered politely. That
    includes an edit whose new words did not come along.
    """
    read = _CONTENTS.get(kind)
    if read is not None:
        return read(item)
    if kind == "interactive":
        return _interactive(item, code)
    if kind == _WELCOME:
        return System(event=_WELCOME)
    if kind == "unsupported":
        about = wire.UnsupportedKind.model_validate(item.get("unsupported") or {})
        return _unsupported(about.type or kind, code)
    return _unsupported(kind, code)


def _unsupported(kind: str, code: int | None) -> Unsupported:
    return Unsupported(original_type=kind[:_TYPE_LIMIT], code=code)


def _text(item: Item) -> Text:
    return Text(text=wire.TextBody.model_validate(item.get("text")).body)


def _interactive(item: Item, code: int | None) -> Content:
    """Meta leaves `interactive` out when it could not read the answer itself."""
    if item.get("interactive") is None:
        return _unsupported("interactive", code)
    given = wire.Interactive.model_validate(item["interactive"])
    match given:
        case wire.Interactive(
            type="button_reply", button_reply=wire.Choice() as tapped
        ):
            return Tap(id=tapped.id, title=tapped.title, source=ChoiceSource.BUTTON)
        case wire.Interactive(type="list_reply", list_reply=wire.Choice() as tapped):
            return Tap(id=tapped.id, title=tapped.title, source=ChoiceSource.LIST)
        case wire.Interactive(type="nfm_reply", nfm_reply=wire.FormReply() as filled):
            return _form(filled)
    if given.type in {"button_reply", "list_reply", "nfm_reply"}:
        raise ValueError("an answer without its content")
    if given.type == "product" and retailer_id_shown(item):
        return Text(text=(given.body.text if given.body else None) or "")
    return _unsupported(given.type, code)


def retailer_id_shown(item: Item) -> str | None:
    """Return the catalog's id of the product that an interactive message shows."""
    try:
        given = wire.Interactive.model_validate(item.get("interactive"))
    except ValidationError:
        return None
    shown = (given.product, given.action)
    found = (each.product_retailer_id for each in shown if each is not None)
    return next(filter(None, found), None) if given.type == "product" else None


def _form(filled: wire.FormReply) -> Form:
    """Return a flow's answers, which come as JSON inside a JSON string.

    What is no JSON is kept as one answer: a person may make something of it.
    """
    given = filled.response_json or ""
    try:
        answers = strict_json.parse(given)
    except strict_json.UnreadableJson:
        answers = None
    if not isinstance(answers, dict):
        answers = {_UNREADABLE: given}
    first = islice(answers.items(), _ANSWERS)
    return Form(
        name=filled.name,
        fields={clean(name, _TYPE_LIMIT): _answer(value) for name, value in first},
    )


def _answer(value: object) -> str:
    if isinstance(value, str | Decimal):
        return clean(str(value), _ANSWER_LIMIT)
    return "" if value is None else clean(strict_json.show(value), _ANSWER_LIMIT)


def _template_button(item: Item) -> Tap:
    button = wire.TemplateButton.model_validate(item.get("button"))
    if not (button.payload or button.text):
        raise ValueError("a button with neither payload nor text")
    return Tap(
        id=button.payload or button.text,
        title=button.text,
        source=ChoiceSource.TEMPLATE,
    )


def _cart(item: Item) -> Cart:
    """All lines or none: half a cart would be an order that nobody made."""
    order = wire.Order.model_validate(item.get("order"))
    return Cart(
        catalog_id=order.catalog_id,
        note=order.text or None,
        items=tuple(
            CartItem(
                retailer_id=line.product_retailer_id,
                quantity=line.quantity,
                claimed_price=line.item_price,
                claimed_currency=line.currency,
            )
            for line in order.product_items
        ),
    )


def _media(item: Item, *, key: str, kind: MediaKind) -> Media:
    media = wire.Media.model_validate(item.get(key))
    return Media(
        kind=MediaKind.VOICE if kind is MediaKind.AUDIO and media.voice else kind,
        provider_media_id=media.id,
        mime=media.mime_type,
        sha256=media.sha256,
        size=media.file_size,
        filename=media.filename,
        caption=media.caption or None,
    )


def _location(item: Item) -> Location:
    place = wire.Location.model_validate(item.get("location"))
    return Location(
        latitude=place.latitude,
        longitude=place.longitude,
        name=place.name or None,
        address=place.address or None,
    )


def _contacts(item: Item) -> Contacts:
    shared = wire.Cards.model_validate(item)
    origins = {shared.origin, *(card.origin for card in shared.contacts)}
    return Contacts(
        cards=tuple(_card(card) for card in shared.contacts),
        requested="contact_request" in origins,
    )


def _card(card: wire.Card) -> ContactCard:
    name = card.name or wire.Name()
    numbers = (phone.phone or phone.wa_id for phone in card.phones or ())
    phones = tuple(number for number in numbers if number)
    called = name.formatted_name or name.first_name
    if card.vcard and not (called and phones):
        written = card_of(card.vcard, called)
        return ContactCard(name=written.name, phones=phones or written.phones)
    return ContactCard(name=called, phones=phones)


def _reaction(item: Item) -> Reaction:
    """Read a reaction: an empty emoji, or none at all, takes it back."""
    reaction = wire.Reaction.model_validate(item.get("reaction"))
    return Reaction(target=reaction.message_id, emoji=reaction.emoji or None)


def _system(item: Item) -> System:
    system = wire.System.model_validate(item.get("system"))
    return System(
        event=system.type[:_TYPE_LIMIT],
        text=system.body or None,
        now_known_as=known_now(system),
    )


def known_now(system: wire.System) -> tuple[Alias, ...]:
    """Return what a person goes by after a change, numbers first; none: no change."""
    if not system.type.endswith(("changed_number", "changed_user_id")):
        return ()
    numbers = (system.wa_id, system.new_wa_id)
    values = (*numbers, system.user_id, system.parent_user_id)
    found = [alias(value) for value in dict.fromkeys(values) if value]
    return tuple(sorted(found, key=lambda one: one.kind is not AliasKind.WA_ID))


def _edit(item: Item) -> Content:
    """Read new words: a text, or what stands below a picture."""
    edit = wire.Edit.model_validate(item.get(EDIT))
    now = edit.message or wire.Edited(type="unknown")
    media = now.image or now.video or now.document
    text = now.text.body if now.text else (media.caption or "") if media else None
    if text is None:
        return _unsupported(EDIT, None)
    return System(event=EDIT, target=edit.original_message_id, text=text)


def _revoke(item: Item) -> System:
    revoke = wire.Revoke.model_validate(item.get(REVOKE))
    return System(event=REVOKE, target=revoke.original_message_id)


_CONTENTS: Mapping[str, Callable[[Item], Content]] = {
    "text": _text,
    "button": _template_button,
    "order": _cart,
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "system": _system,
    EDIT: _edit,
    REVOKE: _revoke,
    **{
        kind.value: partial(_media, key=kind.value, kind=kind)
        for kind in MediaKind
        if kind is not MediaKind.VOICE  # comes as an audio that says so
    },
}
