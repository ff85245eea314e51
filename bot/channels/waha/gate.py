"""How WAHA's webhooks prove themselves: HMAC-SHA512 over the raw bytes.

Source: WAHA's documentation, "Webhooks", "HMAC authentication".
"""

import hashlib
import hmac
import re
from http import HTTPMethod
from urllib.parse import quote

from bot.channels.gate import Knock, Refusal
from bot.channels.pasting import command

HEADER, ALGORITHM_HEADER = "X-Webhook-Hmac", "X-Webhook-Hmac-Algorithm"
#: Pinned: what the header says of its algorithm may only agree.
_ALGORITHM = "sha512"
_DIGEST = re.compile(r"[0-9a-f]{128}", re.IGNORECASE)
EVENTS = (
    *("message.any", "message.reaction", "message.ack", "message.edited"),
    *("message.revoked", "session.status"),
)
#: After the last of these pauses a message is lost: 2 s, doubling, for some hours.
_RETRIES = {"policy": "exponential", "delaySeconds": 2, "attempts": 15}


def sign(secret: str, body: bytes) -> str:
    """Return the `X-Webhook-Hmac` header of a body."""
    return hmac.new(secret.encode(), body, hashlib.sha512).hexdigest()


class WahaGate:
    """A `Gate` that needs the body, but not of those who do not even try."""

    def refusal(self, knock: Knock) -> Refusal | None:
        """Return why a call is refused, None when the signature is one of ours."""
        given = knock.headers.getall(HEADER, [])
        if len(given) != 1 or not _DIGEST.fullmatch(given[0]):
            return Refusal(f"{HEADER}: <hex of SHA-512> is missing", is_missing=True)
        named = knock.headers.get(ALGORITHM_HEADER, _ALGORITHM)
        if named.lower() != _ALGORITHM:
            return Refusal(f"{ALGORITHM_HEADER} must be {_ALGORITHM}")
        if knock.body is None:
            return None
        digest, body = given[0].lower().encode("ascii"), knock.body
        if any(
            secret and hmac.compare_digest(digest, sign(secret, body).encode("ascii"))
            for secret in knock.secrets
        ):
            return None
        return Refusal("the signature is not that of the channel's secret")

    def to_paste(self, *, url: str, secret: str, instance: str, base_url: str) -> str:
        """Return the command that points a session's webhook at us."""
        webhook = {
            "url": url,
            "events": list(EVENTS),
            "hmac": {"key": secret},
            "retries": _RETRIES,
        }
        return command(
            HTTPMethod.PUT,
            f"{base_url}/api/sessions/{quote(instance, safe='')}",
            "X-Api-Key",
            {"config": {"webhooks": [webhook]}},
        )
