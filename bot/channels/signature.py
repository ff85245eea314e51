"""Signatures of webhook bodies, over the raw bytes as received."""

import hashlib
import hmac

_SCHEME = "sha256="


def sign(secret: bytes, body: bytes) -> str:
    """Return the `X-Hub-Signature-256` header of a body: "sha256=" and lowercase hex.

    Source: Meta's Graph API webhooks reference, "Validate payloads".
    """
    return _SCHEME + hmac.new(secret, body, hashlib.sha256).hexdigest()


def is_signed(secret: bytes, body: bytes, header: str | bytes | None) -> bool:
    """Return whether the header is this body's signature. Never raises.

    Compared as bytes, since `compare_digest` raises on non-ASCII text, and in constant
    time. An empty secret signs nothing: a missing setting must not open the door.
    """
    if not secret or not header:
        return False
    given = header if isinstance(header, bytes) else _bytes(header)
    return hmac.compare_digest(given, sign(secret, body).encode("ascii"))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
