"""How a delivery may end, whatever is delivered and whoever delivers it.

returns                 delivered
DeliveryError
├── Refused             no, and asking again cannot help: park it, tell a human
├── Unavailable         not now: try again, after `retry_after` if we were told
├── Waiting             somebody paused the target: look again, count nothing
├── OutcomeUnknown      it may have arrived: wait for news before the one resend
└── Withdrawn           nobody wants it any more: cancel it
"""

from datetime import timedelta


class DeliveryError(Exception):
    """Base of everything a delivery may raise."""


class Refused(DeliveryError):
    """The target said no for good."""


class Unavailable(DeliveryError):
    """The target could not be reached or asked us to wait."""

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Waiting(DeliveryError):
    """Somebody wants it to wait, for as long as it takes; no attempt was made."""


class OutcomeUnknown(DeliveryError):
    """The request was written and no answer came: it may have been delivered."""


class Withdrawn(DeliveryError):
    """Nobody wants it any more: it is cancelled, and the queue goes on."""
