"""Meta's webhook bodies into our words. Pure, and never raises.

A body holds entries, an entry changes, a change messages and statuses: all of them are
read, one bad item costs itself only, and what nobody understood is kept as it came.
Source: Meta's Cloud API webhooks reference, "messages".
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TypeVar

from pydantic import ValidationError

from bot.channels import strict_json
from bot.channels.cleaning import TEXT_LIMIT, clean
from bot.channels.correction import known_as
from bot.channels.whatsapp_cloud import wire
from bot.channels.whatsapp_cloud.changes import USER_ID_UPDATE, changes_of, said_before
from bot.channels.whatsapp_cloud.contents import (
    content,
    known_now,
    retailer_id_shown,
)
from bot.channels.whatsapp_cloud.news import FIELDS, news_of
from bot.channels.whatsapp_cloud.senders import (
    alias,
    receiver,
    sender,
    with_own_numbers,
)
from bot.channels.wire_types import Wire
from bot.domain.message import (
    AWAITED,
    CORRECTIONS,
    ECHO,
    UNAVAILABLE,
    ConsentChanged,
    Ignored,
    InboundMessage,
    Quarantined,
    Received,
    ReplyTo,
    Sender,
    StatusUpdate,
    Unsupported,
)
from bot.domain.origin import Origin, Referral

Item = Mapping[str, object]
W = TypeVar("W", bound=Wire)

#: UTF-8 needs at most four bytes for a character.
_RAW_BYTES = 4 * TEXT_LIMIT

_WANTS = {"stop": False, "resume": True}
#: Of these not even the bodies are kept: they hold whole chats and address books.
_IGNORED_FIELDS = {
    "history": "history from before we were connected",
    "smb_app_state_sync": "address book of the phone app",
}


def translate(body: bytes) -> tuple[Received, ...]:
    """Return everything in an authenticated body: messages first, then statuses.

    Statuses come after, so that trouble with one never holds up a customer's words.
    A body that is no JSON comes back as exactly one `Quarantined`.
    """
    try:
        parsed = strict_json.parse(body)
    except strict_json.UnreadableJson as problem:
        raw = body[:_RAW_BYTES].decode("utf-8", "replace")
        return (_quarantined(f"unreadable: {problem}", raw),)
    heard: list[Received] = []
    news: list[Received] = []
    for change in _changes(parsed):
        if isinstance(change, Quarantined):
            heard.append(change)
        else:
            _read_change(change, heard, news)
    return (*heard, *news)


def _changes(parsed: object) -> Iterator[Item | Quarantined]:
    if not isinstance(parsed, dict) or not isinstance(parsed.get("entry"), list):
        yield _quarantined("no entries", parsed)
        return
    if parsed.get("object") != "whatsapp_business_account":
        yield _quarantined("not about WhatsApp", parsed)
        return
    for entry in parsed["entry"]:
        changes = entry.get("changes") if isinstance(entry, dict) else None
        if not isinstance(changes, list):
            yield _quarantined("entry without changes", entry)
            continue
        for change in changes:
            if isinstance(change, dict) and isinstance(change.get("value"), dict):
                yield change
            else:
                yield _quarantined("change without value", change)


def _read_change(change: Item, heard: list[Received], news: list[Received]) -> None:
    field, value = change.get("field"), change["value"]
    if not isinstance(field, str) or not isinstance(value, dict):
        heard.append(_quarantined("unknown field", change))
        return
    if field in _IGNORED_FIELDS:
        heard.append(Ignored(reason=_IGNORED_FIELDS[field]))
        return
    metadata = _read(wire.Metadata, value.get("metadata"))
    if field == USER_ID_UPDATE and (changed := changes_of(value)):
        heard.extend(changed)
    elif field in FIELDS:
        account = metadata.phone_number_id if metadata else None
        heard.append(news_of(field, value, change, account))
    elif field != "messages" and field not in _LISTS:
        heard.append(_quarantined("unknown field", change))
    elif metadata is None:
        heard.append(_quarantined("no phone_number_id", change))
    elif field == "messages":
        _read_messages(metadata, value, heard, news)
    else:
        key, read = _LISTS[field]
        account = metadata.phone_number_id
        heard.extend(_items(value, key, account, partial(read, account)))


def _read_messages(
    metadata: wire.Metadata, value: Item, heard: list[Received], news: list[Received]
) -> None:
    account = metadata.phone_number_id
    heard.extend(_messages(account, value, _digits(metadata.display_phone_number)))
    news.extend(_items(value, "statuses", account, partial(_status, account)))
    if not any(value.get(key, []) != [] for key in ("messages", "statuses")):
        heard.append(_nothing(account, value))


def _echo(account: str, item: Item) -> Received:
    """Read a message that somebody wrote in the shop's own app.

    Meta tells of those alone, never of what was sent through its API: see its guide to
    coexistence, "smb_message_echoes".
    """
    echo = wire.Echo.model_validate(item)
    if echo.group_id is not None:
        return Ignored(reason="group message")
    if echo.type in CORRECTIONS:
        return Ignored(reason="the shop changed what it wrote")
    to = receiver(echo)
    if to is None:
        return _quarantined("echo to nobody", item, account)
    return InboundMessage(
        account=account,
        event=ECHO,
        provider_id=echo.id,
        sender=to,
        sent_at=echo.timestamp,
        content=content(item, echo.type, None),
        reply_to=_reply_to(echo.context),
    )


def _preference(account: str, item: Item) -> Received:
    told = wire.Preference.model_validate(item)
    if told.category != "marketing_messages" or told.value not in _WANTS:
        return _quarantined("unknown preference", item, account)
    values = [value for value in (told.wa_id, told.user_id) if value]
    if not values:
        return _quarantined("preference of nobody", item, account)
    return ConsentChanged(
        account=account,
        aliases=tuple(map(alias, values)),
        wants=_WANTS[told.value],
        at=told.timestamp,
    )


def _nothing(account: str, value: Item) -> Received:
    if value.get("errors"):
        return _quarantined("errors without a message", value, account)
    return Ignored(reason="change without messages")


def _messages(account: str, value: Item, own: str) -> Iterator[Received]:
    contacts = _all(wire.Contact, value.get("contacts"))
    writers = {
        tuple(_name(message.get(key)) for key in ("from", "from_user_id"))
        for message in _list(value.get("messages"))
        if isinstance(message, dict)
    }
    code = _code(_all(wire.Error, value.get("errors")))

    def read(item: Item) -> Received:
        message = wire.Message.model_validate(item)
        if message.group_id is not None:
            return Ignored(reason="group message")
        if own and message.sender and _digits(message.sender) == own:
            return Ignored(reason="from our own number")
        author = sender(message, contacts, alone=len(writers) == 1)
        if message.type == "system":
            author = _before(item, author)
        if author is None:
            return _quarantined("message without sender", item, account)
        if message.type == "contacts":
            cards = _read(wire.Cards, item)
            author = with_own_numbers(author, cards.contacts if cards else ())
        errors = message.errors or ()
        said = content(item, message.type, _code(errors) or code)
        event, provider_id = known_as(said, message.id, message.timestamp)
        if isinstance(said, Unsupported) and said.code == UNAVAILABLE:
            event = AWAITED
        return InboundMessage(
            account=account,
            event=event,
            provider_id=provider_id,
            sender=author,
            sent_at=message.timestamp,
            content=said,
            reply_to=_reply_to(message.context, retailer_id_shown(item)),
            origin=_origin(message),
        )

    yield from _items(value, "messages", account, read)


def _digits(number: str | None) -> str:
    """Return a phone number without what people write between its digits."""
    return "".join(filter(str.isdecimal, number or ""))


def _items(
    value: Item, key: str, account: str, read: Callable[[Item], Received]
) -> Iterator[Received]:
    """Yield each item of a list as read; one that cannot be read costs only itself."""
    items = value.get(key)
    if items is not None and not isinstance(items, list):
        yield _quarantined(f"{key} is no list", value, account)
    for item in _list(items):
        if not isinstance(item, dict):
            yield _quarantined(f"malformed in {key}", item, account)
            continue
        try:
            yield read(item)
        except ValueError:  # pydantic's too; its text would repeat the customer's
            yield _quarantined(f"malformed in {key}", item, account)


def _status(account: str, item: Item) -> StatusUpdate:
    status = wire.Status.model_validate(item)
    error = status.errors[0] if status.errors else wire.Error()
    return StatusUpdate(
        account=account,
        provider_id=status.id,
        state=status.status,
        at=status.timestamp,
        callback=status.biz_opaque_callback_data,
        error_code=error.code,
        error_title=error.title or error.message,
        pricing=_pricing(status),
    )


def _pricing(status: wire.Status) -> dict[str, str] | None:
    """Return what a message costs and why, as far as Meta says it."""
    pricing = status.pricing or wire.Pricing()
    billed = status.conversation or wire.Conversation()
    told = {
        "billable": None if pricing.billable is None else str(pricing.billable).lower(),
        "pricing_model": pricing.pricing_model,
        "category": pricing.category,
        "type": pricing.type,
        "conversation_id": billed.id,
        "conversation_origin": billed.origin.type if billed.origin else None,
    }
    return {name: value for name, value in told.items() if value} or None


def _before(item: Item, author: Sender | None) -> Sender | None:
    """Return who a message of the platform is about, as they were known before.

    Where a number or an id changed, the new one stands beside the old one.
    """
    system = _read(wire.System, item.get("system")) or wire.System(type="")
    known = author.aliases if author else ()
    if system.previous_user_id:
        known = (*known, alias(system.previous_user_id))
    new = known_now(system)
    known = known or said_before(system, new)
    old = tuple(one for one in dict.fromkeys(known) if one not in new)
    # Of an identity that changed and nothing else, old and new are the same.
    return Sender(aliases=old or known) if known else None


def _reply_to(context: wire.Context | None, shown: str | None = None) -> ReplyTo | None:
    context = context or wire.Context()
    product = context.referred_product
    retailer_id = (product.product_retailer_id if product else None) or shown
    if not context.id and not retailer_id:
        return None
    return ReplyTo(provider_id=context.id, product_retailer_id=retailer_id)


def _origin(message: wire.Message) -> Origin | None:
    context, told = message.context or wire.Context(), message.referral
    often = 2 if context.frequently_forwarded else int(bool(context.forwarded))
    referral = told and Referral(
        source_id=told.source_id,
        source_type=told.source_type,
        source_url=told.source_url,
        headline=told.headline,
        body=told.body,
        media_type=told.media_type,
        click_id=told.ctwa_clid,
    )
    return Origin(forwarded=often, referral=referral) if often or referral else None


def _code(errors: tuple[wire.Error, ...]) -> int | None:
    return next((error.code for error in errors if error.code is not None), None)


def _name(found: object) -> str | None:
    return found if isinstance(found, str) else None


def _list(found: object) -> list[object]:
    return found if isinstance(found, list) else []


def _all(model: type[W], found: object) -> tuple[W, ...]:
    read = (_read(model, item) for item in _list(found))
    return tuple(item for item in read if item is not None)


def _read(model: type[W], found: object) -> W | None:
    try:
        return model.model_validate(found)
    except ValidationError:
        return None


def _quarantined(reason: str, raw: object, account: str | None = None) -> Quarantined:
    text = raw if isinstance(raw, str) else strict_json.show(raw)
    return Quarantined(reason=reason, account=account, raw=clean(text))


#: Fields that are lists of one kind of thing: where they are, and what reads one.
_LISTS: Mapping[str, tuple[str, Callable[[str, Item], Received]]] = {
    "smb_message_echoes": ("message_echoes", _echo),
    "user_preferences": ("user_preferences", _preference),
}
