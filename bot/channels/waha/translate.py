"""WAHA's webhook bodies into our words. Pure, and never raises.

A body is one event of one session. Source: WAHA's documentation, "Events".
"""

from collections.abc import Callable, Mapping

from pydantic import ValidationError

from bot.channels import jids, strict_json
from bot.channels.cleaning import clean
from bot.channels.correction import known_as
from bot.channels.jids import Chat
from bot.channels.vcard import card
from bot.channels.waha import hints, wire
from bot.domain.message import (
    AT_RECEIPT,
    ECHO,
    EDIT,
    REVOKE,
    Cart,
    Contacts,
    Content,
    DeliveryState,
    Ignored,
    InboundMessage,
    LinkChanged,
    Location,
    Media,
    MediaKind,
    Quarantined,
    Reaction,
    Received,
    ReplyTo,
    Sender,
    StatusUpdate,
    System,
    Text,
    Unsupported,
)

Item = Mapping[str, object]
Reader = Callable[[wire.Envelope, Item], Received]

#: UTF-8 needs at most four bytes for a character.
_RAW_BYTES = 262_144
_STATES = {
    -1: DeliveryState.FAILED,
    1: DeliveryState.SENT,
    2: DeliveryState.DELIVERED,
    3: DeliveryState.READ,
    4: DeliveryState.PLAYED,
}
_BY_API = "sent through the API"
_NOT_PEOPLE = {
    Chat.GROUP: "group message",
    Chat.STATUS: "status or broadcast",
    Chat.NEWSLETTER: "newsletter",
    Chat.OTHER: "neither a person nor a group",
}
#: Kinds by which engines name what nobody wrote.
_NOTHING = frozenset(
    {
        *("e2e_notification", "notification_template", "notification", "call_log"),
        *("protocol", "protocolmessage", "gp2", "revoked", "pinned_message"),
        *("pininchatmessage", "keepinchatmessage", "pollupdatemessage", "albummessage"),
        *("encreactionmessage", "enccommentmessage", "calllogmesssage", "album"),
    }
)
_UNREAD = frozenset({"ciphertext", "placeholdermessage", "secretencryptedmessage"})
_ORDER = frozenset({"order", "ordermessage"})
_STICKER, _IMAGE, _VIDEO, _AUDIO = "image/webp", "image/", "video/", "audio/"


def translate(body: bytes) -> tuple[Received, ...]:
    """Return what an authenticated body says: exactly one thing."""
    try:
        parsed = strict_json.parse(body)
    except strict_json.UnreadableJson as problem:
        raw = body[:_RAW_BYTES].decode("utf-8", "replace")
        return (_quarantined(f"unreadable: {problem}", raw),)
    try:
        envelope = wire.Envelope.model_validate(parsed)
    except ValidationError:
        return (_quarantined("no event of a session", parsed),)
    if envelope.event.startswith(_IGNORED_EVENTS):
        return (Ignored(reason="event that we have no use for"),)
    read = _EVENTS.get(envelope.event)
    if read is None:
        return (_quarantined("unknown event", parsed, envelope.session),)
    payload = envelope.payload if isinstance(envelope.payload, dict) else {}
    try:
        return (read(envelope, payload),)
    except (ValueError, RecursionError):  # its text would repeat the customer's
        return (_quarantined("malformed payload", parsed, envelope.session),)


# -- messages -------------------------------------------------------------------------


def _message(envelope: wire.Envelope, item: Item) -> Received:
    message = _read(item)
    reason = _ignored(envelope, message)
    if reason is not None:
        return Ignored(reason=reason, own=_own(envelope, message, reason))
    data = message.data or {}
    kinds = hints.kinds(data)
    said = _content(message, kinds)
    if said is None:
        waits = not _UNREAD.isdisjoint(kinds)
        return Ignored(reason="not decrypted yet" if waits else "nothing was said")
    echo = ECHO if message.from_me else None
    return _inbound(envelope, message, said, event=echo)


def _own(
    envelope: wire.Envelope, message: wire.Message, reason: str
) -> InboundMessage | None:
    """Return what was sent through the API: we may not know yet that it was."""
    if reason != _BY_API:
        return None
    try:
        said = _content(message, hints.kinds(message.data or {}))
        return _inbound(envelope, message, said, event=ECHO) if said else None
    except ValueError:
        return None  # It is nobody's word: no need to keep it aside.


def _read(item: Item) -> wire.Message:
    return wire.Message.model_validate({**item, "serialized": item.get("id")})


def _inbound(
    envelope: wire.Envelope,
    message: wire.Message,
    said: Content,
    *,
    event: str | None = None,
) -> InboundMessage:
    data = message.data or {}
    at = message.timestamp or envelope.timestamp or AT_RECEIPT
    known_event, known = known_as(said, message.key, at)
    answered = message.reply_to.id if message.reply_to else None
    return InboundMessage(
        account=envelope.session,
        event=event or known_event,
        provider_id=known,
        sender=_receiver(message) if event == ECHO else _sender(message, data),
        sent_at=at,
        content=said,
        reply_to=ReplyTo(provider_id=answered) if answered else None,
        origin=hints.origin(data),
    )


def _sender(message: wire.Message, data: Item) -> Sender:
    addresses = (message.sender, *hints.addresses(data))
    return Sender(aliases=jids.aliases(addresses), name=hints.name(data))


def _receiver(message: wire.Message) -> Sender:
    """Return to whom the shop wrote; what engines add is about the shop itself."""
    return Sender(aliases=jids.aliases((message.to,)))


def _ignored(envelope: wire.Envelope, message: wire.Message) -> str | None:
    """Return why a message is none of our business, None for a customer's."""
    chat = jids.read(message.to if message.from_me else message.sender)
    if chat.alias is None:
        return _NOT_PEOPLE[chat.chat]
    if message.from_me and message.source == "api":
        return _BY_API
    me = envelope.me or wire.Me()
    return "our own number" if chat.alias in jids.aliases((me.id, me.lid)) else None


def _not_theirs(envelope: wire.Envelope, message: wire.Message) -> str | None:
    if message.from_me:
        return "the shop changed what it wrote"
    return _ignored(envelope, message)


def _content(message: wire.Message, kinds: tuple[str, ...]) -> Content | None:
    """Return what a message says; None when it says nothing."""
    if message.has_media or message.media is not None:
        return _media(message)
    if message.location is not None:
        return _location(message.location)
    if message.cards:
        return Contacts(cards=tuple(card(each) for each in message.cards))
    if not _ORDER.isdisjoint(kinds):
        return Cart()  # What is in it, only the phone knows: the customer is asked.
    return Text(text=message.body) if message.body else _unreadable(kinds)


def _unreadable(kinds: tuple[str, ...]) -> Unsupported | None:
    if not kinds or not (_NOTHING | _UNREAD).isdisjoint(kinds):
        return None
    return Unsupported(original_type=kinds[0])


def _media(message: wire.Message) -> Media:
    media = message.media or wire.Media()
    mime = (media.mime or "").partition(";")[0].strip().lower()
    return Media(
        kind=_kind(mime, media.mime or "", message.data or {}),
        provider_media_id=f"{message.serialized or message.key}|{media.url or ''}",
        mime=media.mime,
        filename=media.filename,
        caption=message.body or None,
    )


def _kind(mime: str, claimed: str, data: Item) -> MediaKind:
    if mime == _STICKER:
        return MediaKind.STICKER
    if mime.startswith(_AUDIO):
        # Phones record in Opus; music comes in anything else.
        is_voice = hints.is_voice(data) or "opus" in claimed.lower()
        return MediaKind.VOICE if is_voice else MediaKind.AUDIO
    if mime.startswith(_IMAGE):
        return MediaKind.IMAGE
    return MediaKind.VIDEO if mime.startswith(_VIDEO) else MediaKind.DOCUMENT


def _location(found: object) -> Location:
    place = wire.Location.model_validate(found)
    return Location(
        latitude=place.latitude,
        longitude=place.longitude,
        name=place.name or place.description or None,
        address=place.address or None,
    )


def _reaction(envelope: wire.Envelope, item: Item) -> Received:
    message = _read(item)
    reason = _not_theirs(envelope, message)
    if reason is not None:
        return Ignored(reason=reason)
    reaction = wire.Reaction.model_validate(item.get("reaction"))
    said = Reaction(target=reaction.target, emoji=reaction.text or None)
    return _inbound(envelope, message, said)


# -- edits, deletes, news -------------------------------------------------------------


def _edited(envelope: wire.Envelope, item: Item) -> Received:
    message = _read(item)
    reason = _not_theirs(envelope, message)
    if reason is not None:
        return Ignored(reason=reason)
    target = wire.Edited.model_validate(item).target or message.key
    said = System(event=EDIT, target=target, text=message.body or "")
    return _inbound(envelope, message, said)


def _revoked(envelope: wire.Envelope, item: Item) -> Received:
    revoked = wire.Revoked.model_validate(item)
    around = revoked.after or revoked.before
    if around is None:
        return Ignored(reason="nobody knows what was deleted")
    message = _read(around)
    reason = _not_theirs(envelope, message)
    if reason is not None:
        return Ignored(reason=reason)
    target = revoked.target
    if target is None:
        target = _read(revoked.before).key if revoked.before else message.key
    return _inbound(envelope, message, System(event=REVOKE, target=target))


def _ack(envelope: wire.Envelope, item: Item) -> Received:
    ack = wire.Ack.model_validate(item)
    if not ack.from_me:
        return Ignored(reason="news about a message of the customer")
    state = _STATES.get(ack.ack) if ack.ack is not None else None
    if state is None:
        return Ignored(reason="news that change nothing")
    at = envelope.timestamp or AT_RECEIPT
    return StatusUpdate(
        account=envelope.session, provider_id=ack.key, state=state, at=at
    )


def _waiting(envelope: wire.Envelope, item: Item) -> Ignored:
    del envelope, item
    # It comes again under the same key once the phones agreed on keys of their own.
    return Ignored(reason="not decrypted yet")


# -- the session ----------------------------------------------------------------------

_LOST = {
    "STOPPED": "the session is stopped: start it in WAHA",
    "SCAN_QR_CODE": "the session waits for its QR code to be scanned",
    "FAILED": "the session failed: restart it in WAHA, and scan its QR code",
}


def _session(envelope: wire.Envelope, item: Item) -> Received:
    status = wire.Session.model_validate(item).status.upper()
    if status == "WORKING":
        return _link(envelope, "connected", connected=True)
    if status in _LOST:
        return _link(envelope, _LOST[status])
    return Ignored(reason="the session is connecting")


def _link(
    envelope: wire.Envelope, reason: str, *, connected: bool = False
) -> LinkChanged:
    return LinkChanged(account=envelope.session, connected=connected, reason=reason)


def _quarantined(reason: str, raw: object, account: str | None = None) -> Quarantined:
    text = raw if isinstance(raw, str) else strict_json.show(raw)
    return Quarantined(reason=reason, account=account, raw=clean(text))


_EVENTS: Mapping[str, Reader] = {
    "message": _message,
    "message.any": _message,
    "message.reaction": _reaction,
    "message.ack": _ack,
    "message.edited": _edited,
    "message.revoked": _revoked,
    "message.waiting": _waiting,
    "session.status": _session,
}
#: Beginnings of names.
_IGNORED_EVENTS = (
    *("presence.", "group.", "chat.", "call.", "label.", "poll.", "event.response"),
    *("engine.event", "state.change", "message.ack.group"),
)
