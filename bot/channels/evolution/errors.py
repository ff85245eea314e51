"""What Evolution API's answers to a send mean: one table, the first row that fits.

Evolution wraps whatever went wrong in a 400. Source: Evolution API 2.3.
"""

from bot.channels.failure import Action, SendRefused
from bot.channels.gateway import Meaning

_ANY = frozenset(range(600))
_WRAPPED = frozenset({400, 500})

MEANINGS = (
    Meaning(frozenset({401, 403}), Action.PAUSE_CHANNEL, "the API key is not accepted"),
    Meaning(
        frozenset({404}), Action.PAUSE_CHANNEL, "there is no such instance", lost=True
    ),
    Meaning(
        _WRAPPED, Action.REFUSE, "the number is not on WhatsApp", b'"exists":false'
    ),
    *(
        Meaning(
            _WRAPPED,
            Action.PAUSE_CHANNEL,
            "the instance has no connection to WhatsApp",
            says,
            lost=True,
        )
        for says in (b"connection closed", b"not connected", b"disconnected")
    ),
    *(
        Meaning(_WRAPPED, None, "WhatsApp did not answer the gateway in time", says)
        for says in (b"timed out", b"timeout")
    ),
    Meaning(
        frozenset({400, 415, 422}), Action.PLAIN_TEXT, "the form of it was refused"
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
    """Return the error that a status `failed` means: it says no more than that."""
    said = f"the message was not delivered (code {'none' if code is None else code})"
    return SendRefused(said, code=code, action=Action.REFUSE)
