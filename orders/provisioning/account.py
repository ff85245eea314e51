"""What a sink's address and secret may be, and a secret that is."""

import base64
import binascii
import secrets
from typing import Final
from urllib.parse import urlsplit

_PREFIX: Final = "whsec_"
_SHORTEST: Final = 16
LONGEST_URL: Final = 2000
SECRET_RULE: Final = (
    f"give at least {_SHORTEST} characters; after {_PREFIX!r} comes base64"
)
#: Of kinds whose secret is a key of the other system's.
KEY_RULE: Final = "give the key that the other system made for us: we cannot make one"


def is_web_address(url: str) -> bool:
    """Return whether something can be posted there."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    printable = url.isascii() and url.isprintable() and " " not in url
    return (
        len(url) <= LONGEST_URL
        and printable
        and parts.scheme in {"http", "https"}
        and bool(parts.hostname)
    )


def is_usable_secret(secret: str) -> bool:
    """Return whether it can sign: `SECRET_RULE` says what it must be."""
    if not secret.startswith(_PREFIX):
        return len(secret) >= _SHORTEST
    try:
        return len(base64.b64decode(secret.removeprefix(_PREFIX), validate=True)) > 0
    except (binascii.Error, ValueError):
        return False


def is_usable_key(key: str) -> bool:
    """Return whether a header can hold it: the other system says what else it is."""
    return bool(key.strip()) and key.isascii() and key.isprintable()


def new_secret() -> str:
    """Return a secret of 256 random bits, as Standard Webhooks writes it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
