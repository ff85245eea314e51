"""Ids of buttons and list rows: what they say, signed, so that nobody can make one up.

A phone sends back whatever id it likes. A signature covers the conversation and every
part of the id, so an id works only where it was shown and only for what it was made.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote, unquote

from orders.domain.rules import Field

#: 96 bits: nobody guesses one, and an id stays far below what channels allow.
_MAC_BYTES = 12
_MARK_BYTES = 9


@dataclass(frozen=True, slots=True)
class ConfirmTap:
    draft_id: str
    version: int


@dataclass(frozen=True, slots=True)
class ChangeTap:
    draft_id: str
    version: int


@dataclass(frozen=True, slots=True)
class CancelTap:
    draft_id: str
    version: int


@dataclass(frozen=True, slots=True)
class PickTap:
    """One of the choices of a question. `mark` is `mark_of` the choice's id."""

    draft_id: str
    field: Field
    about: str  #: Line id or open mention; empty when the question is about neither.
    mark: str


@dataclass(frozen=True, slots=True)
class OfferTap:
    """A yes or a no to something that we offered to do; `what` names it."""

    what: str
    about: str  #: Id of a draft, or of an order.
    is_yes: bool


@dataclass(frozen=True, slots=True)
class Forged:
    """An id that we did not make, or not for this conversation."""


SummaryTap = ConfirmTap | ChangeTap | CancelTap
Made = SummaryTap | PickTap | OfferTap

_SUMMARY_TAPS: dict[str, type[SummaryTap]] = {
    "ok": ConfirmTap,
    "change": ChangeTap,
    "cancel": CancelTap,
}
_WORD_OF = {kind: word for word, kind in _SUMMARY_TAPS.items()}
_PICK = "pick"
_OFFER = "offer"
_YES, _NO = "yes", "no"


def mark_of(choice_id: str) -> str:
    """Return a short stand-in for a choice's id, which may be of any length."""
    digest = sha256(choice_id.encode("utf-8", "replace")).digest()
    return _text(digest[:_MARK_BYTES])


def made(key: bytes, conversation_id: str, tap: Made) -> str:
    """Return the id of a button that, tapped in this conversation, means `tap`."""
    body = ".".join(_escaped(part) for part in _parts(tap))
    return f"{body}.{_mac(key, conversation_id, body)}"


def read(
    key: bytes, conversation_id: str, button_id: str, *, old: Sequence[bytes] = ()
) -> Made | Forged:
    """Return what a tapped button means in this conversation. Never raises.

    `old`: keys that were used before. Their buttons are still on phones.
    """
    body, _, mac = button_id.rpartition(".")
    # As bytes: `compare_digest` refuses texts that are not ASCII.
    given = mac.encode("utf-8", "replace")
    if not any(
        hmac.compare_digest(given, _mac(each, conversation_id, body).encode("utf-8"))
        for each in (key, *old)
    ):
        return Forged()
    word, *parts = (unquote(part) for part in body.split("."))
    try:
        if word == _PICK:
            draft_id, field, about, mark = parts
            return PickTap(draft_id, Field(field), about, mark)
        if word == _OFFER:
            what, about, answer = parts
            return OfferTap(what, about, answer == _YES)
        draft_id, version = parts
        return _SUMMARY_TAPS[word](draft_id, int(version))
    except (KeyError, ValueError):
        # Signed by us, in a form that this version no longer knows.
        return Forged()


def draft_named(button_id: str) -> str | None:
    """Return the draft that a button claims to be about, whoever made it."""
    word, *parts = (unquote(part) for part in button_id.split("."))
    return parts[0] if word in (*_SUMMARY_TAPS, _PICK) and parts else None


def _parts(tap: Made) -> tuple[str, ...]:
    if isinstance(tap, OfferTap):
        return _OFFER, tap.what, tap.about, _YES if tap.is_yes else _NO
    if isinstance(tap, PickTap):
        return _PICK, tap.draft_id, tap.field.value, tap.about, tap.mark
    return _WORD_OF[type(tap)], tap.draft_id, str(tap.version)


def _escaped(part: str) -> str:
    return quote(part, safe="").replace(".", "%2E")


def _mac(key: bytes, conversation_id: str, body: str) -> str:
    # The length tells where the conversation's id ends: no two pairs sign alike.
    signed = f"{len(conversation_id)}:{conversation_id}:{body}"
    digest = hmac.digest(key, signed.encode("utf-8", "replace"), "sha256")
    return _text(digest[:_MAC_BYTES])


def _text(digest: bytes) -> str:
    return urlsafe_b64encode(digest).decode("ascii").rstrip("=")
