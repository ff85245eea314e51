"""How Evolution API's webhooks prove themselves: a header of ours, or a JWT.

Evolution signs no bodies. It sends the static headers that its webhook was set up with,
or, when one of them is `jwt_key`, a token made with that key. The `apikey` in the body
proves nothing: every body shows it to whoever is called. Source: Evolution API 2.3.
"""

import hmac
import warnings
from collections.abc import Sequence
from datetime import datetime, timedelta
from http import HTTPMethod
from urllib.parse import quote

import jwt

from bot.channels.gate import Knock, Refusal
from bot.channels.pasting import command

HEADER = "X-Webhook-Secret"
#: Pinned: what the token itself says of its algorithm is not asked.
_ALGORITHM = "HS256"
#: Evolution's tokens live for ten minutes; clocks may differ a little.
_LEEWAY = timedelta(seconds=60)
_CLAIMS = {"app": "evolution", "action": "webhook"}
EVENTS = (
    *("MESSAGES_UPSERT", "MESSAGES_UPDATE", "MESSAGES_EDITED", "MESSAGES_DELETE"),
    "SEND_MESSAGE",  # tells of sends whose answer was lost
    *("CONNECTION_UPDATE", "QRCODE_UPDATED", "LOGOUT_INSTANCE", "REMOVE_INSTANCE"),
)


class EvolutionGate:
    """A `Gate` that looks at headers only: a stranger's body is not even read."""

    def refusal(self, knock: Knock) -> Refusal | None:
        """Return why a call is refused; both ways in are equally good."""
        given = knock.headers.getall(HEADER, [])
        bearers = knock.headers.getall("Authorization", [])
        if len(given) == 1 and given[0]:
            if _is_one_of(given[0], knock.secrets):
                return None
            return Refusal(f"{HEADER} is not the secret of the channel")
        token = bearers[0].removeprefix("Bearer ") if len(bearers) == 1 else ""
        if not token or token == bearers[0]:
            return Refusal(
                f"{HEADER} is missing, and so is a bearer token", is_missing=True
            )
        if any(_is_token(token, secret, knock.now) for secret in knock.secrets):
            return None
        return Refusal("the token is not one of the channel's, or it has expired")

    def to_paste(self, *, url: str, secret: str, instance: str, base_url: str) -> str:
        """Return the command that points an instance's webhook at us."""
        webhook = {
            "enabled": True,
            "url": url,
            "headers": {HEADER: secret},
            "byEvents": False,
            "base64": True,
            "events": list(EVENTS),
        }
        return command(
            HTTPMethod.POST,
            f"{base_url}/webhook/set/{quote(instance, safe='')}",
            "apikey",
            {"webhook": webhook},
        )


def _is_one_of(given: str, secrets: Sequence[str]) -> bool:
    """Compare with every secret, in constant time: none may tell how close it was."""
    raw = given.encode("utf-8", "surrogateescape")
    matches = [bool(s) & hmac.compare_digest(raw, s.encode()) for s in secrets]
    return any(matches)


def _is_token(token: str, secret: str, now: datetime) -> bool:
    if not secret:
        return False
    try:
        with warnings.catch_warnings():
            # A short secret is the owner's choice, and was said to be one.
            warnings.simplefilter("ignore", jwt.InsecureKeyLengthWarning)
            # The time is checked below, by our own clock.
            claims = jwt.decode(
                token,
                secret,
                algorithms=[_ALGORITHM],
                options={
                    "require": ["exp", "iat"],
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_aud": False,
                },
            )
    except jwt.InvalidTokenError:
        return False
    expires, issued = claims["exp"], claims["iat"]
    if not all(type(each) is int for each in (expires, issued)):
        return False
    moment, leeway = now.timestamp(), _LEEWAY.total_seconds()
    in_time = issued - leeway <= moment <= expires + leeway
    return in_time and all(claims.get(name) == v for name, v in _CLAIMS.items())
