"""What the webhook endpoint must know before a body may be read."""

import hmac
import re
from collections.abc import Mapping, Sequence
from itertools import islice

#: A quote inside a JSON string is always escaped, so customer text never matches: the
#: key would end in a backslash and a quote.
_ACCOUNT = re.compile(
    rb'"phone_number_id"[ \t\r\n]{0,20}:[ \t\r\n]{0,20}"([0-9A-Za-z_-]{1,100})"'
)
#: One body may name many numbers of a shop, but not without end.
_MOST_ACCOUNTS = 1000


def accounts_named(body: bytes) -> frozenset[str]:
    """Return the phone_number_ids that raw, unauthenticated bytes name.

    A hint for choosing which secrets to try, and nothing more: after the signature was
    checked, every translated account must still belong to the app that signed.
    """
    found = islice(_ACCOUNT.finditer(body), _MOST_ACCOUNTS)
    return frozenset(match[1].decode("ascii") for match in found)


def handshake(query: Mapping[str, str], tokens: Sequence[bytes]) -> str | None:
    """Return the challenge to answer with, verbatim, or None to refuse with 403.

    Answer it as text/plain with `nosniff`: it is the caller's own text. An empty token
    never matches. Source: Meta's Graph API webhooks reference, "Verification requests".
    """
    if query.get("hub.mode") != "subscribe":
        return None
    given = query.get("hub.verify_token", "").encode("utf-8", "surrogatepass")
    # Every token is compared: how long it takes must not tell which one was close.
    matches = [bool(token) & hmac.compare_digest(token, given) for token in tokens]
    return query.get("hub.challenge") if any(matches) else None
