"""Evolution API's webhook bodies into our words. Pure, and never raises.

A body is one event; what it is about is one thing or a list of them, and one bad item
costs itself only. The key that comes with every body is taken out before anything else.
Source: Evolution API 2.3.
"""

from collections.abc import Callable, Iterator, Mapping

from pydantic import ValidationError

from bot.channels import jids, strict_json
from bot.channels.cleaning import clean
from bot.channels.correction import known_as
from bot.channels.evolution import wire
from bot.channels.evolution.contents import (
    SILENT,
    UNREAD,
    content,
    kind_of,
    part_of,
    unwrapped,
    words_of,
)
from bot.channels.evolution.redacting import (
    without_any_keys,
    without_keys,
    without_keys_in,
)
from bot.channels.gateway import decoded
from bot.channels.jids import Chat
from bot.domain.message import (
    AT_RECEIPT,
    ECHO,
    EDIT,
    REVOKE,
    DeliveryState,
    Ignored,
    InboundMessage,
    LinkChanged,
    Media,
    Quarantined,
    Reaction,
    Received,
    ReplyTo,
    Sender,
    StatusUpdate,
    System,
)
from bot.domain.origin import Origin, Referral

Item = Mapping[str, object]
Reader = Callable[[wire.Envelope, Item], Received]

_NAME_LIMIT = 300
#: UTF-8 needs at most four bytes for a character.
_RAW_BYTES = 262_144

_STATES = {
    "ERROR": DeliveryState.FAILED,
    "SERVER_ACK": DeliveryState.SENT,
    "DELIVERY_ACK": DeliveryState.DELIVERED,
    "READ": DeliveryState.READ,
    "PLAYED": DeliveryState.PLAYED,
}
#: The same as WhatsApp's own numbers.
_NUMBERS = ("ERROR", "PENDING", "SERVER_ACK", "DELIVERY_ACK", "READ", "PLAYED")
_DELETED = "DELETED"
#: Forwarded so often, phones say "many times".
_MANY_TIMES = 5
#: WhatsApp's protocol messages by name and by number.
_PROTOCOL = {"REVOKE": REVOKE, "0": REVOKE, "MESSAGE_EDIT": EDIT, "14": EDIT}
_NOT_PEOPLE = {
    Chat.GROUP: "group message",
    Chat.STATUS: "status or broadcast",
    Chat.NEWSLETTER: "newsletter",
    Chat.OTHER: "neither a person nor a group",
}


def translate(body: bytes) -> tuple[Received, ...]:
    """Return everything in an authenticated body, at least one thing."""
    try:
        parsed = without_keys(strict_json.parse(body))
    except strict_json.UnreadableJson as problem:
        raw = without_keys_in(body[:_RAW_BYTES].decode("utf-8", "replace"))
        return (_quarantined(f"unreadable: {problem}", raw),)
    try:
        envelope = wire.Envelope.model_validate(parsed)
    except ValidationError:
        return (_quarantined("no event of an instance", parsed),)
    name = envelope.event.lower().replace("_", ".").replace("-", ".")
    if name.startswith(_IGNORED_EVENTS):
        return (Ignored(reason="event that we have no use for"),)
    read = _EVENTS.get(name)
    if read is None:
        return (_quarantined("unknown event", parsed, envelope.instance),)
    told = tuple(_items(envelope, read))
    return told or (_quarantined("event without data", parsed, envelope.instance),)


def _items(envelope: wire.Envelope, read: Reader) -> Iterator[Received]:
    given = {} if envelope.data is None else envelope.data
    data = given if isinstance(given, list) else [given]
    for item in data:
        try:
            if not isinstance(item, dict):
                raise ValueError("an item that is no object")  # noqa: TRY004, TRY301  # one way out
            yield read(envelope, item)
        except (ValueError, RecursionError):  # its text would repeat the customer's
            yield _quarantined("malformed item", item, envelope.instance)


# -- messages -------------------------------------------------------------------------


def _message(envelope: wire.Envelope, item: Item) -> Received:
    message = wire.Message.model_validate(item)
    reason = _ignored(envelope, message.key)
    if reason is not None:
        return Ignored(reason=reason)
    inner = unwrapped(message.message or {})
    kind = kind_of(inner)
    if kind is None or kind in UNREAD:
        # It comes again under the same key once the phones agreed on keys of their own.
        return Ignored(reason="not decrypted yet")
    if kind in SILENT:
        return Ignored(reason="the phones talk among themselves")
    if kind == "protocolMessage":
        return _correction(envelope, part_of(inner, kind), message)
    media_id, inline = _media(message, inner)
    context = message.context or _context(part_of(inner, kind))
    said = content(inner, kind, media_id)
    from_me = message.key.from_me
    if from_me and isinstance(said, Reaction):
        return Ignored(reason="the shop reacted")
    return InboundMessage(
        account=envelope.instance,
        # What we sent ourselves is told from what a person typed when it is stored.
        event=ECHO if from_me else "message",
        provider_id=message.key.id,
        sender=_sender(message.key, None if from_me else message.push_name),
        sent_at=message.timestamp,
        content=said,
        reply_to=_reply_to(context, part_of(inner, kind)),
        origin=_origin(context),
        inline=inline if isinstance(said, Media) and not from_me else None,
    )


def _ignored(envelope: wire.Envelope, key: wire.Key) -> str | None:
    """Return why a chat is none of our business, None when it is a person's."""
    chat = jids.read(key.remote_jid)
    if chat.alias is None:
        return _NOT_PEOPLE[chat.chat]
    own = jids.read(envelope.sender).alias
    if own is not None and own in jids.aliases(_addresses(key)):
        return "our own number"
    return None


def _addresses(key: wire.Key) -> tuple[str | None, ...]:
    """Return where the other one of a chat is reached.

    Of what the shop wrote the chat alone tells: whatever names the sender is the shop's
    own, and would make one person of all to whom it writes.
    """
    if key.from_me:
        return (key.remote_jid,)
    return (
        key.remote_jid,
        key.remote_jid_alt,
        key.previous_remote_jid,
        key.sender_pn,
        key.sender_lid,
    )


def _sender(key: wire.Key, name: str | None) -> Sender:
    return Sender(
        aliases=jids.aliases(_addresses(key)),
        name=clean(name or "", _NAME_LIMIT).strip() or None,
    )


def _media(message: wire.Message, inner: Item) -> tuple[str, bytes | None]:
    """Return by what media can be asked for, and its bytes where they came along."""
    base64, link = inner.get("base64"), inner.get("mediaUrl")
    inline = decoded(base64) if isinstance(base64, str) and base64 else None
    media_id = message.key.id
    if isinstance(link, str) and link:
        media_id = f"{media_id}|{clean(link, 2000)}"
    return media_id, inline


def _context(part: Item) -> wire.ContextInfo:
    try:
        return wire.ContextInfo.model_validate(part.get("contextInfo") or {})
    except ValidationError:
        return wire.ContextInfo()


def _reply_to(context: wire.ContextInfo, part: Item) -> ReplyTo | None:
    product = part.get("product")
    named = product.get("retailerId") if isinstance(product, dict) else None
    retailer_id = clean(named, 200) if isinstance(named, str) and named else None
    if not context.stanza_id and not retailer_id:
        return None
    return ReplyTo(provider_id=context.stanza_id, product_retailer_id=retailer_id)


def _origin(context: wire.ContextInfo) -> Origin | None:
    often = int(bool(context.is_forwarded or context.forwarding_score))
    if (context.forwarding_score or 0) >= _MANY_TIMES:
        often = 2
    advert = context.advert
    referral = advert and Referral(
        source_id=advert.source_id,
        source_type=advert.source_type,
        source_url=advert.source_url,
        headline=advert.title,
        body=advert.body,
        click_id=advert.click_id,
    )
    if referral == Referral():
        referral = None
    return Origin(forwarded=often, referral=referral) if often or referral else None


# -- edits and deletes ----------------------------------------------------------------


def _correction(
    envelope: wire.Envelope, item: Item, around: wire.Message | None = None
) -> Received:
    """Read an edit or a delete, alone or inside of the message that brought it."""
    event = _PROTOCOL.get(str(item.get("type")))
    if event is None:
        return Ignored(reason="the phones talk among themselves")
    said = wire.Correction.model_validate(item)
    key = around.key if around else said.key
    reason = _ignored(envelope, key)
    if reason is not None or key.from_me or said.key.from_me:
        return Ignored(reason=reason or "written for the shop")
    words = words_of(said.edited or {}) if event == EDIT else None
    if event == EDIT and words is None:
        raise ValueError("an edit without words")
    at = said.timestamp or (around.timestamp if around else AT_RECEIPT)
    system = System(event=event, target=said.key.id, text=words)
    name, provider_id = known_as(system, said.key.id, at)
    return InboundMessage(
        account=envelope.instance,
        event=name,
        provider_id=provider_id,
        sender=_sender(key, around.push_name if around else None),
        sent_at=at,
        content=system,
    )


def _deleted(envelope: wire.Envelope, item: Item) -> Received:
    key = item.get("key") if isinstance(item.get("key"), dict) else item
    return _correction(envelope, {"key": key, "type": "REVOKE"})


def _update(envelope: wire.Envelope, item: Item) -> Received:
    update = wire.Update.model_validate(item)
    key_id = update.key_id or (update.key.id if update.key else None)
    if key_id is None:
        raise ValueError("news about no message")
    status = update.status
    name = str(status).upper()
    if isinstance(status, int) or name.isdecimal():
        place = int(name)
        name = _NUMBERS[place] if place < len(_NUMBERS) else name
    from_me = update.from_me or (update.key is not None and update.key.from_me)
    if name == _DELETED:
        address = update.remote_jid or (update.key.remote_jid if update.key else None)
        key = {"id": key_id, "remoteJid": address, "fromMe": from_me}
        return _correction(envelope, {"key": key, "type": "REVOKE"})
    if not from_me:
        return Ignored(reason="news about a message of the customer")
    state = _STATES.get(name)
    if state is None:
        return Ignored(reason="news that change nothing")
    return StatusUpdate(
        account=envelope.instance, provider_id=key_id, state=state, at=AT_RECEIPT
    )


# -- the instance ---------------------------------------------------------------------


def _link(envelope: wire.Envelope, item: Item) -> Received:
    link = wire.Link.model_validate(item)
    match link.state.lower():
        case "open":
            return _connected(envelope, "connected", connected=True)
        case "close" | "refused":
            why = f"the instance lost WhatsApp (reason {link.reason or 'unknown'})"
            return _connected(envelope, f"{why}: connect it again in Evolution API")
    return Ignored(reason="the instance is connecting")


def _gone(envelope: wire.Envelope, item: Item) -> LinkChanged:
    del item
    return _connected(
        envelope, "the instance was logged out or removed: scan its QR code again"
    )


def _unpaired(envelope: wire.Envelope, item: Item) -> LinkChanged:
    del item
    return _connected(envelope, "the instance waits for its QR code to be scanned")


def _connected(
    envelope: wire.Envelope, reason: str, *, connected: bool = False
) -> LinkChanged:
    return LinkChanged(account=envelope.instance, connected=connected, reason=reason)


def _history(envelope: wire.Envelope, item: Item) -> Ignored:
    del envelope, item
    return Ignored(reason="history from before we were connected")


def _own(envelope: wire.Envelope, item: Item) -> Ignored:
    """Return what was sent through the API: we may not know yet that it was."""
    said = Ignored(reason="sent through the API")
    try:
        sent = _message(envelope, item)
    except (ValueError, RecursionError):
        return said  # It is nobody's word: no need to keep it aside.
    is_ours = isinstance(sent, InboundMessage) and sent.event == ECHO
    return said.model_copy(update={"own": sent}) if is_ours else said


def _quarantined(reason: str, raw: object, account: str | None = None) -> Quarantined:
    text = raw if isinstance(raw, str) else strict_json.show(without_any_keys(raw))
    return Quarantined(reason=reason, account=account, raw=without_keys_in(clean(text)))


_EVENTS: Mapping[str, Reader] = {
    "messages.upsert": _message,
    "messages.update": _update,
    "messages.edited": _correction,
    "messages.delete": _deleted,
    "messages.set": _history,
    "send.message": _own,
    "connection.update": _link,
    "qrcode.updated": _unpaired,
    "logout.instance": _gone,
    "remove.instance": _gone,
}
#: Beginnings of names.
_IGNORED_EVENTS = (
    *("contacts.", "chats.", "presence.", "group", "call", "labels.", "typebot."),
    *("application.", "new.token", "status.instance", "instance.", "send.message."),
)
