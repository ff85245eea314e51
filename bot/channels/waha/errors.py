"""What WAHA's answers to a send mean: one table, the first row that fits.

Source: WAHA's documentation, "Sessions" and "Send messages".
"""

from bot.channels.failure import Action, SendRefused
from bot.channels.gateway import Meaning

_ANY = frozenset(range(600))
_STATE = frozenset({422})
_LOST = "the session has no connection to WhatsApp"

MEANINGS = (
    Meaning(frozenset({401, 403}), Action.PAUSE_CHANNEL, "the API key is not accepted"),
    Meaning(
        frozenset({404}), Action.PAUSE_CHANNEL, "there is no such session", lost=True
    ),
    Meaning(_STATE, Action.RETRY, "the session is starting", b'"starting"'),
    *(
        Meaning(_STATE, Action.PAUSE_CHANNEL, _LOST, says, lost=True)
        for says in (b'"scan_qr_code"', b'"stopped"', b'"failed"', b"does not exist")
    ),
    Meaning(
        frozenset({400, 500}),
        Action.REFUSE,
        "the number is not on WhatsApp",
        b"no lid for user",
    ),
    *(
        Meaning(frozenset({500}), None, "WhatsApp did not answer WAHA in time", says)
        for says in (b"timed out", b"timeout")
    ),
    Meaning(
        frozenset({400, 415, 422, 501}), Action.PLAIN_TEXT, "the form of it was refused"
    ),
    Meaning(frozenset({413}), Action.PLAIN_TEXT, "it is too large"),
    Meaning(frozenset({429}), Action.SLOW_DOWN, "a limit is reached"),
    Meaning(frozenset({408, 502, 504}), None, "a gateway on the way gave up"),
    Meaning(
        frozenset(range(500, 600)), Action.RETRY, "the gateway is in trouble for now"
    ),
    Meaning(_ANY, Action.REFUSE, "the message was not accepted"),
)


def reported(code: int | None) -> SendRefused:
    """Return the error that an ack of an error means: it says no more than that."""
    said = f"the message was not delivered (code {'none' if code is None else code})"
    return SendRefused(said, code=code, action=Action.REFUSE)
