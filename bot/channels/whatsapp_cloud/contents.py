"""From Meta's message types to our contents: one table, one function per type.

Each function gets the message as parsed and raises ValueError for what it cannot read.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial

from bot.channels import strict_json
from bot.channels.cleaning import clean
from bot.channels.whatsapp_cloud import wire
from bot.domain.message import (
    EDIT,
    REVOKE,
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
    return _unsupported(given.type, code)


def _form(filled: wire.FormReply) -> Form:
    """Return a flow's answers, which come as JSON inside a JSON string."""
    answers = strict_json.parse(filled.response_json)
    if not isinstance(answers, dict):
        raise ValueError("the answers of a form are no object")  # noqa: TRY004  # seam
    return Form(
        name=filled.name,
        fields={clean(name): _answer(value) for name, value in answers.items()},
    )


def _answer(value: object) -> str:
    if isinstance(value, str | Decimal):
        return clean(str(value))
    return "" if value is None else clean(strict_json.show(value))


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
    return ContactCard(
        name=name.formatted_name or name.first_name,
        phones=tuple(number for number in numbers if number),
    )


def _reaction(item: Item) -> Reaction:
    """Read a reaction: an empty emoji, or none at all, takes it back."""
    reaction = wire.Reaction.model_validate(item.get("reaction"))
    return Reaction(target=reaction.message_id, emoji=reaction.emoji or None)


def _system(item: Item) -> System:
    system = wire.System.model_validate(item.get("system"))
    return System(event=system.type[:_TYPE_LIMIT], text=system.body or None)


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
