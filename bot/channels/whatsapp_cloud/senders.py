"""Who wrote: a message, its contacts, and the names a person goes by."""

import re
from collections.abc import Sequence

from bot.channels.cleaning import clean
from bot.channels.whatsapp_cloud import wire
from bot.domain.message import Alias, AliasKind, Sender

#: Meta's business-scoped user id: a country, a dot, and letters that mean nothing.
_BSUID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")
_DIGITS = re.compile(r"[0-9]{5,15}")
_NAME_LIMIT = 300


def sender(
    message: wire.Message, contacts: Sequence[wire.Contact], *, alone: bool
) -> Sender | None:
    """Return who wrote, best alias first, or None if nothing says so.

    A contact is found by its ids, never by its place. `alone` says that one person
    wrote everything beside these contacts: only then may ids differ, as they do where
    a country changed its numbering (Brazil, Mexico, Argentina); both are then aliases.
    Since April 2026 a person may have no phone number, only a business-scoped id.
    """
    contact = _own(message, contacts)
    if contact is None and alone and len(contacts) == 1:
        contact = None if _contradicts(message, contacts[0]) else contacts[0]
    contact = contact or wire.Contact()
    values = (
        *(contact.wa_id, message.sender, contact.user_id, message.from_user_id),
        *(contact.parent_user_id, message.from_parent_user_id),
    )
    aliases = [alias(value) for value in dict.fromkeys(values) if value]
    if not aliases:
        return None
    profile = contact.profile or wire.Profile()
    username = clean(profile.username or contact.username or "", _NAME_LIMIT).strip()
    aliases.sort(key=_place)
    named = [Alias(kind=AliasKind.USERNAME, value=_plain(username))] if username else []
    known = message.identity or wire.Identity()
    return Sender(
        aliases=(*aliases, *named),
        name=clean(profile.name or "", _NAME_LIMIT).strip() or None,
        username=username or None,
        identity=known.hash or contact.identity_key_hash,
    )


def with_own_numbers(author: Sender, cards: Sequence[wire.Card]) -> Sender:
    """Return who wrote, with the numbers that cards of theirs prove to be their own.

    A number is proven by the user id that Meta puts beside it. That somebody shared a
    number, or shared it when asked for theirs, proves nothing: people share others'.
    """
    theirs = {one.value for one in author.aliases if one.kind is AliasKind.BSUID}
    own = [
        Alias(kind=AliasKind.WA_ID, value=phone.wa_id)
        for card in cards
        for phone in card.phones or ()
        if phone.user_id in theirs and phone.wa_id and _DIGITS.fullmatch(phone.wa_id)
    ]
    # Behind the others: we answer to the id that they wrote from.
    aliases = tuple(dict.fromkeys((*author.aliases, *own)))
    return author.model_copy(update={"aliases": aliases})


#: A number first, whatever the order in which they came: it is what we answer to.
_PLACES = (AliasKind.WA_ID, AliasKind.BSUID, AliasKind.PARENT_BSUID)


def _place(one: Alias) -> int:
    return _PLACES.index(one.kind)


def _plain(username: str) -> str:
    """Return a user name by which it is found: case does not matter in them."""
    return username.removeprefix("@").casefold()[:160]


def receiver(echo: wire.Echo) -> Sender | None:
    """Return to whom the shop wrote in its own app, or None if nothing says so."""
    values = [value for value in (echo.to, echo.to_user_id) if value]
    aliases = sorted(map(alias, values), key=_place)
    return Sender(aliases=tuple(aliases)) if aliases else None


def alias(value: str) -> Alias:
    """Return a value as the alias that its form says it is.

    Numbers are `wa_id` wherever they stand: one person must be found under the same
    alias whether or not the webhook brought the contact.
    """
    match = _BSUID.fullmatch(value)
    if match is None:
        return Alias(kind=AliasKind.WA_ID, value=value)
    kind = AliasKind.PARENT_BSUID if match[1] else AliasKind.BSUID
    return Alias(kind=kind, value=value)


def _own(
    message: wire.Message, contacts: Sequence[wire.Contact]
) -> wire.Contact | None:
    for contact in contacts:
        if _contradicts(message, contact):
            continue  # A number beside another user id: one of them is somebody else's.
        if contact.wa_id and contact.wa_id == message.sender:
            return contact
        if contact.user_id and contact.user_id == message.from_user_id:
            return contact
    return None


def _contradicts(message: wire.Message, contact: wire.Contact) -> bool:
    ids = {contact.user_id, message.from_user_id} - {None}
    return len(ids) > 1
