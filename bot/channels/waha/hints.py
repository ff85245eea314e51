"""What WAHA's engines say beside WAHA's own words: names, numbers, kinds of messages.

Every engine has another shape, and none of it is promised: what is not there is not
missed. Pure, and never raises.
"""

from collections.abc import Iterator, Mapping
from typing import TypeGuard

from bot.channels.cleaning import clean
from bot.domain.origin import Origin, Referral

Data = Mapping[str, object]

_NAME_LIMIT, _KIND_LIMIT, _ADDRESS_LIMIT = 300, 60, 160
#: Where each engine names the one who wrote: NOWEB's keys, and GOWS's `Info`.
_KEY_NAMES = ("remoteJid", "remoteJidAlt", "senderPn", "senderLid")
_INFO_NAMES = ("Sender", "SenderAlt")
#: What stands beside a message's own part and says nothing.
#: Forwarded so often, phones say "many times"; and what no counter reaches.
_MANY_TIMES, _SENSELESS = 5, 10**6
_BESIDE = frozenset({"messageContextInfo", "senderKeyDistributionMessage"})


def addresses(data: Data) -> tuple[str, ...]:
    """Return other addresses of the one who wrote, as far as they are told."""
    key, info = _part(data, "key"), _part(data, "Info")
    found = [key.get(n) for n in _KEY_NAMES] + [info.get(n) for n in _INFO_NAMES]
    return tuple(a[:_ADDRESS_LIMIT] for a in found if isinstance(a, str) and a)


def name(data: Data) -> str | None:
    """Return what the one who wrote is called."""
    info = _part(data, "Info")
    found = (data.get("pushName"), data.get("notifyName"), info.get("PushName"))
    names = (clean(n, _NAME_LIMIT).strip() for n in found if isinstance(n, str))
    return next(filter(None, names), None)


def kinds(data: Data) -> tuple[str, ...]:
    """Return what the engine calls the kind of a message, in lower case."""
    return tuple(kind.lower() for kind in _kinds(data))


def origin(data: Data) -> Origin | None:
    """Return how a message came here, other than being written, as far as it is told.

    WEBJS says it at the top; NOWEB and GOWS in the context of the message's own part.
    """
    context = _context(data)
    score = next(
        (s for held in (data, context) if _counts(s := held.get("forwardingScore"))), 0
    )
    forwarded = score or any(
        held.get("isForwarded") is True for held in (data, context)
    )
    often = 2 if score >= _MANY_TIMES else int(bool(forwarded))
    advert = _part(context, "externalAdReply") or _part(data, "ctwaContext")
    referral = Referral(
        source_id=_said(advert, "sourceId", "sourceID"),
        source_type=_said(advert, "sourceType"),
        source_url=_said(advert, "sourceUrl", "sourceURL", limit=2000),
        headline=_said(advert, "title", limit=1000),
        body=_said(advert, "body", "description", limit=1000),
        click_id=_said(advert, "ctwaClid", limit=2000),
    )
    brought = None if referral == Referral() else referral
    return Origin(forwarded=often, referral=brought) if often or brought else None


def _context(data: Data) -> Data:
    for held in (_part(data, "message"), _part(data, "Message")):
        for name in held:
            context = _part(_part(held, name), "contextInfo")
            if context:
                return context
    return {}


def _counts(found: object) -> TypeGuard[int]:
    return type(found) is int and 0 < found < _SENSELESS


def _said(part: Data, *names: str, limit: int = 60) -> str | None:
    found = (part.get(name) for name in names)
    words = (clean(each, limit) for each in found if isinstance(each, str))
    return next(filter(None, words), None)


def is_voice(data: Data) -> bool:
    """Return whether an audio was spoken into the phone."""
    parts = (_part(_part(data, n), "audioMessage") for n in ("message", "Message"))
    return data.get("type") == "ptt" or any(
        part.get("ptt") is True or part.get("PTT") is True for part in parts
    )


def _kinds(data: Data) -> Iterator[str]:
    if isinstance(kind := data.get("type"), str):
        yield clean(kind, _KIND_LIMIT)
    for held in (_part(data, "message"), _part(data, "Message")):
        yield from (clean(n, _KIND_LIMIT) for n in held if n not in _BESIDE)


def _part(data: Data, name: str) -> Data:
    part = data.get(name)
    return part if isinstance(part, dict) else {}
