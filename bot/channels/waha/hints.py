"""What WAHA's engines say beside WAHA's own words: names, numbers, kinds of messages.

Every engine has another shape, and none of it is promised: what is not there is not
missed. Pure, and never raises.
"""

from collections.abc import Iterator, Mapping

from bot.channels.cleaning import clean

Data = Mapping[str, object]

_NAME_LIMIT, _KIND_LIMIT, _ADDRESS_LIMIT = 300, 60, 160
#: Where each engine names the one who wrote: NOWEB's keys, and GOWS's `Info`.
_KEY_NAMES = ("remoteJid", "remoteJidAlt", "senderPn", "senderLid")
_INFO_NAMES = ("Sender", "SenderAlt")
#: What stands beside a message's own part and says nothing.
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
