"""Signed webhooks by the Standard Webhooks specification, version 1.

The signature covers `id.timestamp.body`; a receiver refuses what is old, so that a
recorded request cannot be played again later.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

#: How far apart the clocks of sender and receiver may be.
TOLERANCE = timedelta(minutes=5)
_PREFIX = "whsec_"


class BadSignature(Exception):
    """The request is not from who holds the secret, or not from now."""


def headers(
    secret: str,
    *,
    event_id: str,
    sent_at: datetime,
    body: bytes,
    also: str | None = None,
) -> dict[str, str]:
    """Return the headers of a signed request.

    `also`: the secret before this one, while its receiver changes over; the request
    then has two signatures.
    `Idempotency-Key` is the event's id, too: some receivers know only that name.
    """
    timestamp = str(int(sent_at.timestamp()))
    return {
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(
            "v1," + _signature(each, event_id, timestamp, body)
            for each in (secret, also)
            if each is not None
        ),
        "Idempotency-Key": event_id,
    }


def verify(
    secret: str,
    received: Mapping[str, str],
    body: bytes,
    *,
    now: datetime,
    tolerance: timedelta = TOLERANCE,
) -> str:
    """Return the id of a genuine request. Raises BadSignature, saying why.

    `received` are the request's headers, in any case; `body` is what was received, not
    what it was parsed into. One matching signature of several is enough: a sender
    that changes its secret signs with both.
    """
    named = {name.lower(): value for name, value in received.items()}
    event_id = _header(named, "webhook-id")
    timestamp = _header(named, "webhook-timestamp")
    signatures = _header(named, "webhook-signature")
    expected = _signature(secret, event_id, timestamp, body).encode()
    matches = [
        hmac.compare_digest(expected, _bytes(value))
        for version, _, value in (each.partition(",") for each in signatures.split())
        if version == "v1"
    ]
    if not any(matches):
        raise BadSignature("webhook-signature has no v1 signature that fits")
    if abs(now - _moment(timestamp)) > tolerance:
        raise BadSignature(f"webhook-timestamp is more than {tolerance} from now")
    return event_id


def _signature(secret: str, event_id: str, timestamp: str, body: bytes) -> str:
    signed = b".".join((_bytes(event_id), _bytes(timestamp), body))
    digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _bytes(text: str) -> bytes:
    """Return a header's bytes; servers keep odd ones as surrogates."""
    return text.encode("utf-8", "surrogateescape")


def _key(secret: str) -> bytes:
    """Return the key: `whsec_` is followed by base64, anything else is the key."""
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError(f"a secret after {_PREFIX!r} must be base64") from None


def _header(named: Mapping[str, str], name: str) -> str:
    value = named.get(name)
    if not value:
        raise BadSignature(f"the header {name} is missing")
    return value


def _moment(timestamp: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(timestamp), tz=UTC)
    except (ValueError, OverflowError, OSError):
        raise BadSignature("webhook-timestamp is not a number of seconds") from None
