"""What stays of a message when everything else about it is removed: a hash.

It is enough to know the message when it comes again, so that nothing is ever stored
twice; provider ids themselves may not stay, for WhatsApp's hold the phone number.
"""

import hashlib

#: Stands between the parts: no id holds it.
_BETWEEN = "\x1f"
#: The `event` of what we sent and never learnt the provider's id of.
SENT = "sent"


def forgotten_key(tenant_id: str, channel_id: str, event: str, name: str) -> str:
    """Return the hash of a message: 64 hexadecimal digits.

    `name` is the provider's id or, for the event SENT, what we called it.
    """
    key = _BETWEEN.join((tenant_id, channel_id, event, name))
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()
