"""WhatsApp's own addresses, as gateways that speak its phone protocol use them.

A person is `5511999999999@s.whatsapp.net` (WAHA writes `@c.us`), or hidden behind
`103899771998284@lid`; a device may follow the number after a colon.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.channels.failure import Action, SendRefused
from bot.domain.message import Alias, AliasKind

_JID = re.compile(r"([^@:\s]{1,80})(?::\d{1,5})?@([a-z0-9.]{1,30})", re.ASCII)
_DIGITS = re.compile(r"[0-9]{5,20}")
#: A key of a message; what one may contain beside letters is what gateways add.
KEY = re.compile(r"[A-Za-z0-9._=-]{1,150}")


class Chat(StrEnum):
    """What a message was written in. Only people are answered."""

    PERSON = "person"
    GROUP = "group"
    STATUS = "status"
    NEWSLETTER = "newsletter"
    OTHER = "other"


_CHATS = {
    **dict.fromkeys(("s.whatsapp.net", "c.us", "lid", "hosted"), Chat.PERSON),
    **dict.fromkeys(("hosted.lid",), Chat.PERSON),
    "g.us": Chat.GROUP,
    "broadcast": Chat.STATUS,
    "newsletter": Chat.NEWSLETTER,
}
_HIDDEN = frozenset({"lid", "hosted.lid"})


@dataclass(frozen=True, slots=True)
class Jid:
    """An address that was read. `alias` is None for what is no person."""

    chat: Chat
    alias: Alias | None = None


def read(text: str | None) -> Jid:
    """Return what an address means. Never raises."""
    match = _JID.fullmatch(text or "")
    if match is None:
        return Jid(Chat.OTHER)
    user, server = match.groups()
    chat = _CHATS.get(server, Chat.OTHER)
    if chat is not Chat.PERSON or not _DIGITS.fullmatch(user):
        return Jid(chat if chat is not Chat.PERSON else Chat.OTHER)
    if server in _HIDDEN:
        # With its ending: nobody may take the digits for a phone number.
        return Jid(chat, Alias(kind=AliasKind.LID, value=f"{user}@lid"))
    return Jid(chat, Alias(kind=AliasKind.WA_ID, value=user))


def aliases(addresses: Iterable[str | None]) -> tuple[Alias, ...]:
    """Return the people's names among some addresses: numbers first, each once.

    A number is what we answer to when it is known; a hidden id alone will do.
    """
    found = [jid.alias for jid in map(read, addresses) if jid.alias is not None]
    found.sort(key=lambda alias: alias.kind is AliasKind.LID)
    return tuple(dict.fromkeys(found))


def jid_of(alias: Alias, server: str) -> str:
    """Return the address of a person; `server` is how the gateway ends numbers.

    Raises SendRefused for an id that phones do not know.
    """
    match alias.kind:
        case AliasKind.PHONE | AliasKind.WA_ID:
            digits = alias.value.removeprefix("+")
            if _DIGITS.fullmatch(digits):
                return f"{digits}@{server}"
        case AliasKind.LID:
            if read(alias.value).alias == alias:
                return alias.value
    raise SendRefused(
        "this gateway writes to phone numbers and hidden ids only",
        code=None,
        action=Action.NEEDS_PHONE,
    )
